"""The sockets of this process, taken over from gunicorn, in one epoll set: sending, reading, limits, heart-beat.

The hub is its only caller. `Phones.send` is the only place that writes to a socket, it never blocks and never yields in
the middle of a frame. Nothing here knows topics, Redis, Flask or the database. One greenlet reads, one beats.
"""

from __future__ import annotations

import _socket  # the socket that gevent does not patch: we never wait for it
import contextlib
import logging
import select
import socket
import struct
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import gevent
import gevent.socket
from gevent import monkey

from app.live import frames
from app.live.phone import Goodbye, Phone

log = logging.getLogger(__name__)

BACKLOG_BYTES_MAX = 256 * 1024  # what a slow phone may have queued before it is cut off
SEND_BUFFER_BYTES = 64 * 1024  # the kernel's part of that queue
BURST = 96  # sends or reads in a row before others get a turn
TURN = 1e-6  # gevent.sleep(0) would let only ready greenlets run and starve page requests (STACK.md)
LINGER_SECONDS = 2.0  # how long a closed phone may take to read why

_epoll = monkey.get_original("select", "epoll")  # gevent hides it; ours never blocks
_NOW = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
_READ = select.EPOLLIN | select.EPOLLRDHUP if hasattr(select, "EPOLLIN") else 0x001 | 0x2000
_WRITE = 0x004  # EPOLLOUT


@dataclass(frozen=True, slots=True)
class Limits:
    """What this process bears. Per address is generous: a whole hall comes from one address behind its router."""

    sockets: int = 20_000
    per_person: int = 10
    per_address: int = 2_000
    beat_seconds: int = 20
    dead_after_seconds: float = 60.0
    lease_seconds: int = 45
    late_after_seconds: float = 2.0


def for_ever(loop: Callable[[], None]) -> None:
    """Run an endless loop; should a mistake of ours end it, begin again: one bad frame must not silence a process."""
    while True:
        try:
            loop()
        except Exception:
            log.exception("live: a loop broke and begins again")
            gevent.sleep(1.0)
        else:
            return


