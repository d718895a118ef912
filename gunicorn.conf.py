"""How gunicorn serves Pika!: read by the `web` line of the Procfile, in development and in production.

gevent workers carry thousands of sockets each; the worker class patches the standard library before it imports the app,
so nothing of ours may be imported here and the app must not be preloaded.
"""

import gc
import os
from typing import Any

_production = os.environ.get("PIKA_ENV") == "production"
_host = os.environ.get("BIND_HOST") or ("0.0.0.0" if _production else "127.0.0.1")  # noqa: S104  (production stands behind a proxy)

bind = f"{_host}:{os.environ.get('PORT') or 8000}"
worker_class = "gevent"
workers = int(os.environ.get("WEB_CONCURRENCY") or (2 if _production else 1))
worker_connections = 20_000  # above the number of sockets that the hub accepts
preload_app = False  # each worker starts its own hub after the fork
max_requests = 0  # a restarted worker would drop its sockets
timeout = 30
graceful_timeout = 5  # sockets are closed with 1012 at once; only short requests are waited for
keepalive = 5
control_socket_disable = True  # it lies in the home directory, where two checkouts would meet
accesslog = None  # the app logs each request with its id
errorlog = "-"
loglevel = "info" if _production else "warning"


def post_worker_init(worker: Any) -> None:
    """In each worker, after it has loaded the app: guests' sockets go the short way in, collections are short."""
    from app.live import door

    door.stand_before(worker)
    gc.collect()
    gc.freeze()  # the app never becomes garbage; looking through it takes 0.1 s, in which no phone hears a thing
