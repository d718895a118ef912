"""`python -m bench.live`: one publish to many sockets, ours beside a floor in C and what others use, in one run.

Rounds are interleaved: every server takes its turn with the same number of sockets, then the next round begins, so what
disturbs a round disturbs its floor as well. Shown is the median of each figure. bench/README.md says what they mean.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from app import redis_server
from bench.live import measure, rivals, targets
from bench.live.measure import Load, Row, Target

Maker = Callable[[], AbstractContextManager[Target]]

OURS = ("floor", "product", "product-2")
RIVALS = ("naive", "flask-socketio", "ws", "socket.io", "nchan", "nchan-2")
ALL = (*OURS, "hub", *RIVALS)
SPARE_FILES = 300  # what a process opens besides its sockets
WAYS_SOCKETS = 2000


def makers(fan: str, directory: str, demo: Path) -> dict[str, Maker]:
    """How to start each server."""
    url = redis_server.url(Path(directory))
    return {
        "floor": partial(targets.floor, fan),
        "product": partial(targets.product, demo, 1),
        "product-2": partial(targets.product, demo, 2),
        "hub": partial(targets.hub, directory, url, 1),
        "naive": partial(targets.queues, directory, url),
        "flask-socketio": partial(rivals.flask_socketio, directory, url),
        "ws": partial(rivals.node_ws, directory, url),
        "socket.io": partial(rivals.socket_io, directory, url),
        "nchan": partial(rivals.nginx_nchan, directory, 1),
        "nchan-2": partial(rivals.nginx_nchan, directory, 2),
    }


def installable(names: list[str]) -> list[str]:
    """Those that can run here; why the others cannot is said once."""
    install = {
        "flask-socketio": rivals.python,
        "ws": rivals.node,
        "socket.io": rivals.node,
        "nchan": rivals.nchan,
        "nchan-2": rivals.nchan,
    }
    found = []
    for name in names:
        try:
            if name in install:
                install[name]()
            found.append(name)
        except rivals.Unavailable as reason:
            print(f"{name} is left out: {reason}", flush=True)
    return found


def rounds(fan: str, made: dict[str, Maker], sockets: int, names: list[str], times: int) -> list[Row]:
    """Every server in turn, several times over."""
    rows: dict[str, list[Row]] = {name: [] for name in names}
    for number in range(times):
        for name in names:
            try:
                with made[name]() as target:
                    row = measure.measure(fan, target, sockets, with_pages=number == times - 1)
            except (RuntimeError, AssertionError) as error:
                print(f"{name}, {sockets:,} sockets: no figure: {error}", flush=True)
                continue
            rows[name].append(row)
            floors = rows[names[0]]
            row.ratio = row.last / floors[-1].last if floors else 0.0
    return [middle(found) for found in rows.values() if found]


def middle(rows: list[Row]) -> Row:
    """The median of each figure over the rounds."""
    figures = ("p50", "p99", "last", "cpu_us", "kb", "connects", "ratio")
    row = Row(rows[0].name, *(statistics.median(getattr(row, figure) for row in rows) for figure in figures))
    row.page_quiet, row.page_busy = rows[-1].page_quiet, rows[-1].page_busy  # asked for in the last round only
    return row


def markdown(sockets: int, rows: list[Row], times: int) -> str:
    lines = [
        (
            f"\n| {sockets:,} sockets, rounds: {times} | p50 ms | p99 ms | last ms | last/floor | µs CPU | KB/socket "
            "| connects/s | page p99 ms |"
        ),
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        page = f"{row.page_quiet:.0f} → {row.page_busy:.0f}" if row.page_busy else ""
        lines.append(
            f"| {row.name} | {row.p50:.1f} | {row.p99:.1f} | {row.last:.1f} | {row.ratio:.2f} | {row.cpu_us:.1f} "
            f"| {row.kb:.1f} | {row.connects:,.0f} | {page} |"
        )
    return "\n".join(lines)


def table(sockets: int, rows: list[Row], times: int) -> str:
    lines = [
        f"\n{sockets:,} sockets, {measure.SIZE_BYTES}-byte fragment, {measure.PUBLISHES} publishes, rounds: {times}",
        "server                 p50 ms   p99 ms  last ms  last/floor   µs CPU  KB/socket  connects/s   page p99 ms",
    ]
    for row in rows:
        page = f"{row.page_quiet:.0f} → {row.page_busy:.0f}" if row.page_busy else ""
        lines.append(
            f"{row.name:<22}{row.p50:>7.1f}{row.p99:>9.1f}{row.last:>9.1f}{row.ratio:>12.2f}"
            f"{row.cpu_us:>9.1f}{row.kb:>11.1f}{row.connects:>12,.0f}{page:>14}"
        )
    return "\n".join(lines)


STEADY_SOCKETS, STEADY_RATE = 1000, 50


def steady(fan: str, demo: Path, seconds: int) -> str:
    """A thousand sockets at fifty messages a second: how late, and what it leaves behind (W10)."""
    with targets.product(demo, 1) as target, Load(fan, target, STEADY_SOCKETS) as load:
        load.wait_for("open", measure.OPENING_SECONDS)
        publish_at(target, STEADY_RATE, STEADY_RATE * 5)
        time.sleep(1.0)
        load.forget()
        before = measure.rss_kb(target.pid), measure.open_files(target.pid)
        publish_at(target, STEADY_RATE, STEADY_RATE * seconds)
        time.sleep(2.0)
        after = measure.rss_kb(target.pid), measure.open_files(target.pid)
        found = load.report()
    return (
        f"\n{STEADY_SOCKETS:,} sockets, {STEADY_RATE} messages a second for {seconds} s, one worker\n"
        f"p50 {found['p50']:.1f} ms, p95 {found['p95']:.1f} ms, p99 {found['p99']:.1f} ms; "
        f"{found['deliveries']:,} deliveries, {found['publishes'] - found['complete']} publishes incomplete, "
        f"{found['lost']} sockets lost\n"
        f"memory {before[0] / 1024:.1f} → {after[0] / 1024:.1f} MB, open files {before[1]} → {after[1]}"
    )


def publish_at(target: Target, rate: int, times: int) -> None:
    """So many publishes, evenly, each stamped when it is made."""
    began = time.monotonic()
    for number in range(times):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        target.publish(time.monotonic_ns())


def ways_in(fan: str, demo: Path) -> str:
    """How fast sockets open, by who asks: guests go the short way, people who are signed in the long one."""
    lines = [f"\n{WAYS_SOCKETS:,} sockets open at once, one worker", "who                   connects/s   µs CPU each"]
    for words, who in (("guests", ""), ("signed in", "dana")):
        with targets.product(demo, 1, who) as target:
            before = measure.cpu_ns(target.pid)
            with Load(fan, target, WAYS_SOCKETS) as load:
                seconds = float(load.wait_for("open", measure.OPENING_SECONDS))
            each = (measure.cpu_ns(target.pid) - before) / WAYS_SOCKETS / 1000
        lines.append(f"{words:<20}{WAYS_SOCKETS / seconds:>12,.0f}{each:>14.0f}")
    return "\n".join(lines)


def raise_descriptor_limit() -> int:
    """As high as this user may; servers inherit it."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@contextmanager
