"""The maker in a real browser: what organizers do with a mouse, a thumb, keys or a plain form, and what others see."""

from __future__ import annotations

import re
import time
from datetime import date
from typing import Any

import pytest

from app.db import db
from app.people import queries as people
from app.schedule import actions
from app.schedule.models import Slot
from tests import factories
from tests.browser.conftest import QUARTER_PIXELS, Weekend, drag, focus, label, open_maker, says, tile
from tests.conftest import DESKTOP, PHONE
from tests.factories import at

pytestmark = pytest.mark.browser

SWIVELS, JACK, ELASTIC = "Swivels without tears", "Novice Jack & Jill", "Elastic connection"


def start_of(weekend: Weekend, title: str) -> Any:
    with weekend.rows() as session:
        return session.query(Slot).filter_by(public_id=weekend.ids[title]).one().starts_at


@pytest.fixture
def dancer(weekend, signed_in):
    """Dana's phone on the timeline, its light green."""
    page = signed_in("dana", **PHONE)
    page.goto(weekend.timeline)
    page.wait_for_selector(".conn[data-state=live]")
    page.evaluate("window.sameDocument = true")
    return page


def shown_after(dancer: Any, weekend: Weekend, title: str, clock: str) -> float:
    """Seconds until the dancer's page shows this start, in the same document."""
    began = time.monotonic()
    dancer.wait_for_function(
        "([id, clock]) => document.querySelector(`#slot-${id} .slot-start`)?.textContent.trim() === clock",
        arg=[weekend.ids[title], clock],
        timeout=3_000,
    )
    assert dancer.evaluate("window.sameDocument") is True, "the page was loaded anew"
    return time.monotonic() - began


# ---- it must show, 2: by mouse, by keys, without scripts ----


def test_a_drag_shows_on_a_dancers_phone_within_a_second(weekend, signed_in, dancer):
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    drag(olive, SWIVELS, quarters=1)
    assert shown_after(dancer, weekend, SWIVELS, "14:15") < 1.0
    says(olive, "14:00 → Sat 14:15")
    assert label(olive, SWIVELS).startswith(f"{SWIVELS}, workshop, 14:15 to 15:15, Danube Hall")
    assert start_of(weekend, SWIVELS) == at("14:15")


def test_the_same_by_keys(weekend, signed_in, dancer):
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    focus(olive, SWIVELS)
    for _ in range(3):
        olive.keyboard.press("Alt+ArrowDown")
    assert olive.locator("#maker-say").inner_text() == f"{SWIVELS}, 14:15 to 15:15, Danube Hall"
    assert start_of(weekend, SWIVELS) == at("14:00"), "sent before the keys came to rest"
    olive.wait_for_timeout(600)
    assert shown_after(dancer, weekend, SWIVELS, "14:15") < 1.0
    says(olive, "14:00 → Sat 14:15")
    assert olive.evaluate("document.activeElement.closest('.tile')?.dataset.slot") == weekend.ids[SWIVELS], (
        "the keys lost their tile"
    )


def test_the_same_without_scripts_by_form_and_reload(weekend, signed_in):
    olive = signed_in("olive", java_script_enabled=False)
    olive.goto(weekend.maker)
    olive.get_by_role("link", name=f"Edit {SWIVELS}").click()
    olive.get_by_label("From").fill("14:15")
    olive.get_by_label("To", exact=True).fill("15:15")
    olive.get_by_role("button", name="Save").click()
    assert "14:00 → Sat 14:15" in olive.locator(".toast").inner_text()
    dana = signed_in("dana", **PHONE, java_script_enabled=False)
    dana.goto(weekend.timeline)
    assert dana.locator(f"#slot-{weekend.ids[SWIVELS]} .slot-start").inner_text() == "14:15"
    olive.locator(".toast").get_by_role("button", name="Undo").click()
    dana.reload()
    assert dana.locator(f"#slot-{weekend.ids[SWIVELS]} .slot-start").inner_text() == "14:00"


def test_a_thumb_drags_after_a_long_press_and_scrolls_before(weekend, signed_in, dancer):
    olive = open_maker(signed_in("olive", **PHONE), weekend)
    touch = Thumb(olive)
    box = tile(olive, SWIVELS).bounding_box()
    x, y = box["x"] + 40, box["y"] + 30

    before = olive.evaluate("document.querySelector('.ec-main').scrollTop")
    touch.down(x, y + 60)
    touch.carry(x, y + 60, x, y)
    touch.up()
    olive.wait_for_timeout(500)
    scrolled = olive.evaluate("document.querySelector('.ec-main').scrollTop") - before
    assert scrolled > 30, "a quick swipe must scroll"
    assert start_of(weekend, SWIVELS) == at("14:00")
    olive.evaluate("top => { document.querySelector('.ec-main').scrollTop = top; }", before)

    box = tile(olive, SWIVELS).bounding_box()
    x, y = box["x"] + 40, box["y"] + 30
    touch.down(x, y)
    olive.wait_for_timeout(450)
    touch.carry(x, y, x, y + QUARTER_PIXELS)
    touch.up()
    assert shown_after(dancer, weekend, SWIVELS, "14:15") < 1.0


