"""Our own servers for bench.live, and the floor: each a context that yields a running `Target`.

The product is the real one: gunicorn with our gunicorn.conf.py, demo data in SQLite, the real /ws with its guards.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import redis

from app.live import regions
from bench.live import naive, ours
from bench.live.measure import SIZE_BYTES, Target, fragment
from tests import servers

EVENT = "budapest-swing-weekend"
ROOMY = {"SOCKETS_PER_ADDRESS": "20000", "SOCKETS_PER_PERSON": "20000"}  # all phones of this bench share few addresses


@contextmanager
def ended(words: list[str], **options: object) -> Iterator[subprocess.Popen[str]]:
    """A process with pipes, ended with the block."""
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdin.close()
        process.stdout.close()


@contextmanager
def floor(fan: str) -> Iterator[Target]:
    port = servers.free_port()
    with ended([fan, "floor", str(port)]) as server:
        server.stdout.readline()

        def publish(stamp: int) -> None:
            server.stdin.write(f"{stamp} {SIZE_BYTES}\n")
            server.stdin.flush()

        yield Target("floor (C)", port, server.pid, "/", publish)


@contextmanager
def gunicorn(module: str, directory: str, redis_url: str, workers: int = 1) -> Iterator[tuple[int, int]]:
    port = servers.free_port()
    environ = {
        "PATH": os.environ["PATH"], "PIKA_ENV": "test", "PIKA_VAR": directory, "REDIS_URL": redis_url,
        "PORT": str(port), "WEB_CONCURRENCY": str(workers),
    } | ROOMY  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", module]
    with Path(directory, "gunicorn.log").open("ab") as log:
        server = subprocess.Popen(command, cwd=servers.ROOT, env=environ, stdout=log, stderr=log)
    try:
        wait_until_served(port, "/healthz")
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def wait_until_served(port: int, path: str) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


@contextmanager
def hub(directory: str, redis_url: str, workers: int) -> Iterator[Target]:
    """Our hub behind the smallest app that can have one."""
    app = publisher(directory, redis_url)

    def publish(stamp: int) -> None:
        regions.publish(ours.TOPIC, {"r": fragment(stamp)}, rank=str(stamp))

    with gunicorn("bench.live.ours:create()", directory, redis_url, workers) as (port, pid), app.app_context():
        regions.publish(ours.TOPIC, {"r": ""}, rank="0")
        path = f"/ws?topic={ours.TOPIC}&at={regions.position(ours.TOPIC)}"
        yield Target(f"hub alone, {workers} w", port, pid, path, publish)


@contextmanager
def product(template: Path, workers: int, who: str = "") -> Iterator[Target]:
    """Pika! as people run it; `who` signs in as one of the demo's people and connects as them."""
    options = ROOMY | {"WEB_CONCURRENCY": str(workers)}
    with servers.serve(processes=("web",), template=template, **options) as server:
        app = publisher(str(server.var), server.env["REDIS_URL"])
        topic = f"event:{EVENT}:public"

        def publish(stamp: int) -> None:
            regions.publish(topic, {"bench": fragment(stamp)}, rank=str(stamp))

        with app.app_context():
            regions.publish(topic, {"bench": ""}, rank="0")
            path = f"/ws?topic={topic}&at={regions.position(topic)}"
            fields = f"Origin: {server.url}\r\nCookie: {cookie_of(server, who)}\r\n" if who else ""
            pid = server.processes["web"].pid
            yield Target(f"Pika!, {workers} w", server.port, pid, path, publish, fields, page=f"/e/{EVENT}")


def demo(directory: str) -> Path:
    """The data of a server that has loaded the demo: copied for each product that is started."""
    kept = Path(directory, "demo")
    with servers.serve(processes=()) as server:
        subprocess.run(["cp", "-r", str(server.var), str(kept)], check=True)
    return kept


def publisher(directory: str, redis_url: str) -> object:
    """An app in this process that publishes into that Redis."""
    os.environ |= {"PIKA_ENV": "test", "PIKA_VAR": directory, "REDIS_URL": redis_url}
    return ours.create()


def cookie_of(server: servers.Server, handle: str) -> str:
    """The Cookie header of a browser that has signed in with one click."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(f"{server.url}/sign-in") as page:
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.read().decode())[1]
    opener.open(f"{server.url}/dev/sign-in/{handle}", urlencode({"csrf_token": token}).encode()).close()
    return "; ".join(f"{each.name}={each.value}" for each in jar)


@contextmanager
def queues(directory: str, redis_url: str) -> Iterator[Target]:
    """The usual way with flask-sock."""
    with (
        redis.from_url(redis_url) as client,
        gunicorn("bench.live.naive:create()", directory, redis_url) as (port, pid),
    ):

        def publish(stamp: int) -> None:
            client.publish(naive.CHANNEL, fragment(stamp))

        yield Target("flask-sock, queues", port, pid, "/ws", publish)
