"""The development runner: serves, says where, stops with everything; refuses what would disturb somebody else."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from app import dev
from tests import servers

READY = re.compile(r"Pika! is at (http://localhost:\d+)")


class Runner:
    """`python -m app.dev` on data of its own, with what it has printed."""

    def __init__(self, var, port):
        kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.dev"],
            env=kept | {"PIKA_VAR": str(var), "PORT": str(port)},
            cwd=servers.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()

    @property
    def printed(self):
        return "".join(self.lines)

    def wait_until_ready(self, seconds=90):
        end = time.monotonic() + seconds
        while not (found := READY.search(self.printed)):
            assert time.monotonic() < end, self.printed
            assert self.process.poll() is None, self.printed
            time.sleep(0.05)
        return found[1]

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        self.reader.join(timeout=10)
        return status

    def close(self):
        """The end of a test, however it went."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        self.reader.join(timeout=10)
        self.process.stdout.close()


@pytest.fixture
def run(tmp_path):
    started = []

    def start(var=tmp_path / "var", port=None):
        started.append(Runner(var, port or servers.free_port()))
        return started[-1]

    yield start
    for runner in started:
        runner.close()


def processes_on(var):
    """The living processes that were given this data directory."""
    return [entry.parent for entry in Path("/proc").glob("[0-9]*/environ") if f"PIKA_VAR={var}\0" in read(entry)]


def read(path):
    try:
        return path.read_text(errors="replace")
    except OSError:  # ended meanwhile, or not ours
        return ""


@pytest.mark.slow
def test_run_serves_the_demo_says_where_and_leaves_no_process(run, tmp_path):
    var = tmp_path / "var"
    runner = run(var)
    url = runner.wait_until_ready()

    with urllib.request.urlopen(f"{url}/readyz") as answer:
        status = answer.status
    assert (status, var.stat().st_mode & 0o777) == (200, 0o700)
    assert len(processes_on(var)) >= 5  # the runner, Redis aside: web and its worker, worker, clock

    assert runner.stop(signal.SIGINT) == 0
    assert processes_on(var) == []
    assert not (var / "redis.sock").exists()
    assert len(READY.findall(runner.printed)) == 1


@pytest.mark.slow
def test_two_checkouts_on_two_ports_do_not_meet(run, tmp_path):
    first, second = run(tmp_path / "first"), run(tmp_path / "second")
    first_url, second_url = first.wait_until_ready(), second.wait_until_ready()

    assert first.stop(signal.SIGTERM) == 0

    with urllib.request.urlopen(f"{second_url}/readyz") as answer:
        assert (answer.status, first_url != second_url) == (200, True)
    assert (processes_on(tmp_path / "first"), second.process.poll()) == ([], None)


def test_taken_port_is_refused_in_one_sentence(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        runner = run(port=port)
        status = runner.process.wait(timeout=20)
    runner.reader.join()

    assert status == 1
    assert runner.printed == (
        f"Port {port} is taken by another program. Choose another one: make run PORT={port + 1}\n"
    )


def test_second_runner_on_the_same_data_is_refused(run, tmp_path):
    var = tmp_path / "var"
    var.mkdir()
    with dev._only_runner(var):
        runner = run(var)
        status = runner.process.wait(timeout=20)
        assert dev.is_running(var)
    runner.reader.join()

    assert (status, dev.is_running(var)) == (1, False)
    assert "Pika! already runs with the data in" in runner.printed


def test_nobody_runs_where_nobody_ever_ran(tmp_path):
    assert not dev.is_running(tmp_path)
