"""The short way in: what goes it, that all else goes the long way, and that it says yes only where that would."""

from __future__ import annotations

import inspect
import socket
from types import SimpleNamespace

import pytest
from flask import Flask
from gunicorn.config import Config
from gunicorn.http import get_parser, wsgi
from gunicorn.workers.base import Worker
from gunicorn.workers.ggevent import GeventWorker
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_cookie
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request

from app import config
from app.live import door as doors
from app.live import frames, origin, routes, topics
from app.live.routes import SHORT_WAY, ShortWay
from tests.live.listener import Listener, Refused

TOPIC = "event:short-way:public"
PLAIN = {
    "Host": "pika.example",
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
NOBODY, SOMEBODY = SimpleNamespace(person=None), (7, "p7")


def head(target=f"/ws?topic={TOPIC}&at=e.1", method="GET", version="HTTP/1.1", end="\r\n\r\n", **fields):
    fields = PLAIN | {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{method} {target} {version}", *(f"{n}: {v}" for n, v in fields.items() if v is not None)]
    return ("\r\n".join(lines) + end).encode("latin-1")


class FakeHub:
    def __init__(self):
        self.closings = 0
        self.status = None
        self.joined = []

    def refusal(self, _person, _address):
        return self.status

    def join(self, *joined):
        self.joined.append(joined)


@pytest.fixture
def hub(monkeypatch):
    made = FakeHub()
    monkeypatch.setattr(doors, "hub_of", lambda _app: made)
    monkeypatch.setattr(topics, "allowed", lambda _viewer, topic: "hidden" not in topic)
    return made


def who_of(cookies):
    return SOMEBODY if "person=7" in cookies else (None, "")


def make(proxies=0):
    app = Flask(__name__)
    environ = {"PIKA_ENV": "test", "PUBLIC_URL": "https://pika.example", "TRUSTED_PROXIES": str(proxies)}
    app.config["PIKA"] = config.load(environ)
    app.extensions[SHORT_WAY] = ShortWay(lambda: NOBODY, who_of)
    return doors.Door(app)


def test_a_plain_handshake_goes_the_short_way():
    found = make().read(head(Origin="https://pika.example", Cookie="theme=dark"), "10.0.0.7")
    assert found.greeting == frames.handshake(PLAIN["Sec-WebSocket-Key"])
    assert found.address == "10.0.0.7"
    assert [(topic, str(at)) for topic, at in found.wanted] == [(TOPIC, "e.1")]


LONG = {
    "another page": head("/e/budapest"),
    "no topic": head("/ws"),
    "a topic of the team's": head(f"/ws?topic={TOPIC}&topic=event:short-way:staff"),
    "a topic that is none": head("/ws?topic=public"),
    "five topics": head("/ws?" + "&".join(f"topic=event:e{n}:public" for n in range(5))),
    "another method": head(method="POST"),
    "HTTP/1.0": head(version="HTTP/1.0"),
    "no end yet": head()[:-2],
    "more after the end": head() + b"\x81\x80\0\0\0\0",
    "bare line feeds": head().replace(b"\r\n", b"\n"),
    "a folded line": head(X_More="a\r\n b"),
    "a name with an underscore": head().replace(b"Upgrade: ", b"Up_grade: "),
    "a name with a space": head().replace(b"Host:", b"Host :"),
    "a field twice": head().replace(b"Host:", b"Host: evil.example\r\nHost:"),
    "a body": head(Content_Length="5"),
    "a chunked body": head(Transfer_Encoding="chunked"),
    "no upgrade": head(Upgrade=None),
    "another upgrade": head(Upgrade="h2c"),
    "no connection": head(Connection="keep-alive"),
    "another version": head(Sec_WebSocket_Version="8"),
    "a short key": head(Sec_WebSocket_Key="eA=="),
    "no host": head(Host=None),
    "a strange host": head(Host="a@pika.example"),
    "a foreign origin": head(Origin="https://evil.example"),
    "a null origin": head(Origin="null"),
    "cookies without an origin": head(Cookie="theme=dark"),
    "a proxy nobody trusts": head(X_Forwarded_Proto="https"),
    "a proxy's other spelling": head(X_Forwarded_Ssl="on"),
    "letters outside ASCII in the address": head("/ws?topic=event:é:public"),
    "a control character": head(X_More="a\x01b"),
    "nothing": b"",
    "noise": bytes(range(256)),
}


@pytest.mark.parametrize("name", LONG)
def test_everything_else_goes_the_long_way(name):
    assert make().read(LONG[name], "10.0.0.7") is None


@pytest.mark.parametrize(
    ("proxies", "fields", "address"),
    [
        (1, {"X-Forwarded-For": "6.6.6.6, 10.1.1.1", "X-Forwarded-Proto": "https"}, "10.1.1.1"),
        (2, {"X-Forwarded-For": "10.1.1.1, 10.2.2.2", "X-Forwarded-Proto": "https, http"}, "10.1.1.1"),
        (1, {"X-Forwarded-Proto": "https"}, None),
        (1, {"X-Forwarded-For": "10.1.1.1"}, None),
        (2, {"X-Forwarded-For": "10.1.1.1", "X-Forwarded-Proto": "https"}, None),
        (1, {"X-Forwarded-For": "10.1.1.1", "X-Forwarded-Proto": "gopher"}, None),
    ],
)
def test_behind_proxies_the_address_is_what_the_farthest_trusted_one_saw(proxies, fields, address):
    found = make(proxies).read(head(**{name.replace("-", "_"): value for name, value in fields.items()}), "127.0.0.1")
    assert (found and found.address) == address


# --- what it says yes to, the long way would say yes to


def as_the_long_way_sees_it(sent, proxies):
    """The request as gunicorn, ProxyFix and werkzeug make it of the same bytes."""
    near, far = socket.socketpair()
    far.sendall(sent)
    far.shutdown(socket.SHUT_WR)
    cfg = Config()
    request = next(get_parser(cfg, near, ("10.0.0.7", 1)))
    _response, environ = wsgi.create(request, near, ("10.0.0.7", 1), ("127.0.0.1", 8000), cfg)
    near.close()
    far.close()
    if proxies:
        ProxyFix(lambda *_: [], x_for=proxies, x_proto=proxies, x_host=proxies)(environ, None)
    return Request(environ)


HOSTS = ["pika.example", "PIKA.example", "pika.example:443", "evil.example", "localhost:8000", "", "[::1]:8000"]
ODD = {
    "Host": HOSTS,
    "Origin": ["https://pika.example", "http://pika.example", "http://localhost:8000", "https://evil.example", "null"],
    "Cookie": ["theme=dark", "person=7", "", "a=b; person=7"],
    "X-Forwarded-For": ["10.1.1.1", "6.6.6.6, 10.1.1.1", "a, b, c", "", ","],
    "X-Forwarded-Proto": ["https", "http", "http, https", "https, http", "", "gopher"],
    "X-Forwarded-Host": HOSTS,
    "Connection": ["Upgrade", "upgrade, keep-alive", "close", "x-upgrade"],
    "Upgrade": ["websocket", "WebSocket", "h2c", "websocket, h2c"],
    "Sec-WebSocket-Version": ["13", "8", "13, 8", ""],
}
odd_fields = st.sampled_from([(name, value) for name, values in ODD.items() for value in values])
other_fields = st.tuples(st.just("X-More"), st.text(st.characters(max_codepoint=255), max_size=8))
changes = st.lists(odd_fields | other_fields, max_size=3).map(dict)
parts = st.sampled_from(["topic=event%3Ab%3Apublic", "at=e.1", "at=", "x=1", "topic=%ff", "&", "topic=event:c:é"])
targets = st.lists(parts, max_size=2).map(lambda more: "/ws?" + "&".join(["topic=event:a:public", *more]))


@given(change=changes, target=targets, proxies=st.integers(0, 2))
def test_it_reads_a_request_as_the_long_way_does(change, target, proxies):
    usual = {"X-Forwarded-For": "10.3.3.3, 10.1.1.1", "X-Forwarded-Proto": "http, https"} if proxies else {}
    sent = head(target, **{name.replace("-", "_"): value for name, value in (usual | change).items()})
    found = make(proxies).read(sent, "10.0.0.7")
    if found is None:
        return
    request = as_the_long_way_sees_it(sent, proxies)
    assert found.address == request.remote_addr
    assert found.wanted == routes.wanted(request.query_string.decode("latin-1"))
    assert parse_cookie(found.cookies) == request.cookies
    assert origin.is_allowed(
        request.headers.get("Origin"),
        public_url="https://pika.example",
        request_url=request.host_url,
        has_cookies=bool(request.cookies),
    )


# --- admitting


def connected(sent):
    """(the server's end, the phone's end) of a connection on which these bytes lie."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        far = socket.create_connection(listener.getsockname())
        near, address = listener.accept()
    far.sendall(sent)
    near.recv(1, socket.MSG_PEEK)
    return near, far, address


def test_an_admitted_socket_is_the_hubs_and_was_read_to_the_end_of_its_head(hub):
    near, far, address = connected(head())
    with near, far:
        assert make().takes(near, head(), address)
        assert near.fileno() == -1
        [(raw, _greeting, person, seen, wanted, holder, _asked_at)] = hub.joined
        raw.setblocking(False)
        with pytest.raises(BlockingIOError):
            raw.recv(1)
        assert (person, seen, wanted[0][0], holder) == (None, "127.0.0.1", TOPIC, "")
        raw.close()


def test_a_person_is_the_hubs_to_count_and_to_close(hub):
    sent = head(Origin="https://pika.example", Cookie="person=7")
    near, far, address = connected(sent)
    with near, far:
        before = doors.time.monotonic()
        assert make().takes(near, sent, address)
        [(raw, _greeting, person, _seen, _wanted, holder, asked_at)] = hub.joined
        assert (person, holder) == (7, "p7")
        assert before <= asked_at <= doors.time.monotonic()
        raw.close()


@pytest.mark.parametrize("why", ["closed topic", "no room", "guard fails"])
def test_what_is_not_admitted_is_left_untouched(hub, monkeypatch, why):
    sent = head("/ws?topic=event:hidden-one:public") if why == "closed topic" else head()
    if why == "no room":
        hub.status = 429
    if why == "guard fails":
        monkeypatch.setattr(topics, "allowed", lambda *_: 1 / 0)
    near, far, address = connected(sent)
    with near, far:
        assert not make().takes(near, sent, address)
        assert near.recv(4096) == sent
    assert hub.joined == []


def test_an_open_topic_is_remembered_for_a_second_and_until_something_closes(hub, monkeypatch):
    asked = []
    monkeypatch.setattr(topics, "allowed", lambda _viewer, topic: asked.append(topic) or True)
    now = SimpleNamespace(at=100.0)
    monkeypatch.setattr(doors.time, "monotonic", lambda: now.at)
    door = make()

    def times(seconds, *, closings=0):
        now.at += seconds
        hub.closings += closings
        assert door._is_open(hub, TOPIC)
        return len(asked)

    assert [times(0), times(0.9), times(0.2), times(0.1), times(0.1, closings=1)] == [1, 1, 2, 2, 3]


def test_a_topic_that_closes_while_the_guard_looks_is_not_open(hub, monkeypatch):
    def allowed(_viewer, _topic):
        hub.closings += 1
        return True

    monkeypatch.setattr(topics, "allowed", allowed)
    door = make()
    assert not door._is_open(hub, TOPIC)
    assert door._open == {}


def test_topics_that_are_remembered_are_bounded(hub, monkeypatch):
    monkeypatch.setattr(topics, "allowed", lambda *_: True)
    door = make()
    for number in range(doors.TOPICS_KNOWN_MAX + 10):
        door._is_open(hub, f"event:e{number}:public")
    assert len(door._open) <= doors.TOPICS_KNOWN_MAX


# --- under gunicorn


def test_what_is_relied_upon_in_gunicorn():
    assert "hfun = partial(self.handle, s)" in inspect.getsource(GeventWorker.run), "looked up when it begins to serve"
    before, hook, after = inspect.getsource(Worker.init_process).partition("self.cfg.post_worker_init(self)")
    assert hook
    assert "self.load_wsgi()" in before
    assert "self.run()" in after


@pytest.mark.parametrize("why", ["no Flask app", "no features", "its own TLS"])
def test_where_it_cannot_work_it_does_not_stand(why):
    app = make()._app
    if why == "no features":
        del app.extensions[SHORT_WAY]
    own = object()
    wsgi_app = object() if why == "no Flask app" else app
    worker = SimpleNamespace(wsgi=wsgi_app, cfg=SimpleNamespace(is_ssl=why == "its own TLS"), handle=own)
    doors.stand_before(worker)
    assert worker.handle is own


def test_open_topics_go_the_short_way_and_all_else_the_long_way(small, retained):
    before = small.long_ways()
    guest = small.listen((retained, small.position(retained)))
    assert guest.beat()
    as_organizer = {"Cookie": "person=7", "Origin": "https://pika.example"}
    somebody = small.listen(retained, headers=as_organizer)
    assert somebody.beat()
    assert small.long_ways() == before
    of_the_team = small.listen("event:short-way:staff", headers=as_organizer)
    assert of_the_team.beat()
    assert small.long_ways() == before + 1
    with pytest.raises(Refused) as found:
        small.listen("event:hidden-one:public")
    assert found.value.status == 404
    assert small.long_ways() == before + 2


def test_a_head_that_comes_in_pieces_is_served_the_long_way(small, retained):
    before = small.long_ways()
    sent = head(f"/ws?topic={retained}", Host=f"localhost:{small.port}")
    with socket.create_connection(("127.0.0.1", small.port)) as phone:
        phone.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        phone.sendall(sent[:40])
        small.long_ways()  # the server has answered somebody else meanwhile, so it has seen the first piece
        phone.sendall(sent[40:])
        assert phone.recv(12) == b"HTTP/1.1 101"
    assert small.long_ways() == before + 1


def test_silent_and_broken_connections_leave_no_trace_in_the_log(small):
    for said in (b"", b"G", b"\x16\x03\x01\x02\x00", b"\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", small.port)) as phone:
            phone.sendall(said)
    listener = Listener(small.port, "event:short-way:public")
    assert listener.beat()
    assert "Traceback" not in small.log
