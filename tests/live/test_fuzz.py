"""Ten thousand random frames and a thousand random handshakes (RELIABILITY S6): nothing in the log, nobody disturbed.

The seed is fixed and printed on failure by the assertion; LIVE_FUZZ_SEED tries another.
"""

from __future__ import annotations

import json
import os
import random
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.live import frames
from app.live.phone import Goodbye, Phone
from tests.live.listener import CLOSE, PING, PONG, TEXT, Closed, masked

SEED = int(os.environ.get("LIVE_FUZZ_SEED") or 20_261)
FRAMES = 10_000
HANDSHAKES = 1_000
BROKEN_UTF8 = (b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"caf\xe9", b"\xf5\x80\x80\x80")
CODES = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, None}
POOLED = 12  # descriptors that the hub may come to hold besides phones: its connections to Redis


def words(rng, topic):
    """What a page might say of what it holds, well or badly."""
    number = rng.choice([0, 1, 2**31, -1, 1.5, 1e999, "7", None, True, [], {}])
    holds = rng.choice(
        [{topic: number}, {topic: {topic: number}}, [topic], {"": 1}, {str(n): n for n in range(9)}, number]
    )
    said = rng.choice([{"holds": holds}, {"holds": holds, "more": holds}, [holds], holds])
    text = json.dumps(said).encode()
    return text[: rng.randint(0, len(text))] if rng.random() < 0.2 else text


def good_frames(rng, topic):
    """A message, perhaps in fragments with a ping between, or a control frame: nothing to complain about."""
    payload = rng.choice(
        [words(rng, topic), rng.randbytes(rng.choice([0, 1, 125, 126, 4000])), rng.choice(BROKEN_UTF8)]
    )
    kind = rng.random()
    if kind < 0.2:
        return [masked(rng.choice([PING, PONG]), payload[:125])]
    if kind < 0.4:
        half = rng.randint(0, len(payload))
        return [masked(TEXT, payload[:half], final=False), masked(PING, b"between"), masked(0, payload[half:])]
    return [masked(rng.choice([TEXT, 2]), payload)]


def bad_frame(rng):
    """A breach, or bytes that are no frame at all."""
    payload = rng.randbytes(rng.choice([0, 1, 2, 7, 125, 126, 300, 4096, 5000, 70_000]))
    size = rng.choice([126, 4097, 65_536, 2**31, 2**63 - 1, 2**64 - 1])
    return rng.choice([
        rng.randbytes(rng.randint(1, 60)),
        masked(rng.randrange(16), payload, final=rng.random() < 0.8),
        bytes([0x80 | rng.randrange(8) << 4 | TEXT]) + masked(TEXT, payload)[1:],
        frames.frame(TEXT, payload),  # not masked
        masked(PING, b"x" * 126),
        masked(0, payload),
        masked(CLOSE, rng.choice([b"", b"\x03", b"\x03\xe8" + rng.choice(BROKEN_UTF8), rng.randbytes(2)])),
        b"\x81\xff" + size.to_bytes(8, "big") + payload[:50],
    ])  # fmt: skip


def volley(rng, topic):
    """(frames to send in one go, whether the server has nothing to complain about)."""
    sent = []
    while len(sent) < 12:
        sent += good_frames(rng, topic)
    if rng.random() < 0.3:
        return sent[:-1] if sent[-1][0] == 0x80 else sent, "fine"
    sent.insert(rng.randrange(len(sent) + 1), bad_frame(rng))
    if rng.random() < 0.3:
        sent += [masked(TEXT, b"x")] * 40  # more than anybody may say in a second
    if rng.random() < 0.3:
        sent[-1] = sent[-1][: rng.randrange(len(sent[-1]) + 1)]
    return sent, "bad"


def say(phone, sent, rng):
    """All of it, sometimes byte by byte at first; a phone that was closed meanwhile has said enough."""
    data = b"".join(sent)
    slowly = rng.randint(1, 40) if rng.random() < 0.1 else 0
    for at in range(slowly):
        phone.sock.sendall(data[at : at + 1])
    phone.sock.sendall(data[slowly:])


def outlives(phone):
    """Whether the connection still answers."""
    phone.sock.sendall(masked(PING, b"are you there?"))
    while True:
        opcode, payload = phone.frame()
        if opcode == CLOSE:
            raise Closed(int.from_bytes(payload[:2], "big"))
        if (opcode, payload) == (PONG, b"are you there?"):
            return True


