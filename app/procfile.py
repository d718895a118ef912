"""Runs the lines of a Procfile together: when one ends, or somebody asks, all end, with everything they started.

Called by `app.dev`. Built from honcho's parts (parser, process, printer) rather than its Manager, which forks beneath
our threads and, after Ctrl-C, waits for ever on a process that does not obey. Not for production.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from honcho.colour import get_colours
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer
from honcho.process import Process

STOP_WITHIN_SECONDS = 8.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLORS = get_colours()


class Together:
    """The processes of one Procfile. Each leads a session of its own, so that all its descendants can be found."""

    def __init__(self, procfile: Path, env: Mapping[str, str]) -> None:
        lines: dict[str, str] = parse_procfile(procfile.read_text()).processes
        self._events: queue.Queue[Message] = queue.Queue()
        self._printer = Printer(sys.stdout, width=max(map(len, lines)))
        self._leaders: dict[str, int] = {}
        self._running = set(lines)
        self._asked = 0
        self._threads = [self._thread(name, line, env, procfile.parent) for name, line in lines.items()]

    def _thread(self, name: str, line: str, env: Mapping[str, str], directory: Path) -> threading.Thread:
        process = Process(line, name=name, colour=next(COLORS), env=dict(env), cwd=str(directory))
        return threading.Thread(target=process.run, args=(self._events,), name=name, daemon=True)

    def run(self, beside: Callable[[], None]) -> int:
        """Run all until one ends or a signal comes; `beside` runs in a thread meanwhile. Returns the exit status."""
        for number in SIGNALS:
            signal.signal(number, self._ask)
        for thread in (*self._threads, threading.Thread(target=beside, daemon=True)):
            thread.start()
        status = self._until_one_ends()
        self._end_all()
        return 0 if self._asked else status or 1  # a process that ends by itself is a failure, however politely

    def _ask(self, _number: int, _frame: object) -> None:
        self._asked += 1

    def _until_one_ends(self) -> int:
        while not self._asked:
            ended = self._next_event()
            if ended is not None:
                name, status = ended
                self._say(f"{name} has ended (status {status}), so all are stopped.")
                return status
        return 0

    def _next_event(self) -> tuple[str, int] | None:
        """Print a line, or note a start; name and exit status when a process has ended."""
        try:
            message = self._events.get(timeout=0.1)
        except queue.Empty:
            return None
        if message.type == "line":
            self._printer.write(message)
        elif message.type == "start":
            self._leaders[message.name] = message.data["pid"]
        elif message.type == "stop":
            self._running.discard(message.name)
            return message.name, int(message.data["returncode"])
        return None

    def _end_all(self) -> None:
        """Ask everybody to end; those who have not when time is up, or when asked a second time, are killed."""
        asked_before, told = self._asked, set[int]()
        end = time.monotonic() + STOP_WITHIN_SECONDS
        while (self._running or self._members()) and time.monotonic() < end and self._asked == asked_before:
            for leader in set(self._leaders.values()) - told:  # one may only just have started
                told.add(leader)
                _send(os.killpg, leader, signal.SIGTERM)
            for pid in self._orphans() - told:
                told.add(pid)
                _send(os.kill, pid, signal.SIGTERM)
            self._next_event()
        for pid in self._members():
            _send(os.kill, pid, signal.SIGKILL)

    def _members(self) -> dict[int, int]:
        """All living processes of our sessions, each with its session's leader."""
        leaders, sessions = set(self._leaders.values()), {pid: _session_of(pid) for pid in _living()}
        return {pid: leader for pid, leader in sessions.items() if leader in leaders}

    def _orphans(self) -> set[int]:
        """What a leader that is gone has left behind outside its process group, as a job of RQ is."""
        members = self._members()
        return {pid for pid, leader in members.items() if leader not in members}

    def _say(self, sentence: str) -> None:
        self._printer.write(Message("line", sentence, datetime.now(), "pika", None))  # noqa: DTZ005  (printed as local time)


def _send(kill: Callable[[int, int], None], pid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # ended meanwhile
        kill(pid, number)


def _living() -> list[int]:
    """The processes of this machine without the dead that nobody has collected."""
    if Path("/proc/self/stat").exists():
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and not _is_zombie(entry)]
    listed = subprocess.run(["ps", "-axo", "pid=,stat="], capture_output=True, text=True, check=True)
    return [int(pid) for pid, state in map(str.split, listed.stdout.splitlines()) if not state.startswith("Z")]


def _is_zombie(process: Path) -> bool:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:  # ended meanwhile
        return True


def _session_of(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:  # ended meanwhile, or not ours to ask
        return -1
