"""S5: sixty addresses that are no push service, and none makes us connect. Then slow, endless and redirecting ones."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.lib import clock
from app.notify import dial
from app.notify.dial import BadEndpoint, CallFailed, Courier
from app.notify.messages import Message
from app.notify.push import Sender
from tests.notify import push_service

MESSAGE = Message("k", "change", "Late", "14:30 → 14:45", "/e/x")

# Refused by their form alone. CANARY is the port of the listener.
BY_FORM = [
    "http://push.example/x", "ftp://push.example/x", "file:///etc/passwd", "gopher://push.example/x",
    "//push.example/x", "javascript:alert(1)", "https:push.example", "https://", "https:///x", "",
    "https://user@push.example/x", "https://user:pass@push.example/x", "https://push.example@127.0.0.1/x",
    "https://push.example:CANARY/x", "https://push.example:80/x", "https://push.example:0/x", "https://push.example:/x",
    "https://push.example:99999/x", "https://push.example:443:443/x",
    "https://127.0.0.1:CANARY/x", "https://127.0.0.1/x", "https://2130706433/x", "https://0x7f000001/x",
    "https://017700000001/x", "https://0x7f.0.0.1/x", "https://127.1/x", "https://127.0.1/x", "https://0/x",
    "https://0.0.0.0/x", "https://[::1]/x", "https://[::1]:CANARY/x", "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:7f00:1]/x", "https://[::]/x", "https://[fe80::1%25lo]/x", "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/x", "https://192.168.1.1/x", "https://172.16.0.1/x", "https://100.64.0.1/x", "https://8.8.8.8/x",
    "https://localhost/x", "https://localhost.:443/x", "https://push/x", "https://redis.local/x", "https://db.internal/x",
    "https://a.localhost/x", "https://push.example\\@127.0.0.1/x", "https://push.example/x#y",
    "https://push.example/\r\nX: y",
    "https://push.example/x y", "https://push.exämple/x", "https://１２７.0.0.1/x", "https://-push.example/x",
    "https://push..example/x", "https://push_.example/x", "https://" + "a" * 64 + ".example/x",
    "https://push.example/" + "x" * 1000,
]  # fmt: skip

# Names that look right and lead somewhere else. One bad address among good ones spoils them all.
BY_ADDRESS = [
    ["127.0.0.1"], ["127.255.255.254"], ["0.0.0.1"], ["10.1.2.3"], ["172.31.255.1"], ["192.168.0.10"], ["100.64.0.1"],
    ["100.127.255.254"], ["169.254.169.254"], ["192.0.0.8"], ["192.0.2.1"], ["198.18.0.1"], ["198.51.100.1"],
    ["203.0.113.1"], ["224.0.0.1"], ["239.255.255.250"], ["240.0.0.1"], ["255.255.255.255"], ["192.88.99.1"],
    ["::1"], ["::"], ["::ffff:127.0.0.1"], ["::ffff:8.8.8.8"], ["::127.0.0.1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"],
    ["2001:0:7f00:1::"], ["fc00::1"], ["fd12::1"], ["fe80::1"], ["fe80::1%eth0"], ["fec0::1"], ["ff02::1"],
    ["2001:db8::1"], ["8.8.8.8", "127.0.0.1"], ["2606:4700::1111", "::1"],
]  # fmt: skip


class Canary:
    """A listener on loopback that should never hear anything."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            line.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def canary(monkeypatch) -> Iterator[Canary]:
    """The listener; every name leads to it, and 443 is its port (a test may not be allowed to listen there)."""
    made = Canary()
    monkeypatch.setattr(dial, "look_up", lambda _host, _port: ["127.0.0.1"])
    monkeypatch.setattr(dial, "PORT", made.port)
    yield made
    time.sleep(0.05)
    made.close()


def post(url: str, allow: frozenset[str] = frozenset(), timeout: float = 5) -> int:
    return Courier(allow).post(url, data=b"x", headers={"TTL": "1"}, timeout=timeout).status_code


def test_there_are_sixty_and_more():
    assert len(BY_FORM) + len(BY_ADDRESS) > 60


@pytest.mark.parametrize("url", BY_FORM, ids=range(len(BY_FORM)))
def test_address_of_a_wrong_form_is_never_called(canary, url):
    url = url.replace("CANARY", str(canary.port))
    with pytest.raises(BadEndpoint):
        dial.check(url)
    with pytest.raises(BadEndpoint):
        post(url)
    assert canary.calls == 0


@pytest.mark.parametrize("addresses", BY_ADDRESS, ids=" ".join)
def test_name_that_leads_inside_is_never_called(canary, monkeypatch, addresses):
    monkeypatch.setattr(dial, "look_up", lambda _host, _port: addresses)
    with pytest.raises(BadEndpoint):
        dial.check("https://push.example/x")
    with pytest.raises(BadEndpoint):
        post("https://push.example/x")
    assert canary.calls == 0


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.1.95", "2606:4700::1111", "2a00:1450:4001::5f"])
def test_public_addresses_pass(address):
    assert dial.is_public(address)


