"""What one server does with so many sockets: drives the load generator, reads /proc, asks for a page meanwhile.

Used by bench.live and its rounds. Loopback only; the load generator shares the cores with the server.
"""

from __future__ import annotations

import json
import os
import resource
import select
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

HERE = Path(__file__).resolve().parent
SIZE_BYTES = 600
WARM_UP, PUBLISHES = 3, 20
SOURCES = 8
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 30.0
OPENING_SECONDS = 120.0

Publish = Callable[[int], None]


@dataclass
class Target:
    """A running server: its port, the root of its processes, the path of its sockets, and how to publish."""

    name: str
    port: int
    pid: int
    path: str
    publish: Publish
    fields: str = ""  # further header lines of each handshake, each with its line end
    dialect: str = "ws"  # or "sio"
    page: str = ""  # an ordinary page of it, asked for while a fan-out runs


@dataclass
class Row:
    """What one server did. Milliseconds, except `cpu_us` (microseconds per delivery), `kb` and `connects` (per second).

    `ratio` is that of `last` to the floor's of the same round.
    """

    name: str
    p50: float
    p99: float
    last: float
    cpu_us: float
    kb: float
    connects: float
    ratio: float = 1.0
    page_quiet: float = 0.0  # p99 of an ordinary page, sockets open and idle
    page_busy: float = 0.0  # and while publish follows publish


def fragment(stamp: int, size: int = SIZE_BYTES) -> str:
    """An html fragment of so many bytes that carries the moment of its publish."""
    return f'<p id="r" data-region>@@{stamp}@@</p>'.ljust(size, ".")


def compile_fan(directory: str) -> str:
    """The C program, compiled on demand."""
    program = f"{directory}/fan"
    subprocess.run(["cc", "-O2", "-o", program, str(HERE / "fan.c")], check=True)
    return program


def tree(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in thread.read_text().split():
                found += tree(int(child))
    return found


def cpu_ns(pid: int) -> int:
    """Time on the processor of all threads of the tree, in nanoseconds."""
    threads = (thread for each in tree(pid) for thread in Path(f"/proc/{each}/task").glob("*/schedstat"))
    return sum(int(thread.read_text().split()[0]) for thread in threads)


def rss_kb(pid: int) -> float:
    pages = sum(int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in tree(pid))
    return pages * resource.getpagesize() / 1024


def open_files(pid: int) -> int:
    return sum(len(list(Path(f"/proc/{each}/fd").iterdir())) for each in tree(pid))


class Load:
    """The load generator at work."""

    def __init__(self, fan: str, target: Target, sockets: int) -> None:
        words = [str(target.port), str(sockets), str(SOURCES), target.path, target.fields, target.dialect]
        self.process = subprocess.Popen([fan, "load", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.name = target.name
        self.lines: list[str] = []
        self.rest = b""

    def wait_for(self, word: str, patience: float = PATIENCE_SECONDS) -> str:
        """The rest of the next line that begins with this word."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            while self.lines:
                line = self.lines.pop(0)
                if line.startswith(word):
                    return line[len(word) :].strip()
            ready, _, _ = select.select([self.process.stdout], [], [], end - time.monotonic())
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if ready and not data:
                raise RuntimeError(f"{self.name}: the load generator ended while {word!r} was awaited")
            *whole, self.rest = (self.rest + data).split(b"\n")
            self.lines += [line.decode() for line in whole]
        raise RuntimeError(f"{self.name}: no {word!r} within {patience} s")

    def tell(self, line: bytes) -> None:
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def forget(self) -> None:
        """What was delivered so far does not count."""
        self.tell(b"z\n")
        self.wait_for("zeroed")

    def report(self) -> dict[str, float]:
        self.process.stdin.close()
        found: dict[str, float] = json.loads(self.wait_for("report"))
        self.process.wait()
        self.process.stdout.close()
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait()


class Probe:
    """Somebody who asks for a page every 20 ms, in a process of their own."""

    def __init__(self, target: Target) -> None:
        words = [sys.executable, "-m", "bench.live.probe", str(target.port), target.page]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def p99(self) -> float:
        """Ends it. Milliseconds."""
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        found = sorted(json.loads(said))
        return float(found[len(found) * 99 // 100])


def measure(fan: str, target: Target, sockets: int, *, with_pages: bool) -> Row:
    """Connect, warm up, publish, count; then, where wanted, once more with somebody who asks for pages."""
    empty_kb = rss_kb(target.pid)
    with Load(fan, target, sockets) as load:
        seconds = float(load.wait_for("open", OPENING_SECONDS))
        time.sleep(1.0)
        publish_all(target, load, WARM_UP)
        load.forget()
        cpu_before = cpu_ns(target.pid)
        publish_all(target, load, PUBLISHES)
        cpu = cpu_ns(target.pid) - cpu_before
        full_kb = rss_kb(target.pid)
        quiet, busy = pages(target, load) if target.page and with_pages else (0.0, 0.0)
        found = load.report()
    assert found["lost"] == 0, found
    return Row(
        target.name, found["p50"], found["p99"], found["last"], cpu / 1000 / (sockets * PUBLISHES),
        (full_kb - empty_kb) / sockets, sockets / seconds, page_quiet=quiet, page_busy=busy,
    )  # fmt: skip


def pages(target: Target, load: Load) -> tuple[float, float]:
    """p99 of an ordinary page, with idle sockets and while publish follows publish."""
    load.tell(b"p\n")  # what is delivered from here on is not in the report
    load.wait_for("paused")
    probe = Probe(target)
    time.sleep(4.0)
    quiet = probe.p99()
    probe, end = Probe(target), time.monotonic() + 6.0
    while time.monotonic() < end:
        publish_all(target, load, 1, pause=0)
    return quiet, probe.p99()


def publish_all(target: Target, load: Load, times: int, *, pause: float = PAUSE_SECONDS) -> None:
    for _ in range(times):
        stamp = time.monotonic_ns()
        target.publish(stamp)
        load.wait_for(f"all {stamp}")
        time.sleep(pause)
