"""300 dancers at one set: each hearts the song and votes on the tempo, two songs long; the DJ's page meanwhile.

`python -m bench.booth [DANCERS]`. A whole Pika! with two web processes, worker and clock on this machine, PostgreSQL.
Counted: publishes in the worst second per topic (on Redis's own channel), whether the last heart was published, and how
long the booth page takes beside an empty answer of the same run.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import random
import re
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import redis

from app.live import topics
from tests import servers

DANCERS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
SONGS, SONG_SECONDS = 2, 10.0
TAP_WITHIN = 6.0  # seconds after a song's beginning in which everybody taps
PAGE_EVERY = 0.1


class Browser:
    """One phone without scripts: keeps cookies and a connection."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies, self.line = port, {}, None
        self.token = ""

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str]:
        for _ in range(2):  # a kept connection may have been closed
            try:
                return self._ask(method, path, fields)
            except (http.client.HTTPException, OSError):
                self.line = None
        return self._ask(method, path, fields)

    def _ask(self, method, path, fields):
        self.line = self.line or http.client.HTTPConnection("localhost", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "HX-Request": "true"}
        body = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields | {"csrf_token": self.token})
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        self.token = self.token or (found[1] if found else "")
        return answer.status, text


def jo(server: servers.Server) -> tuple[Browser, str, str]:
    """Jo's laptop, the address of the deck, and the code of a fresh set."""
    laptop = Browser(server.port)
    laptop.ask("GET", "/sign-in")
    laptop.ask("POST", "/dev/sign-in/jo")
    laptop.token = ""
    laptop.ask("GET", "/app/dj/booth")
    laptop.ask("POST", "/app/dj/booth", title="Bench social", zone="Europe/Budapest", place="", dance="wcs")
    sets = laptop.ask("GET", "/app/dj/booth")[1]
    deck = re.search(r'href="(/app/dj/booth/[a-z0-9]{12})"', sets)[1]
    code = re.search(r'href="/live/([a-z0-9]{6})"', laptop.ask("GET", deck)[1])[1]
    return laptop, deck, code


def listen(url: str, names: list[str], heard: dict[str, list[float]], stop: Any) -> None:
    """Notes the moment of each publish of these topics."""
    with redis.from_url(url).pubsub() as line:
        line.subscribe(*[topics.key(name, "frames") for name in names])
        while not stop.is_set():
            message = line.get_message(ignore_subscribe_messages=True, timeout=0.2)
            if message:
                name = next(n for n in names if n in message["channel"].decode())
                heard[name].append(time.monotonic())


def worst_second(moments: list[float]) -> int:
    return max((sum(1 for other in moments if 0 <= other - moment < 1) for moment in moments), default=0)


def time_page(port: int, cookies: dict[str, str], path: str, stop: Any, found: Any) -> None:
    """In a process of its own: among 300 threads a clock would measure how these wait for one another."""
    browser, times = Browser(port), []
    browser.cookies = cookies
    while not stop.wait(PAGE_EVERY):
        began = time.perf_counter()
        status, _ = browser.ask("GET", path)
        assert status == 200
        times.append((time.perf_counter() - began) * 1000)
    found.put((path, times))


def dance(phone: Browser, code: str, play: str, delays: tuple[float, float]) -> list[int]:
    time.sleep(delays[0])
    statuses = [phone.ask("POST", f"/live/{code}/heart/{play}", on="1")[0]]
    time.sleep(delays[1])
    statuses.append(phone.ask("POST", f"/live/{code}/tempo", choice=random.choice(("slower", "perfect", "faster")))[0])
    return statuses


def run(server: servers.Server) -> dict[str, object]:
    laptop, deck, code = jo(server)
    phones = [Browser(server.port) for _ in range(DANCERS)]
    floor, booth = f"set:{code}:floor", f"set:{code}:booth"
    heard: dict[str, list[float]] = {floor: [], booth: []}
    apart = multiprocessing.get_context("spawn")
    stop, timed = apart.Event(), apart.Queue()
    clocks = [
        apart.Process(target=time_page, args=(server.port, cookies, path, stop, timed))
        for cookies, path in ((laptop.cookies, deck), ({}, "/healthz"))
    ]
    with ThreadPoolExecutor(DANCERS + 4) as pool:
        list(pool.map(lambda phone: phone.ask("GET", f"/live/{code}"), phones))
        pool.submit(listen, server.env["REDIS_URL"], [floor, booth], heard, stop)
        for each in clocks:
            each.start()
        statuses: list[int] = []
        try:
            for song in range(SONGS):
                laptop.ask("POST", f"{deck}/play", text=f"Somebody - Song {song}")
                play = re.search(r'data-play="([a-z0-9]+)"', phones[0].ask("GET", f"/live/{code}")[1])[1]
                began = time.monotonic()
                delays = [(random.uniform(0, TAP_WITHIN / 2), random.uniform(0, TAP_WITHIN / 2)) for _ in phones]
                for done in pool.map(
                    lambda pair, play=play: dance(pair[0], code, play, pair[1]), zip(phones, delays, strict=True)
                ):
                    statuses += done
                time.sleep(max(0.0, SONG_SECONDS - (time.monotonic() - began)))
        finally:
            stop.set()
    hearts = int(re.search(r'id="hearts" data-region>(\d+)<', phones[0].ask("GET", f"/live/{code}")[1])[1])
    times = dict(timed.get(timeout=30) for _ in clocks)
    for each in clocks:
        each.join()
    return {"heard": heard, "pages": times[deck], "empties": times["/healthz"], "statuses": statuses, "hearts": hearts}


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def main() -> None:
    environment = {"RATE_LIMITS": "off", "WEB_CONCURRENCY": "2"}
    with (
        servers.postgres() as database,
        servers.serve(database_url=database, processes=("web", "worker", "clock"), **environment) as server,
    ):
        found = run(server)
    good = sum(status == 200 for status in found["statuses"])
    print(f"{DANCERS} dancers, {SONGS} songs: {good} of {len(found['statuses'])} taps taken, {found['hearts']} hearts")
    for topic, moments in found["heard"].items():
        audience = topic.rpartition(":")[2]
        print(f"{audience:6} publishes {len(moments):4}, in the worst second {worst_second(moments)}")
    for name, times in (("booth page", found["pages"]), ("empty answer", found["empties"])):
        middle, worst = statistics.median(times), percentile(times, 0.99)
        print(f"{name:13} n {len(times):4}  median {middle:6.1f} ms  p99 {worst:6.1f} ms")
    print(f"load of the machine {os.getloadavg()[0]:.1f}")
    assert good == len(found["statuses"])
    assert found["hearts"] == DANCERS


if __name__ == "__main__":
    main()
