"""Coalescing: what changes hundreds of times a second is published at most five times a second, over all processes.

A feature registers how to publish a topic (`publisher`) and says `soon(topic)` after each commit. The first one through
the gate publishes at once; whoever finds it shut leaves a mark, and a timer of its process publishes when it opens. The
mark is taken away only when nothing came after the state that was published, so a killed process loses nothing: `sweep`
(called by a recurring job) finds the mark. Without Redis the topic is poked as soon as Redis is back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import redis as redis_py
from flask import Flask, current_app

from app import redis
from app.live import regions, topics

log = logging.getLogger(__name__)

EVERY_MS = 210  # from one publish to the next turn: no second has more than five
TURN_MS = 1_000  # how long a turn may take, which begins when the gate shuts
MARKS = "pika:live:marks"  # hash: topic -> how many changes; a topic stands in it until it was published whole
MARKS_KEPT_SECONDS = 24 * 3600

Publisher = Callable[[str, str], None]  # (ident, rank): reads the state and publishes it

# KEYS marks. ARGV topic, the count that was published. Another count means: something came meanwhile, the mark stays.
_UNMARK = (
    "if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end return 0"
)

_publishers: dict[tuple[str, str], Publisher] = {}
_waiting: set[str] = set()  # topics with a timer in this process
_lock = threading.Lock()


class _Turn(NamedTuple):
    """One look at the gate: whether it is ours, the mark to publish, how long it stays shut, Redis's own time."""

    is_ours: bool
    mark: str | None
    shut_ms: int
    rank: str


def publisher(thing: str, audience: str) -> Callable[[Publisher], Publisher]:
    """Register how the topics of this thing and audience are published. The last one registered holds."""

    def register(function: Publisher) -> Publisher:
        _publishers[thing, audience] = function
        return function

    return register


def soon(topic: str) -> None:
    """Publish the topic's state now, or as soon as the gate opens. Call it after the commit; it never raises."""
    try:
        with redis.client().pipeline(transaction=False) as pipe:
            pipe.hincrby(MARKS, topic, 1)
            pipe.expire(MARKS, MARKS_KEPT_SECONDS)
            pipe.execute()
        _pass(topic)
    except redis_py.RedisError:
        regions.poke(topic)  # fails as well, is remembered, and sent when Redis is back


def sweep(within_seconds: float = 3.0) -> int:
    """Publish whatever still bears a mark, waiting for gates; returns how many topics were left over."""
    end = time.monotonic() + within_seconds
    left = set(_marked())
    while left and time.monotonic() < end:
        left = {topic for topic in left if not _publish_if_open(topic)}
        if left:
            time.sleep(EVERY_MS / 1000)
    return len(left)


def _marked() -> list[str]:
    try:
        return [key.decode() if isinstance(key, bytes) else key for key in redis.client().hkeys(MARKS)]
    except redis_py.RedisError:
        return []


def _pass(topic: str) -> None:
    turn = _turn(topic)
    if turn.is_ours:
        _publish(topic, turn)
    elif turn.mark is not None:
        _wait(topic, turn.shut_ms)


def _publish_if_open(topic: str) -> bool:
    """Whether nothing remains to be done for this topic."""
    try:
        turn = _turn(topic)
        if turn.is_ours:
            _publish(topic, turn)
    except redis_py.RedisError:
        return False
    return turn.is_ours or turn.mark is None


def _turn(topic: str) -> _Turn:
    gate = topics.key(topic, "gate")
    with redis.client().pipeline(transaction=False) as pipe:
        pipe.set(gate, 1, nx=True, px=TURN_MS)
        pipe.hget(MARKS, topic)
        pipe.pttl(gate)
        pipe.time()
        is_ours, mark, shut_ms, (seconds, micros) = pipe.execute()
    text = mark.decode() if isinstance(mark, bytes) else mark
    return _Turn(bool(is_ours), text, max(int(shut_ms), 1), f"{seconds:012d}.{micros:06d}")


def _publish(topic: str, turn: _Turn) -> None:
    """The state is read after the mark, so a mark that has not changed says that all of it went out."""
    parts = topics.parse(topic)
    function = parts and _publishers.get((parts.thing, parts.audience))
    try:
        if parts and function and turn.mark is not None:
            function(parts.ident, turn.rank)
        if turn.mark is not None:
            redis.client().register_script(_UNMARK)(keys=[MARKS], args=[topic, turn.mark])
    finally:
        redis.client().set(topics.key(topic, "gate"), 1, px=EVERY_MS)  # counted from the publish, however long it took


def _wait(topic: str, shut_ms: int) -> None:
    """One timer per topic and process. Under gevent it is a greenlet."""
    with _lock:
        if topic in _waiting:
            return
        _waiting.add(topic)
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  (Flask's documented way)
    timer = threading.Timer(min(shut_ms, EVERY_MS) / 1000 + 0.002, _ring, args=(app, topic))
    timer.daemon = True
    timer.start()


def _ring(app: Flask, topic: str) -> None:
    with _lock:
        _waiting.discard(topic)  # first: what is marked from here on sets a timer of its own
    try:
        with app.app_context():
            _pass(topic)
    except redis_py.RedisError:
        log.warning("live: %s waits for the sweep: Redis is away", topic)
    except Exception:
        log.exception("live: publishing %s failed; the sweep will try again", topic)