class Thumb:
    """Touches as the hardware reports them."""

    def __init__(self, page: Any) -> None:
        self.page, self.cdp = page, page.context.new_cdp_session(page)

    def _send(self, kind: str, *points: dict[str, float]) -> None:
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    def down(self, x: float, y: float) -> None:
        self._send("touchStart", {"x": x, "y": y})

    def carry(self, x: float, y: float, to_x: float, to_y: float, steps: int = 8) -> None:
        for step in range(1, steps + 1):
            part = step / steps
            self._send("touchMove", {"x": x + (to_x - x) * part, "y": y + (to_y - y) * part})
            self.page.wait_for_timeout(16)

    def up(self) -> None:
        self._send("touchEnd")


# ---- refused moves ----


def test_an_overlap_flies_back_with_what_is_in_the_way(weekend, signed_in):
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    home = tile(olive, SWIVELS).bounding_box()
    drag(olive, SWIVELS, quarters=6)
    says(olive, "Danube Hall is taken 16:00 to 17:00 by Novice Jack & Jill.")
    clash = tile(olive, SWIVELS)
    assert "is-clash" in clash.get_attribute("class")
    assert "Danube Hall is taken" in clash.inner_text()
    olive.wait_for_timeout(500)
    assert tile(olive, SWIVELS).bounding_box() == home
    olive.wait_for_timeout(4_000)
    assert "is-clash" not in tile(olive, SWIVELS).get_attribute("class")
    assert start_of(weekend, SWIVELS) == at("14:00")


def test_escape_drops_a_drag_and_takes_keys_back(weekend, signed_in):
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    home = tile(olive, SWIVELS).bounding_box()
    drag(olive, SWIVELS, quarters=2, drop=False)
    assert olive.locator(".tile.is-ghost").count() == 1
    olive.keyboard.press("Escape")
    olive.mouse.up()
    assert olive.locator(".tile.is-ghost").count() == 0
    assert tile(olive, SWIVELS).bounding_box() == home

    focus(olive, SWIVELS)
    olive.keyboard.press("Alt+ArrowUp")
    olive.keyboard.press("Escape")
    olive.wait_for_timeout(900)
    assert tile(olive, SWIVELS).bounding_box() == home
    drag(olive, SWIVELS, quarters=1)  # and the grid still works
    says(olive, "14:00 → Sat 14:15")
    assert start_of(weekend, SWIVELS) == at("14:15")


def test_an_undo_by_toast_and_by_key(weekend, signed_in):
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    drag(olive, SWIVELS, quarters=1)
    olive.locator(".toast").get_by_role("button", name="Undo").click()
    says(olive, "Taken back")
    assert start_of(weekend, SWIVELS) == at("14:00")
    drag(olive, ELASTIC, quarters=2)
    says(olive, "14:00 → Sat 14:30")
    olive.keyboard.press("Control+z")
    says(olive, "Taken back")
    assert start_of(weekend, ELASTIC) == at("14:00")


def test_a_drag_to_another_room_and_a_longer_end(weekend, signed_in):
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    drag(olive, JACK, rooms=1)
    says(olive, "Danube Hall → Margit Room")
    handle = tile(olive, ELASTIC).locator(".ec-resizer").bounding_box()
    x, y = handle["x"] + 20, handle["y"] + handle["height"] - 3
    olive.mouse.move(x, y)
    olive.mouse.down()
    olive.mouse.move(x, y + 10, steps=3)
    olive.mouse.move(x, y + 2 * QUARTER_PIXELS, steps=6)
    olive.mouse.up()
    says(olive, "ends 15:00 → 15:30")


# ---- others edit at the same time ----


def test_a_change_by_another_organizer_flashes_here(weekend, signed_in):
    olive, sam = (open_maker(signed_in(who, **DESKTOP), weekend) for who in ("olive", "sam"))
    drag(sam, ELASTIC, quarters=2)
    olive.locator(".tile.just-changed", has_text=ELASTIC).wait_for(timeout=2_000)
    assert "14:30 to 15:30" in label(olive, ELASTIC)
    assert olive.evaluate("window.sameDocument") is True
    olive.locator("#changes", has_text="Sam Whitfield").wait_for(timeout=2_000)
    olive.locator("#maker-undo button[aria-label*='Elastic connection']").wait_for(timeout=2_000)


def test_a_tile_under_the_finger_is_not_pulled_away(weekend, signed_in):
    olive, sam = (open_maker(signed_in(who, **DESKTOP), weekend) for who in ("olive", "sam"))
    drag(olive, SWIVELS, quarters=1, drop=False)
    drag(sam, SWIVELS, quarters=2)
    says(sam, "14:00 → Sat 14:30")
    olive.wait_for_timeout(700)  # the news is here
    assert olive.locator(".tile.is-ghost", has_text="14:15 to 15:15").count() == 1
    olive.mouse.up()
    says(olive, "Sam Whitfield changed it a moment ago: now 14:30 to 15:30")
    olive.locator(".tile[title*='14:30 to 15:30']", has_text=SWIVELS).wait_for()
    assert start_of(weekend, SWIVELS) == at("14:30")


