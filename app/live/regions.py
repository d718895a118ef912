"""Retained regions: per topic an epoch, a version and the newest html of each region, kept in Redis.

Features call `position` (before they read the state that a page shows), `publish`, `poke` and `disconnect` after the
commit; the hub calls `load` and `settle`. Nothing here raises when Redis is away: the loss is logged, remembered by
this process and made good by a poke as soon as Redis answers. Each change is one Lua script, so versions have no holes.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import redis as redis_py

from app import redis
from app.live import topics

log = logging.getLogger(__name__)

KEPT_SECONDS = 7 * 24 * 3600  # every key of a topic, renewed whenever somebody reads or writes it
CONTROL = "pika:live:control"  # channel: which person's sockets to close
LEFT = "pika:live:left"  # the same by time, for a hub whose Redis connection was away at that moment
LEFT_SECONDS = 3600

_REGION_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)  # it becomes a CSS selector in the frame
T = TypeVar("T")


class Position(NamedTuple):
    """How far a page or a phone has come. The empty epoch means: unknown, re-get."""

    epoch: str
    version: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.version}"


NOWHERE = Position("", 0)


def parse_position(text: str) -> Position:
    """`EPOCH.VERSION` as a page wrote it; NOWHERE for anything else (the phone is then told to re-get)."""
    epoch, _, version = text.rpartition(".")
    good = version.isascii() and version.isdigit() and len(version) <= 15
    return Position(epoch, int(version)) if good and epoch else NOWHERE


class Region(NamedTuple):
    """The newest html of a region and the version that brought it. None is a tombstone: the region is gone."""

    version: int
    html: str | None


@dataclass(frozen=True, slots=True)
class State:
    """All that Redis keeps of a topic. Phones behind version `poked` must re-get."""

    position: Position
    poked: int
    regions: dict[str, Region]


# KEYS head, regions. ARGV new epoch, seconds to keep, "all" or "".
# Creates the epoch when there is none; regions of an epoch that is gone are gone too.
_READ = """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'version', 0, 'poked', 0)
  redis.call('DEL', KEYS[2])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
local head = redis.call('HMGET', KEYS[1], 'version', 'poked')
local kept = ARGV[3] == 'all' and redis.call('HGETALL', KEYS[2]) or {}
return {epoch, head[1], head[2], kept}
"""

# KEYS head, regions. ARGV new epoch, seconds to keep, channel, rank, then pairs (region id, "h" + html or "x").
# A kept region is "version rank\nbody". Ranks are compared byte by byte: Lua's own < follows the server's locale.
_PUBLISH = """
local function after(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x > y end
  end
  return #a > #b
end
local epoch, rank = redis.call('HGET', KEYS[1], 'epoch'), ARGV[4]
local empty = not epoch or redis.call('EXISTS', KEYS[2]) == 0
if not epoch then
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'version', 0, 'poked', 0)
  redis.call('DEL', KEYS[2])
end
local version = tonumber(redis.call('HGET', KEYS[1], 'version')) + 1
local changed = {}
for i = 5, #ARGV, 2 do
  local id, body = ARGV[i], ARGV[i + 1]
  local old = redis.call('HGET', KEYS[2], id)
  local at, kept_rank, kept_body
  if old then at, kept_rank, kept_body = old:match('^(%d+) ([^\\n]*)\\n(.*)$') end
  if not old or not after(kept_rank, rank) then
    if kept_body ~= body then
      changed[#changed + 1] = {id, body}
      at = version
    end
    redis.call('HSET', KEYS[2], id, at .. ' ' .. rank .. '\\n' .. body)
  end
end
if #changed > 0 then
  redis.call('HSET', KEYS[1], 'version', version)
  if empty then
    redis.call('HSET', KEYS[1], 'poked', version)
    redis.call('PUBLISH', ARGV[3], cjson.encode({epoch = epoch, version = version, reget = true}))
  else
    redis.call('PUBLISH', ARGV[3], cjson.encode({epoch = epoch, version = version, regions = changed}))
  end
else
  version = version - 1
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return {epoch, version}
"""

# KEYS head, regions. ARGV new epoch, seconds to keep, channel.
_POKE = """
if redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'version', 0)
  redis.call('DEL', KEYS[2])
