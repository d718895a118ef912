"""The files that hold a checkout together: lock files, ruff's opt-outs, the Makefile's own words."""

import re
import subprocess
import tomllib

import pytest

from tests.servers import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(name):
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_host(name):
    assert "://" not in (ROOT / name).read_text()


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_a_hash_for_each_pin(name):
    without = [
        block.split()[0]
        for block in re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text())
        if "--hash=sha256:" not in block
    ]

    assert without == []


def test_lock_for_tests_pins_what_ships_and_more():
    product, development = pins("requirements.lock"), pins("requirements-dev.lock")

    assert {name: development.get(name) for name in product} == product
    assert len(development) > len(product)


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_lock_holds_all_that_is_asked_for(name):
    asked = re.findall(r"^([a-z][a-z0-9-]*)", (ROOT / f"{name}.in").read_text(), flags=re.MULTILINE)

    assert set(asked) - set(pins(f"{name}.lock")) == set()


def test_each_opt_out_of_ruff_has_a_sentence():
    text = (ROOT / "pyproject.toml").read_text()
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    codes = [*lint["ignore"], *(code for codes in lint["per-file-ignores"].values() for code in codes)]

    without = [code for code in codes if not re.search(rf'"{code}".*# \S.*[.]$', text, flags=re.MULTILINE)]

    assert (lint["select"], without) == (["ALL"], [])


def test_help_lists_each_target_of_the_makefile():
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    listed = re.findall(r"^  make (\w+) +\S.*", shown, flags=re.MULTILINE)

    assert listed == targets
    assert {"help", "run", "test", "check", "fmt", "bench", "demo", "clean"} <= set(listed)


def test_procfile_has_the_three_processes():
    names = re.findall(r"^(\w+):", (ROOT / "Procfile").read_text(), flags=re.MULTILINE)

    assert names == ["web", "worker", "clock"]


def test_no_tracked_file_keeps_data_or_caches():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )

    unwanted = re.compile(r"^(var|\.venv)/|__pycache__|\.pyc$|^(uv|pylock)\.(lock|toml)$|\.sqlite3")
    assert [path for path in tracked if unwanted.search(path)] == []
