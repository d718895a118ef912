"""What was committed and phones have not been told: nothing is lost when a process dies between commit and publish.

An action calls `owe` inside its transaction, once for each publish that will follow; each publish, poke or disconnect
pays one debt of its topic, in the same breath (app.live.regions). What is still unpaid after a moment, by a process
that does not say that it lives, was never published: `sweep` makes every page of that topic load anew, or closes the
sockets. Paid too late or twice does no harm, but page loads are what an overloaded server has least use for.
"""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import redis
from app.db import db
from app.lib import clock, tokens
from app.live import regions, topics
from app.live.models import LiveDebt

GRACE = timedelta(seconds=3)  # between commit and publish
GRACE_OF_THE_LIVING = timedelta(seconds=20)  # the same for a process that says it is still there: slow is not dead
ALIVE_SECONDS = 4  # how long its word is good
AT_ONCE = 500  # debts looked at in one sweep
TAG = 4  # the first letters of a token say which process owes it
CLAIM = "pika:live:sweeping"  # one process sweeps at a time
CLAIM_SECONDS = 1

log = logging.getLogger(__name__)


def owe(*changed: str) -> None:
    """Inside the caller's transaction: these topics will be published to, once for each time they are named."""
    for topic in changed:
        if topics.parse(topic) is None:
            raise ValueError(f"not a topic: {topic!r}")
        token = _tag() + tokens.public_id()
        db.session.add(LiveDebt(topic=topic, token=token))
        regions.remember(topic, token)


def owe_closing(*person_ids: int) -> None:
    """Inside the caller's transaction: `regions.disconnect` will be called for these people."""
    owe(*map(regions.sockets_of, person_ids))


def still_here() -> None:
    """Said every moment beside the hub: our process lives, and what it owes may take longer. Raises RedisError."""
    redis.client().set(_alive(_tag()), 1, ex=ALIVE_SECONDS)


def sweep() -> list[str]:
    """Pay what nobody paid; the topics that it was done for. Raises RedisError. Called beside every hub and by jobs."""
    found = _older_than(GRACE, LiveDebt.id.desc())  # the newest: rows may pile up while no worker takes paid ones away
    db.session.rollback()  # hold no snapshot while phones are told
    if not found or not redis.client().set(CLAIM, 1, nx=True, ex=CLAIM_SECONDS):
        return []
    unpaid: dict[str, list[str]] = defaultdict(list)
    open_debts = _without_paid(found)
    due = {debt.topic for debt in _of_the_dead(open_debts)}
    for debt in open_debts:
        if debt.topic in due:  # a page that loads now has all that was committed: one load pays for the living, too
            unpaid[debt.topic].append(debt.token)
    for topic, owed in unpaid.items():
        log.warning("live: %s was changed and never published: its pages load anew", topic)
        regions.make_good(topic, owed)
    return list(unpaid)


def paid() -> list[int]:
    """Rows that may go: paid, and old enough that nobody is about to ask for them. Raises redis.RedisError."""
    found = _older_than(GRACE, LiveDebt.id)
    unpaid = {debt.id for debt in _without_paid(found)}
    return [debt.id for debt in found if debt.id not in unpaid]


def _older_than(age: timedelta, order: Any) -> Sequence[LiveDebt]:
    found = select(LiveDebt).where(LiveDebt.created_at < clock.now() - age)
    return list(db.session.scalars(found.order_by(order).limit(AT_ONCE)))


def _without_paid(debts: Iterable[LiveDebt]) -> list[LiveDebt]:
    debts = list(debts)
    with redis.client().pipeline(transaction=False) as pipe:
        for debt in debts:
            pipe.sismember(topics.key(debt.topic, "paid"), debt.token)
        return [debt for debt, is_paid in zip(debts, pipe.execute(), strict=True) if not is_paid]


def _of_the_dead(debts: Sequence[LiveDebt]) -> list[LiveDebt]:
    tags = sorted({debt.token[:TAG] for debt in debts})
    with redis.client().pipeline(transaction=False) as pipe:
        for tag in tags:
            pipe.exists(_alive(tag))
        living = {tag for tag, is_there in zip(tags, pipe.execute(), strict=True) if is_there}
    patient = clock.now() - GRACE_OF_THE_LIVING
    return [debt for debt in debts if debt.token[:TAG] not in living or debt.created_at < patient]


def _alive(tag: str) -> str:
    return f"pika:live:alive:{tag}"


def _tag() -> str:
    """Four letters of this process; a forked child has others."""
    return _tags.setdefault(os.getpid(), tokens.public_id()[:TAG])


_tags: dict[int, str] = {}
