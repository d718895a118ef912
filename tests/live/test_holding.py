"""What pages hold: said on the socket, added up over processes, forgotten with them; and features are told in turn."""

from __future__ import annotations

import json
import time

import pytest

from app import redis
from app.live import frames, holding
from tests.live.listener import TEXT

TOPIC = "event:x:public"


def told(small, ident):
    with small.app.app_context():
        return int(redis.client().get(f"pika:test:told:{ident}") or 0)


def held(small, topic):
    with small.app.app_context():
        found = holding.of(topic)
    return found.known, dict(found.unknown)


def says(phone, topic, number):
    phone.send(TEXT, json.dumps({"holds": {topic: number}}).encode())


def eventually(ask, wanted, seconds=6.0):
    end = time.monotonic() + seconds
    while (found := ask()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert found == wanted


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b'{"holds":{"event:x:public":31}}', {TOPIC: 31}),
        (b'{"holds":{"event:x:public":31,"event:y:public":0}}', {TOPIC: 31, "event:y:public": 0}),
        (b'{"holds":{"event:x:public":true,"a":-1,"b":1e3,"c":"31","d":null}}', {}),
        (b'{"holds":{"event:x:public":2147483648}}', {}),
        (b'{"holds":{"a":1,"b":1,"c":1,"d":1,"e":1}}', {}),
        (b'{"holds":[1]}', {}),
        (b"[31]", {}),
        (b"hello", {}),
        (b"\xff\xfe", {}),
        (b"", {}),
        (b"[" * frames.WORD_BYTES_MAX, {}),
        (b"9" * frames.WORD_BYTES_MAX, {}),
    ],
)
def test_what_a_page_may_say(said, found):
    assert frames.held(said) == found


def test_pages_are_counted_by_what_they_said_and_by_whose_they_are(small, topic):
    tabs = [
        small.listen(topic, headers={"Cookie": "person=5", "Origin": f"http://localhost:{small.port}"})
        for _ in range(2)
    ]
    device = small.listen(topic, headers={"Cookie": "device=5", "Origin": f"http://localhost:{small.port}"})
    guests = [small.listen(topic) for _ in range(3)]
    eventually(lambda: held(small, topic), ({"p5": 0, "d5": 0}, {0: 3}))
    for phone, number in zip([*tabs, device, *guests], [30, 31, 30, 31, 31, 30], strict=True):
        says(phone, topic, number)
    eventually(lambda: held(small, topic), ({"p5": 31, "d5": 30}, {31: 2, 30: 1}))
    tabs[1].close()
    guests[0].close()
    eventually(lambda: held(small, topic), ({"p5": 30, "d5": 30}, {31: 1, 30: 1}))


def test_sums_go_over_processes_and_a_killed_one_is_forgotten(small, new_small, topic):
    second = new_small()
    here = [small.listen(topic) for _ in range(2)]
    there = [second.listen(topic) for _ in range(3)]
    for phone in (*here, *there):
        says(phone, topic, 7)
    eventually(lambda: held(small, topic), ({}, {7: 5}))
    second.kill()
    eventually(lambda: held(small, topic), ({}, {7: 2}), seconds=10)


def test_other_words_and_other_topics_change_nothing(small, topic):
    phone = small.listen(topic)
    says(phone, "event:elsewhere:public", 9)
    phone.send(TEXT, b"hello")
    phone.send(TEXT, b'{"holds":' + b" " * frames.WORD_BYTES_MAX + json.dumps({topic: 9}).encode() + b"}")
    says(phone, topic, 3)
    eventually(lambda: held(small, topic), ({}, {3: 1}))
    assert held(small, "event:elsewhere:public") == ({}, {})


def test_a_topic_that_nobody_counts_keeps_nothing(small):
    topic = "event:crew:staff"
    phone = small.listen(topic, headers={"Cookie": "person=7", "Origin": f"http://localhost:{small.port}"})
    says(phone, topic, 3)
    time.sleep(1.5)
    assert held(small, topic) == ({}, {})


def test_features_are_told_at_most_once_a_second_and_of_the_last_word_too(small, new_small):
    second, topic = new_small(), "event:told:public"
    phones = [server.listen(topic) for server in (small, second) for _ in range(10)]
    began = time.monotonic()
    for number in range(1, 4):
        for phone in phones:
            says(phone, topic, number)
        time.sleep(0.4)
    eventually(lambda: held(small, topic), ({}, {3: 20}))
    time.sleep(1.5)
    count = told(small, "told")
    assert 1 <= count <= 2 + time.monotonic() - began
    says(phones[0], topic, 4)
    eventually(lambda: told(small, "told") > count, True)