class Phones:
    """All sockets of this process."""

    def __init__(
        self,
        limits: Limits,
        on_gone: Callable[[Phone], None],
        on_said: Callable[[Phone, bytes], None] = lambda _phone, _text: None,
    ) -> None:
        self.limits = limits
        self.is_late = False  # Redis is away: the beat tells phones to poll
        self.sent = 0
        self.cut = 0
        self._on_gone = on_gone
        self._on_said = on_said
        self._epoll = _epoll()
        self._by_fd: dict[int, Phone] = {}
        self._slots: list[set[Phone]] = [set() for _ in range(limits.beat_seconds)]
        self._slot = 0
        self._people: dict[int, set[Phone]] = defaultdict(set)
        self._addresses: Counter[str] = Counter()
        self._lingering: dict[int, float] = {}

    def __len__(self) -> int:
        return sum(map(len, self._slots))

    def start(self) -> None:
        gevent.spawn(for_ever, self._watch)
        gevent.spawn(for_ever, self._beat)

    def refusal(self, person: int | None, address: str) -> int | None:
        """The HTTP status with which one more socket is refused, or None."""
        if len(self._by_fd) >= self.limits.sockets:
            return 503
        if person is not None and len(self._people.get(person, ())) >= self.limits.per_person:
            return 429
        return 429 if self._addresses[address] >= self.limits.per_address else None

    def adopt(self, raw: _socket.socket, person: int | None, address: str) -> Phone:
        """Take a socket over, after its request was guarded. From here on nobody else reads or writes it."""
        raw.setblocking(False)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        if raw.family != socket.AF_UNIX:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._slot = (self._slot + 1) % self.limits.beat_seconds
        phone = Phone(raw, person, address, self._slot, time.monotonic())
        self._by_fd[raw.fileno()] = phone
        self._slots[phone.slot].add(phone)
        self._addresses[address] += 1
        if person is not None:
            self._people[person].add(phone)
        self._epoll.register(raw.fileno(), _READ)
        return phone

    def everybody(self) -> list[Phone]:
        return [phone for phone in self._by_fd.values() if not phone.is_gone]

    def send(self, phone: Phone, data: bytes) -> None:
        """Write now what the kernel takes, queue the rest; a phone that lets too much pile up is cut off."""
        if phone.is_gone:
            return
        sent = self._write(phone, data) if phone.backlog is None else 0
        if sent is not None and sent < len(data):
            self._keep(phone, data[sent:])

    def send_all(self, phones: Sequence[Phone], data: bytes) -> None:
        """The same bytes to many, with a turn for others after each burst."""
        size = len(data)
        for start in range(0, len(phones), BURST):
            if start:
                gevent.sleep(TURN)
            for phone in phones[start : start + BURST]:
                # `send` written out for the phone that takes everything at once, which is nearly every phone.
                if phone.backlog is None and not phone.is_gone:
                    try:
                        sent = phone.raw.send(data, _NOW)
                    except OSError:
                        sent = 0  # nothing was written: `send` finds out why
                    if sent == size:
                        continue
                    if sent:
                        self._keep(phone, data[sent:])
                        continue
                self.send(phone, data)
        self.sent += len(phones)

    def _keep(self, phone: Phone, rest: bytes) -> None:
        """Queue what the kernel did not take; too much of it ends the connection, which costs the others nothing."""
        if phone.backlog is None:
            phone.backlog = bytearray(rest)
            self._epoll.modify(phone.raw.fileno(), _READ | _WRITE)
        else:
            phone.backlog += rest
        if len(phone.backlog) > BACKLOG_BYTES_MAX:
            self.cut += 1
            self.drop(phone)

    def close(self, phone: Phone, code: int, reason: str = "") -> None:
        """Say goodbye with a code; the socket goes when the phone has read it, or after a moment."""
        self._part(phone, frames.close(code, reason))

    def close_person(self, person: int) -> int:
        """Close what this person holds here, and say how many that were."""
        found = list(self._people.get(person, ()))
        for phone in found:
            self.close(phone, frames.GUARD_ANEW, "who you are has changed")
        return len(found)

    def leave(self, *, at_once: bool) -> None:
        """Tell everybody to come back to another process (1012). At once: without giving others a turn."""
        for number, phone in enumerate(self.everybody()):
            self.close(phone, frames.RESTART, "restarting")
            if number % BURST == 0 and not at_once:
                gevent.sleep(TURN)

    def drop(self, phone: Phone) -> None:
        """Cut a socket off without a word."""
        self._forget(phone)
        fd = phone.raw.fileno()
        if self._by_fd.pop(fd, None) is None:
            return
        self._lingering.pop(fd, None)
        if phone.backlog is not None:  # a reset frees the kernel's queue at once instead of minutes later
            with contextlib.suppress(OSError):
                phone.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            phone.backlog = None
        phone.raw.close()  # leaves the epoll set by itself

    def _part(self, phone: Phone, last: bytes) -> None:
        if phone.is_gone:
            return
        self._forget(phone)
        clean = phone.backlog is None and self._write(phone, last) == len(last)
        if not clean:
            self.drop(phone)
            return
        try:
            phone.raw.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop(phone)
            return
        self._lingering[phone.raw.fileno()] = time.monotonic() + LINGER_SECONDS

    def _forget(self, phone: Phone) -> None:
        if phone.is_gone:
            return
        phone.is_gone = True
        self._slots[phone.slot].discard(phone)
        self._addresses[phone.address] -= 1
        if not self._addresses[phone.address]:
            del self._addresses[phone.address]
        if phone.person is not None:
            self._people[phone.person].discard(phone)
            if not self._people[phone.person]:
                del self._people[phone.person]
        self._on_gone(phone)

    def _write(self, phone: Phone, data: bytes | bytearray) -> int | None:
        """Bytes taken by the kernel; None when the socket is broken (then the phone is dropped)."""
        try:
            return phone.raw.send(data, _NOW)
        except BlockingIOError:
            return 0
        except OSError:
            self.drop(phone)
            return None

    def _watch(self) -> None:
        """Read what phones say and go on with what they could not take at once."""
        while True:
            gevent.socket.wait_read(self._epoll.fileno())
            for fd, mask in self._epoll.poll(0, BURST):
                phone = self._by_fd.get(fd)
                if phone is None:
                    continue
                if mask & _WRITE and not phone.is_gone:
                    self._writable(phone)
                if mask & ~_WRITE:
                    self._readable(phone)
            gevent.sleep(TURN)

    def _writable(self, phone: Phone) -> None:
        sent = self._write(phone, phone.backlog) if phone.backlog else 0
        if sent is None or phone.backlog is None:
            return
        del phone.backlog[:sent]
        if not phone.backlog:
            phone.backlog = None
            self._epoll.modify(phone.raw.fileno(), _READ)

    def _readable(self, phone: Phone) -> None:
        try:
            data = phone.raw.recv(8192)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.drop(phone)
        elif not phone.is_gone:
            self._receive(phone, data)

    def _receive(self, phone: Phone, data: bytes) -> None:
        try:
            answer = phone.receive(data, time.monotonic())
        except frames.Violation as violation:
            self.close(phone, violation.code, violation.reason)
        except Goodbye as goodbye:
            self._part(phone, frames.answer_to_close(goodbye.args[0]))
        else:
            if answer:
                self.send(phone, answer)
            said, phone.said = phone.said, None
            if said and not phone.is_gone:
                self._on_said(phone, said)

    def _beat(self) -> None:
        """Each second it is the turn of one twentieth of the phones, so that no second has them all."""
        turn = 0
        while True:
            gevent.sleep(1.0)
            turn = (turn + 1) % self.limits.beat_seconds
            now = time.monotonic()
            self._drop_all(p for p in list(self._slots[turn]) if now - p.heard_at > self.limits.dead_after_seconds)
            self._drop_all(self._by_fd[fd] for fd, until in list(self._lingering.items()) if until < now)
            told = [phone for phone in self._slots[turn] if not phone.awaits or self.is_late]
            self.send_all(told, frames.beat(int(time.time()), late=self.is_late))

    def _drop_all(self, phones: Iterable[Phone]) -> None:
        for phone in phones:
            self.drop(phone)
