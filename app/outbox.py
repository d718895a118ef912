"""What we still owe the outside world, and when: a row per promise, written in the transaction of the fact.

Actions call `owe` inside their transaction and `hint` after it; jobs take what is due under a lease and settle it.
RQ only carries the hint "run what is due": Redis may be emptied at any moment and nothing is lost, because the clock
sweeps this table. Handlers decide recipients and texts when they run, and must be idempotent by the dedupe key.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

import redis.exceptions
from sqlalchemy import JSON, CheckConstraint, Index, String, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Dated, db, transaction
from app.lib import clock

LEASE = timedelta(minutes=2)
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20))
ATTEMPTS_MAX = len(BACKOFF) + 1
RUN_DUE = "jobs.outbox.run_due"

log = logging.getLogger(__name__)


class OutboxItem(Dated, db.Model):
    """One promise. States: due (open or waiting to be retried), done, dead (given up, needs a person)."""

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[dict[str, Any]] = mapped_column(JSON)  # ids only: texts are decided when it runs
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="due")
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)  # rises with each lease: an orphan's late answer is ignored
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(300), default="")
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('due', 'done', 'dead')", name="state_known"),
        Index("ix_outbox_item_state_due_at", "state", "due_at"),
    )


def owe(kind: str, subject: dict[str, Any], dedupe_key: str, due_at: datetime | None = None) -> None:
    """Promise something, inside the caller's transaction. The same key twice is one promise."""
    if db.session.scalar(select(OutboxItem.id).where(OutboxItem.dedupe_key == dedupe_key)) is None:
        item = OutboxItem(kind=kind, subject=subject, dedupe_key=dedupe_key, due_at=due_at or clock.now())
        db.session.add(item)


def hint() -> None:
    """Tell a worker, after the commit, that something may be due. Failing is fine: the clock sweeps."""
    from app.redis import queue

    try:
        queue().enqueue(RUN_DUE, result_ttl=0, failure_ttl=3600)
    except redis.exceptions.RedisError:
        log.warning("no hint given: Redis is away; the clock will sweep")


def take_next(kinds: tuple[str, ...]) -> OutboxItem | None:
    """Lease the oldest due item of these kinds, or None. Safe for any number of workers at once."""
    moment = clock.now()
    with transaction() as session:
        found = select(OutboxItem.id).where(*_takeable(moment), OutboxItem.kind.in_(kinds))
        item_id = session.scalar(found.order_by(OutboxItem.due_at).limit(1).with_for_update(skip_locked=True))
        if item_id is None:
            return None
        session.execute(
            update(OutboxItem)
            .where(OutboxItem.id == item_id)
            .values(lease_until=moment + LEASE, fence=OutboxItem.fence + 1, attempts=OutboxItem.attempts + 1)
        )
    return db.session.get(OutboxItem, item_id)


def settle(item_id: int, fence: int) -> bool:
    """Mark an item done, if its lease is still ours."""
    return _close(item_id, fence, state="done", settled_at=clock.now(), lease_until=None, last_error="")


def give_back(item_id: int, fence: int, attempts: int, error: str) -> bool:
    """After a failure: retry later with growing pauses, or give up and leave it to a person."""
    if attempts >= ATTEMPTS_MAX:
        log.error("outbox item %s is dead after %s attempts", item_id, attempts)
        return _close(item_id, fence, state="dead", settled_at=clock.now(), lease_until=None, last_error=error[:300])
    return _close(item_id, fence, due_at=clock.now() + BACKOFF[attempts - 1], lease_until=None, last_error=error[:300])


def revive(item_id: int) -> bool:
    """Give a dead item all its attempts again, because a person asked; False when it is not dead (any more)."""
    with transaction() as session:
        result = session.execute(
            update(OutboxItem)
            .where(OutboxItem.id == item_id, OutboxItem.state == "dead")
            .values(state="due", due_at=clock.now(), lease_until=None, attempts=0, settled_at=None)
        )
    hint()
    return bool(result.rowcount)


def dead_items(limit: int = 50) -> list[OutboxItem]:
    """What was given up and needs a person, newest first."""
    dead = select(OutboxItem).where(OutboxItem.state == "dead")
    return list(db.session.scalars(dead.order_by(OutboxItem.settled_at.desc(), OutboxItem.id.desc()).limit(limit)))


def oldest_due_seconds() -> float | None:
    """How long the oldest due item has been waiting, in seconds; None when nothing waits. For /readyz."""
    moment = clock.now()
    oldest = db.session.scalar(select(func.min(OutboxItem.due_at)).where(*_takeable(moment)))
    return None if oldest is None else (moment - oldest).total_seconds()


def _takeable(moment: datetime) -> tuple[Any, ...]:
    free = or_(OutboxItem.lease_until.is_(None), OutboxItem.lease_until < moment)
    return (OutboxItem.state == "due", OutboxItem.due_at <= moment, free)


def _close(item_id: int, fence: int, **values: Any) -> bool:
    with transaction() as session:
        result = session.execute(
            update(OutboxItem).where(OutboxItem.id == item_id, OutboxItem.fence == fence).values(**values)
        )
    return bool(result.rowcount)
