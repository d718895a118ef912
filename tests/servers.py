"""Servers for tests: a throw-away PostgreSQL, Pika! itself as real processes, and the system's Chromium.

Used by conftest.py, by tests that need more than one server, and by the scripts that measure or take pictures. Nothing
here listens outside this machine, and everything ends with its `with` block.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from app import redis_server

ROOT = Path(__file__).resolve().parent.parent
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
READY_WITHIN_SECONDS = 60.0
COMMANDS = {
    "web": ["-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
    "worker": ["-m", "jobs.worker"],
    "clock": ["-m", "jobs.clock"],
}

# A browser that talks to nobody but this machine.
CHROMIUM_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


class Missing(RuntimeError):
    """A program that tests need is not installed. The sentence says how to get it."""


def postgres_binaries() -> Path:
    """The directory with initdb and postgres: Debian keeps them out of PATH."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    candidates = sorted(DEBIAN_POSTGRES.glob("*/bin/initdb"), key=lambda path: float(path.parents[1].name))
    if not candidates:
        message = "PostgreSQL is missing: sudo apt-get install postgresql (or PIKA_TEST_WITHOUT=postgres)"
        raise Missing(message)
    return candidates[-1].parent


def chromium() -> Path:
    """The system's Chromium; CHROMIUM names another one."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return Path(found)
    message = "Chromium is missing: sudo apt-get install chromium (or PIKA_TEST_WITHOUT=chromium)"
    raise Missing(message)


@contextmanager
def postgres() -> Iterator[str]:
    """A throw-away cluster on a unix socket, with an empty database; yields its URL. Nothing is made durable."""
    binaries = postgres_binaries()
    directory = Path(tempfile.mkdtemp(prefix="pika-pg-"))
    # PostgreSQL refuses to run as root; Debian's package brings the user for it.
    owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    if owner:
        account = pwd.getpwnam("postgres")
        os.chown(directory, account.pw_uid, account.pw_gid)
    data = directory / "data"
    initdb = [
        binaries / "initdb",
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "pika",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, capture_output=True, cwd=directory, **owner)
    settings = {
        "listen_addresses": "", "unix_socket_directories": str(directory), "fsync": "off", "synchronous_commit": "off",
        "full_page_writes": "off", "max_connections": "200", "shared_buffers": "64MB", "log_statement": "none",
    }  # fmt: skip
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (directory.parent / f"{directory.name}.log").open("wb") as log:
        command = [binaries / "postgres", "-D", data, *options]
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=directory, start_new_session=True, **owner)
    try:
        _create_database(binaries, directory, server)
        yield f"postgresql+psycopg://pika@/pika?host={directory}"
    finally:
        server.send_signal(signal.SIGQUIT)  # nothing in it is worth a checkpoint
        server.wait(timeout=20)
        shutil.rmtree(directory, ignore_errors=True)
        Path(log.name).unlink()


def _create_database(binaries: Path, directory: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY_WITHIN_SECONDS
    command = [binaries / "createdb", "-h", directory, "-U", "pika", "pika"]
    while subprocess.run(command, capture_output=True, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > end:
            message = f"the throw-away PostgreSQL did not start: see {directory}.log"
            raise RuntimeError(message)
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """Pika! as real processes: gunicorn with gevent, and where asked a worker and a clock, on data of their own."""

    var: Path
    port: int
    env: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> str:
        """What all processes have printed so far."""
        return (self.var / "server.log").read_text(errors="replace")

    def command(self, *arguments: str) -> str:
        """Run `flask --app wsgi …` on the same data; its output."""
        words = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(words, env=self.env, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            message = f"flask {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
            raise RuntimeError(message)
        return done.stdout

    def start(self, name: str) -> None:
        """Start one of web, worker and clock; web is waited for."""
        with (self.var / "server.log").open("ab") as log:
            words = [sys.executable, *COMMANDS[name]]
            self.processes[name] = subprocess.Popen(
                words, env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        if name == "web":
            self._wait_until_ready()

    def stop(self, name: str, number: int = signal.SIGTERM) -> None:
        """Stop one of the processes, politely by default, and all that it started."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop_all(self) -> None:
        for name in list(self.processes):
            self.stop(name)

    def _wait_until_ready(self) -> None:
        end, trouble = time.monotonic() + READY_WITHIN_SECONDS, ""
        while time.monotonic() < end and self.processes["web"].poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2):
                    return
            except urllib.error.HTTPError as error:
                trouble = error.read().decode(errors="replace")
            except OSError as error:
                trouble = str(error)
            time.sleep(0.05)
        message = f"Pika! did not get ready: {trouble}\n{self.log}"
        raise RuntimeError(message)


@contextmanager
def serve(
    *,
    database_url: str = "",
    demo: bool = True,
    processes: Sequence[str] = ("web", "worker"),
    template: Path | None = None,
    **environment: str,
) -> Iterator[Server]:
    """A whole Pika! on a free port, in development mode (one-click sign-in), with Redis and data of its own.

    `template` is the data directory of a stopped server: it is copied instead of migrating and loading the demo again.
    """
    var = Path(tempfile.mkdtemp(prefix="pika-var-"))
    port = free_port()
    server = Server(var, port, _environment(var, port, database_url) | environment)
    redis_process = redis_server.start(var)
    try:
        if template is None:
            prepare(server, demo=demo)
        else:
            shutil.copytree(template, var, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock", "*.log"))
            _forget_debts(var)
        for name in sorted(processes, key=list(COMMANDS).index):
            server.start(name)
        yield server
    finally:
        server.stop_all()
        redis_server.stop(var, redis_process)
        shutil.rmtree(var, ignore_errors=True)


@contextmanager
def beside(server: Server, **environment: str) -> Iterator[Server]:
    """A second web process on the data, the Redis and the keys of a running server, on a port of its own."""
    port = free_port()
    other = Server(server.var, port, server.env | {"PORT": str(port)} | environment)
    try:
        other.start("web")
        yield other
    finally:
        other.stop_all()


def _forget_debts(var: Path) -> None:
    """The Redis that knew them as paid is gone: they would be paid once more in the middle of a test."""
    with closing(sqlite3.connect(var / "pika.sqlite3")) as connection:
        connection.execute("DELETE FROM live_debt")
        connection.commit()


def prepare(server: Server, *, demo: bool) -> None:
    """Bring the server's database up to date and, where asked, load the demo into it."""
    server.command("db", "upgrade")
    if demo:
        server.command("demo", "load")


def _environment(var: Path, port: int, database_url: str) -> dict[str, str]:
    """A clean environment: what this machine happens to have set must not decide how a test ends."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ}
    own = {
        "PIKA_ENV": "development",
        "PIKA_VAR": str(var),
        "PORT": str(port),
        "REDIS_URL": redis_server.url(var),
        "PASSWORD_TIME_COST": "1",
        "RATE_LIMITS": "off",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return kept | own | ({"DATABASE_URL": database_url} if database_url else {})
