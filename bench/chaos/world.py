"""The world that falls apart: two web processes, one Redis, one database, an organizer who edits all the time.

Servers are those of the tests (tests.servers). Truth is what a fresh page of the first server says.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

from app import redis_server
from bench.chaos.phone import regions_of
from tests import servers
from tests.visitor import Visitor

EVENT = "budapest-swing-weekend"
TOPIC = f"event:{EVENT}:public"
STAGE = f"/app/organizer/events/{EVENT}"
EDIT = re.compile(r" · (\d+)")


class World:
    """Faults and edits. Methods block: they are called from a thread."""

    def __init__(self, first: servers.Server, second: servers.Server, rng: random.Random) -> None:
        self.first, self.second = first, second
        self.rng = rng
        self.day = ""
        self.known: dict[str, tuple[int, float]] = {}  # region id -> newest edit that was answered, and when
        self._slots: dict[str, dict] = {}
        self._number = 0
        self._redis = first.var
        self._redis_process: subprocess.Popen[bytes] | None = None
        self._organizer = Visitor(first.port).sign_in("olive")
        self._refresh()

    @property
    def ports(self) -> list[int]:
        return [self.first.port, self.second.port]

    @property
    def path(self) -> str:
        """The page that every phone shows."""
        return f"/e/{EVENT}/schedule?day={self.day}"

    @property
    def edits(self) -> int:
        return self._number

    def truth(self) -> dict[str, str]:
        """What a page shows that is loaded now."""
        return regions_of(Visitor(self.first.port).get(self.path))

    # --- edits

    def edit(self) -> None:
        """A new title for some slot of the day, through a page of either server. It may fail: that is the point."""
        self._organizer.port = self.rng.choice(self.ports)
        slot = self.rng.choice(list(self._slots.values()))
        self._number += 1
        form = {name: slot[name] for name in ("kind", "room", "flexibility", "day", "version", "level")}
        form |= {
            "title": f"{EDIT.sub('', slot['title'])} · {self._number}",
            "start": slot["start"][-5:],
            "end": slot["end"][-5:],
        }
        try:
            answer = json.loads(self._organizer.post(f"{STAGE}/slots/{slot['id']}", accept="application/json", **form))
        except (OSError, http.client.HTTPException, ValueError):
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                self._refresh()
            return
        self._note(answer["slot"])

    def come_to_rest(self) -> None:
        """All servers are there again, and what the database says is known."""
        end = time.monotonic() + 60
        for port in self.ports:
            self._organizer.port = port
            while True:
                try:
                    self._refresh()
                except (OSError, http.client.HTTPException, ValueError):
                    assert time.monotonic() < end, "a server did not come back"
                    time.sleep(0.5)
                else:
                    break

    def _refresh(self) -> None:
        """What the database says, after a start or an answer that never came."""
        feed = json.loads(self._organizer.get(f"{STAGE}/schedule/slots.json"))
        if not self.day:
            days = [slot["day"] for slot in feed["slots"]]
            self.day = max(set(days), key=days.count)
        for slot in feed["slots"]:
            if slot["day"] == self.day and not slot["cancelled"]:
                self._note(slot)

    def _note(self, slot: dict) -> None:
        before = self._slots.get(slot["id"])
        self._slots[slot["id"]] = slot
        found = EDIT.search(slot["title"])
        if found and (before is None or before["title"] != slot["title"]):
            self.known[f"slot-{slot['id']}"] = (int(found.group(1)), time.monotonic())

    # --- faults

    def kill_a_worker(self) -> None:
        """SIGKILL of a web worker; gunicorn starts another one."""
        master = self.rng.choice([self.first, self.second]).processes["web"].pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)

    def deploy(self) -> None:
        """SIGHUP: new workers begin, old ones close their sockets with 1012 and go."""
        self.rng.choice([self.first, self.second]).processes["web"].send_signal(signal.SIGHUP)

    def empty_redis(self) -> None:
        import redis

        with redis.from_url(redis_server.url(self._redis)) as client:
            client.flushall()

    def restart_redis(self) -> None:
        """Away for a few seconds, and empty when it is back."""
        redis_server.stop(self._redis, self._redis_process)
        time.sleep(self.rng.uniform(1, 5))
        self._redis_process = redis_server.start(self._redis)

    def close(self) -> None:
        """Take away what was started here."""
        if self._redis_process is not None:
            redis_server.stop(self._redis, self._redis_process)