def test_two_organizers_at_one_slot_see_both_readings_and_lose_nothing(weekend, signed_in):
    olive, sam = (open_maker(signed_in(who, **DESKTOP), weekend) for who in ("olive", "sam"))
    for page in (olive, sam):
        tile(page, SWIVELS).click()
        page.wait_for_selector("#slot-form")
    olive.get_by_role("textbox", name="Title").fill("Swivels, no tears at all")
    olive.get_by_role("button", name="Save").click()
    olive.wait_for_selector("#slot-dialog:not([open])", state="attached")

    sam.get_by_text("Somebody changed this slot just now").wait_for()
    sam.get_by_label("From").fill("14:30")
    sam.get_by_label("To", exact=True).fill("15:30")
    sam.get_by_role("button", name="Save").click()
    strip = sam.locator("[data-stale]")
    strip.wait_for()
    assert "Olive Szabó changed it a moment ago: now 14:00 to 15:00 in Danube Hall." in strip.inner_text()
    readings = sam.locator(".maker-readings").inner_text()
    assert "Swivels, no tears at all" in readings
    assert "14:30" in readings
    assert sam.get_by_label("From").input_value() == "14:30", "what was typed is lost"

    sam.get_by_role("textbox", name="Title").fill("Swivels, no tears at all")
    sam.get_by_role("button", name="Save mine over theirs").click()
    sam.wait_for_selector("#slot-dialog:not([open])", state="attached")
    with weekend.rows() as session:
        row = session.query(Slot).filter_by(public_id=weekend.ids[SWIVELS]).one()
        assert (row.title, row.starts_at) == ("Swivels, no tears at all", at("14:30"))


# ---- small things that hurt when they break ----


def test_a_double_drop_and_a_double_click_send_one_move(weekend, signed_in):
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    sent: list[str] = []
    olive.on("request", lambda request: sent.append(request.url) if request.url.endswith("/move") else None)
    held: list[Any] = []
    olive.route(re.compile("/move$"), lambda route: held.append(route))  # noqa: PLW0108  (Playwright marks the handler)
    drag(olive, SWIVELS, quarters=1)
    drag(olive, SWIVELS, quarters=1)  # the first is still on its way: this one must not be taken
    assert len(sent) == 1
    held[0].continue_()
    says(olive, "14:00 → Sat 14:15")
    assert len(sent) == 1
    assert start_of(weekend, SWIVELS) == at("14:15")


def test_offline_is_read_only_and_says_so(weekend, signed_in):
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    olive.context.set_offline(True)
    olive.locator("[data-offline]").wait_for(state="visible")
    home = tile(olive, SWIVELS).bounding_box()
    drag(olive, SWIVELS, quarters=1)
    assert tile(olive, SWIVELS).bounding_box() == home
    olive.context.set_offline(False)
    olive.locator("[data-offline]").wait_for(state="hidden")
    drag(olive, SWIVELS, quarters=1)
    says(olive, "14:00 → Sat 14:15")


def test_after_midnight_stands_below_in_the_same_column(weekend, signed_in):
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    olive.locator(".tile", has_text="Late social").scroll_into_view_if_needed()
    assert "01:00 to 03:00" in label(olive, "Late social")
    drag(olive, "Late social", quarters=-2)
    says(olive, "01:00 → Sun 00:30")
    assert start_of(weekend, "Late social") == at("24:30")


def test_a_laptop_in_another_zone_shows_and_moves_the_venues_times(weekend, signed_in):
    olive = open_maker(signed_in("olive", **DESKTOP, timezone_id="America/Los_Angeles"), weekend)
    assert "14:00 to 15:00" in label(olive, SWIVELS)
    drag(olive, SWIVELS, quarters=1)
    says(olive, "14:00 → Sat 14:15")
    assert start_of(weekend, SWIVELS) == at("14:15")


def test_the_night_the_clocks_go_forward(weekend, signed_in):
    """A laptop in the venue's own zone, where 02:00 to 03:00 does not exist tonight."""
    night = date(2026, 3, 28)
    slug = f"{weekend.slug}-spring"
    with weekend.app.app_context():
        olive = people.person_by_handle("olive")
        made = factories.event(slug, organizer=olive, starts_on=night, ends_on=night)
        values = ("social", made.rooms[0].public_id, at("25:30", night), at("27:30", night))
        actions.add_slot(made.id, actions.SlotValues("Late social", *values), olive)
        db.session.rollback()
    page = signed_in("olive", **DESKTOP, timezone_id="Europe/Budapest")
    page.goto(f"{weekend.server.url}/app/organizer/events/{slug}/schedule")
    assert "01:30 to 03:30" in label(page, "Late social")
    drag(page, "Late social", quarters=3)
    says(page, "02:15 does not exist that night")
    assert "01:30 to 03:30" in label(page, "Late social")
    drag(page, "Late social", quarters=7)
    says(page, "01:30 → Sun 03:15")
    assert "03:15 to 05:15" in label(page, "Late social")
