"""Processes that run together end together, with everything they started."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.servers import ROOT

RUNNER = """
import os, sys
from pathlib import Path
from app.procfile import Together
sys.exit(Together(Path(sys.argv[1]), os.environ).run(beside=lambda: print("all started", flush=True)))
"""


@pytest.fixture
def run(tmp_path):
    """Runs a Procfile; `mark` in its lines becomes a word by which its processes are found again."""
    started = []

    def start(procfile):
        mark = f"pika-mark-{os.getpid()}-{len(started)}"
        (tmp_path / "Procfile").write_text(textwrap.dedent(procfile).replace("MARK", mark))
        command = [sys.executable, "-c", RUNNER, str(tmp_path / "Procfile")]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        runner = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True
        )
        started.append((runner, mark))
        return runner, mark

    yield start
    for runner, mark in started:
        runner.kill()
        runner.communicate()
        for pid in living(mark):
            os.kill(pid, signal.SIGKILL)


def living(mark):
    """The processes with this word in their command line."""
    return [int(entry.parent.name) for entry in Path("/proc").glob("[0-9]*/cmdline") if mark in command_line(entry)]


def command_line(entry):
    try:
        return entry.read_text(errors="replace")
    except OSError:  # ended meanwhile
        return ""


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_output_carries_the_name_of_its_process(run):
    runner, _ = run("""
        one: echo hello; exec sleep 60
        two: sleep 0.3; exit 3
    """)

    printed, _ = runner.communicate(timeout=20)

    assert "one | hello\n" in printed
    assert runner.returncode == 3


def test_one_that_ends_stops_the_others_and_is_named(run):
    runner, mark = run("""
        one: exec sleep 60 # MARK
        two: sleep 0.3; exit 0
    """)

    printed, _ = runner.communicate(timeout=20)

    assert "two has ended (status 0), so all are stopped." in printed
    assert (runner.returncode, living(mark)) == (1, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_all_also_a_grandchild_that_left_its_group(run, number):
    runner, mark = run(f"""
        one: {sys.executable} -c "import os, time; os.fork() or os.setpgrp(); time.sleep(60)" MARK
        two: exec sleep 60
    """)
    wait_for(lambda: len(living(mark)) >= 2)

    began = time.monotonic()
    runner.send_signal(number)
    runner.communicate(timeout=20)

    assert (runner.returncode, living(mark)) == (0, [])
    assert time.monotonic() - began < 12


@pytest.mark.slow
def test_asked_twice_kills_what_does_not_obey(run):
    runner, mark = run("""
        one: trap '' TERM; echo deaf; while true; do sleep 60; done # MARK
    """)
    wait_for(lambda: "deaf" in runner.stdout.readline())

    began = time.monotonic()
    runner.send_signal(signal.SIGINT)
    time.sleep(0.5)
    runner.send_signal(signal.SIGINT)
    runner.communicate(timeout=20)

    assert (runner.returncode, living(mark)) == (0, [])
    assert time.monotonic() - began < 4
