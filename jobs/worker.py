"""The worker: `python -m jobs.worker` runs what is enqueued, one by one, each in a forked child with the app loaded.

Importing this module does nothing; `main` builds the app once. A worker that loses Redis waits and comes back; what was
under way is in the outbox and not lost. Must hold no job logic.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from types import FrameType
from typing import Any

import redis
from flask import Flask
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from app import create_app
from app.db import db
from app.redis import QUEUE, connect

WORKER_TTL_SECONDS = 30  # how soon a killed worker is noticed
MAINTENANCE_SECONDS = 10  # how often jobs that a killed worker held are looked for
COME_BACK_SECONDS = 2.0

log = logging.getLogger("pika.worker")


class AppWorker(Worker):
    """RQ's worker with the app around each job."""

    def __init__(self, app: Flask, connection: redis.Redis) -> None:
        self.app = app
        self.is_stopping = False
        super().__init__(
            [Queue(QUEUE, connection=connection, serializer=JSONSerializer)],
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            log_job_description=False,
        )

    def perform_job(self, job: Job, queue: Queue) -> bool:
        """Runs in the forked child: it opens connections of its own and takes none of its parent's along."""
        with self.app.app_context():
            db.engine.dispose(close=False)
            return bool(super().perform_job(job, queue))

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM and SIGINT: finish the job at hand, then go."""
        self.is_stopping = True
        super().request_stop(signum, frame)


def main() -> int:
    """Work until told to stop."""
    app = create_app()
    for name in ("rq.worker", "rq.job", "rq.queue", "rq.scheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    settings = app.config["PIKA"]
    while True:
        # A worker waits long for work, so its connection has no read limit of its own: RQ sets one for each wait.
        worker = _make(app, settings.redis_url)
        if worker is not None:
            worker.work(logging_level="WARNING")
            if worker.is_stopping:
                return 0
        log.warning("Redis is away; looking again in %s seconds", COME_BACK_SECONDS)
        time.sleep(COME_BACK_SECONDS)


def _make(app: Flask, redis_url: str) -> AppWorker | None:
    options: dict[str, Any] = {"socket_timeout": WORKER_TTL_SECONDS}
    if not redis_url.startswith("unix:"):
        options["socket_keepalive"] = True  # TCP only: a unix socket has no such option
    try:
        connection = connect(redis_url, **options)
        connection.ping()
        return AppWorker(app, connection)
    except redis.RedisError:
        return None


def _stop(_signum: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)  # until RQ puts its own in their place, and between two workers
    sys.exit(main())
