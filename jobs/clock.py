"""The clock: `python -m jobs.clock` enqueues every recurring job, on the full interval of the wall clock.

Two clocks do no harm: each tick is claimed in Redis by whoever comes first. Without Redis nothing can be enqueued, so
it waits; the next tick sweeps what was left. It runs no job itself and never opens the database.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from dataclasses import dataclass
from types import FrameType

import redis
from flask import Flask
from rq import Queue

from app import create_app
from app import redis as our_redis


@dataclass(frozen=True, slots=True)
class Recurring:
    """A job and how often it runs, in seconds."""

    name: str
    every: int


# The visible table of everything that happens by itself.
TABLE = (
    Recurring("jobs.outbox.run_due", 5),
    Recurring("jobs.alerts.ring", 10),
    Recurring("jobs.schedule.move_banners", 15),
    Recurring("jobs.schedule.refresh_figures", 5),
    Recurring("jobs.live.settle_debts", 15),
    Recurring("jobs.floor.tick", 5),
    Recurring("jobs.announcements.turn_banners", 30),
    Recurring("jobs.announcements.show_progress", 5),
    Recurring("jobs.gigs.sweep", 5),
    Recurring("jobs.people.sweep_old_rows", 3600),
    Recurring("jobs.waiting.forget_old", 3600),
)

log = logging.getLogger("pika.clock")


def tick(moment: float, last: dict[str, int]) -> None:
    """Enqueue what has come due since `last` (name -> number of its interval), unless another clock did."""
    for job in TABLE:
        number = int(moment // job.every)
        if last.get(job.name) == number:
            continue
        last[job.name] = number
        _claim_and_enqueue(job, number)


def _claim_and_enqueue(job: Recurring, number: int) -> None:
    try:
        if our_redis.client().set(f"pika:tick:{job.name}:{number}", 1, nx=True, ex=job.every * 2):
            enqueue(our_redis.queue(), job)
    except redis.RedisError:
        log.warning("Redis is away: %s waits for its next turn", job.name)


def enqueue(queue: Queue, job: Recurring) -> None:
    """Nobody waits for the result, and a tick that no worker took before the next one is thrown away."""
    queue.enqueue(job.name, ttl=max(job.every, 5), result_ttl=0, failure_ttl=3600)


def seconds_to_next(moment: float) -> float:
    """How long until the next interval of any job begins."""
    return min(job.every - moment % job.every for job in TABLE)


def run(app: Flask) -> None:
    """Tick until a signal ends the process."""
    with app.app_context():
        last: dict[str, int] = {}
        while True:
            tick(time.time(), last)
            time.sleep(seconds_to_next(time.time()))


def _stop(_signum: int, _frame: FrameType | None) -> None:
    sys.exit(0)  # at once: a tick that is not taken is taken by the next clock


def main() -> None:
    """Build the app (for its settings only) and tick."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    run(create_app())


if __name__ == "__main__":
    main()
