"""One phone: its socket and the little that must be remembered about it, and what its bytes mean.

Made and driven by `Phones`, which alone reads from and writes to the socket. Knows the protocol's rules and our limits;
no topic, no Redis, no greenlet.
"""

from __future__ import annotations

import _socket
from collections.abc import Sequence
from typing import Any

from app.live import frames

FRAMES_PER_SECOND_MAX = 20


class Goodbye(Exception):
    """The phone closes properly."""


class Phone:
    """One adopted socket and the little that must be remembered about it."""

    __slots__ = (
        *("raw", "person", "address", "holder", "slot", "channels"),
        *("heard_at", "window", "inbox", "parts", "said", "backlog", "awaits", "is_gone"),
    )

    def __init__(self, raw: _socket.socket, person: int | None, address: str, slot: int, now: float) -> None:
        self.raw = raw
        self.person = person
        self.address = address
        self.holder = ""  # whose it is, as `holding` counts: a person's or a device's key; empty for nobody known
        self.slot = slot  # the second of the beat at which it is its turn
        self.heard_at = now
        self.window: tuple[int, int] = (0, 0)  # second, frames heard in it
        self.channels: Sequence[Any] = ()
        self.backlog: bytearray | None = None
        self.inbox: bytearray | None = None
        self.parts: int | None = None  # bytes of an unfinished fragmented message
        self.said: bytes | None = None  # its newest short message, until somebody takes it
        self.awaits = 0  # topics that it was not brought up to date on yet: it hears no beat before that
        self.is_gone = False

    def receive(self, data: bytes, now: float) -> bytes:
        """What to answer to these bytes. Raises Violation, or Goodbye with the closing frame to answer."""
        self.heard_at = now
        inbox = self.inbox if self.inbox is not None else bytearray()
        inbox += data
        self.inbox = None
        answer = b""
        while (taken := frames.take(inbox)) is not None:
            self._count(int(now))
            answer += self._answer(*taken)
        self.inbox = inbox or None
        return answer

    def _answer(self, opcode: int, final: bool, payload: bytes) -> bytes:  # noqa: FBT001  (the parts of a frame)
        if opcode == frames.PING:
            return frames.frame(frames.PONG, payload)
        if opcode == frames.CLOSE:
            raise Goodbye(payload)
        if opcode != frames.PONG:
            self._data(opcode, len(payload), final=final)
            if opcode == frames.TEXT and final and len(payload) <= frames.WORD_BYTES_MAX:
                self.said = payload
        return b""

    def _data(self, opcode: int, size: int, *, final: bool) -> None:
        """Messages are counted, and all but short ones forgotten; they must be well-formed."""
        if (self.parts is None) == (opcode == frames.CONTINUATION):
            raise frames.Violation(frames.PROTOCOL_ERROR, "fragments out of order")
        total = size + (self.parts or 0)
        if total > frames.INBOUND_BYTES_MAX:
            raise frames.Violation(frames.TOO_BIG, "message too big")
        self.parts = None if final else total

    def _count(self, second: int) -> None:
        heard = self.window[1] + 1 if self.window[0] == second else 1
        self.window = (second, heard)
        if heard > FRAMES_PER_SECOND_MAX:
            raise frames.Violation(frames.POLICY, "too many messages")
