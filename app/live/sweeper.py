"""A greenlet beside the hub that looks for debts (app.live.debts). Only where sockets are: nobody else is to be told.

It runs here and not only as a job, because a worker may be busy for a minute and a phone must not wait for it.
"""

from __future__ import annotations

import logging

import gevent
import redis
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.live import debts

SWEEP_SECONDS = 1.5  # with GRACE and the spread of a re-get: every page has the truth within ten seconds of a kill

log = logging.getLogger(__name__)


def run(app: Flask) -> None:
    """For ever. The database or Redis may be away: the next turn looks again."""
    while True:
        gevent.sleep(SWEEP_SECONDS)
        with app.app_context():
            try:
                debts.still_here()
                debts.sweep()
            except (SQLAlchemyError, redis.RedisError) as error:
                log.warning("live: nothing swept: %s", error)
