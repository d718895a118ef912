"""Flask-SocketIO with Redis as message queue, one gevent worker. Runs in an environment of its own.

The manager is made here, as `message_queue=` would make it, because that takes no Redis on a unix socket.
"""

import os

from flask import Flask
from flask_socketio import SocketIO
from socketio import RedisManager

app = Flask(__name__)
manager = RedisManager(os.environ["REDIS_URL"], channel="flask-socketio")
socketio = SocketIO(app, async_mode="gevent", client_manager=manager, cors_allowed_origins="*")


@app.get("/healthz")
def healthz() -> str:
    return "ok"
