"""Debts of the live layer: looked after here too, and forgotten once they are paid. Called by the clock."""

from __future__ import annotations

import logging

import redis

from app.live import actions, debts

log = logging.getLogger(__name__)


def settle_debts() -> None:
    """What a killed process never published, and rows of what was. Waits for Redis: it knows what is paid."""
    try:
        debts.sweep()
        actions.forget_paid()
    except redis.RedisError as error:
        log.warning("debts wait: Redis is away: %s", error)
