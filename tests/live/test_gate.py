"""Coalescing: few publishes, none of them the last one missing, whatever dies in between."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
import redis as redis_py

from app import redis
from app.live import gate, topics

pytestmark = pytest.mark.one_engine
TOPIC = "test:one:gate"


class Counter:
    """A state that changes often, and what of it was published when."""

    def __init__(self) -> None:
        self.value = 0
        self.published: list[tuple[float, int, str]] = []

    def publish(self, ident: str, rank: str) -> None:
        self.published.append((time.monotonic(), self.value, rank))


@pytest.fixture
def counter(session):
    made = Counter()
    gate.publisher("test", "gate")(made.publish)
    yield made
    gate._publishers.pop(("test", "gate"))


def wait_for(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def test_first_change_goes_out_at_once(counter):
    counter.value = 1
    gate.soon(TOPIC)
    assert [value for _, value, _ in counter.published] == [1]


def test_a_burst_is_few_publishes_and_the_last_state_goes_out(counter):
    for n in range(1, 301):
        counter.value = n
        gate.soon(TOPIC)
        time.sleep(0.002)
    wait_for(lambda: counter.published[-1][1] == 300)
    times = [moment for moment, _, _ in counter.published]
    assert all(b - a >= 0.2 for a, b in itertools.pairwise(times))
    ranks = [rank for _, _, rank in counter.published]
    assert ranks == sorted(ranks)
    wait_for(lambda: gate._marked() == [])


def test_bursts_of_many_threads_too(app, counter):
    def burst():
        with app.app_context():
            for _ in range(50):
                counter.value += 1
                gate.soon(TOPIC)

    began = time.monotonic()
    threads = [threading.Thread(target=burst) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: gate._marked() == [])
    assert counter.published[-1][1] == counter.value
    assert len(counter.published) <= (time.monotonic() - began) / 0.2 + 2


def test_sweep_publishes_what_a_killed_process_left(counter, monkeypatch):
    counter.value = 1
    gate.soon(TOPIC)
    monkeypatch.setattr(gate, "_wait", lambda topic, shut_ms: None)  # killed before its timer rang
    counter.value = 2
    gate.soon(TOPIC)
    assert counter.published[-1][1] == 1
    assert gate.sweep() == 0
    assert counter.published[-1][1] == 2
    assert gate._marked() == []


def test_mark_stays_when_publishing_dies_and_when_something_came_meanwhile(counter, monkeypatch):
    def dies(ident, rank):
        raise RuntimeError

    gate.publisher("test", "gate")(dies)
    with pytest.raises(RuntimeError):
        gate.soon(TOPIC)
    assert gate._marked() == [TOPIC]

    def meanwhile(ident, rank):
        counter.publish(ident, rank)
        if len(counter.published) == 1:
            gate.soon(TOPIC)

    monkeypatch.setattr(gate, "_wait", lambda topic, shut_ms: None)
    gate.publisher("test", "gate")(meanwhile)
    time.sleep(0.25)
    gate.soon(TOPIC)
    assert gate._marked() == [TOPIC]
    gate.sweep()
    assert len(counter.published) == 2


def test_control_without_the_gate_each_change_is_a_publish(counter, monkeypatch):
    monkeypatch.setattr(gate, "EVERY_MS", 1)
    for _ in range(30):
        gate.soon(TOPIC)
        time.sleep(0.003)
    assert len(counter.published) > 20


def test_without_redis_the_topic_is_owed(counter, monkeypatch):
    from app.live import regions

    def away():
        raise redis_py.ConnectionError

    monkeypatch.setattr(redis, "client", away)
    gate.soon(TOPIC)
    assert counter.published == []
    assert TOPIC in regions._owed
    regions._owed.pop(TOPIC)


def test_keys_of_a_topic_share_its_slot():
    assert topics.key(TOPIC, "gate") == "pika:live:{test:one:gate}:gate"
