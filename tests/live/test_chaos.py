"""Chaos, short: a full one is `make chaos`. Phones on bad lines, servers that die, edits that go on; nothing is lost.

Timings are those of live.js and of the product. Half-open lines are left to the long run: only 50 seconds of silence
tell a phone of one.
"""

from __future__ import annotations

import os
import random

import pytest

from bench.chaos.__main__ import table
from bench.chaos.run import Plan, run
from bench.chaos.world import World
from tests import servers
from tests.live.apart import run_apart

pytestmark = pytest.mark.slow


def test_phones_on_bad_lines_end_with_the_truth(demo_data):
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(100_000))
    plan = Plan(
        seconds=15, phones=30, controls=3, edits_per_second=4, up=(2, 7), out=(0, 5), half_open=0, fault_every=5,
        hole_seconds=8, seed=seed,
    )  # fmt: skip
    with (
        servers.serve(template=demo_data, processes=("web",), PIKA_ENV="test") as first,
        servers.beside(first) as second,
    ):
        result = run_apart(run(World(first, second, random.Random(seed)), plan))
    assert result.lost == [], table(result)
    assert (result.holes, result.tally.twice, result.tally.disorder) == (0, 0, 0), table(result)
    assert result.controls_missed > 0, "the control lost nothing: nothing was looked at"
    assert result.looks > 20
    assert result.tally.deliveries > 20
    assert sum(result.outages.values()) > 30
    assert sum(result.faults.values()) >= 2
