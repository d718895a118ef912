"""Topics: their form, their guards, their keys."""

from __future__ import annotations

import pytest
from redis.crc import key_slot

from app.live import topics


def test_parse_takes_a_topic_apart():
    assert topics.parse("event:budapest-swing-weekend:public") == ("event", "budapest-swing-weekend", "public")


@pytest.mark.parametrize(
    "malformed",
    [
        *("", "event", "event:x", "event::public", "event:x:public:y", ":x:public", "event:x:public\n"),
        *("Event:x:public", "event:x y:public", "event:{x}:public", "event:é:public", "event:-x:public"),
        "event:" + "x" * 121 + ":public",
    ],
)
def test_parse_refuses_what_is_no_topic(malformed):
    assert topics.parse(malformed) is None


def test_allowed_asks_the_guard_of_thing_and_audience():
    asked = []
    topics.guard("guarded", "some")(lambda viewer, ident: asked.append((viewer, ident)) or ident == "yes")
    assert topics.allowed("Dana", "guarded:yes:some") is True
    assert topics.allowed("Dana", "guarded:no:some") is False
    assert asked == [("Dana", "yes"), ("Dana", "no")]


def test_allowed_refuses_what_nobody_guards():
    assert topics.allowed("Dana", "guarded:yes:others") is False
    assert topics.allowed("Dana", "not a topic") is False


def test_all_keys_of_a_topic_share_a_cluster_slot_and_topics_spread():
    parts = ("head", "regions", "frames", "phones")
    slots = {name: {key_slot(topics.key(f"event:{name}:public", part).encode()) for part in parts} for name in "abcdef"}
    assert [len(found) for found in slots.values()] == [1] * 6
    assert len(set.union(*slots.values())) > 3
