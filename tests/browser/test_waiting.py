"""Taps without network: kept on the phone, sent once each, undone with a sentence when refused (X7, X8, W9)."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from app.db import db
from app.events.models import CheckIn
from app.lib import clock
from app.people import queries as people
from app.schedule import actions, queries
from app.schedule.models import Bell, Slot, Star
from app.waiting.models import AcceptedAction
from tests import factories
from tests.browser.conftest import arranging
from tests.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLES = ("Swivels", "Elastic connection", "Musicality", "Body flight")
IS_SAVED = """async () => (await (await caches.open("pika-pages-1")).keys()).length > 0"""
_numbers = itertools.count(1)


@dataclass
class Today:
    """An event that is on at this moment, in UTC, with four slots around now."""

    server: Any
    app: Any
    slug: str
    ids: dict[str, str]

    @property
    def timeline(self) -> str:
        return f"{self.server.url}/e/{self.slug}/schedule"

    def slot(self, title: str) -> str:
        return f"{self.server.url}/e/{self.slug}/slots/{self.ids[title]}"

    def count(self, model: Any) -> int:
        """Rows of this event."""
        with self.app.app_context():
            found = select(func.count()).select_from(model)
            if model in (Star, Bell):
                found = found.where(model.slot_id.in_(select(Slot.id).where(Slot.public_id.in_(self.ids.values()))))
            if model is CheckIn:
                found = found.where(CheckIn.event_id == self._event().id)
            number = db.session.scalar(found)
            db.session.rollback()
        return int(number or 0)

    def starred(self, title: str) -> int:
        with self.app.app_context():
            number = queries.star_count(self._row(title).id)
            db.session.rollback()
        return number

    def cancel(self, title: str) -> None:
        with self.app.app_context():
            slot = self._row(title)
            actions.cancel_slot(slot.event_id, slot.public_id, slot.version, people.person_by_handle("olive"))
            db.session.rollback()

    def _row(self, title: str) -> Slot:
        return db.session.scalars(select(Slot).where(Slot.public_id == self.ids[title])).one()

    def _event(self) -> Any:
        from app.events import queries as events

        return events.event_by_slug(self.slug)


@pytest.fixture
def today(demo_server: Any, beside: Any) -> Today:
    slug, ids = f"today-{next(_numbers)}", {}
    now = clock.now().replace(second=0, microsecond=0)
    day = clock.event_day(now, "Etc/UTC", 6)
    with beside.app_context():
        with arranging():
            olive = people.person_by_handle("olive")
            made = factories.event(
                slug, organizer=olive, mode="planning", zone="Etc/UTC",
                starts_on=day - timedelta(days=1), ends_on=day + timedelta(days=1),
            )  # fmt: skip
            room = made.rooms[0].public_id
            opens = clock.day_bounds(day, "Etc/UTC", 6)[0]
        for number, title in enumerate(TITLES):
            begins = opens + timedelta(hours=2 * number + 1)
            values = actions.SlotValues(title, "workshop", room, begins, begins + timedelta(hours=1), "flexible")
            ids[title] = actions.add_slot(made.id, values, olive).slot_id
        actions.set_mode(made.id, "live", olive)
        db.session.rollback()
    return Today(demo_server, beside, slug, ids)


@pytest.fixture
def context(new_context: Any) -> Any:
    return new_context(**PHONE)


def star(page: Any, today: Today, title: str) -> Any:
    return page.locator(f"#star-{today.ids[title]} [data-star]")


def is_pressed(button: Any, wanted: str = "true", **more: Any) -> None:
    expect(button).to_have_attribute("aria-pressed", wanted, **more)


def until(condition: Any, page: Any, seconds: float = 20) -> None:
    """Waits for something in the database, or for what a page promises."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never became so"
        page.wait_for_timeout(100)


def saved(page: Any, today: Today) -> None:
    """A guest's phone that follows the event by a star, with its page kept."""
    page.goto(today.timeline)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    star(page, today, "Body flight").click()
    until(lambda: today.starred("Body flight") == 1, page)
    until(lambda: page.evaluate(IS_SAVED), page)
    page.wait_for_timeout(300)


def posts_of(context: Any) -> list[str]:
    """Addresses of the taps that pages of this profile sent from now on."""
    sent: list[str] = []
    context.on("request", lambda request: sent.append(request.headers["x-client-id"]) if _is_tap(request) else None)
    return sent


def _is_tap(request: Any) -> bool:
    return request.method == "POST" and "x-client-id" in request.headers


