"""Retained regions: per topic an epoch, a version and the newest html of each region, kept in Redis.

Features call `position` (before they read the state that a page shows), `publish`, `poke` and `disconnect` after the
commit; the hub calls `load` and `settle`. Nothing here raises when Redis is away: the loss is logged, remembered by
this process and made good by a poke as soon as Redis answers. Each change is one Lua script, so versions have no holes;
the same script notes that a debt of the topic is paid (app.live.debts), so the one cannot happen without the other.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import redis as redis_py

from app import redis
from app.config import settings
from app.lib import crash
from app.live import topics

log = logging.getLogger(__name__)

KEYS = ("head", "regions", "paid")  # of a topic, as every script here gets them
KEPT_SECONDS = 7 * 24 * 3600  # every key of a topic, renewed whenever somebody reads or writes it
ASKED_SECONDS = 900  # where nothing was published yet: pages ask before they know whether there is such a thing at all
CONTROL = "pika:live:control"  # channel: which person's sockets to close
LEFT = "pika:live:left"  # the same by time, for a hub whose Redis connection was away at that moment
LEFT_SECONDS = 3600
PAID_SECONDS = 3600  # a debt whose row outlives this is paid once more, which costs pages a load

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


# KEYS head, regions. ARGV new epoch, seconds to keep, "all" or "", seconds to keep a topic that nobody published yet.
# Creates the epoch when there is none; regions of an epoch that is gone are gone too.
_READ = """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'version', 0, 'poked', 0)
  redis.call('DEL', KEYS[2])
end
local head = redis.call('HMGET', KEYS[1], 'version', 'poked')
redis.call('EXPIRE', KEYS[1], head[1] == '0' and ARGV[4] or ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
local kept = ARGV[3] == 'all' and redis.call('HGETALL', KEYS[2]) or {}
return {epoch, head[1], head[2], kept}
"""

# KEYS head, regions, paid. ARGV new epoch, seconds to keep, channel, token of a debt or "", seconds to keep that.
# Each script that changes something begins with this.
_PAY = """
if ARGV[4] ~= '' then
  redis.call('SADD', KEYS[3], ARGV[4])
  redis.call('EXPIRE', KEYS[3], ARGV[5])
end
"""

# Beyond that: rank, "load" when every page is to load anew or "", then pairs (region id, "h" + html or "x").
# A kept region is "version rank\nbody". Ranks are compared byte by byte: Lua's own < follows the server's locale.
_PUBLISH = (
    _PAY
    + """
local function after(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = a:byte(i), b:byte(i)
    if x ~= y then return x > y end
  end
  return #a > #b
end
local epoch, rank, load = redis.call('HGET', KEYS[1], 'epoch'), ARGV[6], ARGV[7] ~= ''
local empty = not epoch or redis.call('EXISTS', KEYS[2]) == 0
if not epoch then
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'version', 0, 'poked', 0)
  redis.call('DEL', KEYS[2])
end
local version = tonumber(redis.call('HGET', KEYS[1], 'version')) + 1
local changed = {}
for i = 8, #ARGV, 2 do
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
if #changed > 0 or load then
  redis.call('HSET', KEYS[1], 'version', version)
  if empty or load then
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
)

# Beyond that: "forget" to drop what is kept of the regions, as nobody knows whether it is true, or "".
_POKE = (
    _PAY
    + """
if redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'version', 0)
  redis.call('DEL', KEYS[2])
end
local epoch, version = redis.call('HGET', KEYS[1], 'epoch'), redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'poked', version)
redis.call('EXPIRE', KEYS[1], ARGV[2])
if ARGV[6] ~= '' then redis.call('DEL', KEYS[2]) end
redis.call('PUBLISH', ARGV[3], cjson.encode({epoch = epoch, version = version, reget = true}))
return {epoch, version}
"""
)

_owed: dict[str, str] = {}  # topics whose publish failed in this process, with the debt that it would have paid
_mine: ContextVar[dict[str, list[str]] | None] = ContextVar("pika_live_debts", default=None)  # by topic, not paid yet
_rest_until = 0.0  # after a failure the next second answers at once: pages must not each wait for a time-out


def position(topic: str) -> Position:
    """Where the topic stands. Read it BEFORE the state that the page shows; creates the epoch when there is none.

    Nowhere for what is no topic: it may come from an address that anybody made up, and would stay in Redis.
    """
    if topics.parse(topic) is None:
        return NOWHERE
    return _attempt(lambda client: _read(client, topic, "").position, NOWHERE)


def publish(topic: str, regions: Mapping[str, str | None], *, rank: str, load: bool = False) -> Position:
    """Keep and send the regions that changed. None removes one from every page. Pays a debt of the topic.

    A region whose kept rank is greater (compared as bytes) stays as it is: what was decided later wins, not what
    arrives later. An epoch's first regions go out as a re-get; with `load` any do, for pages whose places changed.
    Raises ValueError for a malformed topic, id or rank.
    """
    _check(topic, regions, rank)
    arguments = [rank, "load" if load else ""]
    for region_id, html in regions.items():
        arguments += [region_id, "x" if html is None else f"h{html}"]
    return _change(topic, _PUBLISH, arguments)


