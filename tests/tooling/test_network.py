"""The network is off in tests, except for this machine itself."""

import socket
import urllib.request

import pytest

from tests.network import LeavesThisMachine

OUTSIDE = "192.0.2.1"  # reserved for documentation: nobody answers there


@pytest.mark.parametrize("connect", [socket.socket.connect, socket.socket.connect_ex])
def test_connection_to_the_outside_is_refused(connect):
    with socket.socket() as outward, pytest.raises(LeavesThisMachine, match=OUTSIDE):
        connect(outward, (OUTSIDE, 80))


def test_datagram_to_the_outside_is_refused():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward, pytest.raises(LeavesThisMachine):
        outward.sendto(b"hello", (OUTSIDE, 53))


def test_name_of_the_outside_is_not_looked_up():
    with pytest.raises(LeavesThisMachine, match=r"pika\.example"):
        urllib.request.urlopen("http://pika.example/")


def test_this_machine_is_reached_by_name_and_by_number():
    with socket.create_server(("127.0.0.1", 0)) as here:
        port = here.getsockname()[1]
        for host in ("localhost", "127.0.0.1"):
            socket.create_connection((host, port), timeout=2).close()
