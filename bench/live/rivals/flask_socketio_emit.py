"""Emits each line of stdin to all clients of the Flask-SocketIO server, through Redis."""

import os
import sys

from socketio import RedisManager

emitter = RedisManager(os.environ["REDIS_URL"], channel="flask-socketio", write_only=True)
print("ready", flush=True)
for line in sys.stdin:
    emitter.emit("news", line.rstrip("\n"))
