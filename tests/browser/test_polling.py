"""Sockets blocked, or the server without its Redis: a change is on the screen within six seconds all the same (X6)."""

from __future__ import annotations

import shutil
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from app.db import db
from app.people import queries as people
from app.schedule import actions
from tests import servers
from tests.conftest import PHONE
from tests.live.test_outages import Switch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLE = "Elastic connection"
WITHIN_SECONDS = 6.0
POLLING = "Updating every 5 seconds"


def blocked(context: Any) -> Any:
    """A page in a hotel that lets no WebSocket through."""
    context.route_web_socket("**/ws*", lambda socket: socket.close())
    return context.new_page()


def test_with_sockets_blocked_an_edit_is_on_the_phone_within_six_seconds(new_context, weekend):
    page = blocked(new_context(**PHONE))
    page.goto(weekend.timeline)
    page.evaluate("window.sameDocument = true")
    expect(page.locator(".conn")).to_have_text(f"Connection: {POLLING}", timeout=15_000)
    with weekend.app.app_context():
        event_id, olive = _event_id(weekend), people.person_by_handle("olive")
    for minutes, clock in ((15, "14:15"), (15, "14:30"), (-30, "14:00")):
        began = time.monotonic()
        with weekend.app.app_context():
            actions.shift_slot(event_id, weekend.ids[TITLE], minutes, olive)
            db.session.rollback()
        start = page.locator(f"#slot-{weekend.ids[TITLE]} .slot-start")
        expect(start).to_have_text(clock, timeout=WITHIN_SECONDS * 1000)
        assert time.monotonic() - began <= WITHIN_SECONDS
    expect(page.locator(".conn")).to_have_attribute("data-state", "late")  # yellow
    assert page.evaluate("window.sameDocument") is True

    loads = []
    page.on("request", lambda request: loads.append(request.url) if "/schedule" in request.url else None)
    answers = []
    page.on("response", lambda answer: answers.append(answer.status) if "/live/at" in answer.url else None)
    page.wait_for_timeout(300)
    page.wait_for_event("response", lambda answer: "/live/at" in answer.url, timeout=10_000)
    assert (answers[-1], loads) == (304, []), "an unchanged poll loads nothing"


def _event_id(weekend: Any) -> int:
    from app.events import queries as events

    found = events.event_by_slug(weekend.slug)
    assert found is not None
    return int(found.id)


@pytest.fixture
def switch():
    made = Switch()
    yield made
    made.off()
    shutil.rmtree(made.directory)


def test_with_redis_down_the_page_itself_is_loaded(new_context, demo_data, switch):
    slug = "budapest-swing-weekend"
    with servers.serve(template=demo_data, processes=("web",), REDIS_URL=switch.url) as server:
        page = new_context(**PHONE).new_page()
        page.goto(f"{server.url}/e/{slug}/schedule")
        expect(page.locator(".conn")).to_have_attribute("data-state", "live")
        slot = page.locator(".slot-row .slot").last
        ident = str(slot.get_attribute("id")).removeprefix("slot-")
        before = slot.locator(".slot-start").inner_text()
        switch.off()
        expect(page.locator(".conn")).to_have_text(f"Connection: {POLLING}", timeout=30_000)
        expect(page.locator(".conn")).to_have_attribute("data-state", "late")
        server.command("events", "shift", slug, ident, "10")
        start = page.locator(f"#slot-{ident} .slot-start")
        expect(start).not_to_have_text(before, timeout=WITHIN_SECONDS * 1000)
        switch.on()
        expect(page.locator(".conn")).to_have_attribute("data-state", "live", timeout=30_000)
