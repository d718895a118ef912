"""`python -m bench.live --sockets 1000 5000`: time from publish to each receipt, for four servers in one run.

floor    C, one send per socket: what this machine can do at all
hub      our hub under gunicorn (one gevent worker) behind a minimal app, Redis between
product  the whole of Pika! with its guards, sessions and database, same hub
naive    flask-sock with a queue per socket, Redis between

Loopback only; the load generator shares the cores. Times are milliseconds from before the publish to after the receipt.
"last" is the median over the publishes of the time until the last socket had it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import redis

from app import redis_server
from app.live import regions
from bench.live import naive, ours
from tests import servers

HERE = Path(__file__).resolve().parent
SIZE_BYTES = 600
WARM_UP, PUBLISHES = 3, 20
SOURCES = 8
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 30.0
OPENING_SECONDS = 180.0  # a busy machine that opens 5,000 real sessions one by one

Publish = Callable[[int], None]


@dataclass
class Row:
    """What one server did with so many sockets."""

    name: str
    p50: float
    p99: float
    last: float
    cpu_us: float
    kb: float
    connects: float
    ratio: float = 1.0  # of `last` to the floor's of the same round


@dataclass
class Target:
    """A running server: its port, the root of its processes, the path of its sockets, and how to publish."""

    name: str
    port: int
    pid: int
    path: str
    publish: Publish


def fragment(stamp: int, size: int = SIZE_BYTES) -> str:
    """An html fragment of so many bytes that carries the moment of its publish."""
    return f'<p id="r" data-region>@@{stamp}@@</p>'.ljust(size, ".")


def compile_fan(directory: str) -> str:
    """The C program, compiled on demand."""
    program = f"{directory}/fan"
    subprocess.run(["cc", "-O2", "-o", program, str(HERE / "fan.c")], check=True)
    return program


# --- servers


@contextmanager
def floor(fan: str) -> Iterator[Target]:
    port = servers.free_port()
    server = subprocess.Popen([fan, "floor", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    server.stdout.readline()

    def publish(stamp: int) -> None:
        server.stdin.write(f"{stamp} {SIZE_BYTES}\n")
        server.stdin.flush()

    try:
        yield Target("floor", port, server.pid, "/", publish)
    finally:
        server.terminate()
        server.wait()
        server.stdin.close()
        server.stdout.close()


@contextmanager
def gunicorn(module: str, directory: str, redis_url: str) -> Iterator[tuple[int, int]]:
    port = servers.free_port()
    environ = {
        "PATH": os.environ["PATH"], "PIKA_ENV": "test", "PIKA_VAR": directory, "REDIS_URL": redis_url,
        "PORT": str(port), "WEB_CONCURRENCY": "1", "SOCKETS_PER_ADDRESS": "20000",
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", module]
    with Path(directory, "gunicorn.log").open("ab") as log:
        server = subprocess.Popen(command, cwd=servers.ROOT, env=environ, stdout=log, stderr=log)
    try:
        wait_until_served(port)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def wait_until_served(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


@contextmanager
def hub(directory: str, redis_url: str) -> Iterator[Target]:
    os.environ |= {"PIKA_ENV": "test", "PIKA_VAR": directory, "REDIS_URL": redis_url}
    app = ours.create()

    def publish(stamp: int) -> None:
        regions.publish(ours.TOPIC, {"r": fragment(stamp)}, rank=str(stamp))

    with gunicorn("bench.live.ours:create()", directory, redis_url) as (port, pid), app.app_context():
        regions.publish(ours.TOPIC, {"r": ""}, rank="0")
        yield Target("hub", port, pid, f"/ws?topic={ours.TOPIC}&at={regions.position(ours.TOPIC)}", publish)


@contextmanager
def product(directory: str) -> Iterator[Target]:
    """Pika! as people run it, with the demo; its own Redis."""
    with servers.serve(processes=("web",), SOCKETS_PER_ADDRESS="20000", WEB_CONCURRENCY="1") as server:
        os.environ |= {"PIKA_ENV": "test", "PIKA_VAR": directory, "REDIS_URL": server.env["REDIS_URL"]}
        app = ours.create()
        topic = "event:budapest-swing-weekend:public"

        def publish(stamp: int) -> None:
            regions.publish(topic, {"bench": fragment(stamp)}, rank=str(stamp))

        with app.app_context():
            regions.publish(topic, {"bench": ""}, rank="0")
            path = f"/ws?topic={topic}&at={regions.position(topic)}"
            yield Target("product", server.port, server.processes["web"].pid, path, publish)


@contextmanager
def queues(directory: str, redis_url: str) -> Iterator[Target]:
    with (
        redis.from_url(redis_url) as client,
        gunicorn("bench.live.naive:create()", directory, redis_url) as (port, pid),
    ):

        def publish(stamp: int) -> None:
            client.publish(naive.CHANNEL, fragment(stamp))

        yield Target("naive", port, pid, "/ws", publish)


# --- measuring


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


class Load:
    """The load generator at work."""

    def __init__(self, fan: str, target: Target, sockets: int) -> None:
        command = [fan, "load", str(target.port), str(sockets), str(SOURCES), target.path]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
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

    def report(self) -> dict[str, float]:
        self.process.stdin.close()
        found: dict[str, float] = json.loads(self.wait_for("report"))
        self.process.wait()
        self.process.stdout.close()
        return found


def measure(fan: str, target: Target, sockets: int) -> Row:
    """Connect, warm up, publish, count."""
    empty_kb = rss_kb(target.pid)
    load = Load(fan, target, sockets)
    seconds = float(load.wait_for("open", OPENING_SECONDS))
    time.sleep(1.0)
    publish_all(target, load, WARM_UP)
    load.tell(b"z\n")
    load.wait_for("zeroed")
    cpu_before = cpu_ns(target.pid)
    publish_all(target, load, PUBLISHES)
    cpu = cpu_ns(target.pid) - cpu_before
    full_kb = rss_kb(target.pid)
    found = load.report()
    assert found["complete"] == PUBLISHES, found
    assert found["lost"] == 0, found
    return Row(
        target.name, found["p50"], found["p99"], found["last"],
        cpu / 1000 / found["deliveries"], (full_kb - empty_kb) / sockets, sockets / seconds,
    )  # fmt: skip


def publish_all(target: Target, load: Load, times: int) -> None:
    for _ in range(times):
        stamp = time.monotonic_ns()
        target.publish(stamp)
        load.wait_for(f"all {stamp}")
        time.sleep(PAUSE_SECONDS)


def table(sockets: int, rows: list[Row]) -> str:
    lines = [
        f"\n{sockets:,} sockets, {SIZE_BYTES}-byte fragment, {PUBLISHES} publishes",
        "server       p50 ms   p99 ms  last ms  last/floor   µs CPU  KB/socket  connects/s",
    ]
    lines += [
        f"{row.name:<10}{row.p50:>9.1f}{row.p99:>9.1f}{row.last:>9.1f}{row.ratio:>12.2f}"
        f"{row.cpu_us:>9.1f}{row.kb:>11.1f}{row.connects:>12,.0f}"
        for row in rows
    ]
    return "\n".join(lines)


def middle(rows: list[Row]) -> Row:
    """The median of each figure over the rounds."""
    figures = ("p50", "p99", "last", "cpu_us", "kb", "connects", "ratio")
    return Row(rows[0].name, *(statistics.median(getattr(row, figure) for row in rows) for figure in figures))


def rounds(fan: str, directory: str, sockets: int, names: list[str], times: int) -> list[Row]:
    """Every server in turn, several times over: what disturbs one round disturbs its floor as well."""
    url = redis_server.url(Path(directory))
    makers: dict[str, Callable[[], AbstractContextManager[Target]]] = {
        "floor": lambda: floor(fan),
        "hub": lambda: hub(directory, url),
        "product": lambda: product(directory),
        "naive": lambda: queues(directory, url),
    }
    rows: dict[str, list[Row]] = {name: [] for name in names}
    for _ in range(times):
        for name in names:
            with makers[name]() as target:
                row = measure(fan, target, sockets)
            rows[name].append(row)
            row.ratio = row.last / rows[names[0]][-1].last
    return [middle(found) for found in rows.values()]


def raise_descriptor_limit() -> int:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--servers", nargs="+", default=["floor", "hub", "product", "naive"])
    parser.add_argument("--rounds", type=int, default=1, help="go round so often, show the median of each figure")
    chosen = parser.parse_args()
    limit = raise_descriptor_limit()
    system = f"{os.cpu_count()} cores · Linux {platform.release()} · Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d} · {system} · load before {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="pika-bench-") as directory:
        fan = compile_fan(directory)
        redis_process = redis_server.start(Path(directory))
        try:
            for sockets in chosen.sockets:
                if sockets > limit - 200:
                    print(f"{sockets} sockets need more open files than {limit}: left out")
                    continue
                print(table(sockets, rounds(fan, directory, sockets, chosen.servers, chosen.rounds)), flush=True)
        finally:
            redis_server.stop(Path(directory), redis_process)
    return 0


if __name__ == "__main__":
    sys.exit(main())
