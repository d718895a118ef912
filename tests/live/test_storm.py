"""W6: a hall of 1,000 phones loses its network for a moment and comes back at once. What that costs the servers."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass

import psycopg
import pytest
import redis as redis_py

from bench.chaos import world as worlds
from bench.chaos.phone import Phone, Tally
from bench.chaos.proxy import Line
from bench.chaos.world import World
from tests import servers
from tests.live.apart import run_apart

pytestmark = pytest.mark.slow
PHONES = 1_000
EDITS = 5


@dataclass
class Cost:
    """What a storm took. Reads are of all of Redis and all of the database, other work of the servers included."""

    seconds: float = 0.0
    region_reads: int = 0
    database_transactions: int = 0
    failures: int = 0


def region_reads(redis_url: str) -> int:
    """How often all regions of some topic were read."""
    with redis_py.from_url(redis_url) as client:
        return int(client.info("commandstats").get("cmdstat_hgetall", {}).get("calls", 0))


def transactions(database: str) -> int:
    """Every request that asks the database anything is at least one. Counters of idle sessions are a second old."""
    time.sleep(1.5)
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        found = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        return int(connection.execute(found).fetchone()[0])


async def storm(world: World, redis_url: str, database: str) -> tuple[Cost, list[Phone], Tally]:
    await asyncio.to_thread(world.edit)  # an epoch's very first change makes pages load anew, storm or not
    tally, rng = Tally(), random.Random(5)
    line = await Line(random.Random(6), world.ports).start()
    first = Phone(line, worlds.TOPIC, world.path, tally, rng)
    assert await first._load()
    phones = [first] + [Phone(line, worlds.TOPIC, world.path, tally, random.Random(n)) for n in range(PHONES - 1)]
    for phone in phones:
        phone.at, phone.regions = first.at, dict(first.regions)
        phone.start()
        await asyncio.sleep(0.004)
    await until(lambda: all(phone.light == "live" for phone in phones), 30)
    tally.loads = 0

    reads, asked = region_reads(redis_url), await asyncio.to_thread(transactions, database)
    line.cut()
    for _ in range(EDITS):
        await asyncio.to_thread(world.edit)
    truth = await asyncio.to_thread(world.truth)
    cost = Cost()
    line.restore()
    began = time.monotonic()
    await asyncio.sleep(0.2)  # tries of the last moment of the outage fail rightly
    failures = tally.failures
    await until(lambda: all(phone.light == "live" and phone.regions == truth for phone in phones), 60)
    cost.seconds = time.monotonic() - began
    cost.failures = tally.failures - failures
    cost.database_transactions = await asyncio.to_thread(transactions, database) - asked
    cost.region_reads = region_reads(redis_url) - reads
    for phone in phones:
        assert phone.regions == truth
    await asyncio.gather(*(phone.stop() for phone in phones))
    await line.stop()
    return cost, phones, tally


async def until(condition, seconds: float) -> None:
    for _ in range(int(seconds * 20)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come")


def test_a_thousand_return_at_once():
    with (
        servers.postgres() as database,
        servers.serve(database_url=database, processes=("web",), PIKA_ENV="test") as first,
        servers.beside(first) as second,
    ):
        cost, _phones, tally = run_apart(
            storm(World(first, second, random.Random(7)), first.env["REDIS_URL"], database)
        )
        assert "Traceback" not in first.log
    assert cost.region_reads <= PHONES, cost
    assert cost.region_reads <= 50, f"{cost}: a load serves everybody who waits for it"
    assert cost.database_transactions <= PHONES, cost
    assert cost.failures == 0, cost
    assert tally.regets == 0, "what was missed came by the socket"
    assert tally.loads <= PHONES // 10, "those whose fifth try failed had begun to poll"
