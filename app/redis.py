"""Redis: one lazy client per process for hints, live frames and short commands, and the job queue that rides on it.

Everything here may fail at any moment: callers catch `redis.RedisError` and carry on, for the database is the truth.
Timeouts are short because a request waits for them; blocking commands (a worker's pop) need a client of their own.
All keys begin with `pika:`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.config import settings

if TYPE_CHECKING:
    from rq import Queue

QUEUE = "pika"  # one queue for all workers: with several a job can be lost on a kill (STACK.md)

_clients: dict[tuple[int, str], redis.Redis] = {}  # by process: a forked child must not share its parent's sockets


def connect(url: str, **options: Any) -> redis.Redis:
    """A client with our timeouts; `options` override them. At most 50 connections; then greenlets wait."""
    chosen: dict[str, Any] = {
        "socket_connect_timeout": 1.0,
        "socket_timeout": 2.0,
        "health_check_interval": 30,
        "retry": Retry(NoBackoff(), 1),  # once, for a pooled connection that the server has closed meanwhile
        "max_connections": 50,
        "timeout": 2.0,
    }
    pool = redis.BlockingConnectionPool.from_url(url, **(chosen | options))
    return redis.Redis.from_pool(pool)


def client() -> redis.Redis:
    """The client of this process and app."""
    key = (os.getpid(), settings().redis_url)
    if key not in _clients:
        _clients[key] = connect(key[1])
    return _clients[key]


def available() -> bool:
    """Whether Redis answers now."""
    try:
        return bool(client().ping())
    except redis.RedisError:
        return False


def queue() -> Queue:
    """The one job queue. Jobs are named by dotted path and carry ids only, as JSON."""
    from rq import Queue
    from rq.serializers import JSONSerializer

    return Queue(QUEUE, connection=client(), serializer=JSONSerializer)
