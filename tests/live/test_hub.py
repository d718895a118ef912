"""The hub in a real gunicorn process: joining, resuming, limits and leaving."""

from __future__ import annotations

import random
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.live import regions
from app.live.regions import Position
from tests.live.listener import PING, PONG, TEXT, Closed, Refused, masked


def content(said):
    return said["content"]


def test_publish_reaches_a_phone_as_one_frame(small, retained):
    phone = small.listen((retained, small.position(retained)))
    time.sleep(0.2)
    at = small.publish(retained, {"a": "<p id=a>1</p>", "b": "<p id=b>é</p>"})
    assert phone.message() == {
        "topic": retained,
        "epoch": at.epoch,
        "version": at.version,
        "content": '<hx-partial hx-target="#a" hx-swap="outerMorph"><p id=a>1</p></hx-partial>'
        '<hx-partial hx-target="#b" hx-swap="outerMorph"><p id=b>é</p></hx-partial>',
    }


def test_first_beat_comes_at_once(small, topic):
    phone = small.listen(topic)
    assert abs(phone.beat() - time.time()) < 3


def test_the_first_beat_follows_what_the_phone_lacks(small, retained):
    """It is what the light goes by: Live must not stand over a page that is still to be brought up to date."""
    at = small.position(retained)
    small.publish(retained, {"a": "<p id=a>1</p>"})
    for wanted in (retained, (retained, at), (retained, "unknown.7")):
        phone = small.listen(wanted)
        assert "beat" not in phone.message(beats=True)
        assert phone.beat()


def test_without_position_everything_retained_is_sent(small, retained):
    small.publish(retained, {"b": "<p id=b>1</p>", "gone": None})
    said = small.listen(retained).message()
    assert said["version"] == 2
    assert "<p id=a>0</p>" in content(said)
    assert "<p id=b>1</p>" in content(said)
    assert "gone" not in content(said)


def test_without_position_and_without_regions_the_position_is_told(small, topic):
    at = small.position(topic)
    said = small.listen(topic).message()
    assert said == {"topic": topic, "epoch": at.epoch, "version": 0, "content": ""}


def test_resume_sends_only_what_is_newer(small, retained):
    at = small.publish(retained, {"b": "<p id=b>1</p>"})
    small.publish(retained, {"c": "<p id=c>1</p>"})
    said = small.listen((retained, at)).message()
    assert content(said) == '<hx-partial hx-target="#c" hx-swap="outerMorph"><p id=c>1</p></hx-partial>'


def test_resume_at_the_newest_version_sends_nothing(small, retained):
    phone = small.listen((retained, small.position(retained)))
    assert phone.messages(0.4) == []


def test_resume_from_another_epoch_is_told_to_re_get(small, retained):
    said = small.listen((retained, Position("elsewhere", 3))).message()
    assert said["reget"] is True
    assert (said["epoch"], said["version"]) == small.position(retained)


def test_resume_from_the_future_of_the_same_epoch_waits_for_a_load(small, retained):
    """A page may have been drawn after a publish that this hub has not heard of yet: it is no gap."""
    other = small.listen((retained, small.position(retained)))
    time.sleep(0.2)
    at = small.publish(retained, {"b": "<p id=b>1</p>"})
    phone = small.listen((retained, at))
    assert phone.messages(0.4) == []
    assert other.message()["version"] == at.version


def test_a_page_drawn_without_redis_is_told_to_re_get(small, retained):
    assert small.listen((retained, regions.NOWHERE)).message()["reget"] is True


def test_resume_brings_tombstones(small, retained):
    at = small.position(retained)
    small.publish(retained, {"a": None})
    said = small.listen((retained, at)).message()
    assert content(said) == '<hx-partial hx-target="#a" hx-swap="delete"></hx-partial>'


def test_poke_reaches_phones_and_those_that_were_away(small, retained):
    at = small.position(retained)
    phone = small.listen((retained, at))
    time.sleep(0.2)
    with small.app.app_context():
        regions.poke(retained)
    assert phone.message()["reget"] is True
    assert small.listen((retained, at)).message()["reget"] is True
    assert small.listen((retained, small.position(retained))).messages(0.3) == []


def test_content_too_big_for_slow_phones_becomes_a_re_get(small, retained):
    phone = small.listen((retained, small.position(retained)))
    time.sleep(0.2)
    small.publish(retained, {"a": "x" * 200_000})
    assert phone.message()["reget"] is True