def poke(topic: str) -> Position:
    """Make every page of this topic load anew (spread over a moment); those that are away do so when they return."""
    _check(topic, {}, "")
    return _change(topic, _POKE, [""])


def forget(topic: str) -> None:
    """Drop all that is kept of a topic, ranks too: the event behind it is gone, its name may begin anew (the demo)."""
    _attempt(lambda client: client.delete(topics.key(topic, "head"), topics.key(topic, "regions")), None)


def disconnect(person_id: int) -> None:
    """Close this person's sockets in every process; each comes back and meets the guards anew. Pays a debt."""
    crash.point("disconnect", settings().crash_file)
    _attempt(lambda client: _close(client, person_id, _debt_of(sockets_of(person_id))), None)


def sockets_of(person_id: int) -> str:
    """What a debt of `disconnect` is written under. A topic in form; nobody may listen to it."""
    return f"account:{person_id}:sockets"


def remember(topic: str, token: str) -> None:
    """A debt of this unit of work: the next change of the topic here pays it."""
    held = _mine.get()
    if held is None:
        _mine.set(held := {})
    held.setdefault(topic, []).append(token)


def make_good(topic: str, debts: Sequence[str]) -> None:
    """For the sweep: what was owed under these tokens was never published. Raises RedisError."""
    client, parts = redis.client(), topics.parse(topic)
    if parts and (parts.thing, parts.audience) == ("account", "sockets"):
        _close(client, int(parts.ident), *debts)
        return
    for token in debts[1:]:
        client.sadd(topics.key(topic, "paid"), token)
    _run(client, _POKE, topic, [*_common(topic, debts[0]), "forget"])


def load(client: redis_py.Redis, topic: str, *, regions: bool = True) -> State:
    """For the hub: the topic as Redis has it. Raises redis.RedisError."""
    return _read(client, topic, "all" if regions else "")


def settle(client: redis_py.Redis) -> None:
    """Poke the topics whose publish failed in this process: their pages fetch what they missed. Raises RedisError."""
    for topic, debt in list(_owed.items()):
        _run(client, _POKE, topic, [*_common(topic, debt), "forget"])
        _owed.pop(topic, None)


def _change(topic: str, script: str, arguments: list[Any]) -> Position:
    crash.point("publish", settings().crash_file)
    debt = _debt_of(topic)

    def run(client: redis_py.Redis) -> Position:
        epoch, version = _run(client, script, topic, [*_common(topic, debt), *arguments])
        settle(client)
        return Position(epoch.decode(), int(version))

    found = _attempt(run, NOWHERE)
    if found is NOWHERE:
        _owed[topic] = debt
    return found


def _common(topic: str, debt: str) -> list[Any]:
    """The first arguments of each script that changes something."""
    return [_new_epoch(), KEPT_SECONDS, topics.key(topic, "frames"), debt, PAID_SECONDS]


def _debt_of(topic: str) -> str:
    """The oldest debt of this unit of work that a change of the topic pays; "" when it owes none."""
    held = _mine.get() or {}
    waiting = held.pop(topic, [])
    if waiting[1:]:
        held[topic] = waiting[1:]
    return waiting[0] if waiting else ""


def _close(client: redis_py.Redis, person_id: int, *debts: str) -> None:
    paid = topics.key(sockets_of(person_id), "paid")
    with client.pipeline(transaction=False) as pipe:
        pipe.zadd(LEFT, {str(person_id): time.time()})
        pipe.zremrangebyscore(LEFT, 0, time.time() - LEFT_SECONDS)
        pipe.expire(LEFT, LEFT_SECONDS)
        pipe.publish(CONTROL, str(person_id))
        for debt in filter(None, debts):
            pipe.sadd(paid, debt)
            pipe.expire(paid, PAID_SECONDS)
        pipe.execute()


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
    epoch, version, poked, kept = _run(client, _READ, topic, [_new_epoch(), KEPT_SECONDS, what, ASKED_SECONDS])
    pairs = zip(kept[::2], kept[1::2], strict=True)
    regions = {region_id.decode(): _region(value) for region_id, value in pairs}
    return State(Position(epoch.decode(), int(version)), int(poked or 0), regions)


def _region(value: bytes) -> Region:
    head, _, body = value.decode().partition("\n")
    return Region(int(head.split(" ", 1)[0]), body[1:] if body.startswith("h") else None)


def _run(client: redis_py.Redis, script: str, topic: str, arguments: list[Any]) -> Any:
    registered = client.register_script(script)
    return registered(keys=[topics.key(topic, part) for part in KEYS], args=arguments)


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
