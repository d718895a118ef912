"""`.ci/packages` installs what tests need where it may, and says what to install where it may not."""

import os
import shutil
import subprocess

import pytest

from tests.servers import ROOT

TOOLS = ("sh", "ls", "cat", "grep")


@pytest.fixture
def machine(tmp_path):
    """A PATH of our own: programs that print what they were called with, and no Chromium unless a test brings it."""
    for name in TOOLS:
        (tmp_path / name).symlink_to(shutil.which(name))

    def install(**programs):
        for name, output in programs.items():
            program = tmp_path / name.replace("_", "-")
            program.write_text(f"#!/bin/sh\n{output}\n")
            program.chmod(0o755)
        return tmp_path

    install(ldconfig="echo libatomic.so.1", id="echo 0")
    install(apt_get=f'echo "$@" >> {tmp_path}/apt.log', initdb=":", nginx=":", python3=":")
    return install


def run_packages(path, **environment):
    clean = {name: value for name, value in os.environ.items() if name not in {"CHROMIUM", "PIKA_TEST_WITHOUT"}}
    done = subprocess.run(
        [path / "sh", ROOT / ".ci/packages"],
        env=clean | {"PATH": str(path)} | environment,
        cwd=path,
        capture_output=True,
        text=True,
        check=True,
    )
    log = path / "apt.log"
    return done.stdout + done.stderr, log.read_text().splitlines() if log.exists() else []


def test_nothing_missing_is_silent(machine):
    assert run_packages(machine(chromium=":")) == ("", [])


def test_missing_browser_is_installed_by_root(machine):
    said, calls = run_packages(machine())

    assert said == "Installing what tests need from the system's packages: chromium\n"
    assert calls == ["update -qq", "install -y -qq --no-install-recommends chromium"]


def test_missing_library_of_the_browser_driver_is_installed(machine):
    _said, calls = run_packages(machine(chromium=":", ldconfig=":"))

    assert calls[-1] == "install -y -qq --no-install-recommends libatomic1"


def test_missing_browser_is_installed_through_sudo_that_asks_nothing(machine):
    _said, calls = run_packages(machine(id="echo 1000", sudo='shift; exec "$@"', true=":"))

    assert [call.split()[0] for call in calls] == ["update", "install"]


def test_without_rights_the_command_is_named_and_nothing_is_touched(machine):
    said, calls = run_packages(machine(id="echo 1000"))

    assert (said, calls) == ("Tests need: chromium. Install them: sudo apt-get install chromium\n", [])


def test_failed_installation_is_said_and_leaves_the_rest_to_the_tests(machine):
    said, _ = run_packages(machine(apt_get="[ $1 = update ]"))

    assert said.endswith("apt-get could not install chromium: the tests that need them will say so.\n")


def test_what_the_tester_does_without_is_not_installed(machine):
    assert run_packages(machine(), PIKA_TEST_WITHOUT="postgres,chromium") == ("", [])
