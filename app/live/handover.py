"""Takes a socket away from gunicorn: stands in for the `Server` class that flask-sock builds for each socket request.

flask-sock's own class answers the handshake before the view runs and keeps a greenlet, a request and a worker slot for
as long as the socket lives. This one waits until the view has guarded the request, then detaches the descriptor; the
view returns and all three are freed. Pinned to flask-sock 0.7.0; tests/live/test_handover.py holds what is relied upon.
See docs/decisions/0002-taking-the-socket-over.md.
"""

from __future__ import annotations

import _socket
import socket
from typing import Any

import flask_sock
from werkzeug import exceptions

from app.live import frames


class HandOver:
    """One socket request, not yet answered. `mode` tells flask-sock to end it the way gunicorn understands."""

    mode = "gunicorn"

    def __init__(self, environ: dict[str, Any], **_options: Any) -> None:
        self._environ = environ

    def accept(self) -> tuple[_socket.socket, bytes]:
        """The raw socket, ours alone from now on, and the 101 response that is still to be written to it.

        Raises BadRequest for a handshake that is none, NotImplemented under another server or under gunicorn's own TLS.
        """
        greeting = frames.handshake(self._environ.get("HTTP_SEC_WEBSOCKET_KEY", ""))
        asked = tuple(
            self._environ.get(name) for name in ("REQUEST_METHOD", "SERVER_PROTOCOL", "HTTP_SEC_WEBSOCKET_VERSION")
        )
        if greeting is None or asked != ("GET", "HTTP/1.1", "13"):
            raise exceptions.BadRequest("not a WebSocket handshake of version 13")
        served = self._environ.get("gunicorn.socket")
        if served is None or hasattr(served, "do_handshake"):
            raise exceptions.NotImplemented("sockets need gunicorn, with TLS ended by the proxy before it")
        family, protocol = served.family, served.proto
        # detach, not dup: what gunicorn and gevent close afterwards is an empty shell.
        raw = _socket.socket(family, socket.SOCK_STREAM, protocol, fileno=served.detach())
        return raw, greeting

    def close(self) -> None:
        """flask-sock closes after the view; the socket is not its own any more."""


def install() -> None:
    """Make flask-sock build HandOver: it looks the name up in its module each time."""
    flask_sock.Server = HandOver
