"""The short way in: a handshake that needs no question is answered before gunicorn reads it.

Installed by gunicorn.conf.py before each worker's own `handle`. It looks at the first bytes of a connection without
taking them. A plain handshake from an allowed origin, for topics that everybody may hear, goes to the hub; all else is
left untouched for the long way (`routes.ws`), which alone refuses. So the rule is: the short way may only say yes, and
only where the long way would. See docs/live.md, "The short way in".
"""

from __future__ import annotations

import _socket
import contextlib
import logging
import re
import socket
import time
from typing import Any, NamedTuple

from flask import Flask

from app.config import Settings
from app.live import frames, origin, topics
from app.live.hub import Hub, Wanted, hub_of
from app.live.routes import SHORT_WAY, ShortWay, wanted

log = logging.getLogger(__name__)

OPEN_SECONDS = 1.0  # how long "everybody may listen" is believed; any closing that the hub hears ends it at once
TOPICS_KNOWN_MAX = 1_000
OFTEN_OPEN = frozenset({"public", "floor", "screen"})  # audiences worth asking whether everybody may hear
HEAD_BYTES_MAX = 4096

# Nothing unusual passes: no underscore in a name, no folded line, no control character, no strange letter in the URL.
_HEAD = re.compile(
    rb"GET /ws\?([A-Za-z0-9._~%:&=+-]{1,1024}) HTTP/1\.1\r\n"
    rb"((?:[A-Za-z0-9-]{1,64}:[\t\x20-\x7e\x80-\xff]*\r\n){1,60})\r\n"
)
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", re.ASCII)
_LONG_WAY = frozenset({"content-length", "transfer-encoding", "expect", "x-forwarded-protocol", "x-forwarded-ssl"})

Fields = dict[str, str]


class Handshake(NamedTuple):
    """A handshake that the short way may answer, if its topics are open and the hub has room."""

    greeting: bytes
    address: str
    cookies: str
    wanted: Wanted


def stand_before(worker: Any) -> None:
    """Put the short way before this gunicorn worker's own. Nothing happens where it cannot work."""
    app = worker.wsgi
    if not isinstance(app, Flask) or SHORT_WAY not in app.extensions or worker.cfg.is_ssl:
        return
    door, long_way = Door(app), worker.handle

    def handle(listener: Any, client: Any, address: Any) -> None:
        head = b""
        with contextlib.suppress(OSError), worker.timeout_ctx():
            head = client.recv(HEAD_BYTES_MAX, socket.MSG_PEEK)  # gunicorn waits as long, then closes as we do
        if head and not door.takes(client, head, address):
            long_way(listener, client, address)

    worker.handle = handle


class Door:
    """The short way of one process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._settings: Settings = app.config["PIKA"]
        self._features: ShortWay = app.extensions[SHORT_WAY]
        self._open: dict[str, float] = {}  # topic -> until when (monotonic) it is believed to be open to everybody
        self._closings = 0

    def takes(self, client: Any, head: bytes, address: Any) -> bool:
        """Whether this connection, which begins with `head`, went the short way. If not, not a byte of it was read."""
        began = time.monotonic()
        try:
            asked = self.read(head, address[0] if isinstance(address, tuple) else "")
            if asked is None:
                return False
            hub = hub_of(self._app)
            person, holder = self._who(asked.cookies)
            # Last, because nothing may give others a turn between this look and the join.
            is_open = all(self._is_open(hub, topic) for topic, _at in asked.wanted)
            if not is_open or hub.refusal(person, asked.address) is not None:
                return False
        except Exception:
            log.exception("live: the short way is broken, the long way decides")
            return False
        client.recv(len(head))  # what was looked at, no byte more
        raw = _socket.socket(client.family, socket.SOCK_STREAM, client.proto, fileno=client.detach())
        hub.join(raw, asked.greeting, person, asked.address, asked.wanted, holder, began)
        return True

    def read(self, head: bytes, peer: str) -> Handshake | None:
        """The handshake in these bytes, if it is whole, plain and of an allowed origin. None: the long way."""
        found = _HEAD.fullmatch(head)
        fields = _fields(found[2]) if found else None
        if not found or fields is None or not _is_upgrade(fields):
            return None
        seen = _seen(fields, peer, self._settings.trusted_proxies)
        greeting = frames.handshake(fields.get("sec-websocket-key", ""))
        asked = wanted(found[1].decode("ascii"))
        if seen is None or greeting is None or asked is None or not all(_may_be_open(topic) for topic, _at in asked):
            return None
        url, address = seen
        cookies = fields.get("cookie", "")
        welcome = origin.is_allowed(
            fields.get("origin"), public_url=self._settings.public_url, request_url=url, has_cookies=bool(cookies)
        )
        return Handshake(greeting, address, cookies, asked) if welcome else None

    def _who(self, cookies: str) -> tuple[int | None, str]:
        if not cookies:
            return None, ""
        with self._app.app_context():
            return self._features.who(cookies)

    def _is_open(self, hub: Hub, topic: str) -> bool:
        """Whether everybody may listen, as the guard said at most a second ago and nothing was closed since."""
        if self._closings != hub.closings:
            self._closings = hub.closings
            self._open.clear()
        now = time.monotonic()
        if self._open.get(topic, 0.0) > now:
            return True
        with self._app.app_context():
            is_open = topics.allowed(self._features.nobody(), topic)
        if self._closings != hub.closings:
            return False  # closed while the guard was looking
        if is_open:
            if len(self._open) >= TOPICS_KNOWN_MAX:
                self._open.clear()
            self._open[topic] = now + OPEN_SECONDS
        return is_open


def _may_be_open(topic: str) -> bool:
    """Whether it is worth asking: what is for a team or one person never is open to everybody."""
    parts = topics.parse(topic)
    return parts is not None and parts.audience in OFTEN_OPEN


def _fields(block: bytes) -> Fields | None:
    """The header fields by lower-case name; None when one comes twice or speaks of a body or a strange proxy."""
    fields: Fields = {}
    for line in block.decode("latin-1").split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name = name.lower()
        if name in fields or name in _LONG_WAY:
            return None
        fields[name] = value.strip(" \t")
    return fields


def _is_upgrade(fields: Fields) -> bool:
    tokens = {token.strip().lower() for token in fields.get("connection", "").split(",")}
    return (
        "upgrade" in tokens
        and fields.get("upgrade", "").lower() == "websocket"
        and fields.get("sec-websocket-version") == "13"
    )


def _seen(fields: Fields, peer: str, hops: int) -> tuple[str, str] | None:
    """The URL that was addressed and the address of who asks, past so many trusted proxies; None when they are silent.

    The same reading as werkzeug's ProxyFix in app.web.security: the value that the farthest trusted proxy has added.
    """
    host, scheme, address = fields.get("host", ""), "http", peer
    if not hops:
        if "x-forwarded-proto" in fields:
            return None  # gunicorn may believe it
    else:
        found = [_added(fields.get(f"x-forwarded-{name}", ""), hops) for name in ("for", "proto")]
        if not all(found) or found[1] not in {"http", "https"}:
            return None
        address, scheme = found
        if "x-forwarded-host" in fields:
            host = _added(fields["x-forwarded-host"], hops)
    return (f"{scheme}://{host}", address) if _HOST.fullmatch(host) else None


def _added(value: str, hops: int) -> str:
    """What the farthest of so many trusted proxies has added to a list, or nothing when the list is shorter."""
    values = [each.strip() for each in value.split(",")]
    return values[-hops] if len(values) >= hops else ""
