"""The hub: one per process, between Redis and the phones. Started by the first socket, after gunicorn's fork.

The socket route calls `hub_of(app).join`; nothing else does. Four greenlets: the feed (Redis to channels), the flush
(channels to phones), the phones' own two, and a caretaker for leases, gaps and idle topics. No database, no Flask.
"""

from __future__ import annotations

import _socket
import atexit
import contextlib
import json
import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Any

import gevent
import gevent.event
import redis as redis_py
from flask import Flask

from app import redis
from app.config import Settings
from app.lib import tokens
from app.live import frames, holding, presence, regions, sweeper, topics
from app.live.channel import Channel, Waiting
from app.live.feed import Feed
from app.live.phone import Phone
from app.live.phones import BURST, Limits, Phones, for_ever
from app.live.regions import Position

log = logging.getLogger(__name__)

IDLE_SECONDS = 60.0  # a topic that nobody listens to is unsubscribed after this
CHECK_SECONDS = 5.0  # how often positions are compared with Redis: pub/sub may lose a message without a word
MISSED_SECONDS = 60.0  # how much further back than Redis was away closings are looked up; how long they are known

Wanted = Sequence[tuple[str, Position | None]]

_hubs: dict[int, Hub] = {}


def hub_of(app: Flask) -> Hub:
    """The hub of this process, started on first use."""
    pid = os.getpid()
    if pid not in _hubs:
        settings: Settings = app.config["PIKA"]
        limits = app.config.get("LIVE_LIMITS") or Limits(
            sockets=settings.sockets_per_process,
            per_person=settings.sockets_per_person,
            per_address=settings.sockets_per_address,
            lease_seconds=settings.presence_lease_seconds,
        )
        _hubs[pid] = Hub(settings.redis_url, limits, on_held=partial(_tell_held, app))
        _hubs[pid].start()
        if "sqlalchemy" in app.extensions:  # the small apps of tests and benchmarks have no database
            gevent.spawn(for_ever, partial(sweeper.run, app))
    return _hubs[pid]


def _tell_held(app: Flask, topic: str) -> None:
    """Features that asked for it learn that the phones of a topic hold something else; their mistakes stay theirs."""
    try:
        with app.app_context():
            topics.tell_held(topic)
    except Exception:
        log.exception("live: nobody could be told what the phones of %s hold", topic)


