"""Which number the pages of a topic show, over all web processes: the schedule version that phones acknowledged.

A page says so on its socket (`{"holds": {topic: number}}`), each hub adds up its own and keeps a lease in Redis; a
process that was killed is forgotten when its lease ends. Features call `of`; the hub calls `put` and `claim_turn`.
Counted are the topics that somebody asked for with `topics.when_held`.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import redis as redis_py

from app import redis
from app.live import topics
from app.live.phone import Phone
from app.live.regions import KEPT_SECONDS

log = logging.getLogger(__name__)

TURN_MS = 1_000  # how often, over all processes, somebody is told that a topic's phones hold something else

# KEYS leases. ARGV process, what it holds ("" for nothing), lease seconds, seconds to keep the key.
_PUT = """
if ARGV[2] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], (redis.call('TIME')[1] + ARGV[3]) .. '\\n' .. ARGV[2])
return redis.call('EXPIRE', KEYS[1], ARGV[4])
"""

# KEYS leases. What is still good; the rest is removed.
_ALL = """
local now, good, leases = tonumber(redis.call('TIME')[1]), {}, redis.call('HGETALL', KEYS[1])
for i = 1, #leases, 2 do
  local until_second, body = leases[i + 1]:match('^(%d+)\\n(.*)$')
  if tonumber(until_second) > now then good[#good + 1] = body else redis.call('HDEL', KEYS[1], leases[i]) end
end
return good
"""


@dataclass(frozen=True)
class Holding:
    """Connected pages by what they acknowledged: `known` by whose they are (the greatest of several tabs counts),
    `unknown` as number -> pages of guests without a device. 0: connected, and has not said yet what it shows.
    """

    known: dict[str, int] = field(default_factory=dict)
    unknown: Counter[int] = field(default_factory=Counter)

    @property
    def by_number(self) -> Counter[int]:
        """Number -> how many show it."""
        return Counter(self.known.values()) + self.unknown


def key_of(person_id: int | None, device_id: int | None) -> str:
    """Whose phone it is: a person's, a guest's device's, or empty."""
    return f"p{person_id}" if person_id is not None else f"d{device_id}" if device_id is not None else ""


def of(topic: str) -> Holding:
    """What the connected pages of a topic hold. Empty when Redis is away: nobody is connected that could be asked."""
    try:
        leases = redis.client().register_script(_ALL)(keys=[topics.key(topic, "held")])
    except redis_py.RedisError as error:
        log.warning("live: nobody asked what phones hold: %s", error)
        return Holding()
    found = Holding()
    for body in leases:
        known, unknown = json.loads(body)
        for holder, number in known.items():
            found.known[holder] = max(number, found.known.get(holder, 0))
        found.unknown.update({int(number): pages for number, pages in unknown.items()})
    return found


def put(client: redis_py.Redis, topic: str, process: str, pages: Mapping[Phone, int], lease_seconds: int) -> None:
    """For the hub: what the pages of this process hold. Raises RedisError."""
    known: dict[str, int] = {}
    unknown: Counter[int] = Counter()
    for phone, number in pages.items():
        if phone.holder:
            known[phone.holder] = max(number, known.get(phone.holder, 0))
        else:
            unknown[number] += 1
    body = json.dumps([known, unknown], separators=(",", ":")) if pages else ""
    arguments: list[str | int] = [process, body, lease_seconds, KEPT_SECONDS]
    client.register_script(_PUT)(keys=[topics.key(topic, "held")], args=arguments)


def claim_turn(client: redis_py.Redis, topic: str) -> bool:
    """Whether it is this process that tells the others now. Raises RedisError."""
    return bool(client.set(topics.key(topic, "told"), 1, nx=True, px=TURN_MS))
