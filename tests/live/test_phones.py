"""The loops of the hub go on after a mistake, and one socket's trouble stays its own."""

from __future__ import annotations

import socket

import gevent

from app.live import frames
from app.live.phones import Limits, Phones, for_ever


def test_a_loop_that_breaks_begins_again(monkeypatch, caplog):
    monkeypatch.setattr(gevent, "sleep", lambda _seconds: None)
    runs = []

    def loop():
        runs.append(1)
        if len(runs) < 3:
            raise KeyError("a mistake of ours")

    for_ever(loop)
    assert len(runs) == 3
    assert caplog.text.count("begins again") == 2


def adopted(phones, number):
    """A phone of these phones and the far end of its line."""
    import _socket

    near, far = socket.socketpair()
    raw = _socket.socket(near.family, near.type, near.proto, fileno=near.detach())
    return phones.adopt(raw, number, "here"), far


def test_a_phone_that_is_gone_is_noticed_by_the_send_and_forgotten():
    gone = []
    phones = Phones(Limits(per_person=1), gone.append)
    phone, far = adopted(phones, 7)
    assert phones.refusal(7, "here") == 429
    far.close()
    phones.send_all([phone], frames.message(beat=1))
    assert gone == [phone]
    assert (len(phones), phones.refusal(7, "here"), dict(phones._people), dict(phones._addresses)) == (0, None, {}, {})


def test_bytes_keep_their_order_when_a_phone_is_slow():
    phones = Phones(Limits(), lambda _phone: None)
    phone, far = adopted(phones, None)
    far.settimeout(2)
    sent = b"".join(number.to_bytes(4, "big") * 1000 for number in range(80))
    got = b""
    for number in range(80):
        phones.send_all([phone], sent[number * 4000 : number * 4000 + 4000])
        if number % 3 == 0:
            got += far.recv(3000)
    assert phone.backlog is not None, "the test must fill the line"
    while len(got) < len(sent):
        got += far.recv(65536)
        if phone.backlog:
            phones._writable(phone)
    assert got == sent
    phones.drop(phone)
    far.close()


def test_too_much_backlog_cuts_the_phone_off_and_only_it():
    phones = Phones(Limits(), lambda _phone: None)
    slow, slow_end = adopted(phones, None)
    quick, quick_end = adopted(phones, None)
    for _ in range(40):
        phones.send_all([slow, quick], b"x" * 16_000)
        quick_end.recv(65536)
    assert (slow.is_gone, quick.is_gone, phones.cut) == (True, False, 1)
    phones.drop(quick)
    slow_end.close()
    quick_end.close()
