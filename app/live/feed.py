"""One Redis connection in subscribe mode for the whole process: brings the hub what others publish.

It reconnects for ever. Each (re)subscription is reported when Redis has confirmed it, never before: only then can
nothing be missed between a load and the first message. Knows channel names and bytes, not what they mean.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Any

import gevent
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

QUIET_SECONDS = 10.0  # after this much silence Redis is asked whether it is still there
ANSWER_SECONDS = 3.0


class Feed:
    """The subscriber. Callbacks run in its greenlet and must not block."""

    def __init__(
        self,
        url: str,
        *,
        on_message: Callable[[str, bytes], None],
        on_subscribed: Callable[[str], None],
        on_lost: Callable[[], None],
    ) -> None:
        # RESP2 keeps messages plain lists; no time-out of its own, for silence is normal here.
        options: dict[str, Any] = {"protocol": 2, "socket_connect_timeout": 1.0, "socket_timeout": 5.0}
        self._pool = redis.ConnectionPool.from_url(url, retry=Retry(NoBackoff(), 0), **options)
        self._names: set[str] = set()
        self._connection: Any = None
        self._on_message = on_message
        self._on_subscribed = on_subscribed
        self._on_lost = on_lost

    def listen_to(self, name: str) -> None:
        self._names.add(name)
        self._say("SUBSCRIBE", name)

    def forget(self, name: str) -> None:
        self._names.discard(name)
        self._say("UNSUBSCRIBE", name)

    def run(self) -> None:
        """For ever: connect, subscribe to everything, report; after a loss wait a little and begin again."""
        while True:
            try:
                self._session()
            except (redis.RedisError, OSError) as error:
                log.warning("live: the Redis subscription is lost: %s", error)
            finally:
                self._hang_up()
            gevent.sleep(random.uniform(0.1, 0.5))  # noqa: S311  (spreads reconnects, no secret)

    def _session(self) -> None:
        # not from the pool: it counts what it made, never what is gone, and refuses the hundred-and-first
        connection: Any = self._pool.connection_class(**self._pool.connection_kwargs)
        connection.connect()
        self._connection = connection
        connection.send_command("SUBSCRIBE", *sorted(self._names), check_health=False)
        while True:
            if not connection.can_read(timeout=QUIET_SECONDS):
                connection.send_command("PING", check_health=False)
                if not connection.can_read(timeout=ANSWER_SECONDS):
                    raise redis.TimeoutError("no answer to a ping")
            self._hear(connection.read_response())

    def _hear(self, reply: Any) -> None:
        kind = reply[0]
        if kind == b"message":
            self._on_message(reply[1].decode(), reply[2])
        elif kind == b"subscribe":
            self._on_subscribed(reply[1].decode())

    def _say(self, command: str, name: str) -> None:
        if self._connection is None:
            return  # the next session subscribes to everything anyway
        try:
            self._connection.send_command(command, name, check_health=False)
        except (redis.RedisError, OSError):
            log.warning("live: %s failed, the session will notice", command)

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()
            self._on_lost()
