"""Redis going away, coming back empty, losing a message: phones are told, and nothing is missed in silence."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest
import redis as redis_py

from app import redis_server
from app.live import presence, regions, topics
from tests.live.listener import Closed

TOPIC = "event:outage:public"


class Switch:
    """A Redis of this test's own that can be turned off and on."""

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="pika-redis-"))
        self.url = redis_server.url(self.directory)
        self.process = None
        self.on()

    def on(self):
        self.process = redis_server.start(self.directory)

    def off(self):
        if self.process is not None:
            redis_server.stop(self.directory, self.process)
            self.process = None

    def do(self, *command):
        with redis_py.from_url(self.url) as client:
            return client.execute_command(*command)


@pytest.fixture
def switch():
    made = Switch()
    yield made
    made.off()
    shutil.rmtree(made.directory)


@pytest.fixture
def server(switch, new_small):
    return new_small(redis=switch.url)


def until(phone, wanted, seconds=10.0):
    """The first message for which `wanted` holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = phone.message(beats=True)
        if wanted(said):
            return said
    raise AssertionError("it did not come")


def test_redis_away_the_beat_says_late_and_the_return_is_told(server, switch):
    server.publish(TOPIC, {"a": "1"})
    phone = server.listen((TOPIC, server.position(TOPIC)))
    phone.message(beats=True)
    switch.off()
    until(phone, lambda said: said.get("late"))
    switch.on()
    seen = []
    until(phone, lambda said: seen.append(said) or ("beat" in said and "late" not in said))
    if not any(said.get("reget") for said in seen):
        until(phone, lambda said: said.get("reget"))  # it came back empty: another epoch
    regions._rest_until = 0.0
    server.publish(TOPIC, {"a": "2"})
    until(phone, lambda said: said.get("reget"))
    server.publish(TOPIC, {"a": "3"})
    assert "3" in until(phone, lambda said: "content" in said)["content"]


def test_redis_away_at_connect_the_socket_opens_late_and_resumes(server, switch):
    at = server.publish(TOPIC, {"a": "1"})
    first = server.listen((TOPIC, at))
    switch.off()
    until(first, lambda said: said.get("late"))
    phone = server.listen((TOPIC, at))
    assert phone.message(beats=True)["late"] is True
    switch.on()
    assert until(phone, lambda said: said.get("reget"))["epoch"] != at.epoch


def test_flushed_redis_is_noticed_without_a_publish(server, switch):
    server.publish(TOPIC, {"a": "1"})
    phone = server.listen((TOPIC, server.position(TOPIC)))
    phone.message(beats=True)
    switch.do("FLUSHALL")
    until(phone, lambda said: said.get("reget"), 8)


def test_epoch_changed_by_a_page_is_told_at_the_next_publish(server, switch):
    server.publish(TOPIC, {"a": "1"})
    phone = server.listen((TOPIC, server.position(TOPIC)))
    phone.message(beats=True)
    switch.do("FLUSHALL")
    epoch = server.position(TOPIC).epoch
    server.publish(TOPIC, {"a": "2"})
    assert until(phone, lambda said: said.get("reget"))["epoch"] == epoch


def test_lost_subscription_misses_nothing(server, switch):
    """The subscriber's connection is cut again and again under a stream of changes: each arrives once, as content."""
    server.publish(TOPIC, {"a": "1"})
    phone = server.listen((TOPIC, server.position(TOPIC)))
    phone.message(beats=True)
    final = None
    for number in range(120):
        if number % 30 == 10:
            switch.do("CLIENT", "KILL", "TYPE", "pubsub")
        final = server.publish(TOPIC, {f"r{number}": f"<p>{number}</p>"})
        time.sleep(0.01)
    seen, version = [], 1
    while version < final.version:
        said = phone.message()
        assert "reget" not in said
        assert said["version"] > version
        version = said["version"]
        seen += [int(part.split("</p>")[0]) for part in said["content"].split("<p>")[1:]]
    assert seen == list(range(120))


def test_a_message_lost_without_a_trace_is_found_by_the_caretaker(server, switch):
    server.publish(TOPIC, {"a": "1"})
    phone = server.listen((TOPIC, server.position(TOPIC)))
    phone.message(beats=True)
    switch.do("HSET", topics.key(TOPIC, "regions"), "a", "2 1\nhlost and found")
    switch.do("HSET", topics.key(TOPIC, "head"), "version", "2")
    assert until(phone, lambda said: "lost and found" in said.get("content", ""), 8)["version"] == 2


def test_a_gap_is_filled_at_the_next_message(server, switch):
    server.publish(TOPIC, {"a": "1"})
    phone = server.listen((TOPIC, server.position(TOPIC)))
    phone.message(beats=True)
    switch.do("HSET", topics.key(TOPIC, "regions"), "a", "2 1\nhlost and found")
    switch.do("HSET", topics.key(TOPIC, "head"), "version", "2")
    server.publish(TOPIC, {"b": "next"})
    said = until(phone, lambda said: "content" in said, 2)
    assert said["version"] == 3
    assert "lost and found" in said["content"]
    assert "next" in said["content"]


def test_a_closing_while_the_subscription_was_away_is_made_good(server, switch):
    headers = {"Cookie": "person=5", "Origin": f"http://localhost:{server.port}"}
    phone = server.listen(TOPIC, headers=headers)
    other = server.listen(TOPIC)
    switch.do("ZADD", regions.LEFT, str(time.time()), "5")  # told, but nobody heard it
    switch.do("CLIENT", "KILL", "TYPE", "pubsub")
    assert phone.closing_code() == 4001
    assert all("beat" not in said for said in other.messages(0.3))


def count(server, topic=TOPIC):
    with server.app.app_context():
        return presence.count(topic)


def wait_for_count(server, wanted, seconds):
    end = time.monotonic() + seconds
    while count(server) != wanted:
        assert time.monotonic() < end, count(server)
        time.sleep(0.1)


def test_presence_adds_up_over_processes_and_falls_after_a_kill(switch, new_small):
    first, second = new_small(redis=switch.url), new_small(redis=switch.url)
    assert count(first) == 0
    phones = [server.listen(TOPIC) for server in (first, first, first, second, second)]
    wait_for_count(first, 5, 4)
    phones.pop().close()
    wait_for_count(first, 4, 4)
    time.sleep(4)  # longer than a lease: they are renewed
    assert count(first) == 4
    second.kill()
    wait_for_count(first, 3, 6)
    assert len(phones) == 4


def test_presence_is_given_back_on_a_polite_end(switch, new_small):
    first, second = new_small(redis=switch.url), new_small(redis=switch.url, lease_seconds=45)
    phones = [first.listen(TOPIC), second.listen(TOPIC)]
    wait_for_count(first, 2, 4)
    second.process.send_signal(signal.SIGTERM)
    wait_for_count(first, 1, 4)
    with pytest.raises(Closed):
        phones[1].messages(1)
