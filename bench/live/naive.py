"""The usual way with flask-sock, for comparison: a queue, a greenlet and an encoding per socket."""

from __future__ import annotations

import os
from typing import Any

import redis
from flask import Flask
from flask_sock import Sock
from gevent import spawn
from gevent.queue import Queue

CHANNEL = "bench:naive"
queues: set[Queue] = set()


def listen() -> None:
    subscription = redis.from_url(os.environ["REDIS_URL"], socket_timeout=None).pubsub()
    subscription.subscribe(CHANNEL)
    for message in subscription.listen():
        if message["type"] == "message":
            for queue in list(queues):
                queue.put(message["data"].decode())


def create() -> Flask:
    app = Flask(__name__)
    sock = Sock(app)
    listeners: list[Any] = []

    @sock.route("/ws")
    def ws(socket: Any) -> None:
        if not listeners:
            listeners.append(spawn(listen))
        queue = Queue()
        queues.add(queue)
        try:
            while True:
                socket.send(queue.get())
        finally:
            queues.discard(queue)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app
