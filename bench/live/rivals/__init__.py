"""What others use for the same work, installed on demand into var/bench, never into the product.

Versions are exact. Each function is a context that yields a running `Target`, or raises `Unavailable` with the reason:
no network, no npm, not Debian. Each server is written the way its own documentation shows.
"""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from bench.live.measure import Target, fragment
from bench.live.targets import ended, wait_until_served
from tests import servers

HERE = Path(__file__).resolve().parent
CACHE = servers.ROOT / "var" / "bench"
PYTHON = (
    "flask==3.1.3",
    "flask-socketio==5.7.0",
    "gunicorn==27.0.1",
    "gevent==26.9.0",
    "redis==8.1.0",
    "packaging==26.3",
)
NODE = (
    "ws@8.23.0", "socket.io@4.8.4", "@socket.io/redis-adapter@8.3.0", "@socket.io/redis-emitter@5.1.0", "redis@5.9.0",
)  # fmt: skip
DEBIAN = ("nginx", "libnginx-mod-nchan")
CHANNEL = "bench"


class Unavailable(RuntimeError):
    """It could not be installed here; the sentence says why."""


def run(*words: object, cwd: Path) -> None:
    """A step of an installation. Raises Unavailable with the last line of what it said."""
    name = Path(str(words[0])).name
    try:
        done = subprocess.run(
            [str(w) for w in words], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
        )
    except FileNotFoundError:
        raise Unavailable(f"{name} is not installed") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{name} took longer than five minutes") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise Unavailable(f"{name} failed: {said[-1][:200]}")


def installed(name: str, *wanted: str) -> tuple[Path, bool]:
    """The directory of a rival, and whether just these versions lie in it already; else it is empty."""
    directory = CACHE / name
    if (directory / "versions").exists() and (directory / "versions").read_text() == " ".join(wanted):
        return directory, True
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory, False


def python() -> Path:
    directory, is_there = installed("python", *PYTHON)
    if not is_there:
        run(sys.executable, "-m", "venv", directory / "venv", cwd=directory)
        run(directory / "venv/bin/python", "-m", "pip", "install", "--quiet", *PYTHON, cwd=directory)
        (directory / "versions").write_text(" ".join(PYTHON))
    return directory / "venv/bin/python"


def node() -> Path:
    directory, is_there = installed("node", *NODE)
    if not is_there:
        run("npm", "install", "--prefix", directory, "--no-audit", "--no-fund", "--silent", *NODE, cwd=directory)
        (directory / "versions").write_text(" ".join(NODE))
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, directory)  # imports are found beside the packages
    return directory


def nchan() -> Path:
    """The root of an nginx with nchan, unpacked from Debian's packages without installing them."""
    directory, is_there = installed("nginx", *DEBIAN)
    if not is_there:
        run("apt-get", "download", *DEBIAN, cwd=directory)
        for package in directory.glob("*.deb"):
            run("dpkg", "-x", package, directory, cwd=directory)
        (directory / "versions").write_text(" ".join(DEBIAN))
    return directory


@contextmanager
def listening(process: subprocess.Popen[str]) -> Iterator[None]:
    """Until the process has said a line: it listens."""
    if not process.stdout.readline():
        raise RuntimeError("the server did not start")
    yield


@contextmanager
def flask_socketio(directory: str, redis_url: str) -> Iterator[Target]:
    """gunicorn with gevent, one worker (more need sticky sessions), Redis as message queue; another process emits."""
    interpreter, port = python(), servers.free_port()
    environ = {"PATH": os.environ["PATH"], "REDIS_URL": redis_url, "PYTHONPATH": str(HERE)}
    options = ("-k", "gevent", "-w", "1", "-b", f"127.0.0.1:{port}", "--worker-connections", "20000")
    words = [str(interpreter), "-m", "gunicorn", *options, "--no-control-socket", "flask_socketio_server:app"]
    with (
        Path(directory, "rivals.log").open("ab") as log,
        ended(words, cwd=directory, env=environ, stderr=log) as server,
        ended([str(interpreter), str(HERE / "flask_socketio_emit.py")], env=environ, stderr=log) as emitter,
        listening(emitter),
    ):
        wait_until_served(port, "/healthz")

        def publish(stamp: int) -> None:
            emitter.stdin.write(fragment(stamp) + "\n")
            emitter.stdin.flush()

        path = "/socket.io/?EIO=4&transport=websocket"
        yield Target("Flask-SocketIO, Redis", port, server.pid, path, publish, dialect="sio")


@contextmanager
def node_ws(directory: str, redis_url: str) -> Iterator[Target]:
    """Node's `ws`, its broadcast loop, a Redis subscription."""
    modules, port = node(), servers.free_port()
    words = ["node", "ws.mjs", str(port), redis_url, CHANNEL]
    with (
        Path(directory, "rivals.log").open("ab") as log,
        redis.from_url(redis_url) as client,
        ended(words, cwd=modules, stderr=log) as server,
        listening(server),
    ):
        yield Target("Node ws", port, server.pid, "/", lambda stamp: client.publish(CHANNEL, fragment(stamp)))


@contextmanager
def socket_io(directory: str, redis_url: str) -> Iterator[Target]:
    """Node's socket.io with its Redis adapter; another process emits."""
    modules, port = node(), servers.free_port()
    with (
        Path(directory, "rivals.log").open("ab") as log,
        ended(["node", "socketio.mjs", str(port), redis_url], cwd=modules, stderr=log) as server,
        ended(["node", "socketio_emit.mjs", redis_url], cwd=modules, stderr=log) as emitter,
        listening(server),
        listening(emitter),
    ):

        def publish(stamp: int) -> None:
            emitter.stdin.write(fragment(stamp) + "\n")
            emitter.stdin.flush()

        path = "/socket.io/?EIO=4&transport=websocket"
        yield Target("Node socket.io, Redis", port, server.pid, path, publish, dialect="sio")


@contextmanager
def nginx_nchan(directory: str, workers: int) -> Iterator[Target]:
    """nginx with nchan, in memory, published to by HTTP."""
    root, port = nchan(), servers.free_port()
    module = next(root.glob("usr/lib/nginx/modules/ngx_nchan_module.so"))
    configured = Path(directory, "nchan.conf")
    text = (HERE / "nchan.conf").read_text()
    values = {"MODULE": module, "PORT": port, "WORKERS": workers, "DIRECTORY": directory}
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    configured.write_text(text)
    words = [str(root / "usr/sbin/nginx"), "-c", str(configured), "-p", directory, "-g", "daemon off;"]
    with Path(directory, "rivals.log").open("ab") as log, ended(words, stderr=log) as server:
        wait_until_served(port, "/healthz")
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def publish(stamp: int) -> None:
            connection.request("POST", "/publish", fragment(stamp))
            connection.getresponse().read()

        yield Target(f"nginx nchan, {workers} w", port, server.pid, "/listen", publish)
        connection.close()
