"""The development runner behind `make run`: data directory, Redis, migrations, demo, then the lines of the Procfile.

`python -m app.dev` ends with one line that names the address, and the demo's people. Ctrl-C stops all of it. One runner
per data directory; two checkouts, or two values of PIKA_VAR and PORT, do not meet. Not for production.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app import config, redis_server
from app.procfile import Together

ROOT = Path(__file__).resolve().parent.parent
SLOW_AFTER_SECONDS = 30.0


class CannotRun(RuntimeError):
    """Something outside stands in the way; the sentence says what to do."""


def main(arguments: list[str]) -> int:
    """Run until stopped. With `running`: only tell, by the exit status, whether a runner holds this data directory."""
    os.chdir(ROOT)
    var = Path(os.environ.get("PIKA_VAR") or "var").resolve()
    if arguments == ["running"]:
        return 0 if is_running(var) else 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        return _run(var)
    except (CannotRun, redis_server.NoRedis, config.UnsafeSettings) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # during the preparation; afterwards Together listens to signals
        return 0


def is_running(var: Path) -> bool:
    """Whether a development runner holds this data directory."""
    if not (var / "run.lock").exists():
        return False
    try:
        with _only_runner(var):
            return False
    except CannotRun:
        return True


def _run(var: Path) -> int:
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = _environment(var)
    os.environ.update(environment)
    settings = config.load()
    _require_free_port(settings.port)
    with _only_runner(var), _redis(var):
        _prepare()
        return Together(ROOT / "Procfile", environment).run(beside=_announcer(settings.port))


def _environment(var: Path) -> dict[str, str]:
    """What the processes are given: this virtual environment first on PATH, and the very same data directory."""
    own = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PIKA_VAR": str(var),
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **own}


def _require_free_port(port: int) -> None:
    """Refuse a port that somebody listens on, at either address that `localhost` may mean to a browser."""
    with socket.socket() as ours, socket.socket(socket.AF_INET6) as theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ours.bind(("127.0.0.1", port))
            taken = theirs.connect_ex(("::1", port)) == 0
        except OSError:
            taken = True
    if taken:
        message = f"Port {port} is taken by another program. Choose another one: make run PORT={port + 1}"
        raise CannotRun(message)


@contextmanager
def _only_runner(var: Path) -> Iterator[None]:
    """Hold the data directory: two runners on one database and one Redis would do each other's work twice."""
    with (var / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = f"Pika! already runs with the data in {var}. For a second one: make run PIKA_VAR=… PORT=…"
            raise CannotRun(message) from error
        yield


@contextmanager
def _redis(var: Path) -> Iterator[None]:
    if os.environ.get("REDIS_URL"):
        yield
        return
    server = redis_server.start(var)
    try:
        yield
    finally:
        redis_server.stop(var, server)


def _prepare() -> None:
    """Bring the database up to date and load the demo into an empty one."""
    from flask_migrate import upgrade

    from app import create_app
    from app.demo import load

    with create_app().app_context():
        upgrade(directory=str(ROOT / "migrations"))
        load.load_if_empty()


def _announcer(port: int) -> Callable[[], None]:
    """What runs beside the processes: waits until Pika! is ready, then says where it is."""

    def announce() -> None:
        began, said_slow = time.monotonic(), False
        while (trouble := _trouble(port)) is not None:
            if not said_slow and time.monotonic() - began > SLOW_AFTER_SECONDS:
                said_slow = True
                print(f"Still not ready after {SLOW_AFTER_SECONDS:.0f} seconds: {trouble}", flush=True)
            time.sleep(0.05)
        print(_welcome(port), flush=True)

    return announce


def _trouble(port: int) -> str | None:
    """Why /readyz does not answer 200 yet; None when it does."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
            return None
    except urllib.error.HTTPError as error:
        return f"/readyz says {error.read().decode(errors='replace').strip()}"
    except OSError as error:
        return str(error)


def _welcome(port: int) -> str:
    """The address, and whom of the demo to be."""
    from app.demo.cast import CAST, PASSWORD

    address = f"http://localhost:{port}"
    name_width, role_width = (max(len(getattr(player, word)) for player in CAST) for word in ("name", "role"))
    people = [f"    {p.name:<{name_width}}  {p.role:<{role_width}}  {p.line}" for p in CAST]
    return "\n".join(
        [
            f"\n  Pika! is at {address}\n",
            f"  Be somebody with one click at {address}/sign-in:\n",
            *people,
            f"\n  With a password: {CAST[0].email}, {PASSWORD}. Ctrl-C stops everything.\n",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