def attack(small, at, rng):
    """One connection's worth of frames; how many."""
    phone = small.listen(at, timeout=5)
    sent, kind = volley(rng, at[0])
    try:
        say(phone, sent, rng)
        if kind == "fine":
            assert outlives(phone), SEED
        ended = "not"
    except (BrokenPipeError, ConnectionResetError, Closed) as error:
        ended = getattr(error, "code", None)
    phone.close()
    assert ended in ({"not"} if kind == "fine" else CODES | {"not"}), (SEED, sent)
    return len(sent)


def files_of(small):
    children = Path(f"/proc/{small.process.pid}/task/{small.process.pid}/children").read_text().split()
    return sum(len(list(Path(f"/proc/{child}/fd").iterdir())) for child in children)


def settled_files(small, wanted):
    """Open files of the server's workers as soon as they are as few as that, or after ten seconds."""
    end = time.monotonic() + 10
    while (found := files_of(small)) > wanted and time.monotonic() < end:
        time.sleep(0.1)
    return found


def test_ten_thousand_random_frames_disturb_nobody(new_small, topic):
    small = new_small(beat_seconds=1)
    small.publish(topic, {"a": "<p id=a>0</p>"}, rank="0")
    rng, at = random.Random(SEED), (topic, small.position(topic))
    witness = small.listen(at)
    before = files_of(small)
    sent = connections = 0
    while sent < FRAMES:
        sent += attack(small, at, rng)
        connections += 1
        if connections % 100 == 0:
            rank = f"{connections:06d}"
            small.publish(topic, {"a": f"<p id=a>{rank}</p>"}, rank=rank)
            assert rank in witness.message()["content"], "the witness hears everything in order"
            at = (topic, small.position(topic))
    assert connections > 400
    assert witness.beat()
    assert settled_files(small, before + POOLED) <= before + POOLED, "descriptors leaked"
    assert small.process.poll() is None
    assert small.log == "", SEED


def strange_head(rng, port, topic):
    """A handshake with something wrong in it, or nothing of the kind."""
    fields = {
        "Host": f"localhost:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    }  # fmt: skip
    name = rng.choice(list(fields))
    fields[name] = rng.choice(["", "x", fields[name] * 2, "\x00", "é", "a" * 9000, "13, 13", "null"])
    target = rng.choice(
        ["/ws", f"/ws?topic={topic}", f"/ws?topic={topic}&at=%00.%ff", "/ws?topic=" + "a" * 5000, "/ws?%"]
    )
    line = rng.choice(["GET {} HTTP/1.1", "GET {} HTTP/1.0", "GET {} HTTP/9.9", "POST {} HTTP/1.1", "{}"]).format(
        target
    )
    head = "\r\n".join([line, *(f"{each}: {value}" for each, value in fields.items()), "", ""]).encode("latin-1")
    if rng.random() < 0.3:
        return rng.randbytes(rng.randint(1, 200))
    if rng.random() < 0.3:
        head = bytearray(head)
        head[rng.randrange(len(head))] = rng.randrange(256)
    return bytes(head[: rng.randint(1, len(head))] if rng.random() < 0.2 else head)


def test_a_thousand_strange_handshakes_leave_no_trace(new_small, topic):
    small = new_small(beat_seconds=1)
    rng = random.Random(SEED)
    witness = small.listen(topic)
    before = files_of(small)
    for _ in range(HANDSHAKES):
        with socket.create_connection(("127.0.0.1", small.port), timeout=2) as phone, suppress(OSError):
            phone.sendall(strange_head(rng, small.port, topic))
            phone.shutdown(socket.SHUT_WR)
            phone.recv(100)
    assert witness.beat()
    assert settled_files(small, before + POOLED) <= before + POOLED, "descriptors leaked"
    assert "Traceback" not in small.log, SEED
    assert "the short way is broken" not in small.log, SEED


@given(
    pieces=st.lists(st.binary(max_size=300) | st.binary(max_size=140).map(lambda text: masked(TEXT, text)), max_size=8)
)
def test_a_phone_raises_nothing_but_breaches_and_goodbyes(pieces):
    phone = Phone(None, None, "here", 0, 0.0)
    with suppress(frames.Violation, Goodbye):
        for piece in pieces:
            assert isinstance(phone.receive(piece, 0.0), bytes)
            assert isinstance(frames.held(phone.said or b""), dict)


@pytest.mark.parametrize(
    "text", [*BROKEN_UTF8, b"[" * 250, b"9" * 250, b'{"holds":{"a":1e400}}', b'{"holds":null}', b""]
)
def test_what_a_page_says_badly_holds_nothing(text):
    assert frames.held(text) == {}