def test_older_rank_that_arrives_late_is_not_sent(small, retained):
    phone = small.listen((retained, small.position(retained)))
    time.sleep(0.2)
    small.publish(retained, {"a": "<p id=a>new</p>"}, rank="5")
    small.publish(retained, {"a": "<p id=a>old</p>"}, rank="4")
    small.publish(retained, {"a": "<p id=a>newest</p>"}, rank="6")
    said = phone.messages(0.5)
    assert [content(each).count(word) for each in said for word in ("old",)] == [0] * len(said)
    assert "newest" in content(said[-1])


def test_nothing_missed_and_nothing_twice_while_phones_come_and_go(small, retained):
    """300 changes while 12 phones keep leaving and resuming: each sees every version's effect, in order, once."""
    rng = random.Random(3)
    at = small.position(retained)
    phones = [{"at": at, "seen": [], "socket": None} for _ in range(12)]
    final = None
    for number in range(300):
        final = small.publish(retained, {f"r{number}": f"<p>{number}</p>"}, rank=f"{number:06d}")
        for phone in rng.sample(phones, 3):
            _leave_or_return(small, retained, phone)
    for phone in phones:
        if phone["socket"] is None:
            phone["socket"] = small.listen((retained, phone["at"]))
        while phone["at"].version < final.version:
            _note(phone, phone["socket"].message())
        seen = phone["seen"]
        assert sorted(seen) == list(range(300)), "missed"
        assert len(seen) == len(set(seen)), "twice"


def _leave_or_return(small, topic, phone):
    if phone["socket"] is None:
        phone["socket"] = small.listen((topic, phone["at"]))
        return
    for said in phone["socket"].messages(0.002):
        _note(phone, said)
    phone["socket"].close()
    phone["socket"] = None


def _note(phone, said):
    assert "reget" not in said
    assert said["version"] > phone["at"].version
    phone["at"] = Position(said["epoch"], said["version"])
    phone["seen"] += [int(part.split("</p>")[0]) for part in said["content"].split("<p>")[1:]]


def test_topics_of_unpublished_events_unknown_things_and_staff_are_refused(small):
    cookie = {"Cookie": "person=3", "Origin": f"http://localhost:{small.port}"}
    for refused in ("event:hidden-x:public", "event:x:staff", "song:x:public", "event:x:dj", "nonsense", ""):
        with pytest.raises(Refused) as found:
            small.listen(refused, headers=cookie)
        assert found.value.status == 404, refused


def test_one_refused_topic_refuses_the_socket(small, topic):
    with pytest.raises(Refused) as found:
        small.listen(topic, "event:x:staff")
    assert found.value.status == 404


def test_staff_may_listen(small):
    organizer = {"Cookie": "person=7", "Origin": f"http://localhost:{small.port}"}
    small.listen("event:x:staff", headers=organizer).close()


