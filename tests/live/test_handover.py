"""What the take-over relies upon in flask-sock, gunicorn and gevent: a new version that breaks it fails here."""

from __future__ import annotations

import importlib.metadata
import inspect
from types import SimpleNamespace

import flask_sock
import pytest
from gunicorn.workers.base_async import AsyncWorker
from werkzeug import exceptions

from app.live import frames, handover

KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, section 1.3
GOOD = {
    "REQUEST_METHOD": "GET",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_SEC_WEBSOCKET_KEY": KEY,
    "HTTP_SEC_WEBSOCKET_VERSION": "13",
}


def test_pinned_versions():
    assert importlib.metadata.version("flask-sock") == "0.7.0"
    assert importlib.metadata.version("simple-websocket") == "1.1.0"


def test_flask_sock_looks_its_server_class_up_by_name_and_ends_gunicorn_requests_by_stop_iteration():
    handover.install()
    source = inspect.getsource(flask_sock.Sock.route)
    assert "ws = Server(request.environ" in source
    assert "elif ws.mode == 'gunicorn':\n                            raise StopIteration()" in source
    assert flask_sock.Server is handover.HandOver


def test_gunicorn_ends_a_connection_on_stop_iteration_and_closes_what_it_holds():
    assert "except StopIteration as e:" in inspect.getsource(AsyncWorker.handle)
    assert "util.close(client)" in inspect.getsource(AsyncWorker.handle)


def test_handshake_of_the_standard():
    assert ACCEPT in frames.handshake(KEY)


@pytest.mark.parametrize(
    ("environ", "refusal"),
    [
        ({}, exceptions.BadRequest),
        ({"HTTP_SEC_WEBSOCKET_KEY": "!!", "HTTP_SEC_WEBSOCKET_VERSION": "13"}, exceptions.BadRequest),
        (GOOD | {"HTTP_SEC_WEBSOCKET_VERSION": "8"}, exceptions.BadRequest),
        (GOOD | {"SERVER_PROTOCOL": "HTTP/2"}, exceptions.BadRequest),  # the connection carries other requests too
        (GOOD | {"REQUEST_METHOD": "HEAD"}, exceptions.BadRequest),
        (GOOD, exceptions.NotImplemented),  # not under gunicorn
        (GOOD | {"gunicorn.socket": SimpleNamespace(do_handshake=None)}, exceptions.NotImplemented),  # its own TLS
    ],
)
def test_accept_refuses_what_it_cannot_take_over(environ, refusal):
    with pytest.raises(refusal):
        handover.HandOver(environ).accept()