def test_name_that_flips_after_subscribing_is_caught_when_it_is_called(canary, monkeypatch):
    answers = iter([["8.8.8.8"], ["127.0.0.1"], ["8.8.8.8", "127.0.0.1"]])
    monkeypatch.setattr(dial, "look_up", lambda _host, _port: next(answers))
    dial.check("https://push.example/x")
    for _ in range(2):
        with pytest.raises(BadEndpoint):
            post("https://push.example/x")
    assert canary.calls == 0


def test_connection_goes_to_the_address_that_was_checked(canary, monkeypatch):
    """One look-up for one call: whatever the name says a moment later is never asked for."""
    asked = []

    def look_up(host, _port):
        asked.append(host)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    called = []
    monkeypatch.setattr(dial, "look_up", look_up)

    def refuse(address, **_options):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    with pytest.raises(CallFailed):
        post("https://push.example/x")
    assert (asked, called) == (["push.example"], [("8.8.8.8", canary.port)])


def test_the_canary_hears_us_when_the_guard_is_off(canary, monkeypatch):
    """The control: without the check of addresses the call arrives."""
    monkeypatch.setattr(dial, "is_public", lambda _address: True)
    with pytest.raises(CallFailed):
        post("https://push.example/x")
    time.sleep(0.1)
    assert canary.calls == 1


def test_hostile_address_in_the_table_harms_nobody(app, canary, session):
    """Sent by the real pywebpush, as delivery does it."""
    phone = push_service.Phone("https://push.example/x")
    outcome = Sender.of(app.config["PIKA"]).send(
        MESSAGE, phone.endpoint, phone.keys["p256dh"], phone.keys["auth"], clock.now()
    )
    assert (outcome.state, outcome.is_final) == ("failed", True)
    assert canary.calls == 0


# ---- a service that is allowed, and behaves badly ----


@contextmanager
def server(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """Answers each call with these pieces, so many seconds apart, as long as somebody listens."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            try:
                line.recv(65536)
                for piece in pieces:
                    line.sendall(piece)
                    time.sleep(pause)
            except OSError:
                pass
            line.close()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def test_redirect_is_an_answer_and_nothing_more(canary):
    head = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{canary.port}/\r\n\r\n".encode()
    with server(head) as authority:
        assert post(f"http://{authority}/x", frozenset({authority})) == 302
    assert canary.calls == 0


def test_long_reply_is_not_read():
    with server(b"HTTP/1.1 201 Created\r\n\r\n" + b"x" * 2_000_000) as authority:
        started = time.monotonic()
        assert post(f"http://{authority}/x", frozenset({authority})) == 201
        assert time.monotonic() - started < 1


def test_head_without_an_end_is_cut_off():
    with server(b"HTTP/1.1 201 Created\r\n" + b"X: y\r\n" * 400_000) as authority, pytest.raises(CallFailed):
        post(f"http://{authority}/x", frozenset({authority}))


@pytest.mark.slow
def test_drop_by_drop_ends_in_time():
    with server(*[b"H"] * 100, pause=0.2) as authority:
        started = time.monotonic()
        with pytest.raises(CallFailed):
            post(f"http://{authority}/x", frozenset({authority}), timeout=1.5)
        assert time.monotonic() - started < 2


def test_silence_ends_in_time_and_never_later_than_five_seconds(monkeypatch):
    monkeypatch.setattr(dial, "SECONDS_MAX", 0.5)
    with server(b"", pause=3) as authority:
        started = time.monotonic()
        with pytest.raises(CallFailed):
            post(f"http://{authority}/x", frozenset({authority}), timeout=60)
        assert time.monotonic() - started < 1.5


def test_slow_resolver_is_left_behind(monkeypatch):
    monkeypatch.setattr(dial, "SECONDS_MAX", 0.3)
    monkeypatch.setattr(dial, "look_up", lambda _host, _port: time.sleep(2) or ["8.8.8.8"])
    started = time.monotonic()
    with pytest.raises(CallFailed):
        dial.check("https://push.example/x")
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("noise", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\r\n\r\n", b""])
def test_what_is_not_http_is_a_failure(noise):
    with server(noise) as authority, pytest.raises(CallFailed):
        post(f"http://{authority}/x", frozenset({authority}))


def test_interim_answers_are_passed_over():
    with server(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\nRetry-After: 3\r\n\r\n") as authority:
        reply = Courier(frozenset({authority})).post(f"http://{authority}/x", data=b"x", headers={})
    assert (reply.status_code, reply.headers) == (201, {"retry-after": "3"})


def test_proxies_of_the_environment_are_not_asked(monkeypatch, canary):
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with server(b"HTTP/1.1 201 Created\r\n\r\n") as authority:
        assert post(f"http://{authority}/x", frozenset({authority})) == 201
    assert canary.calls == 0


def test_header_cannot_break_its_line():
    with server(b"HTTP/1.1 201 Created\r\n\r\n") as authority, pytest.raises(CallFailed):
        Courier(frozenset({authority})).post(f"http://{authority}/x", data=b"x", headers={"Topic": "a\r\nX: y"})