def test_star_bell_and_being_here_survive_a_reload_and_are_sent_once_each(context, today):
    page = context.new_page()
    saved(page, today)
    page.goto(today.slot("Swivels"))
    page.goto(today.timeline)
    sent = posts_of(context)
    before = today.count(AcceptedAction)
    context.set_offline(True)

    star(page, today, "Swivels").click()
    is_pressed(star(page, today, "Swivels"))
    page.get_by_role("button", name="I’m here").click()
    expect(page.get_by_role("button", name="You’re here")).to_be_visible()
    star(page, today, "Musicality").click()
    chip = page.locator(".waiting-chip")
    expect(chip).to_contain_text("3 waiting")

    page.close()  # the phone is put away, and started anew
    page = context.new_page()
    page.goto(today.timeline)
    expect(page.locator("[data-saved-strip]")).to_be_visible()
    expect(page.locator(".waiting-chip")).to_contain_text("3 waiting")
    is_pressed(star(page, today, "Swivels"))
    is_pressed(star(page, today, "Musicality"))
    expect(page.get_by_role("button", name="You’re here")).to_be_visible()
    assert today.count(CheckIn) == 0

    page.locator(".waiting-chip").click()
    sheet = page.locator("#waiting")
    expect(sheet.locator("li")).to_have_count(3)
    expect(sheet).to_contain_text("Star Swivels")
    expect(sheet).to_contain_text("Tapped")
    sheet.get_by_role("button", name="Take back: Star Musicality").click()
    expect(sheet.locator("li")).to_have_count(2)
    page.keyboard.press("Escape")
    is_pressed(star(page, today, "Musicality"), "false")

    context.set_offline(False)
    expect(page.locator(".waiting-chip")).to_have_count(0, timeout=30_000)
    is_pressed(star(page, today, "Swivels"))
    until(lambda: today.count(AcceptedAction) == before + 2, page)
    assert (today.starred("Swivels"), today.starred("Musicality"), today.count(CheckIn)) == (1, 0, 1)
    page.reload()
    is_pressed(star(page, today, "Swivels"))
    expect(page.get_by_role("button", name="You’re here")).to_be_visible()
    assert len(set(sent)) == 2


def test_a_bell_set_offline_in_the_open_sheet_is_sent(context, today):
    page = context.new_page()
    page.goto(today.slot("Swivels"))
    page.wait_for_selector(".conn[data-state=live]")
    context.set_offline(True)
    page.get_by_role("button", name="Alert me").click()
    expect(page.get_by_role("button", name="Alert set")).to_be_visible()
    expect(page.locator(".waiting-chip")).to_contain_text("1 waiting")
    context.set_offline(False)
    expect(page.locator(".waiting-chip")).to_have_count(0, timeout=30_000)
    until(lambda: today.count(Bell) == 1, page)
    expect(page.get_by_role("button", name="Alert set")).to_be_visible()


def test_a_star_in_the_sheet_fills_the_row_behind_it(context, today):
    page = context.new_page()
    page.goto(today.timeline)
    page.wait_for_selector(".conn[data-state=live]")
    page.locator("#day").get_by_role("link", name="Swivels", exact=True).click()
    sheet = page.locator("#dialog")
    sheet.get_by_role("button", name="Star it").click()
    expect(sheet.get_by_role("button", name="Starred")).to_be_visible()
    expect(sheet).to_contain_text("1 person has starred it")
    is_pressed(star(page, today, "Swivels"))
    sheet.get_by_role("button", name="Alert me").click()
    expect(sheet.get_by_role("button", name="Alert set")).to_be_visible()
    until(lambda: (today.starred("Swivels"), today.count(Bell)) == (1, 1), page)
    expect(sheet).to_be_visible()


def test_what_the_server_refuses_is_undone_with_its_sentence(context, today):
    page = context.new_page()
    saved(page, today)
    page.wait_for_selector(".conn[data-state=live]")
    context.set_offline(True)
    star(page, today, "Swivels").click()
    is_pressed(star(page, today, "Swivels"))
    expect(page.locator(".waiting-chip")).to_contain_text("1 waiting")
    today.cancel("Swivels")
    context.set_offline(False)
    expect(page.locator(".toast")).to_contain_text("“Swivels” was cancelled.", timeout=30_000)
    expect(page.locator(".toast")).to_contain_text("undone")
    is_pressed(star(page, today, "Swivels"), "false")
    assert today.starred("Swivels") == 0


def test_two_tabs_send_each_tap_once(context, today):
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(today.timeline)
        page.wait_for_selector(".conn[data-state=live]")
    star(first, today, "Body flight").click()
    until(lambda: today.starred("Body flight") == 1, first)
    sent = posts_of(context)
    context.set_offline(True)
    star(first, today, "Swivels").click()
    star(second, today, "Musicality").click()
    star(first, today, "Elastic connection").click()
    for page in (first, second):
        expect(page.locator(".waiting-chip")).to_contain_text("3 waiting")
        is_pressed(star(page, today, "Elastic connection"))
    context.set_offline(False)
    for page in (first, second):
        expect(page.locator(".waiting-chip")).to_have_count(0, timeout=30_000)
        for title in TITLES:
            is_pressed(star(page, today, title))
    assert (len(sent), len(set(sent))) == (3, 3)
    assert today.count(Star) == 4


