"""A phone that does what static/js/live.js does, in Python: positions, back-off, re-gets, polling, and its light.

What differs: regions are strings in a dict, and a page that must load anew replaces them all.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import random
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.chaos.proxy import Line

BACKOFF_BASE, BACKOFF_CAP, OPENING, DEAD, POLL = 0.5, 4.0, 10.0, 50.0, 5.0
FAILURES_BEFORE_POLLING = 5
LIVE = re.compile(r'data-live="([^"]*)"')
POSITION = re.compile(r"(\S+)@(\S*)\.(\d+)")
SLOT = re.compile(r'<article [^>]*id="(slot-[\w-]+)".*?</article>', re.DOTALL)
PARTIAL = re.compile(r'<hx-partial hx-target="#([\w-]+)" hx-swap="(\w+)">(.*?)</hx-partial>', re.DOTALL)


@dataclass
class Tally:
    """What happened, over all phones."""

    disturbed_until: float = 0.0  # a fault of a server was a moment ago: who comes back now waits for it too
    deliveries: int = 0  # content frames that a page applied
    caught_up: int = 0  # of them the first ones after a return
    overtaken: int = 0  # frames that a page load had already brought
    regets: int = 0
    loads: int = 0
    load_errors: int = 0
    connects: int = 0
    failures: int = 0
    goodbyes: dict[int, int] = field(default_factory=dict)
    twice: int = 0  # the same version twice on one socket
    disorder: int = 0  # an older version after a newer one on one socket
    # Seconds to the first beat after the network is back ("network"), after a half-open line is whole again, which only
    # silence tells ("silence"), and after the server closed or died, or while it did ("server").
    back_after: dict[str, list[float]] = field(default_factory=lambda: {"network": [], "silence": [], "server": []})


class Phone:
    """One page. `forgetful` is the control: it says it holds what it never got, and never loads it."""

    def __init__(self, line: Line, topic: str, path: str, tally: Tally, rng: random.Random, *, forgetful: bool = False):
        self.line, self.topic, self.path, self.tally, self.rng = line, topic, path, tally, rng
        self.forgetful = forgetful
        self.at = ("", 0)
        self.regions: dict[str, str] = {}
        self.is_up = False
        self.waits_since: float | None = None  # the way is free, the first beat is not there yet
        self.cause = "network"
        self._failures, self._is_late, self._owes = 1, False, False
        self._held: list[dict] | None = None
        self._heard_at = 0.0
        self._watch = rng.random() * POLL  # live.js looks every five seconds
        self._tasks: set[asyncio.Task] = set()
        self._reget: asyncio.Task | None = None
        self._poll: asyncio.Task | None = None

    @property
    def light(self) -> str:
        """live or late, by the rules of live.js (which tells late from off)."""
        is_whole = not (self._failures or self._is_late or self._owes or self._held is not None)
        return "live" if self.is_up and is_whole else "late"

    def start(self) -> None:
        self._spawn(self._live())

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def network_is_back(self, *, half_open: bool = False) -> None:
        """Called when the line is restored: the clock of W2 begins, unless the socket never noticed."""
        if half_open or not self.is_up:
            self._wait_for_beat("silence" if half_open and self.is_up else "network")

    def _wait_for_beat(self, cause: str) -> None:
        self.waits_since, self.cause = time.monotonic(), cause

    def _spawn(self, work) -> asyncio.Task:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- the socket

    async def _live(self) -> None:
        while not self.regions:
            if not await self._load():
                await asyncio.sleep(1)
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError, ConnectionError):
                await self._session()
            self.is_up = False
            self._failures += 1
            self.tally.failures += 1
            if self._failures >= FAILURES_BEFORE_POLLING:
                self._start_polling()
            await asyncio.sleep(self.rng.random() * min(BACKOFF_CAP, BACKOFF_BASE * 2**self._failures))

    async def _session(self) -> None:
        if self.forgetful:
            await self._pretend()
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self.line.port), OPENING)
        try:
            async with asyncio.timeout(OPENING):
                await self._shake_hands(reader, writer)
            self.tally.connects += 1
            self._last, self._is_first = ("", 0), True
            self._heard_at = time.monotonic()
            while True:
                left = self._heard_at + DEAD + self._watch - time.monotonic()
                async with asyncio.timeout(max(0.1, left)):
                    opcode, payload = await _frame(reader)
                if opcode == 9:
                    writer.write(_masked(10, payload))
                elif opcode == 8:
                    code = int.from_bytes(payload[:2], "big")
                    self.tally.goodbyes[code] = self.tally.goodbyes.get(code, 0) + 1
                    return
                elif opcode == 1:
                    self._hear(json.loads(payload))
        finally:
            if self.line.state == "up" and self.is_up and not self.line.back_at > self._heard_at:
                self._wait_for_beat("server")
            writer.transport.abort()

    async def _shake_hands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        epoch, version = self.at
        query = urlencode([("topic", self.topic), ("at", f"{epoch}.{version}")])
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /ws?{query} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(head[:60].decode())

    def _hear(self, said: dict) -> None:
        self._heard_at = time.monotonic()
        if "beat" in said:
            self._beat(late=bool(said.get("late")))
            return
        now = (said["epoch"], said["version"])
        if now[0] == self._last[0] and not said.get("reget"):
            self.tally.twice += now[1] == self._last[1]
            self.tally.disorder += now[1] < self._last[1]
        self._last = now
        self._apply(said) if self._held is None else self._held.append(said)

    def _beat(self, *, late: bool) -> None:
        was_late, self._is_late = self._is_late, late
        self._failures, self.is_up = 0, True
        if self.waits_since is not None:
            is_disturbed = self.cause == "network" and self.tally.disturbed_until > self.waits_since
            cause = "server" if is_disturbed else self.cause
            self.tally.back_after[cause].append(time.monotonic() - self.waits_since)
            self.waits_since = None
        if late:
            self._start_polling()
            return
        if self._poll:
            self._poll.cancel()
            self._poll = None
        if was_late or self._owes:
            self._ask(2.0)

    def _apply(self, said: dict) -> None:
        epoch, version = self.at
        if said["epoch"] == epoch and said["version"] <= version:
            self.tally.overtaken += not said.get("reget")
            return
        if said.get("reget") or said["epoch"] != epoch:
            self.tally.regets += 1
            self._ask(said.get("within", 2.0))
            return
        self.at = (said["epoch"], said["version"])
        if not said["content"]:
            return
        self.tally.deliveries += 1
        self.tally.caught_up += self._is_first
        self._is_first = False
        for region_id, swap, html in PARTIAL.findall(said["content"]):
            if swap == "delete":
                self.regions.pop(region_id, None)
            elif region_id in self.regions:  # a frame can only change elements that exist
                self.regions[region_id] = html

    # --- the page

    def _ask(self, within: float) -> None:
        if self.forgetful:
            return  # a load would cure it
        self._owes = True
        if self._held is None and (self._reget is None or self._reget.done()):
            self._reget = self._spawn(self._load_soon(self.rng.random() * within))

    async def _load_soon(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        while True:
            self._owes, self._held = False, []
            came = await self._load()
            waiting, self._held = self._held, None
            self._owes = self._owes or not came
            for said in waiting:
                self._apply(said)
            if not self._owes or self._poll:
                return
            await asyncio.sleep(0 if came else POLL * (0.5 + self.rng.random()))

    def _start_polling(self) -> None:
        if self._poll is None:
            self._poll = self._spawn(self._poll_now())

    async def _poll_now(self) -> None:
        while True:
            self._ask(1.0)
            await asyncio.sleep(POLL)

    async def _load(self) -> bool:
        try:
            async with asyncio.timeout(OPENING):
                html = await self._fetch()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            self.tally.load_errors += 1
            return False
        found = LIVE.search(html)
        positions = (
            {topic: (epoch, int(version)) for topic, epoch, version in POSITION.findall(found.group(1))}
            if found
            else {}
        )
        if self.topic not in positions:
            self.tally.load_errors += 1
            return False
        self.tally.loads += 1
        self.at = positions[self.topic]
        self.regions = regions_of(html)
        return True

    async def _pretend(self) -> None:
        """The control: positions of now, regions of then."""
        kept = dict(self.regions)
        await self._load()
        self.regions = kept

    async def _fetch(self) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.line.port)
        try:
            head = f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
            writer.write(head.encode())
            answer = await reader.read(-1)
        finally:
            writer.transport.abort()
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0] or not body.rstrip().endswith(b"</html>"):
            raise ConnectionError(head[:60].decode(errors="replace"))
        return body.decode()


def regions_of(html: str) -> dict[str, str]:
    """The slots on a page as they were sent: the same bytes as in a frame."""
    return {found.group(1): found.group(0) for found in SLOT.finditer(html)}


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size >= 126:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    return first & 0x0F, await reader.readexactly(size)


def _masked(opcode: int, payload: bytes) -> bytes:
    return bytes([0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload  # a mask of zeros is a mask