def bench_redis() -> Iterator[str]:
    """A directory with a Redis of its own."""
    with tempfile.TemporaryDirectory(prefix="pika-bench-") as directory:
        process = redis_server.start(Path(directory))
        try:
            yield directory
        finally:
            redis_server.stop(Path(directory), process)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--sockets", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument(
        "--servers", nargs="+", choices=ALL, default=[*OURS, *RIVALS], metavar="NAME", help=", ".join(ALL)
    )
    parser.add_argument("--rounds", type=int, default=1, help="go round so often, show the median of each figure")
    parser.add_argument("--seconds", type=int, default=20, help="of the steady part")
    parser.add_argument(
        "--full", action="store_true", help="500, 1,000, 5,000 and 10,000 sockets, three rounds; half an hour"
    )
    parser.add_argument("--markdown", action="store_true", help="tables as docs/figures.md has them")
    chosen = parser.parse_args()
    if chosen.full:
        chosen.sockets, chosen.rounds, chosen.seconds = [500, 1000, 5000, 10_000], 3, 60
    return chosen


def main() -> int:
    chosen = options()
    limit = raise_descriptor_limit()
    system = f"{os.cpu_count()} cores · Linux {platform.release()} · Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d} · {system} · load before {os.getloadavg()[0]:.1f}", flush=True)
    names = installable(chosen.servers)
    with bench_redis() as directory:
        fan = measure.compile_fan(directory)
        demo = targets.demo(directory) if set(names) & {"product", "product-2"} else Path(directory)
        show = markdown if chosen.markdown else table
        made = makers(fan, directory, demo)
        for sockets in chosen.sockets:
            if sockets > limit - SPARE_FILES:
                print(f"{sockets:,} sockets are left out: raise the limit of open files (ulimit -Hn) from {limit:,} "
                      f"to {sockets + SPARE_FILES:,}")  # fmt: skip
                continue
            print(show(sockets, rounds(fan, made, sockets, names, chosen.rounds), chosen.rounds), flush=True)
        if "product" in names:
            print(ways_in(fan, demo), flush=True)
            print(steady(fan, demo, chosen.seconds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
