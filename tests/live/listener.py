"""A phone for tests: one blocking socket that speaks WebSocket by hand, well or badly as the test needs it."""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from contextlib import suppress
from urllib.parse import urlencode

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Refused(Exception):
    """The handshake was answered with another status."""

    def __init__(self, status, body):
        super().__init__(status, body)
        self.status = status


class Closed(Exception):
    """The other side closed; `code` is its reason, None when it just went away."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def masked(opcode, payload=b"", *, final=True):
    """A client frame."""
    size = len(payload)
    head = bytes([(0x80 if final else 0) | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += bytes([0x80 | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([0x80 | 127]) + size.to_bytes(8, "big")
    mask = os.urandom(4)
    key = (mask * (size // 4 + 1))[:size]
    hidden = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return head + mask + hidden.to_bytes(size, "big")


class Listener:
    """Connects on construction. Topics are names or (name, at) pairs."""

    def __init__(self, port, *wanted, headers=None, timeout=5.0, receive_buffer=None):
        query = []
        for topic in wanted:
            name, at = topic if isinstance(topic, tuple) else (topic, None)
            query.append(("topic", name))
            if at is not None:
                query.append(("at", str(at)))
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(timeout)
        self.sock.connect(("127.0.0.1", port))
        self.buffer = b""
        self._shake_hands(port, urlencode(query), headers or {})

    def _shake_hands(self, port, query, headers):
        fields = {
            "Host": f"localhost:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
        } | headers
        lines = [
            f"GET /ws?{query} HTTP/1.1",
            *(f"{name}: {value}" for name, value in fields.items() if value is not None),
        ]
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status != 101:
            self.sock.close()
            raise Refused(status, head.decode())

    def _fill(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed(None)
        self.buffer += data

    def _take(self, size):
        while len(self.buffer) < size:
            self._fill()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def frame(self):
        """The next frame: (opcode, payload)."""
        first, second = self._take(2)
        assert not second & 0x80, "a server must not mask"
        size = second & 0x7F
        if size >= 126:
            size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
        return first & 0x0F, self._take(size)

    def message(self, *, beats=False):
        """The next JSON message; pings are answered, beats skipped unless asked for. Raises Closed."""
        while True:
            opcode, payload = self.frame()
            if opcode == PING:
                with suppress(Closed):  # why it closed may still lie unread behind this ping
                    self.send(PONG, payload)
            elif opcode == CLOSE:
                raise Closed(int.from_bytes(payload[:2], "big"))
            elif opcode == TEXT:
                said = json.loads(payload)
                if beats or "beat" not in said:
                    return said

    def beat(self):
        """The seconds that the next beat says; the first one follows all that the phone lacked."""
        while True:
            said = self.message(beats=True)
            if "beat" in said:
                return said["beat"]

    def messages(self, seconds):
        """All messages but beats that arrive within so many seconds."""
        end, said = time.monotonic() + seconds, []
        before = self.sock.gettimeout()
        while (left := end - time.monotonic()) > 0:
            self.sock.settimeout(left)
            try:
                said.append(self.message(beats=True))
            except TimeoutError:
                break
        self.sock.settimeout(before)
        return [message for message in said if "beat" not in message]

    def closing_code(self):
        """Read on until the other side closes; its code."""
        try:
            while True:
                self.message()
        except Closed as closed:
            return closed.code

    def send(self, opcode, payload=b"", **options):
        try:
            self.sock.sendall(masked(opcode, payload, **options))
        except (ConnectionResetError, BrokenPipeError):
            raise Closed(None) from None

    def close(self):
        self.sock.close()

    def __del__(self):
        self.sock.close()  # tests hold phones open until they end, on purpose