def test_a_lost_answer_is_asked_for_again_and_counts_once(context, today):
    page = context.new_page()
    page.goto(today.timeline)
    lost = []

    def lose(route):
        if _is_tap(route.request) and not lost:
            lost.append(route.fetch().status)  # the server did it
            route.abort()
        else:
            route.continue_()

    page.route("**/star", lose)
    star(page, today, "Swivels").click()
    until(lambda: lost, page)
    expect(page.locator(".waiting-chip")).to_contain_text("1 waiting")
    expect(page.locator(".waiting-chip")).to_have_count(0, timeout=30_000)
    page.reload()
    is_pressed(star(page, today, "Swivels"))
    assert lost == [200]
    assert today.starred("Swivels") == 1


def test_a_tap_waits_for_its_person_and_goes_as_nobody_else(signed_in, today):
    page = signed_in("dana", **PHONE)
    context = page.context
    page.goto(today.timeline)
    page.wait_for_selector(".conn[data-state=live]")
    context.route("**/star", lambda route: route.abort())
    star(page, today, "Swivels").click()
    expect(page.locator(".waiting-chip")).to_contain_text("1 waiting")

    def sign_in(handle):
        other = context.new_page()
        other.goto(f"{today.server.url}/")
        other.evaluate(
            "fetch('/waiting/token').then((answer) => answer.json()).then((found) => window.token = found.token)"
        )
        other.evaluate(
            "fetch('/sign-out', {method: 'POST', body: new URLSearchParams({csrf_token: window.token})}).then(() => 1)"
        )
        other.goto(f"{today.server.url}/sign-in")
        other.locator(f"form[action$='/dev/sign-in/{handle}'] button").click()
        other.wait_for_load_state()
        other.goto(today.timeline)
        other.wait_for_selector(".conn[data-state=live]")
        return other

    tess = sign_in("tess")
    context.unroute("**/star")
    page.evaluate("dispatchEvent(new Event('online'))")  # Dana's old page tries, with Tess's cookie
    page.wait_for_timeout(1500)
    is_pressed(star(tess, today, "Swivels"), "false")
    expect(tess.locator(".waiting-chip")).to_have_count(0)
    assert today.starred("Swivels") == 0
    page.locator(".waiting-chip").click()
    expect(page.locator("#waiting")).to_contain_text("Sign in again")
    dana = sign_in("dana")
    until(lambda: today.starred("Swivels") == 1, dana)
    is_pressed(star(dana, today, "Swivels"))


WAYS = {
    "404": {"status": 404, "headers": {"X-Tap": "refused"}, "body": json.dumps({"error": "It is gone."})},
    "409": {"status": 409, "headers": {"X-Tap": "refused"}, "body": json.dumps({"error": "It was cancelled."})},
    "410": {"status": 410, "headers": {"X-Tap": "refused"}, "body": "not even JSON"},
    "422": {"status": 422, "headers": {"X-Tap": "refused"}, "body": json.dumps({"error": "No."})},
    "500": {"status": 500, "headers": {"X-Tap": "failed"}, "body": json.dumps({"error": "Us."})},
    "502": {"status": 502, "body": "<h1>Bad gateway</h1>"},
    "503": {"status": 503, "headers": {"X-Tap": "later", "Retry-After": "1"}, "body": "{}"},
    "429": {"status": 429, "headers": {"X-Tap": "later", "Retry-After": "1"}, "body": "{}"},
    "hotel": {"status": 200, "content_type": "text/html", "body": "<h1>Welcome to our Wi-Fi</h1>"},
    "dead": None,
}
UNDONE = ("404", "409", "410", "422", "500")
TRUTH_WITHIN_SECONDS = 3.0


def test_whatever_the_server_does_the_screen_is_true_within_three_seconds(context, today):
    """W9: thirty taps, each met by a refusal or a death. True is: undone, or said to be waiting."""
    page = context.new_page()
    page.goto(today.timeline)
    page.wait_for_selector(".conn[data-state=live]")
    way: dict[str, Any] = {"now": None}

    def answer(route: Any) -> None:
        if way["now"] is None:
            route.continue_()
        elif WAYS[way["now"]] is None:
            route.abort()
        else:
            route.fulfill(**WAYS[way["now"]])

    page.route("**/star", answer)
    took, chip = [], page.locator(".waiting-chip")
    for number in range(30):
        title, name = TITLES[number % 4], list(WAYS)[number % 10]
        button = star(page, today, title)
        shown = button.get_attribute("aria-pressed")
        way["now"] = name
        began = time.monotonic()
        button.click()
        if name in UNDONE:
            page.locator(".toast", has_text="undone").wait_for(timeout=TRUTH_WITHIN_SECONDS * 1000)
            is_pressed(button, shown)
        else:
            chip.wait_for(timeout=TRUTH_WITHIN_SECONDS * 1000)
            expect(page.locator(f"#star-{today.ids[title]}")).to_have_attribute("data-waiting", "")
        took.append(time.monotonic() - began)
        way["now"] = None
        expect(chip).to_have_count(0, timeout=30_000)
        if name not in UNDONE:
            wanted = "false" if shown == "true" else "true"
            is_pressed(button, wanted)
            assert today.starred(title) == (1 if wanted == "true" else 0)
        page.evaluate("document.getElementById('toasts').replaceChildren()")
    assert len(took) == 30
    assert max(took) <= TRUTH_WITHIN_SECONDS
