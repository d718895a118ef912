"""WebSocket frames (RFC 6455): what we say to phones, encoded once for all of them, and what phones say to us, split.

Server frames are unmasked and uncompressed, so the same bytes serve every socket. Pure: no socket, no clock, no Redis.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable

from app.live.regions import Position

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
INBOUND_BYTES_MAX = 4096  # one message of a phone; it has little to tell us
WORD_BYTES_MAX = 256  # the only messages that are read: what a page holds
HELD_TOPICS_MAX = 4
HELD_NUMBER_MAX = 2**31 - 1
CONTENT_BYTES_MAX = 128 * 1024  # more than this is told as a re-get: half of what a slow phone may have queued

NORMAL, GOING_AWAY, PROTOCOL_ERROR, POLICY, TOO_BIG, RESTART = 1000, 1001, 1002, 1008, 1009, 1012
GUARD_ANEW = 4001  # ours: who you are has changed; come back and be guarded anew

_ACCEPT_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


class Violation(Exception):
    """A phone broke the protocol or one of our limits; the socket is closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def handshake(key: str) -> bytes | None:
    """The 101 response for this Sec-WebSocket-Key, or None when it is not 16 bytes in base64."""
    try:
        good = len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        good = False
    if not good:
        return None
    accept = base64.b64encode(hashlib.sha1(key.encode() + _ACCEPT_GUID, usedforsecurity=False).digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    return head + accept + b"\r\n\r\n"


def frame(opcode: int, payload: bytes) -> bytes:
    """One whole, unmasked frame."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big") + payload


def close(code: int, reason: str = "") -> bytes:
    """A closing frame."""
    return frame(CLOSE, code.to_bytes(2, "big") + reason.encode()[:123])


def message(**fields: object) -> bytes:
    """A JSON text frame."""
    return frame(TEXT, json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode())


def content(topic: str, position: Position, regions: Iterable[tuple[str, str | None]]) -> bytes | None:
    """The frame that brings these regions to a page, in htmx's own words; None when it would be too big to send."""
    html = "".join(_partial(region_id, body) for region_id, body in regions)
    if len(html) > CONTENT_BYTES_MAX:
        return None
    return message(topic=topic, epoch=position.epoch, version=position.version, content=html)


def _partial(region_id: str, html: str | None) -> str:
    if html is None:
        return f'<hx-partial hx-target="#{region_id}" hx-swap="delete"></hx-partial>'
    return f'<hx-partial hx-target="#{region_id}" hx-swap="outerMorph">{html}</hx-partial>'


def reget(topic: str, position: Position, within_seconds: float) -> bytes:
    """Load the page anew, each phone at its own moment within so many seconds."""
    within = round(within_seconds, 1)
    return message(topic=topic, epoch=position.epoch, version=position.version, reget=True, within=within)


def beat(now: int, *, late: bool) -> bytes:
    """The heart-beat: a ping for the browser to answer, and a word for the page. `late`: Redis is away, please poll."""
    return frame(PING, b"") + (message(beat=now, late=True) if late else message(beat=now))


def take(buffer: bytearray) -> tuple[int, bool, bytes] | None:
    """Take one whole frame off the front: (opcode, is final, payload), or None when more must arrive first.

    Payloads of long or fragmented messages stay masked, nobody reads them. Raises Violation as soon as the header shows
    one.
    """
    if len(buffer) < 2:
        return None
    opcode, final, masked, size = buffer[0] & 0x0F, bool(buffer[0] & 0x80), buffer[1] & 0x80, buffer[1] & 0x7F
    _check_header(opcode, reserved=buffer[0] & 0x70, final=final, masked=masked, size=size)
    start = 2
    if size >= 126:
        start = 4 if size == 126 else 10
        if len(buffer) < start:
            return None
        size = int.from_bytes(buffer[2:start], "big")
    if size > INBOUND_BYTES_MAX:
        raise Violation(TOO_BIG, "message too big")
    end = start + 4 + size
    if len(buffer) < end:
        return None
    payload = bytes(buffer[start + 4 : end])
    if opcode >= CLOSE or (opcode == TEXT and final and size <= WORD_BYTES_MAX):
        payload = _unmasked(payload, bytes(buffer[start : start + 4]))
    del buffer[:end]
    return opcode, final, payload


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def held(text: bytes) -> dict[str, int]:
    """What a page says it holds, topic by topic: `{"holds":{"event:x:public":31}}`. Empty for anything else."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    holds = said.get("holds") if isinstance(said, dict) else None
    if not isinstance(holds, dict) or len(holds) > HELD_TOPICS_MAX:
        return {}
    return {topic: n for topic, n in holds.items() if type(n) is int and 0 <= n <= HELD_NUMBER_MAX}


def _check_header(opcode: int, *, reserved: int, final: bool, masked: int, size: int) -> None:
    if reserved:
        raise Violation(PROTOCOL_ERROR, "no extension was agreed")
    if not masked:
        raise Violation(PROTOCOL_ERROR, "not masked")
    if opcode not in {CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG}:
        raise Violation(PROTOCOL_ERROR, "unknown opcode")
    if opcode >= CLOSE and (size > 125 or not final):
        raise Violation(PROTOCOL_ERROR, "bad control frame")


def answer_to_close(payload: bytes) -> bytes:
    """The closing frame that answers a phone's: its own code where that is a valid one."""
    code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else NORMAL
    valid = code in {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011} or 3000 <= code <= 4999
    return close(code if valid and len(payload) != 1 else PROTOCOL_ERROR)
