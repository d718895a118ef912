"""Calling a push service: the one way out to an address that a stranger chose (RELIABILITY S5).

`check` when a subscription is stored, `Courier.post` when something is sent: each time the name is looked up, *every*
address must be public, and the connection goes to the very address that was checked. HTTPS on 443, no proxies, no
redirects, five seconds in all, and no more of the reply is read than its head. Used by app.notify.push alone.
"""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException, parse_headers
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

SECONDS_MAX = 5.0
REPLY_BYTES_MAX = 64 * 1024
ENDPOINT_CHARACTERS_MAX = 1_000
PORT = 443

# At least two labels and a last one of letters: no bare names, and no number in any notation.
_LABEL = r"(?:[a-z0-9-]{0,61}[a-z0-9])"
_NAME = re.compile(rf"(?=.{{4,253}}$)(?:[a-z0-9]{_LABEL}?\.)+[a-z]{_LABEL}", re.ASCII)
_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
# What Python's is_global lets through, and what wraps an IPv4 address that it does not look at.
_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10",
                "fc00::/7", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4")
)  # fmt: skip


class BadEndpoint(Exception):
    """Not an address that we call. Says why, never which."""


class CallFailed(Exception):
    """The service did not answer in time, or not in HTTP. It may later."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint taken apart, its form checked."""

    scheme: str
    host: str
    port: int
    target: str  # path and query

    @property
    def authority(self) -> str:
        return self.host if self.port == PORT else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What pywebpush looks at in an answer. The body is never read: it says nothing that we need."""

    status_code: int
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    text: str = ""


def parse(url: str, allow: frozenset[str] = frozenset()) -> Endpoint:
    """The form alone: https, a public-looking name, port 443, nothing else. `allow`: host:port that tests serve."""
    if len(url) > ENDPOINT_CHARACTERS_MAX or not _PRINTABLE.fullmatch(url) or "\\" in url or "#" in url:
        raise BadEndpoint("form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadEndpoint("form") from None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if "@" in parts.netloc:
        raise BadEndpoint("user-info")
    if parts.netloc in allow and parts.scheme in {"http", "https"}:
        return Endpoint(parts.scheme, parts.hostname or "", port or PORT, target)
    if parts.scheme != "https":
        raise BadEndpoint("scheme")
    if port not in {None, 443} or parts.netloc.endswith(":"):
        raise BadEndpoint("port")
    host = (parts.hostname or "").lower()
    if not _NAME.fullmatch(host) or host.endswith((".localhost", ".local", ".internal", ".home.arpa")):
        raise BadEndpoint("host")
    return Endpoint("https", host, PORT, target)


def check(url: str, allow: frozenset[str] = frozenset()) -> None:
    """Form and addresses, as they are now. Raises BadEndpoint, or CallFailed when the name cannot be looked up."""
    _addresses(parse(url, allow), allow, time.monotonic() + SECONDS_MAX)


def is_public(address: str) -> bool:
    """Whether an address is one that anybody on the internet may call: no tunnel, no mapping, no network of ours."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if any(found.version == net.version and found in net for net in _NEVER):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def look_up(host: str, port: int) -> list[str]:
    """Every address of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Courier:
    """What pywebpush takes for a requests session: it has `post`, and goes nowhere but to checked addresses."""

    def __init__(self, allow: frozenset[str] = frozenset()) -> None:
        self._allow = allow

    def post(self, url: str, *, data: bytes, headers: Any, timeout: float = SECONDS_MAX) -> Reply:
        """One POST. Raises BadEndpoint or CallFailed; any status is an answer."""
        end = time.monotonic() + min(timeout, SECONDS_MAX)
        endpoint = parse(url, self._allow)
        address = _addresses(endpoint, self._allow, end)[0]
        try:
            with _connected(endpoint, address, end) as line:
                line.settimeout(_left(end))
                line.sendall(_request(endpoint, data, dict(headers)))
                return _reply(line, end)
        except (OSError, HTTPException, ValueError) as error:
            raise CallFailed(type(error).__name__) from None


def _addresses(endpoint: Endpoint, allow: frozenset[str], end: float) -> list[str]:
    """All addresses of the host, each checked: one that is not public spoils the rest (it would be tried next)."""
    found = _look_up_within(endpoint, end)
    is_allowed = f"{endpoint.host}:{endpoint.port}" in allow
    if not found or not (is_allowed or all(map(is_public, found))):
        raise BadEndpoint("address")
    return found


def _look_up_within(endpoint: Endpoint, end: float) -> list[str]:
    """The resolver has a patience of its own, so it is asked beside us and left behind when it takes too long."""
    answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(look_up(endpoint.host, endpoint.port))
        except (OSError, UnicodeError):
            answers.put([])

    threading.Thread(target=ask, daemon=True).start()
    try:
        found = answers.get(timeout=_left(end))
    except queue.Empty:
        raise CallFailed("the name took too long") from None
    if not found:
        raise CallFailed("the name has no address")
    return found


def _connected(endpoint: Endpoint, address: str, end: float) -> socket.socket:
    line = socket.create_connection((address, endpoint.port), timeout=_left(end))
    if endpoint.scheme == "http":
        return line
    try:
        return ssl.create_default_context().wrap_socket(line, server_hostname=endpoint.host)
    except BaseException:
        line.close()
        raise


def _request(endpoint: Endpoint, data: bytes, headers: dict[str, str]) -> bytes:
    own = {"Host": endpoint.authority, "Content-Length": str(len(data)), "Connection": "close", "User-Agent": "pika"}
    lines = [f"POST {endpoint.target} HTTP/1.1", *(f"{name}: {value}" for name, value in (headers | own).items())]
    if any("\r" in text or "\n" in text for text in lines):
        raise ValueError("a header may not break its line")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data


def _reply(line: socket.socket, end: float) -> Reply:
    """The head of the answer; interim ones (1xx) are passed over."""
    read = b""
    while True:
        while b"\r\n\r\n" not in read:
            if len(read) > REPLY_BYTES_MAX:
                raise ValueError("the head of the reply has no end")
            line.settimeout(_left(end))  # for each read anew: a drop every second must not keep us for ever
            piece = line.recv(8192)
            if not piece:
                raise ConnectionResetError
            read += piece
        head, _, read = read.partition(b"\r\n\r\n")
        first, _, rest = head.partition(b"\r\n")
        found = re.fullmatch(rb"HTTP/1\.[01] (\d{3})(?: (.{0,200}))?", first)
        if not found:
            raise ValueError("not HTTP")
        if not found[1].startswith(b"1"):
            names = parse_headers(BytesIO(rest + b"\r\n\r\n"))
            return Reply(int(found[1]), {name.lower(): value for name, value in names.items()})


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise CallFailed("took too long")
    return left