end
local epoch, version = redis.call('HGET', KEYS[1], 'epoch'), redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'poked', version)
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], cjson.encode({epoch = epoch, version = version, reget = true}))
return {epoch, version}
"""

_owed: set[str] = set()  # topics whose publish failed in this process
_rest_until = 0.0  # after a failure the next second answers at once: pages must not each wait for a time-out


def position(topic: str) -> Position:
    """Where the topic stands. Read it BEFORE the state that the page shows; creates the epoch when there is none."""
    return _attempt(lambda client: _read(client, topic, "").position, NOWHERE)


def publish(topic: str, regions: Mapping[str, str | None], *, rank: str) -> Position:
    """Keep and send the regions that changed. None removes one from every page.

    A region whose kept rank is greater (compared as bytes) stays as it is: what was decided later wins, not what
    arrives later. An epoch's first regions go out as a re-get. Raises ValueError for a malformed topic, id or rank.
    """
    _check(topic, regions, rank)
    arguments = [_new_epoch(), KEPT_SECONDS, topics.key(topic, "frames"), rank]
    for region_id, html in regions.items():
        arguments += [region_id, "x" if html is None else f"h{html}"]
    return _change(topic, _PUBLISH, arguments)


def poke(topic: str) -> Position:
    """Make every page of this topic load anew (spread over a moment); those that are away do so when they return."""
    _check(topic, {}, "")
    return _change(topic, _POKE, [_new_epoch(), KEPT_SECONDS, topics.key(topic, "frames")])


def forget(topic: str) -> None:
    """Drop all that is kept of a topic, ranks too: the event behind it is gone, its name may begin anew (the demo)."""
    _attempt(lambda client: client.delete(topics.key(topic, "head"), topics.key(topic, "regions")), None)


def disconnect(person_id: int) -> None:
    """Close this person's sockets in every process; each comes back and meets the guards anew."""

    def tell(client: redis_py.Redis) -> None:
        with client.pipeline(transaction=False) as pipe:
            pipe.zadd(LEFT, {str(person_id): time.time()})
            pipe.zremrangebyscore(LEFT, 0, time.time() - LEFT_SECONDS)
            pipe.expire(LEFT, LEFT_SECONDS)
            pipe.publish(CONTROL, str(person_id))
            pipe.execute()

    _attempt(tell, None)


def load(client: redis_py.Redis, topic: str, *, regions: bool = True) -> State:
    """For the hub: the topic as Redis has it. Raises redis.RedisError."""
    return _read(client, topic, "all" if regions else "")


def settle(client: redis_py.Redis) -> None:
    """Poke the topics whose publish failed in this process: their pages fetch what they missed. Raises RedisError."""
    for topic in list(_owed):
        _run(client, _POKE, topic, [_new_epoch(), KEPT_SECONDS, topics.key(topic, "frames")])
        _owed.discard(topic)


def _change(topic: str, script: str, arguments: list[Any]) -> Position:
    def run(client: redis_py.Redis) -> Position:
        epoch, version = _run(client, script, topic, arguments)
        settle(client)
        return Position(epoch.decode(), int(version))

    found = _attempt(run, NOWHERE)
    if found is NOWHERE:
        _owed.add(topic)
    return found


def _attempt(ask: Callable[[redis_py.Redis], T], fallback: T) -> T:
    global _rest_until  # noqa: PLW0603  (one breaker per process, on purpose)
    if time.monotonic() < _rest_until:
        return fallback
    try:
        return ask(redis.client())
    except redis_py.RedisError as error:
        _rest_until = time.monotonic() + 1.0
        log.warning("live: Redis is away, pages will poll: %s", error)
        return fallback


def _read(client: redis_py.Redis, topic: str, what: str) -> State:
    epoch, version, poked, kept = _run(client, _READ, topic, [_new_epoch(), KEPT_SECONDS, what])
    pairs = zip(kept[::2], kept[1::2], strict=True)
    regions = {region_id.decode(): _region(value) for region_id, value in pairs}
    return State(Position(epoch.decode(), int(version)), int(poked or 0), regions)


def _region(value: bytes) -> Region:
    head, _, body = value.decode().partition("\n")
    return Region(int(head.split(" ", 1)[0]), body[1:] if body.startswith("h") else None)


def _run(client: redis_py.Redis, script: str, topic: str, arguments: list[Any]) -> Any:
    registered = client.register_script(script)
    return registered(keys=[topics.key(topic, "head"), topics.key(topic, "regions")], args=arguments)


def _check(topic: str, regions: Mapping[str, str | None], rank: str) -> None:
    if topics.parse(topic) is None:
        raise ValueError(f"not a topic: {topic!r}")
    for region_id in regions:
        if not _REGION_ID.fullmatch(region_id):
            raise ValueError(f"not a region id: {region_id!r}")
    if "\n" in rank:
        raise ValueError("a rank is one line")


def _new_epoch() -> str:
    return secrets.token_hex(6)
