"""`python -m bench.chaos --minutes 10`: the long run on PostgreSQL, its table, and exit status 1 on any loss."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time

from bench.chaos.run import Plan, Result, run
from bench.chaos.world import World
from tests import servers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--phones", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    asked = parser.parse_args()
    plan = Plan(seconds=asked.minutes * 60, phones=asked.phones, seed=asked.seed)
    print(f"Chaos: {plan.phones} phones, {asked.minutes:g} minutes, seed {plan.seed}", flush=True)
    with (
        servers.postgres() as database,
        servers.serve(database_url=database, processes=("web", "worker", "clock"), PIKA_ENV="test") as first,
        servers.beside(first) as second,
    ):
        result = asyncio.run(
            run(World(first, second, random.Random(plan.seed)), plan, lambda text: print(text, flush=True))
        )
    print(table(result))
    return 0 if result.is_good else 1


def table(result: Result) -> str:
    tally = result.tally
    rows = [
        ("deliveries", tally.deliveries),
        ("of them after a return", tally.caught_up),
        ("frames that a page load had overtaken", tally.overtaken),
        ("edits", result.edits),
        ("sockets opened", tally.connects),
        ("re-gets, pages loaded, loads failed", f"{tally.regets}, {tally.loads}, {tally.load_errors}"),
        ("outages", ", ".join(f"{count} {name}" for name, count in sorted(result.outages.items()))),
        ("faults", ", ".join(f"{count} {name}" for name, count in sorted(result.faults.items()))),
        ("closed by the server", ", ".join(f"{count} × {code}" for code, count in sorted(tally.goodbyes.items()))),
        *[(f"back after {cause}, s", spread(times)) for cause, times in tally.back_after.items()],
        ("settled after the end, s", f"{result.settled_after:.1f}"),
        ("looks for silent holes", result.looks),
        ("silent holes", result.holes),
        ("regions compared at the end", result.compared),
        ("lost", len(result.lost)),
        ("twice", tally.twice),
        ("out of order", tally.disorder),
        ("missed by the control phones (must be more than 0)", result.controls_missed),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(
        ["", "| | |", "|---|---|", *lines, "", *result.notes[:20], *result.lost[:20], f"seed {result.plan.seed}"]
    )


def spread(times: list[float]) -> str:
    """p50, p99 and the worst of so many."""
    if not times:
        return "none"
    ordered = sorted(times)
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))]  # noqa: E731
    return f"p50 {at(0.5):.1f}, p99 {at(0.99):.1f}, max {ordered[-1]:.1f} of {len(ordered)}"


if __name__ == "__main__":
    sys.exit(main())
