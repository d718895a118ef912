"""Retained regions against a real Redis: versions, ranks, epochs, and Redis going away."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path

import pytest
import redis as redis_py

from app import redis, redis_server
from app.live import presence, regions, topics
from app.live.regions import NOWHERE, Position, parse_position
from tests.live import small_app


@pytest.fixture
def here(redis_url, tmp_path):
    """An app context with Redis."""
    app = small_app.create(
        {"PIKA_ENV": "test", "PIKA_VAR": str(tmp_path), "REDIS_URL": redis_url, "STATE_FILE": "none"}
    )
    with app.app_context():
        yield redis.client()


@pytest.fixture
def heard(here, topic):
    """What is published to the topic: a function that gives all messages so far."""
    subscription = here.pubsub(ignore_subscribe_messages=True)
    subscription.subscribe(topics.key(topic, "frames"))
    subscription.get_message(timeout=1)

    def messages():
        said = []
        while (message := subscription.get_message(timeout=0.05)) is not None:
            said.append(json.loads(message["data"]))
        return said

    yield messages
    subscription.close()


def test_position_creates_an_epoch_and_stays(here, topic):
    first = regions.position(topic)
    assert first.version == 0
    assert len(first.epoch) == 12
    assert regions.position(topic) == first


def test_first_regions_of_an_epoch_are_a_re_get(here, topic, heard):
    at = regions.publish(topic, {"a": "1", "b": "2"}, rank="1")
    assert at.version == 1
    assert heard() == [{"epoch": at.epoch, "version": 1, "reget": True}]
    assert regions.load(here, topic).regions == {"a": (1, "1"), "b": (1, "2")}
    assert regions.load(here, topic).poked == 1


def test_publish_sends_what_changed_and_raises_the_version_by_one(here, topic, heard):
    regions.publish(topic, {"a": "1", "b": "2"}, rank="1")
    at = regions.publish(topic, {"b": "2", "c": "3", "a": "4"}, rank="1")
    assert at.version == 2
    assert heard()[1:] == [{"epoch": at.epoch, "version": 2, "regions": [["c", "h3"], ["a", "h4"]]}]
    assert regions.load(here, topic).regions == {"a": (2, "4"), "b": (1, "2"), "c": (2, "3")}


def test_publish_of_nothing_new_says_nothing(here, topic, heard):
    before = regions.publish(topic, {"a": "1"}, rank="1")
    assert regions.publish(topic, {"a": "1"}, rank="2") == before
    assert len(heard()) == 1


def test_greater_rank_stays_whatever_arrives_later(here, topic):
    regions.publish(topic, {"a": "new", "b": "old"}, rank="0000000005")
    before = regions.publish(topic, {"b": "newer"}, rank="0000000007")
    assert regions.publish(topic, {"a": "late", "b": "late"}, rank="0000000004") == before
    assert regions.load(here, topic).regions == {"a": (1, "new"), "b": (2, "newer")}


def test_unchanged_html_still_takes_the_newer_rank(here, topic):
    regions.publish(topic, {"a": "same"}, rank="1")
    regions.publish(topic, {"a": "same"}, rank="9")
    regions.publish(topic, {"a": "late"}, rank="5")
    assert regions.load(here, topic).regions == {"a": (1, "same")}


@pytest.mark.parametrize(("older", "newer"), [("a", "b"), ("A", "a"), ("1", "10"), ("09", "1"), ("", "0"), ("z", "é")])
def test_ranks_are_compared_as_bytes(here, topic, older, newer):
    regions.publish(topic, {"a": "newer"}, rank=newer)
    regions.publish(topic, {"a": "older"}, rank=older)
    assert regions.load(here, topic).regions["a"].html == "newer"


def test_tombstone_is_kept_and_can_come_back(here, topic):
    regions.publish(topic, {"a": "1"}, rank="1")
    regions.publish(topic, {"a": None}, rank="2")
    assert regions.load(here, topic).regions == {"a": (2, None)}
    regions.publish(topic, {"a": "back"}, rank="3")
    assert regions.load(here, topic).regions == {"a": (3, "back")}


def test_any_text_survives(here, topic):
    text = 'é\n\n"quotes" \\ </hx> 🕺 %d \x7f 1 2\n3'
    regions.publish(topic, {"a": text}, rank="r 1")
    assert regions.load(here, topic).regions["a"].html == text


def test_poke_raises_the_version_and_marks_it(here, topic, heard):
    regions.publish(topic, {"a": "1"}, rank="1")
    at = regions.poke(topic)
    assert at.version == 2
    assert regions.load(here, topic).poked == 2
    assert heard()[-1] == {"epoch": at.epoch, "version": 2, "reget": True}


def test_a_flushed_topic_begins_a_new_epoch(here, topic):
    before = regions.publish(topic, {"a": "1"}, rank="9")
    here.delete(topics.key(topic, "head"))
    after = regions.publish(topic, {"b": "1"}, rank="1")
    assert after.epoch != before.epoch
    assert regions.load(here, topic).regions == {"b": (1, "1")}


def test_every_key_of_a_topic_expires(here, topic):
    regions.publish(topic, {"a": "1"}, rank="1")
    presence.put(here, topic, "p", 3, 45)
    regions.disconnect(1)
    keys = [*here.scan_iter(f"*{topic}*"), regions.LEFT]
    assert len(keys) == 4
    assert all(0 < here.ttl(key) <= regions.KEPT_SECONDS for key in keys)


def test_versions_have_no_holes_under_concurrent_publishers(here, topic, heard):
    import threading

    def publish(number):
        with small.app_context():
            for step in range(20):
                regions.publish(topic, {f"r{number}": str(step)}, rank=f"{step:03d}")

    from flask import current_app

    small = current_app._get_current_object()
    regions.publish(topic, {"first": "1"}, rank="0")
    threads = [threading.Thread(target=publish, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [said["version"] for said in heard()] == list(range(1, 102))


@pytest.mark.parametrize(
    ("bad_topic", "html", "rank"),
    [
        ("nonsense", {"a": "1"}, "1"),
        (None, {"no good": "1"}, "1"),
        (None, {"1a": "1"}, "1"),
        (None, {"a": "1"}, "1\n2"),
    ],
)
def test_malformed_calls_are_the_caller_s_mistake(here, topic, bad_topic, html, rank):
    with pytest.raises(ValueError):
        regions.publish(bad_topic or topic, html, rank=rank)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("abc.12", Position("abc", 12)),
        ("a.b.1", Position("a.b", 1)),
        *((text, NOWHERE) for text in ("", ".0", "abc", "abc.-1", "abc.٣", "abc." + "9" * 16)),
    ],
)
def test_parse_position(text, position):
    assert parse_position(text) == position


def test_position_survives_the_page():
    assert parse_position(str(Position("abc", 12))) == Position("abc", 12)


@pytest.fixture
def own_redis():
    """A Redis that a test may stop: (url, stop, start)."""
    directory = Path(tempfile.mkdtemp(prefix="pika-redis-"))
    running = [redis_server.start(directory)]

    def stop():
        redis_server.stop(directory, running.pop())

    def start():
        running.append(redis_server.start(directory))

    yield redis_server.url(directory), stop, start
    if running:
        stop()
    shutil.rmtree(directory)


def test_without_redis_nothing_raises_and_the_debt_is_paid_by_a_poke(own_redis, tmp_path):
    url, stop, start = own_redis
    app = small_app.create({"PIKA_ENV": "test", "PIKA_VAR": str(tmp_path), "REDIS_URL": url, "STATE_FILE": "none"})
    topic = "event:debt:public"
    with app.app_context():
        regions.publish(topic, {"a": "1"}, rank="1")
        stop()
        assert regions.position(topic) == NOWHERE
        assert regions.publish(topic, {"a": "2"}, rank="2") == NOWHERE
        assert regions.poke("event:other:public") == NOWHERE
        assert presence.count(topic) == 0
        regions.disconnect(3)
        assert redis.available() is False
        start()
        regions._rest_until = 0.0
        assert redis.available() is True
        assert regions.publish("event:third:public", {"a": "1"}, rank="1").version == 1
        owed = regions.load(redis.client(), topic)
        assert (owed.position.version, owed.poked) == (1, 1)
        assert regions._owed == {}


def test_while_redis_is_away_pages_do_not_each_wait_for_it(own_redis, tmp_path):
    url, stop, _start = own_redis
    app = small_app.create({"PIKA_ENV": "test", "PIKA_VAR": str(tmp_path), "REDIS_URL": url, "STATE_FILE": "none"})
    stop()
    with app.app_context():
        regions.position("event:x:public")
        began = time.monotonic()
        for _ in range(1000):
            regions.position("event:x:public")
        assert time.monotonic() - began < 0.5


def test_client_is_one_per_process_and_not_shared_with_a_forked_child(here, redis_url):
    assert redis.client() is here
    child = os.fork()
    if child == 0:
        os._exit(0 if redis.client() is not here else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_client_gives_up_soon_on_a_redis_that_does_not_answer():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = redis.connect(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", socket_timeout=0.3)
        began = time.monotonic()
        with pytest.raises(redis_py.RedisError):
            client.ping()
        assert time.monotonic() - began < 3
        client.close()


@pytest.mark.one_engine
def test_addresses_that_somebody_made_up_do_not_fill_redis(client):
    """Pages read their topic's position before they know whether there is such an event or set."""
    name = f"x{secrets.token_hex(20)}"
    for path in (f"/e/{name}/schedule", f"/live/{name}", f"/e/{name}{'z' * 3000}/screen", f"/live/{{{name}}}b"):
        assert client.get(path).status_code == 404
    kept = sorted(key.decode() for key in redis.client().scan_iter(f"pika:live:*{name}*"))
    assert kept == [topics.key(f"event:{name}:public", "head"), topics.key(f"set:{name}:floor", "head")]
    assert all(0 < redis.client().ttl(key) <= regions.ASKED_SECONDS for key in kept)
