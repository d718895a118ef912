"""One run: phones live on bad lines while faults happen and edits go on; then all is made whole and looked at.

`run` is called by `python -m bench.chaos` (long) and by tests/live/test_chaos.py (short).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.chaos import world as worlds
from bench.chaos.phone import Phone, Tally
from bench.chaos.proxy import Line
from bench.chaos.world import World

SETTLE_SECONDS = 90.0
FAULTS = ("kill", "flush", "restart", "deploy")


@dataclass
class Plan:
    """How bad it is. Seconds; `half_open` lines are noticed by silence only, after 50 to 55 s."""

    seconds: float = 600.0
    phones: int = 200
    controls: int = 3
    edits_per_second: float = 2.0
    up: tuple[float, float] = (20.0, 90.0)
    out: tuple[float, float] = (0.0, 60.0)
    half_open: float = 0.15  # share of the outages
    stalled: float = 0.25
    fault_every: float = 30.0
    hole_seconds: float = 12.0  # a page whose light says Live and that is older than this has a silent hole
    seed: int = 1


@dataclass
class Result:
    """What was looked at and what was found."""

    plan: Plan
    tally: Tally
    edits: int = 0
    outages: Counter = field(default_factory=Counter)
    faults: Counter = field(default_factory=Counter)
    looks: int = 0  # phones whose light said Live, compared with what is known, once a second
    holes: int = 0
    lost: list[str] = field(default_factory=list)  # phone and region at the end
    notes: list[str] = field(default_factory=list)  # what each hole was
    compared: int = 0
    control_holes: int = 0  # the same for the control phones: there must be some
    controls_wrong: int = 0  # regions that they lack at the end
    settled_after: float = 0.0

    @property
    def controls_missed(self) -> int:
        return self.control_holes + self.controls_wrong

    @property
    def is_good(self) -> bool:
        tally = self.tally
        return not (self.lost or self.holes or tally.twice or tally.disorder) and self.controls_missed > 0


async def run(world: World, plan: Plan, say=lambda _text: None) -> Result:
    rng = random.Random(plan.seed)
    result = Result(plan, Tally())
    control_tally = Tally()
    lines = [await Line(random.Random(rng.random()), world.ports).start() for _ in range(plan.phones + plan.controls)]
    phones = [
        Phone(
            line, worlds.TOPIC, world.path, result.tally if number < plan.phones else control_tally,
            random.Random(rng.random()), forgetful=number >= plan.phones,
        )
        for number, line in enumerate(lines)
    ]  # fmt: skip
    for phone in phones:
        phone.start()
        await asyncio.sleep(min(0.05, 5 / len(phones)))
    await _until(lambda: all(phone.light == "live" for phone in phones), SETTLE_SECONDS)
    end = time.monotonic() + plan.seconds
    storms = [asyncio.create_task(_weather(phone, plan, rng, end, result)) for phone in phones]
    others = [
        asyncio.create_task(_edits(world, plan, end)),
        asyncio.create_task(_faults(world, plan, rng, end, result)),
        asyncio.create_task(_look(world, phones, result, end)),
        asyncio.create_task(_report(result, end, say)),
    ]
    await asyncio.gather(*storms, *others)
    await _last_outage(world, phones)
    await asyncio.to_thread(world.come_to_rest)
    await _settle(world, phones, result)
    await asyncio.gather(*(phone.stop() for phone in phones))
    await asyncio.gather(*(line.stop() for line in lines))
    await asyncio.to_thread(world.close)
    result.edits = world.edits
    return result


async def _weather(phone: Phone, plan: Plan, rng: random.Random, end: float, result: Result) -> None:
    """Up for a while, out for a while, until the end."""
    line = phone.line
    await asyncio.sleep(rng.uniform(0, plan.up[1]))
    while time.monotonic() < end:
        draw = rng.random()
        kind = "half-open" if draw < plan.half_open else "stall" if draw < plan.half_open + plan.stalled else "cut"
        result.outages[kind] += 1
        {"half-open": line.die, "stall": line.stall, "cut": line.cut}[kind]()
        await asyncio.sleep(min(rng.uniform(*plan.out), max(0.0, end - time.monotonic())))
        line.restore()
        phone.network_is_back(half_open=kind == "half-open")
        await asyncio.sleep(rng.uniform(*plan.up))


async def _edits(world: World, plan: Plan, end: float) -> None:
    while time.monotonic() < end:
        began = time.monotonic()
        await asyncio.to_thread(world.edit)
        await asyncio.sleep(max(0.0, began + 1 / plan.edits_per_second - time.monotonic()))


async def _faults(world: World, plan: Plan, rng: random.Random, end: float, result: Result) -> None:
    """Each kind in turn, in an order of chance."""
    acts = {
        "kill": world.kill_a_worker,
        "flush": world.empty_redis,
        "restart": world.restart_redis,
        "deploy": world.deploy,
    }
    coming: list[str] = []
    while True:
        await asyncio.sleep(plan.fault_every * rng.uniform(0.5, 1.5))
        if time.monotonic() > end:
            return
        if not coming:
            coming = rng.sample(FAULTS, len(FAULTS))
        name = coming.pop()
        result.faults[name] += 1
        result.tally.disturbed_until = time.monotonic() + 20
        await asyncio.to_thread(acts[name])


async def _last_outage(world: World, phones: list[Phone]) -> None:
    """The whole hall at once, while some edits are made: then everybody returns in the same moment."""
    await asyncio.to_thread(world.come_to_rest)
    for phone in phones:
        phone.line.cut()
    for _ in range(8):
        await asyncio.to_thread(world.edit)
    for phone in phones:
        phone.line.restore()
        phone.network_is_back()


async def _look(world: World, phones: list[Phone], result: Result, end: float) -> None:
    """Silent holes: the light says Live, the line is and was whole, and the page lacks what was answered long ago."""
    plan = result.plan
    while time.monotonic() < end:
        await asyncio.sleep(1.0)
        now = time.monotonic()
        due = {region: newest for region, (newest, at) in world.known.items() if now - at > plan.hole_seconds}
        for number, phone in enumerate(phones):
            whole = phone.line.state == "up" and now - phone.line.back_at > plan.hole_seconds / 4
            if not whole or phone.light != "live" or phone.waits_since is not None:
                continue
            has_hole = any(_edit_of(phone, region) < newest for region, newest in due.items())
            if number >= plan.phones:
                result.control_holes += has_hole
                continue
            result.looks += 1
            result.holes += has_hole
            if has_hole:
                missing = {region: newest for region, newest in due.items() if _edit_of(phone, region) < newest}
                result.notes.append(
                    f"hole: phone {number} at {phone.at} lacks {missing}, line since {now - phone.line.back_at:.1f} s"
                )


def _edit_of(phone: Phone, region: str) -> int:
    found = worlds.EDIT.search(phone.regions.get(region, ""))
    return int(found.group(1)) if found else 0


async def _settle(world: World, phones: list[Phone], result: Result) -> None:
    """The network is whole, nobody edits: what each phone shows against what a fresh page shows."""
    began = time.monotonic()
    truth = await asyncio.to_thread(world.truth)
    real = phones[: result.plan.phones]
    await _until(lambda: all(p.light == "live" and p.regions == truth for p in real), SETTLE_SECONDS)
    result.settled_after = time.monotonic() - began
    truth = await asyncio.to_thread(world.truth)
    assert truth
    result.compared = len(real) * len(truth)
    for number, phone in enumerate(real):
        wrong = [
            region for region in truth.keys() | phone.regions.keys() if truth.get(region) != phone.regions.get(region)
        ]
        result.lost += [f"phone {number} ({phone.light}, at {phone.at}): {region}" for region in wrong]
    for phone in phones[result.plan.phones :]:
        result.controls_wrong += sum(truth[region] != phone.regions.get(region) for region in truth)


async def _report(result: Result, end: float, say) -> None:
    while time.monotonic() < end:
        await asyncio.sleep(min(30.0, max(0.1, end - time.monotonic())))
        tally = result.tally
        left = max(0.0, end - time.monotonic())
        say(
            f"  {left:4.0f} s left: {tally.deliveries} deliveries, {tally.connects} connects, "
            f"{sum(result.outages.values())} outages, faults {dict(result.faults)}, holes {result.holes}"
        )


async def _until(condition, seconds: float) -> None:
    for _ in range(int(seconds * 10)):
        if condition():
            return
        await asyncio.sleep(0.1)
