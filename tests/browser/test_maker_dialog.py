"""The maker's forms in a real browser: new slots, typed text that must not get lost, publishing, all days, the log."""

from __future__ import annotations

from typing import Any

import pytest

from app.schedule.models import Slot
from tests.browser.conftest import QUARTER_PIXELS, Weekend, drag, focus, label, open_maker, says, settled_box, tile
from tests.conftest import DESKTOP, PHONE
from tests.factories import at

pytestmark = pytest.mark.browser

SWIVELS, JACK, ELASTIC = "Swivels without tears", "Novice Jack & Jill", "Elastic connection"


@pytest.fixture
def olive(weekend, signed_in):
    """Olive at her laptop, the maker open."""
    return open_maker(signed_in("olive", **DESKTOP), weekend)


def slots(weekend: Weekend, title: str) -> list[Any]:
    with weekend.rows() as session:
        found = session.query(Slot).filter_by(title=title).join(Slot.event).all()
        return [(row.starts_at, row.ends_at, row.cancelled_at) for row in found if row.event.slug == weekend.slug]


def dialog_closed(page: Any) -> None:
    page.wait_for_selector("#slot-dialog:not([open])", state="attached")


# ---- new slots ----


def test_marking_an_empty_stretch_makes_a_slot_there(weekend, olive):
    below = settled_box(olive, ELASTIC)
    x, y = below["x"] + 30, below["y"] + below["height"] + 2 * QUARTER_PIXELS + 4
    olive.mouse.move(x, y)
    olive.mouse.down()
    olive.mouse.move(x, y + 12, steps=3)
    olive.mouse.move(x, y + 2 * QUARTER_PIXELS, steps=5)
    assert "15:30 to 16:15" in olive.locator(".tile.is-ghost, .ec-preview").first.inner_text()
    olive.mouse.up()
    olive.wait_for_selector("#slot-form")
    assert olive.get_by_label("From").input_value() == "15:30"
    assert olive.get_by_label("To", exact=True).input_value() == "16:15"
    assert olive.get_by_label("Room").locator("option:checked").inner_text() == "Margit Room"
    olive.get_by_role("textbox", name="Title").fill("Balboa for the curious")
    olive.get_by_role("button", name="Add to the schedule").click()
    says(olive, "Added Balboa for the curious")
    tile(olive, "Balboa for the curious").wait_for()
    assert slots(weekend, "Balboa for the curious") == [(at("15:30"), at("16:15"), None)]


def test_a_tap_makes_a_slot_and_one_click_of_a_mouse_does_not(weekend, signed_in, olive):
    box = settled_box(olive, ELASTIC)
    olive.mouse.click(box["x"] + 30, box["y"] + box["height"] + 60)
    olive.wait_for_timeout(300)
    assert olive.locator("#slot-dialog[open]").count() == 0
    phone = open_maker(signed_in("sam", **PHONE), weekend)
    box = settled_box(phone, ELASTIC)
    phone.touchscreen.tap(box["x"] + 30, box["y"] + box["height"] + 60)
    phone.wait_for_selector("#slot-form")
    assert phone.get_by_label("From").input_value() == "15:30"


def test_the_key_n_opens_a_form_behind_the_focused_slot_and_question_mark_the_keys(weekend, olive):
    olive.keyboard.press("?")
    olive.get_by_role("heading", name="Keys").wait_for()
    olive.keyboard.press("Escape")
    focus(olive, SWIVELS)
    olive.keyboard.press("n")
    olive.wait_for_selector("#slot-form")
    assert olive.get_by_label("From").input_value() == "15:00"


# ---- what is typed stays ----


def test_errors_stand_at_their_fields_and_everything_typed_stays(weekend, olive):
    tile(olive, SWIVELS).click()
    olive.wait_for_selector("#slot-form")
    olive.get_by_label("To", exact=True).fill("13:10")
    olive.get_by_label("What happens").fill("Bring two left feet.")
    olive.get_by_role("button", name="Save").click()
    olive.locator("#f-end-error", has_text="It starts 14:00, so it cannot end 13:10.").wait_for()
    assert olive.get_by_label("To", exact=True).input_value() == "13:10"
    assert olive.get_by_label("What happens").input_value().strip() == "Bring two left feet."
    assert olive.evaluate("document.activeElement.id") == "f-end"
    olive.get_by_label("To", exact=True).fill("15:10")
    olive.get_by_role("button", name="Save").click()
    says(olive, "ends 15:00 → 15:10")


def test_unsaved_text_asks_before_it_goes(weekend, olive):
    tile(olive, SWIVELS).click()
    olive.wait_for_selector("#slot-form")
    olive.get_by_role("textbox", name="Title").fill("Swivels with tears")
    olive.keyboard.press("Escape")
    olive.keyboard.press("Escape")  # impatience closes nothing either
    olive.get_by_text("Close without saving?").wait_for()
    olive.get_by_role("button", name="Keep editing").click()
    assert olive.get_by_role("textbox", name="Title").input_value() == "Swivels with tears"
    olive.mouse.click(20, 400)  # beside the dialog
    olive.get_by_role("button", name="Drop it").click()
    dialog_closed(olive)
    tile(olive, SWIVELS).click()
    olive.wait_for_selector("#slot-form")
    olive.keyboard.press("Escape")  # nothing typed, nothing asked
    dialog_closed(olive)


