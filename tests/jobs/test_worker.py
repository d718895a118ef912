"""The worker as a real process: it does what is owed, outlives a job that dies, and comes back after Redis was away."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app import redis_server
from app.notify import folder
from tests import servers

pytestmark = [pytest.mark.slow, pytest.mark.one_engine]


@pytest.fixture
def server() -> Iterator[servers.Server]:
    with servers.serve(demo=False, processes=("worker", "clock")) as running:
        yield running


def owe(server: servers.Server, number: int) -> None:
    """A knock for a reset of somebody who is there, and its outbox row, as the web process leaves them."""
    script = (
        "from app import create_app\n"
        "app = create_app()\n"
        "with app.app_context():\n"
        "    from app.people.actions import door\n"
        "    from app.people import queries\n"
        f"    email = 'dana{number}@pika.example'\n"
        "    if queries.person_by_email(email) is None:\n"
        f"        door.open_account('Dana', 'dana{number}', email, 'three odd words')\n"
        "    door.ask_for_link('reset', email)\n"
    )
    import subprocess
    import sys

    subprocess.run([sys.executable, "-c", script], env=server.env, cwd=servers.ROOT, check=True)


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def mail_to(var: Path) -> list[str]:
    return sorted(letter.to for letter in folder.newest(var))


def test_worker_sends_mail_soon_after_the_hint(server):
    owe(server, 1)
    until(lambda: mail_to(server.var) == ["dana1@pika.example"], seconds=4)


def test_clock_sweeps_what_was_owed_without_redis(server):
    server.stop("worker")
    owe(server, 1)
    import redis

    with redis.from_url(redis_server.url(server.var)) as client:
        client.flushall()
    server.start("worker")
    until(lambda: mail_to(server.var) == ["dana1@pika.example"])


def test_killed_worker_loses_nothing(server):
    server.stop("worker", signal.SIGKILL)
    for number in (1, 2):
        owe(server, number)
    server.start("worker")
    until(lambda: mail_to(server.var) == ["dana1@pika.example", "dana2@pika.example"])


def test_worker_comes_back_when_redis_does(server):
    redis_server.stop(server.var)
    time.sleep(3)
    assert server.processes["worker"].poll() is None
    assert server.processes["clock"].poll() is None
    restarted = redis_server.start(server.var)
    try:
        owe(server, 1)
        until(lambda: mail_to(server.var) == ["dana1@pika.example"], seconds=30)
    finally:
        server.stop_all()
        redis_server.stop(server.var, restarted)


def test_logs_stay_quiet(server):
    owe(server, 1)
    until(lambda: mail_to(server.var) == ["dana1@pika.example"])
    assert server.log == ""
    engine = create_engine(f"sqlite:///{server.var / 'pika.sqlite3'}")
    with engine.connect() as connection:
        until(lambda: set(connection.execute(text("SELECT state FROM outbox_item")).scalars()) == {"done"})
    engine.dispose()
