"""Keeps tests inside this machine: a connection or a name look-up that would leave it raises.

Switched on by conftest.py before the first test. The fakes of the outside world listen on loopback.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any


class LeavesThisMachine(AssertionError):
    """A test tried to reach the outside world."""


def switch_off() -> None:
    """Guard every connection that Python makes from now on."""
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    socket.getaddrinfo = _guarded_look_up(socket.getaddrinfo)


def _guarded(original: Any) -> Any:
    def call(self: socket.socket, *arguments: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _require_here(arguments[-1][0])  # the address is the last argument of all three
        return original(self, *arguments)

    return call


def _guarded_look_up(original: Any) -> Any:
    def call(host: Any, *arguments: Any, **named: Any) -> Any:
        if host is not None:
            _require_here(host.decode() if isinstance(host, bytes) else host)
        return original(host, *arguments, **named)

    return call


def _require_here(host: str) -> None:
    if host in {"", "localhost"}:
        return
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        message = f"a test tried to reach {host}: the network is off in tests"
        raise LeavesThisMachine(message)
