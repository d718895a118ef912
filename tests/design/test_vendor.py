"""Vendored files are what VENDOR.md says they are, and none came in beside it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
ROWS = dict(re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (VENDOR / "VENDOR.md").read_text(), re.MULTILINE))


def test_every_listed_file_has_its_sum():
    found = {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in ROWS}

    assert found == ROWS


def test_every_vendored_file_is_listed_with_its_licence():
    names = {f"../fonts/{file.name}" for file in (VENDOR.parent / "fonts").glob("*.woff2")}
    names |= {file.name for file in VENDOR.iterdir() if file.suffix in {".js", ".css"}}

    assert set(ROWS) == names
    for line in (VENDOR / "VENDOR.md").read_text().splitlines():
        for licence in re.findall(r"[\w.-]*LICENSE[\w.-]*\.txt", line):
            folder = VENDOR.parent / "fonts" if "inter" in licence else VENDOR
            assert (folder / licence).is_file()


def test_the_file_that_only_tests_use_is_whole_and_brings_its_licences():
    folder = Path(__file__).parents[1] / "vendor"
    rows = dict(re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (folder / "VENDOR.md").read_text(), re.MULTILINE))

    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in rows} == rows
    assert set(rows) == {file.name for file in folder.glob("*.js")}
    for name in rows:
        assert (folder / name.replace(".min.js", ".LICENSE.txt")).is_file()
