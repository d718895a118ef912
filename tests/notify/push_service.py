"""A push service for tests, on loopback: takes encrypted pushes as FCM and Mozilla do, decrypts them with the keys of
its phones, and answers as told.

`with serve() as service:` then `service.phone()` is a subscription. A push with the tag of one before replaces
it on the phone: `phone.shown` is what lies on the lock screen, `phone.received` all that came.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass
class Push:
    """One push as it arrived: its text decrypted, its headers in lower case."""

    text: dict[str, Any]
    headers: dict[str, str]
    at: float


@dataclass
class Phone:
    """A browser with a subscription: where it is reached, and the keys that only it has."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    received: list[Push] = field(default_factory=list)

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": b64(point), "auth": b64(self.secret)}

    @property
    def subscription(self) -> dict[str, Any]:
        return {"endpoint": self.endpoint, "keys": self.keys}

    @property
    def shown(self) -> dict[str, dict[str, Any]]:
        return {push.text["tag"]: push.text for push in self.received}


@dataclass
class Service:
    """`answer` says for each phone which status it gets (and which headers); 201 unless told otherwise."""

    port: int
    phones: dict[str, Phone] = field(default_factory=dict)
    answer: Callable[[Phone], int | tuple[int, dict[str, str]]] = lambda _phone: 201
    calls: int = 0

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    def phone(self) -> Phone:
        path = f"/send/{secrets.token_urlsafe(24)}"
        self.phones[path] = Phone(f"http://{self.authority}{path}")
        return self.phones[path]


class Roomy(ThreadingHTTPServer):
    """Many callers may knock at once: with the usual queue of five the rest would wait a second each."""

    request_queue_size = 256
    daemon_threads = True


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@contextmanager
def serve() -> Iterator[Service]:
    """A service on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = take(service, self.path, dict(self.headers.items()), body)
            self.send_response(status)
            for name, value in ({"Content-Length": "0"} | headers).items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = Roomy(("127.0.0.1", 0), Handler)
    service = Service(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_lock = threading.Lock()


def take(service: Service, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
    phone = service.phones.get(path)
    with _lock:
        service.calls += 1
    if phone is None:
        return 404, {}
    answer = service.answer(phone)
    status, more = answer if isinstance(answer, tuple) else (answer, {})
    if status < 300:
        text = http_ece.decrypt(body, private_key=phone.key, auth_secret=phone.secret, version="aes128gcm")
        named = {name.lower(): value for name, value in headers.items()}
        with _lock:
            phone.received.append(Push(json.loads(text), named, time.time()))
    return status, more
