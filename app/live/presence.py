"""How many phones listen to a topic, over all web processes.

Each hub keeps a lease per topic in Redis (its count, good for 45 seconds) and renews it; a process that was killed is
forgotten when its lease ends. Features call `count`; the hub calls `put`. Time is Redis's own, so clocks may differ.
"""

from __future__ import annotations

import logging

import redis as redis_py

from app import redis
from app.live import topics
from app.live.regions import KEPT_SECONDS

log = logging.getLogger(__name__)

# KEYS leases. ARGV process, count, lease seconds, seconds to keep the key.
_PUT = """
if ARGV[2] == '0' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. (redis.call('TIME')[1] + ARGV[3]))
return redis.call('EXPIRE', KEYS[1], ARGV[4])
"""

# KEYS leases. Adds up what is still good and removes the rest.
_COUNT = """
local now, sum, leases = tonumber(redis.call('TIME')[1]), 0, redis.call('HGETALL', KEYS[1])
for i = 1, #leases, 2 do
  local phones, until_second = leases[i + 1]:match('^(%d+) (%d+)$')
  if tonumber(until_second) > now then sum = sum + tonumber(phones) else redis.call('HDEL', KEYS[1], leases[i]) end
end
return sum
"""


def count(topic: str) -> int:
    """Phones connected now (a tab is a phone). 0 when Redis is away: nobody is connected that could be counted."""
    try:
        return int(redis.client().register_script(_COUNT)(keys=[topics.key(topic, "phones")]))
    except redis_py.RedisError as error:
        log.warning("live: no phones counted: %s", error)
        return 0


def put(client: redis_py.Redis, topic: str, process: str, phones: int, lease_seconds: int) -> None:
    """For the hub: this process holds so many phones of the topic. Raises RedisError."""
    arguments: list[str | int] = [process, phones, lease_seconds, KEPT_SECONDS]
    client.register_script(_PUT)(keys=[topics.key(topic, "phones")], args=arguments)