class Hub:
    """Topics on one side, phones on the other."""

    def __init__(self, redis_url: str, limits: Limits, on_held: Callable[[str], None] = lambda _topic: None) -> None:
        self.phones = Phones(limits, self._gone, self._said)
        self.is_leaving = False
        self.closings = 0  # counts what may have taken somebody's access away, for the door's memory
        self._limits = limits
        self._on_held = on_held
        self._process = tokens.public_id()
        self._client = redis.connect(redis_url, max_connections=8)
        self._channels: dict[str, Channel] = {}
        self._left: dict[int, float] = {}  # whose sockets were closed lately, and when
        self._dirty: dict[Channel, None] = {}  # an ordered set
        self._wake = gevent.event.Event()
        self._lost_at: float | None = time.monotonic()  # wall of silence until the first confirmation
        self._checked_at = 0.0
        self._feed = Feed(redis_url, on_message=self._heard, on_subscribed=self._subscribed, on_lost=self._redis_lost)

    def start(self) -> None:
        """Begin, and be there when the process ends."""
        self._feed.listen_to(regions.CONTROL)
        self.phones.start()
        for loop in (self._feed.run, self._flush, self._care):
            gevent.spawn(for_ever, loop)
        self._leave_on_exit()

    def refusal(self, person: int | None, address: str) -> int | None:
        """The HTTP status with which one more socket is refused here and now, or None."""
        return 503 if self.is_leaving else self.phones.refusal(person, address)

    def join(
        self, raw: _socket.socket, greeting: bytes, person: int | None, address: str, wanted: Wanted, holder: str = "",
        asked_at: float = float("inf"),
    ) -> None:  # fmt: skip
        """Take a guarded socket over: finish its handshake, then bring it to the newest state of its topics.

        `asked_at` (monotonic) is when the guards began to look: whoever was told to go since then has to ask anew.
        """
        phone = self.phones.adopt(raw, person, address)
        phone.holder = holder
        phone.channels = [self._channel(topic) for topic, _at in wanted]
        # The first beat says "you have all there is": it follows the news. While Redis is away it can only say "late".
        self.phones.send(phone, greeting + (self._beat() if self.phones.is_late else b""))
        phone.awaits = len(wanted)
        if person is not None and self._left.get(person, 0.0) >= asked_at:
            self.phones.close(phone, frames.GUARD_ANEW, "who you are has changed")
            return
        since = time.monotonic()
        for channel, (_topic, at) in zip(phone.channels, wanted, strict=True):
            channel.waiting.append(Waiting(phone, at, since))
            if not phone.is_gone:
                channel.hold(phone, 0)
            if not channel.pending:
                self._let_in(channel)  # nothing is on its way to the others: no need to wait for the flush

    # --- topics

    def _channel(self, topic: str) -> Channel:
        channel = self._channels.get(topic)
        if channel is None:
            channel = self._channels[topic] = Channel(topic)
            channel.is_counted = topics.is_counted(topic)
            self._feed.listen_to(topics.key(topic, "frames"))
        channel.idle_since = None
        return channel

    def _gone(self, phone: Phone) -> None:
        for channel in phone.channels:
            channel.part(phone)

    def _said(self, phone: Phone, text: bytes) -> None:
        """The number that a page shows by now. Whatever else phones say is forgotten."""
        held = frames.held(text)
        for channel in phone.channels:
            if channel.topic in held:
                channel.hold(phone, held[channel.topic])

    def _let_in(self, channel: Channel) -> None:
        """Bring those who wait up to the channel's position and make them members. Nothing may be pending.

        A position that does not fit (a newer page, an older epoch) is answered only by a load that began after the
        phone came: what is known here may be what is old.
        """
        if not channel.is_fresh:
            self._load(channel)
            return
        waiting, channel.waiting = channel.waiting[:BURST], channel.waiting[BURST:]
        for entry in waiting:
            if entry.phone.is_gone:
                continue
            if not channel.fits(entry.at) and channel.loaded_at < entry.since:
                channel.waiting.append(entry)
                continue
            if news := channel.news(entry.at):
                self.phones.send(entry.phone, news)
            if not entry.phone.is_gone:
                channel.members[entry.phone] = None
                self._arrived(entry.phone)
        if channel.waiting:
            unserved = any(not channel.fits(entry.at) for entry in channel.waiting)
            self._load(channel) if unserved else self._mark(channel)

    def _arrived(self, phone: Phone) -> None:
        phone.awaits -= 1
        if not phone.awaits:
            self.phones.send(phone, self._beat())

    def _beat(self) -> bytes:
        return frames.beat(int(time.time()), late=self.phones.is_late)

    # --- Redis to channels

    def _heard(self, name: str, data: bytes) -> None:
        if name == regions.CONTROL:
            self._close(int(data))
            return
        channel = self._channels.get(name[len("pika:live:{") : -len("}:frames")])
        if channel is None:
            return
        if not channel.hear(json.loads(data)) or not channel.is_fresh:
            self._load(channel)
        if channel.pending:
            self._mark(channel)

    def _subscribed(self, name: str) -> None:
        if name == regions.CONTROL:
            self._redis_back()
            return
        channel = self._channels.get(name[len("pika:live:{") : -len("}:frames")])
        if channel is not None:
            channel.is_subscribed = True
            self._load(channel)

    def _load(self, channel: Channel) -> None:
        if channel.is_subscribed and not channel.is_loading:
            channel.begin_load()
            gevent.spawn(self._load_now, channel)

    def _load_now(self, channel: Channel) -> None:
        asked_at = time.monotonic()
        try:
            state = regions.load(self._client, channel.topic)
        except redis_py.RedisError as error:
            log.warning("live: %s could not be loaded: %s", channel.topic, error)
            channel.is_loading = False  # the caretaker tries again
            return
        if not channel.is_subscribed:
            return  # the connection broke meanwhile: the next subscription loads again
        if not channel.learn(state, asked_at):
            self._load(channel)
        self._mark(channel)

    def _redis_lost(self) -> None:
        self._lost_at = self._lost_at or time.monotonic()
        self.closings += 1
        for channel in self._channels.values():
            channel.lose()

    def _redis_back(self) -> None:
        was_late, self.phones.is_late = self.phones.is_late, False
        away_since, self._lost_at = self._lost_at, None
        if away_since is not None and len(self.phones):
            gevent.spawn(self._close_missed, time.monotonic() - away_since)
        if was_late:
            gevent.spawn(self._tell_everybody)

    def _close(self, person: int) -> None:
        self.closings += 1
        self._left[person] = time.monotonic()
        self.phones.close_person(person)

    def _close_missed(self, away_seconds: float) -> None:
        """Closings that were published while nobody listened here."""
        with contextlib.suppress(redis_py.RedisError):
            since = time.time() - away_seconds - MISSED_SECONDS
            missed: Any = self._client.zrangebyscore(regions.LEFT, since, "+inf")
            for person in missed:
                self._close(int(person))

    def _tell_everybody(self) -> None:
        self.phones.send_all(self.phones.everybody(), self._beat())

    # --- channels to phones

    def _mark(self, channel: Channel) -> None:
        self._dirty[channel] = None
        self._wake.set()

    def _flush(self) -> None:
        """What was queued meanwhile goes out in one send per phone; then those who wait may join."""
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._dirty:
                channel = next(iter(self._dirty))
                del self._dirty[channel]
                sealed = channel.seal()
                targets = list(channel.members) if sealed else []
                if channel.waiting:
                    self._let_in(channel)
                self.phones.send_all(targets, sealed)

    # --- caretaking

    def _care(self) -> None:
        while not self.is_leaving:
            gevent.sleep(1.0)
            now = time.monotonic()
            self._close_idle(now)
            self._left = {person: at for person, at in self._left.items() if now - at < MISSED_SECONDS}
            if self._lost_at is not None:
                self._admit_late(now - self._lost_at)
                continue
            with contextlib.suppress(redis_py.RedisError):
                self._look_after_all(now)

    def _admit_late(self, away_seconds: float) -> None:
        """Redis is away: after a moment's grace phones are told to poll until it is back."""
        if away_seconds > self._limits.late_after_seconds and not self.phones.is_late:
            self.phones.is_late = True
            self._tell_everybody()

    def _close_idle(self, now: float) -> None:
        for channel in list(self._channels.values()):
            channel.waiting = [entry for entry in channel.waiting if not entry.phone.is_gone]
            if channel.phones:
                continue
            channel.idle_since = channel.idle_since or now
            if now - channel.idle_since > IDLE_SECONDS:
                del self._channels[channel.topic]
                self._feed.forget(topics.key(channel.topic, "frames"))

    def _look_after_all(self, now: float) -> None:
        regions.settle(self._client)
        check = now - self._checked_at >= CHECK_SECONDS
        if check:
            self._checked_at = now
        for channel in list(self._channels.values()):
            self._lease(channel, now)
            self._lease_holding(channel, now)
            if not channel.is_fresh or (check and self._has_gap(channel)):
                self._load(channel)

    def _lease(self, channel: Channel, now: float) -> None:
        phones, (leased, leased_at) = channel.phones, channel.leased
        is_due = phones and now - leased_at > self._limits.lease_seconds / 3
        if phones != leased or is_due:
            presence.put(self._client, channel.topic, self._process, phones, self._limits.lease_seconds)
            channel.leased = (phones, now)

    def _lease_holding(self, channel: Channel, now: float) -> None:
        """At most once a second, and only when pages said something new: what they hold, into Redis and to features."""
        is_due = channel.holding and now - channel.holding_leased_at > self._limits.lease_seconds / 3
        if channel.holding_news or is_due:
            channel.holding_news, channel.holding_leased_at = False, now
            holding.put(self._client, channel.topic, self._process, channel.holding, self._limits.lease_seconds)
        if channel.holding_untold and holding.claim_turn(self._client, channel.topic):
            channel.holding_untold = False
            gevent.spawn(self._on_held, channel.topic)

    def _has_gap(self, channel: Channel) -> bool:
        before = channel.position
        stored = regions.load(self._client, channel.topic, regions=False).position
        return stored not in {before, channel.position}

    # --- the end

    def leave(self) -> None:
        """Close everything with 1012, so that phones come back to another process; give the leases back."""
        self.is_leaving = True
        phones = self.phones
        log.info("live: leaving %s sockets; sent %s frames, cut off %s slow ones", len(phones), phones.sent, phones.cut)
        phones.leave(at_once=False)
        with contextlib.suppress(redis_py.RedisError):
            for channel in list(self._channels.values()):
                presence.put(self._client, channel.topic, self._process, 0, self._limits.lease_seconds)
                holding.put(self._client, channel.topic, self._process, {}, self._limits.lease_seconds)

    def _leave_on_exit(self) -> None:
        """On gunicorn's signals begin at once; whatever is left when the interpreter ends is closed then."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            with contextlib.suppress(ValueError):  # not the main thread: atexit has to do
                self._chain(number)
        atexit.register(self.phones.leave, at_once=True)

    def _chain(self, number: signal.Signals) -> None:
        before = signal.getsignal(number)
        if not callable(before):
            return

        def leave_then(signum: int, frame: FrameType | None) -> Any:
            if not self.is_leaving:
                gevent.spawn(self.leave)
            return before(signum, frame)

        signal.signal(number, leave_then)
