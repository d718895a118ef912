"""The light in scripted cases (W8): green while the page is true, yellow while it is made true, red without network.

The test plays the socket, the polls, the page's own loading and the clock; static/js/live.js is the real one.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.live.test_client import SCRIPTED

pytestmark = pytest.mark.browser

LIVE, POLL, LATE, OFF = "Live", "Updating every 5 seconds", "Catching up", "Offline"
STATES = {LIVE: "live", POLL: "late", LATE: "late", OFF: "off"}
TURN = """new Promise((done) => {
  const channel = new MessageChannel(); channel.port1.onmessage = () => done(1); channel.port2.postMessage(1);
})"""
BLOCKED = ["drop", "pass 6", "drop"]  # down for longer than a poll's pause

# what happens, one after the other -> what the light says; "poll …" and "page …": what the server answers from then on
CASES: dict[str, tuple[list[str], str]] = {
    "a beat": (["beat"], LIVE),
    "a line without a beat": (["open", "pass 1"], "Connecting"),
    "the line breaks": (["beat", "drop"], LATE),
    "it breaks and comes back": (["beat", "drop", "pass 3", "beat"], LIVE),
    "the network goes": (["beat", "offline"], OFF),
    "the network goes, and the line": (["beat", "offline", "drop"], OFF),
    "the network flickers": (["beat", "offline", "online"], LIVE),
    "it comes back without a line yet": (["beat", "drop", "offline", "online"], LATE),
    "sockets blocked, nothing new": (["poll 304", *BLOCKED], POLL),
    "sockets blocked, something new": (["poll 200", *BLOCKED, "pass 1"], POLL),
    "a handshake that hangs": (["poll 304", "pass 11"], POLL),
    "polls fail, too": (["poll fail", *BLOCKED], OFF),
    "polls fail, then not": (["poll fail", *BLOCKED, "sees off", "poll 304", "pass 5"], POLL),
    "polls worked, then not": (["poll 304", *BLOCKED, "sees poll", "poll fail", "pass 5"], OFF),
    "something new that cannot be loaded": (["poll 200", "page 500", *BLOCKED, "pass 1"], OFF),
    "it could not be loaded, then it could": (
        ["poll 200", "page 500", *BLOCKED, "pass 1", "sees off", "page 200", "poll 304", "pass 6"], POLL,
    ),
    "sockets blocked without Redis": (["poll 503", *BLOCKED, "pass 1"], POLL),
    "sockets blocked without Redis and without a page": (["poll 503", "page fail", *BLOCKED, "pass 1"], OFF),
    "polling, and the network goes": (["poll 304", *BLOCKED, "sees poll", "offline"], OFF),
    "polling, and a socket gets through": (["poll 304", *BLOCKED, "sees poll", "pass 4", "beat"], LIVE),
    "the server has lost Redis": (["poll 503", "beat", "late", "pass 1"], POLL),
    "it has Redis again": (["poll 503", "beat", "late", "pass 1", "beat", "pass 3"], LIVE),
    "it has Redis again, not the page": (["poll 503", "page 500", "beat", "late", "pass 1", "beat", "pass 3"], LATE),
    "silence": (["poll fail", "beat", "pass 56"], OFF),
}  # fmt: skip


class Stage:
    """A page whose world the test plays."""

    def __init__(self, context: Any, url: str) -> None:
        self.context, self.poll, self.load = context, "304", "200"
        self.page = context.new_page()
        self.page.add_init_script(SCRIPTED)
        self.page.clock.install()
        self.page.route("**/live/at*", lambda route: self._answer(route, self.poll))
        self.page.goto(url)
        self.page.route("**/page/*", lambda route: self._answer(route, self.load))

    def _answer(self, route: Any, how: str) -> None:
        if how == "fail":
            route.abort()
        elif "/page/" in route.request.url and how == "200":
            route.continue_()
        else:
            route.fulfill(status=int(how), body="")

    def play(self, step: str) -> None:
        word, _, rest = step.partition(" ")
        if word in ("offline", "online"):
            self.context.set_offline(word == "offline")
        elif word == "pass":
            for _ in range(int(rest) * 2):  # the page's own promises take their turn in between
                self.page.clock.run_for(500)
                self.page.evaluate(TURN)
        elif word == "sees":
            expect(self.page.locator(".conn")).to_have_text({"poll": POLL, "off": OFF}[rest])
        elif word in ("poll", "page"):
            setattr(self, {"poll": "poll", "page": "load"}[word], rest)
        else:
            frame = json.dumps({"beat": 1, "late": word == "late"})
            script = {"open": "socket.open()", "drop": "socket.readyState < 3 && socket.drop()"}.get(
                word, f"socket.open(); socket.say({frame})"
            )
            self.page.evaluate(f"(() => {{ const socket = sockets.at(-1); {script}; }})()")


@pytest.mark.parametrize("name", CASES)
def test_the_light_says_what_is_so(small, topic, new_context, name):
    steps, said = CASES[name]
    small.keep({"a": "0"})
    stage = Stage(new_context(), f"http://localhost:{small.port}/page/{topic}")
    for step in steps:
        stage.play(step)
    light = stage.page.locator(".conn")
    if said == "Connecting":
        expect(light).to_have_attribute("data-state", "late")
        return
    expect(light).to_have_text(said)
    expect(light).to_have_attribute("data-state", STATES[said])


def test_there_are_twenty_cases_and_more():
    assert len(CASES) >= 20
    assert {said for _, said in CASES.values()} >= set(STATES)
