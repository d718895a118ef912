"""Forgetting debts: those that are paid (jobs/live.py), and those to nobody (the demo)."""

from __future__ import annotations

from sqlalchemy import delete

from app.db import transaction
from app.live import debts
from app.live.models import LiveDebt


def forget_paid() -> int:
    """Delete the rows of what phones know; how many. Raises redis.RedisError: Redis knows what is paid."""
    ids = debts.paid()
    if ids:
        with transaction() as session:
            session.execute(delete(LiveDebt).where(LiveDebt.id.in_(ids)))
    return len(ids)


def forgive_all() -> None:
    """Delete every debt: what was brought in before anybody looked needs no telling, and no page that loads anew."""
    with transaction() as session:
        session.execute(delete(LiveDebt))