def test_a_lost_answer_keeps_the_form(weekend, olive):
    tile(olive, SWIVELS).click()
    olive.wait_for_selector("#slot-form")
    olive.get_by_role("textbox", name="Title").fill("Swivels, resumed")
    olive.route("**/slots/*", lambda route: route.abort())
    olive.get_by_role("button", name="Save").click()
    says(olive, "No answer from the server. What you typed is still here.")
    olive.unroute("**/slots/*")
    olive.get_by_role("button", name="Save").click()
    dialog_closed(olive)
    assert len(slots(weekend, "Swivels, resumed")) == 1


# ---- cancel, restore, delete ----


def test_cancel_strikes_through_restore_brings_back_delete_only_the_unseen(weekend, olive):
    tile(olive, SWIVELS).click()
    assert olive.get_by_role("button", name="Delete, nobody saw it").count() == 0
    olive.get_by_role("button", name="Cancel this slot").click()
    olive.locator(".tile.is-cancelled", has_text=SWIVELS).wait_for()
    home = settled_box(olive, SWIVELS)
    drag(olive, SWIVELS, quarters=1)
    assert settled_box(olive, SWIVELS) == home, "what does not take place does not move"
    tile(olive, SWIVELS).click()
    olive.get_by_role("button", name="Put it back on").click()
    olive.locator(".tile.is-cancelled", has_text=SWIVELS).wait_for(state="detached")


# ---- draft and publishing ----


def test_planning_counts_edits_and_publishing_says_what_will_happen(weekend, signed_in, olive):
    olive.locator("#maker-badge").click()
    olive.get_by_role("button", name="Back to planning").click()
    tile(olive, SWIVELS).wait_for()
    drag(olive, SWIVELS, quarters=1)
    olive.locator("#maker-badge", has_text="Draft, 1 edit not published").wait_for()
    dana = signed_in("dana", **PHONE)
    dana.goto(weekend.timeline)
    assert dana.locator(f"#slot-{weekend.ids[SWIVELS]} .slot-start").inner_text() == "14:00", "a draft is not public"
    olive.locator("#maker-version").get_by_role("button", name="Publish").click()
    assert "Publishes version 2 to everybody: 1 moved." in olive.locator("#maker-mode").inner_text()
    olive.get_by_role("button", name="Publish version 2").click()
    says(olive, "Version 2 is public.")
    dana.reload()
    assert dana.locator(f"#slot-{weekend.ids[SWIVELS]} .slot-start").inner_text() == "14:15"
    assert "late" not in label(olive, SWIVELS), "a published plan is on time"


def test_another_organizers_switch_of_mode_shows_here(weekend, signed_in, olive):
    sam = open_maker(signed_in("sam", **DESKTOP), weekend)
    sam.locator("#maker-badge").click()
    sam.get_by_role("button", name="Back to planning").click()
    olive.locator("#maker-badge", has_text="Planning, all published").wait_for(timeout=3_000)
    assert "Planning, version 1 is public" in olive.locator("#maker-sub").inner_text()


def test_without_scripts_one_publishes_too(weekend, signed_in):
    page = signed_in("olive", **DESKTOP, java_script_enabled=False)
    page.goto(weekend.maker)
    page.locator("#maker-badge").click()
    page.get_by_role("button", name="Back to planning").click()
    page.get_by_role("link", name="New slot here").first.click()
    page.get_by_role("textbox", name="Title").fill("Yoga")
    page.get_by_label("From").fill("10:00")
    page.get_by_label("To", exact=True).fill("11:00")
    page.get_by_role("button", name="Add to the schedule").click()
    page.locator("#maker-version").get_by_role("button", name="Publish").click()
    assert "Publishes version 2 to everybody: 1 new." in page.locator("#maker-mode").inner_text()
    page.get_by_role("button", name="Publish version 2").click()
    assert "Version 2 is public." in page.locator(".toast").inner_text()


# ---- all days, the log ----


def test_all_days_beside_each_other_drag_from_day_to_day(weekend, olive):
    olive.goto(f"{weekend.maker}&view=week")
    tile(olive, SWIVELS).wait_for()
    drag(olive, SWIVELS, rooms=1)  # one column is one day here
    says(olive, "Sat 14:00 → Sun 14:00")
    focus(olive, ELASTIC)
    olive.keyboard.press("Alt+ArrowLeft")
    says(olive, "Sat 14:00 → Fri 14:00")
    olive.get_by_role("checkbox", name="Margit Room").uncheck(force=True)
    tile(olive, ELASTIC).wait_for(state="detached")
    assert tile(olive, SWIVELS).count() == 1


def test_the_log_takes_back_in_place_and_on_its_own_page(weekend, olive):
    drag(olive, SWIVELS, quarters=1)
    entry = olive.locator("#changes li", has_text="14:00 → Sat 14:15")
    entry.get_by_role("link", name="Undo").click()
    says(olive, "Taken back")
    olive.locator("#changes li.is-undone").wait_for()
    drag(olive, ELASTIC, quarters=1)
    says(olive, "14:00 → Sat 14:15")
    olive.goto(weekend.maker.replace("/schedule", "/changes"))
    olive.locator(".maker-changes li", has_text=f"{ELASTIC}: ").get_by_role("button", name="Undo").click()
    says(olive, "Taken back")
