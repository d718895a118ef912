"""The handshake in a real browser: asked by an organizer, confirmed on one phone, named on another by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.demo import weekend as demo
from app.demo.load import first_day
from app.lib import clock
from tests.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser
SONG = "One more song"  # of the demo's last night: it always lies ahead


def test_yellow_on_one_phone_turns_green_on_the_public_schedule(demo_server, signed_in, new_context):
    day = first_day(clock.now()) + timedelta(days=2)
    event = f"{demo_server.url}/e/{demo.SLUG}/schedule?day={day}"
    guest = new_context(**PHONE).new_page()
    guest.goto(event)
    guest.wait_for_selector(".conn[data-state=live]")
    guest.evaluate("window.sameDocument = true")
    slot = guest.locator("article.slot", has_text=SONG)
    assert "Jo Brandt" not in slot.inner_text()

    olive = signed_in("olive", **DESKTOP)
    olive.goto(f"{demo_server.url}/app/organizer/events/{demo.SLUG}/bookings")
    olive.get_by_text("Ask somebody").click()
    olive.get_by_role("link", name=SONG).click()
    olive.fill("#f-who", "@jo")
    olive.fill("#f-fee", "120")
    olive.get_by_role("button", name="Ask", exact=True).click()
    olive.locator("#slot-gigs").get_by_text("Pending").wait_for()

    jo = signed_in("jo", **PHONE)
    jo.goto(f"{demo_server.url}/app/dj/gigs")
    card = jo.locator("section.card", has_text=SONG)
    assert "€120" in card.inner_text()
    card.get_by_role("button", name="Confirm").click()
    jo.get_by_text("Confirmed. They know").wait_for()

    slot.get_by_text("DJ Jo Brandt").wait_for(timeout=6_000)
    assert guest.evaluate("window.sameDocument") is True, "the page was loaded anew"
    olive.reload()
    olive.locator("#slot-gigs").get_by_text("Confirmed").wait_for()