@pytest.mark.parametrize("query", ["", "topic=a:b:c&x=1", "at=e.1", "topic=a:b:c&at=e.1&at=e.2"])
def test_a_malformed_query_is_a_bad_request(small, query):
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    request = urllib.request.Request(f"http://127.0.0.1:{small.port}/ws?{query}", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as found:
        urllib.request.urlopen(request)
    with found.value as error:
        assert error.code == 400


def test_more_than_four_topics_are_a_bad_request(small):
    small.listen(*(f"event:many-{number}:public" for number in range(4))).close()
    with pytest.raises(Refused) as found:
        small.listen(*(f"event:many-{number}:public" for number in range(5)))
    assert found.value.status == 400


@pytest.mark.parametrize(
    "headers", [{"Sec-WebSocket-Key": "short"}, {"Sec-WebSocket-Key": None}, {"Sec-WebSocket-Version": "8"}]
)
def test_a_handshake_that_is_none_is_a_bad_request(small, topic, headers):
    with pytest.raises(Refused) as found:
        small.listen(topic, headers=headers)
    assert found.value.status == 400


def test_ping_is_answered(small, topic):
    phone = small.listen((topic, small.position(topic)))
    phone.send(PING, b"are you there")
    while (frame := phone.frame())[0] != PONG:
        pass
    assert frame[1] == b"are you there"


def test_what_phones_say_is_ignored(small, retained):
    phone = small.listen((retained, small.position(retained)))
    phone.send(TEXT, b'{"subscribe": "event:x:staff"}')
    phone.send(2, b"\x00" * 4096)
    phone.send(TEXT, b"first", final=False)
    phone.send(0, b"second")
    small.publish(retained, {"a": "<p id=a>1</p>"})
    assert phone.message()["version"] == 2


@pytest.mark.parametrize(
    ("name", "sent", "code"),
    [
        ("message of 4097 bytes", masked(TEXT, b"x" * 4097), 1009),
        ("header that announces 16 GiB", b"\x81\xff" + (2**34).to_bytes(8, "big"), 1009),
        ("fragments that add up", masked(TEXT, b"x" * 3000, final=False) + masked(0, b"x" * 3000), 1009),
        ("unmasked", b"\x81\x02hi", 1002),
        ("reserved bit", b"\xc1\x80\x00\x00\x00\x00", 1002),
        ("unknown opcode", masked(3), 1002),
        ("continuation of nothing", masked(0, b"x"), 1002),
        ("message within a message", masked(TEXT, b"x", final=False) + masked(TEXT, b"y"), 1002),
        ("long ping", masked(PING, b"x" * 126), 1002),
        ("fragmented ping", masked(PING, b"x", final=False), 1002),
        ("21 messages in a second", masked(TEXT, b"x") * 41, 1008),
        ("closing by the phone", masked(8, (3001).to_bytes(2, "big")), 3001),
        ("closing without a code", masked(8), 1000),
        ("closing with a forbidden code", masked(8, (1006).to_bytes(2, "big")), 1002),
    ],
)
def test_breach_is_closed_with_its_code(small, topic, name, sent, code):
    phone = small.listen((topic, small.position(topic)))
    phone.sock.sendall(sent)
    assert phone.closing_code() == code


def test_twenty_messages_in_a_second_are_fine(small, topic):
    phone = small.listen((topic, small.position(topic)))
    phone.message(beats=True)
    phone.sock.sendall(masked(TEXT, b"x") * 18)
    assert phone.messages(0.3) == []


def test_eleventh_socket_of_a_person_is_refused_and_a_closed_one_makes_room(small, topic):
    headers = {"Cookie": "person=3", "Origin": f"http://localhost:{small.port}"}
    phones = [small.listen(topic, headers=headers) for _ in range(10)]
    with pytest.raises(Refused) as found:
        small.listen(topic, headers=headers)
    assert found.value.status == 429
    phones.pop().close()
    time.sleep(0.2)
    small.listen(topic, headers=headers).close()


def test_sockets_of_an_address_and_of_the_process_are_capped(new_small):
    server = new_small(per_address=3, sockets=5)
    phones = [server.listen("event:x:public") for _ in range(3)]
    with pytest.raises(Refused) as found:
        server.listen("event:x:public")
    assert found.value.status == 429
    assert [phone.messages(0.1)[0]["content"] for phone in phones] == ["", "", ""]


def test_a_full_process_is_a_503(new_small):
    server = new_small(sockets=2)
    phones = [server.listen("event:x:public") for _ in range(2)]
    with pytest.raises(Refused) as found:
        server.listen("event:x:public")
    assert found.value.status == 503
    assert len(phones) == 2


def test_slow_phones_are_cut_off_and_the_others_get_everything(small, retained):
    at = small.position(retained)
    stalled = [small.listen((retained, at), receive_buffer=4096) for _ in range(5)]
    good = small.listen((retained, at))
    time.sleep(0.2)
    for number in range(30):
        small.publish(retained, {"a": f"<p id=a>{number:03d}</p>" + "x" * 100_000}, rank=f"{number:03d}")
        said = good.message()
        while f"{number:03d}" not in said["content"][:100]:
            said = good.message()
    for phone in stalled:
        assert phone.closing_code() is None, "cut off without a word: there is no room for one"


def test_a_slow_phone_that_reads_on_in_time_misses_nothing(small, retained):
    phone = small.listen((retained, small.position(retained)), receive_buffer=4096)
    time.sleep(0.2)
    for number in range(3):
        small.publish(retained, {"a": f"<p id=a>{number}</p>" + "x" * 80_000}, rank=str(number))
    said = phone.message()
    while "<p id=a>2</p>" not in said["content"]:
        said = phone.message()
    assert said["version"] == 4


def test_a_silent_phone_is_dropped(new_small):
    server = new_small(dead_after_seconds=1.5)
    silent, answering = server.listen("event:x:public"), server.listen("event:x:public")
    end = time.monotonic() + 4
    while time.monotonic() < end:
        answering.messages(0.3)  # answers pings
    answering.send(PING, b"")
    assert answering.frame()[0] in {PING, PONG, TEXT}
    assert _frames_until_gone(silent) < 10


def _frames_until_gone(phone):
    for number in range(100):
        try:
            phone.frame()
        except Closed:
            return number
    raise AssertionError("it is still there")


def test_sigterm_closes_with_1012_and_the_process_goes(new_small):
    server = new_small()
    phones = [server.listen("event:x:public") for _ in range(20)]
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert {phone.closing_code() for phone in phones} == {1012}
    server.process.wait(timeout=10)
    assert time.monotonic() - began < 4
    assert "Traceback" not in server.log


def test_disconnect_closes_a_person_everywhere_and_nobody_else(small, new_small, topic):
    second = new_small()
    headers = {"Cookie": "person=5"}
    hers = [s.listen(topic, headers=headers | {"Origin": f"http://localhost:{s.port}"}) for s in (small, second)]
    other = small.listen((topic, small.position(topic)))
    with small.app.app_context():
        regions.disconnect(5)
    assert [phone.closing_code() for phone in hers] == [4001, 4001]
    assert other.messages(0.3) == []


def test_who_is_told_to_go_while_the_guard_looks_does_not_slip_in(small):
    headers = {"Cookie": "person=7", "Origin": f"http://localhost:{small.port}"}
    small.listen("event:here:public")  # the hub is up and hears closings
    time.sleep(0.3)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(small.listen, "event:slow-guard:staff", headers=headers)
        time.sleep(0.4)
        with small.app.app_context():
            regions.disconnect(7)
        assert coming.result().closing_code() == 4001
    stays = small.listen("event:slow-guard:staff", headers=headers)
    assert stays.messages(1) != [], "it is told its position and stays"


def test_two_processes_on_one_redis_both_deliver(small, new_small, retained):
    second = new_small(workers=2)
    at = small.position(retained)
    phones = [server.listen((retained, at)) for server in (small, second) for _ in range(6)]
    time.sleep(0.3)
    small.publish(retained, {"a": "<p id=a>1</p>"})
    assert {phone.message()["version"] for phone in phones} == {2}


def test_gunicorn_forgets_the_request_of_a_socket(new_small):
    """With room for two connections, ten sockets are taken over and pages are still served."""
    server = new_small()
    phones = [server.listen("event:x:public") for _ in range(10)]
    for _ in range(5):
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/healthz", timeout=2) as answer:
            assert answer.status == 200
    server.publish("event:x:public", {"a": "<p id=a>1</p>"})
    for phone in phones:
        said = [phone.message(), phone.message()]
        assert said[1].get("reget") is True


@pytest.mark.slow
def test_a_publish_between_load_and_subscribe_is_never_missed(small, retained):
    """400 tries: the page reads its position, something is published at a random moment, the phone connects."""
    rng = random.Random(5)
    with ThreadPoolExecutor(1) as pool:
        for number in range(400):
            at = small.position(retained)
            pause = rng.random() * 0.004
            publishing = pool.submit(
                _publish_after, small, retained, f"<p id=a>try {number}</p>", f"{number:06d}", pause
            )
            phone = small.listen((retained, at))
            said = phone.message()
            assert (said["version"], said["content"].count(f"try {number}<")) == (at.version + 1, 1)
            publishing.result()
            phone.close()


def _publish_after(server, topic, body, rank, pause):
    time.sleep(pause)
    server.publish(topic, {"a": body}, rank=rank)


@pytest.mark.slow
def test_pages_are_served_promptly_while_a_fan_out_runs(new_small):
    server = new_small(per_address=2000)
    topic = "event:busy:public"
    server.publish(topic, {"a": "<p id=a>0</p>"})
    phones = [server.listen((topic, server.position(topic))) for _ in range(600)]
    waits = []
    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(_publish_often, server, topic)
        while not publishing.done():
            began = time.monotonic()
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/healthz", timeout=2):
                waits.append(time.monotonic() - began)
    assert sorted(waits)[len(waits) // 2] < 0.05
    assert len(phones) == 600


def _publish_often(server, topic):
    for number in range(60):
        server.publish(topic, {"a": f"<p id=a>{number}</p>" + "." * 600}, rank=f"{number:03d}")
        time.sleep(0.02)
