"""The clock: every tick once, whoever ticks, and Redis may be away."""

from __future__ import annotations

import importlib
import signal
import time

import pytest
import redis as redis_py

from app import redis
from jobs import clock
from jobs.clock import TABLE, Recurring
from tests import servers

pytestmark = pytest.mark.one_engine
NOON = 1_781_352_000.0  # a whole hour


def enqueued() -> list[str]:
    return sorted(job.func_name for job in redis.queue().jobs)


def test_every_recurring_job_is_a_function():
    for job in TABLE:
        module, _, name = job.name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))


def test_first_tick_enqueues_everything_once(session):
    last: dict[str, int] = {}
    clock.tick(NOON, last)
    clock.tick(NOON + 1, last)
    assert enqueued() == sorted(job.name for job in TABLE)


def test_each_job_comes_on_its_interval(session):
    last: dict[str, int] = {}
    for second in range(61):
        clock.tick(NOON + second, last)
    counts = {job.name: enqueued().count(job.name) for job in TABLE}
    assert counts == {job.name: 60 // job.every + 1 for job in TABLE}


def test_banners_move_on_the_quarter_minute(session):
    last: dict[str, int] = {}
    clock.tick(NOON + 7, last)
    redis.queue().empty()
    for second in range(8, 46):
        before = len(enqueued())
        clock.tick(NOON + second, last)
        if "jobs.schedule.move_banners" in enqueued()[before:] or enqueued().count("jobs.schedule.move_banners"):
            assert second % 15 == 0
            redis.queue().empty()


def test_two_clocks_tick_once(session):
    for last in ({}, {}):
        clock.tick(NOON, last)
    assert enqueued() == sorted(job.name for job in TABLE)


def test_clock_that_is_restarted_does_not_repeat(session):
    clock.tick(NOON, {})
    clock.tick(NOON + 2, {})
    assert len(enqueued()) == len(TABLE)


def test_clock_without_redis_waits_for_the_next_tick(session, monkeypatch):
    last: dict[str, int] = {}
    with monkeypatch.context() as away:
        away.setattr(clock.our_redis, "client", lambda: (_ for _ in ()).throw(redis_py.ConnectionError("away")))
        clock.tick(NOON, last)
    assert enqueued() == []
    clock.tick(NOON + 5, last)
    assert "jobs.outbox.run_due" in enqueued()


def test_tick_that_no_worker_takes_does_not_pile_up(session):
    clock.enqueue(redis.queue(), Recurring("jobs.outbox.run_due", 5))
    (job,) = redis.queue().jobs
    assert job.ttl == 5
    assert job.result_ttl == 0


def test_sleep_ends_where_the_next_interval_begins():
    assert clock.seconds_to_next(NOON) == 5
    assert clock.seconds_to_next(NOON + 4.75) == 0.25


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_processes_stop_at_once_and_without_a_word(number):
    with servers.serve(demo=False, processes=("worker", "clock")) as server:
        with redis_py.from_url(server.env["REDIS_URL"]) as client:
            while not (client.keys("pika:tick:*") and client.keys("rq:worker:*")):
                time.sleep(0.1)
        began = time.monotonic()
        for process in server.processes.values():
            process.send_signal(number)
        codes = {name: process.wait(timeout=10) for name, process in server.processes.items()}
        assert codes == {"worker": 0, "clock": 0}
        assert time.monotonic() - began < 4
        assert server.log == ""
