"""Fixtures of the live tests: the small app in real gunicorn processes, and the same app here to publish with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app.live import regions
from tests import servers
from tests.live import small_app
from tests.live.listener import Listener

LIMITS = {"beat_seconds": 1, "dead_after_seconds": 60, "lease_seconds": 3, "late_after_seconds": 0.5}


class Small:
    """The small app under gunicorn."""

    def __init__(self, directory, redis_url, *, workers=1, **limits):
        self.port = servers.free_port()
        self.log_path = Path(directory) / f"{self.port}.log"
        self.state_path = Path(directory) / "state.json"
        self.keep({})
        self.environ = {
            "PATH": os.environ["PATH"],
            "PIKA_ENV": "test",
            "PIKA_VAR": str(directory),
            "REDIS_URL": redis_url,
            "PUBLIC_URL": "https://pika.example",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": str(workers),
            "LIVE_LIMITS": json.dumps(LIMITS | limits),
            "STATE_FILE": str(self.state_path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
        }
        self.app = small_app.create(self.environ)
        self.start()

    def keep(self, state):
        """What its page shows from now on. Replaced whole: a page may read it this moment."""
        fresh = self.state_path.with_suffix(".new")
        fresh.write_text(json.dumps(state))
        fresh.replace(self.state_path)

    def start(self):
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "tests.live.small_app:create()"]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environ, cwd=servers.ROOT, stdout=log, stderr=log)
        end = time.monotonic() + 20
        while True:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                return
            assert self.process.poll() is None, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self):
        """SIGKILL the workers and their master, as a machine that loses power."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        self.process.kill()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        self.process.wait()

    def listen(self, *wanted, **options):
        return Listener(self.port, *wanted, **options)

    def publish(self, topic, html, rank="1"):
        with self.app.app_context():
            return regions.publish(topic, html, rank=rank)

    def position(self, topic):
        with self.app.app_context():
            return regions.position(topic)

    def long_ways(self):
        """How many sockets have not gone the short way so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/long-ways", timeout=5) as answer:
            return int(answer.read())

    @property
    def log(self):
        return self.log_path.read_text()


@contextmanager
def small_server(directory, redis_url, **options):
    server = Small(directory, redis_url, **options)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def small(redis_url, tmp_path_factory):
    """The small app, one worker, shared by all live tests; each uses topics of its own."""
    with small_server(tmp_path_factory.mktemp("small"), redis_url) as server:
        yield server


@pytest.fixture
def new_small(redis_url, tmp_path):
    """`new_small(**limits)`: further servers on the same Redis, ended with the test."""
    made = []

    def make(*, redis=redis_url, **options):
        server = Small(tmp_path, redis, **options)
        made.append(server)
        return server

    yield make
    for server in made:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture
def topic(request):
    """A topic of this test's own."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return f"event:{name[:80]}-{os.urandom(3).hex()}:public"


@pytest.fixture
def retained(small, topic):
    """The topic with one region in it, so that what follows is sent as content and not as a first re-get."""
    small.publish(topic, {"a": "<p id=a>0</p>"}, rank="0")
    return topic


@pytest.fixture(autouse=True)
def rested():
    """The breaker of app.live.regions remembers a Redis of an earlier test that was away."""
    regions._rest_until = 0.0
    regions._owed.clear()
