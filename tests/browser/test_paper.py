"""Paper as Chromium prints it: one A4 page per room and day, nothing of the page around it, one poster."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from app.events import queries as events
from app.people import queries as people
from app.schedule import actions
from tests import factories

pytestmark = pytest.mark.browser
E = "/e/budapest-swing-weekend"
A4 = (595, 842)  # points


def printed(page, url):
    """(sheets on the page, printed pages, size of the first)."""
    page.goto(url)
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    sizes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    size = tuple(round(float(side)) for side in sizes[0])
    return page.locator("article.door").count(), len(re.findall(rb"/Type\s*/Page\b", pdf)), size


def test_a_page_per_door_and_day(new_context, demo_server):
    page = new_context().new_page()
    sheets, pages, size = printed(page, f"{demo_server.url}{E}/paper")
    assert sheets >= 10
    assert (pages, size) == (sheets, A4)
    link = page.get_by_role("link", name="All sheets")
    assert link.count() == 0
    day = page.locator(".door-head .door-day").first.inner_text()
    page.emulate_media(media="print")
    assert page.locator(".paper-bar").is_hidden()
    assert day.split()[0] in [date(2026, 6, n).strftime("%A") for n in range(1, 8)]


def test_every_density_fits_on_its_page(weekend, new_context):
    """As many lines with names as each size allows, in a room with a long name."""
    with weekend.rows() as session:
        event = events.event_by_slug(weekend.slug)
        olive, rooms = people.person_by_handle("olive"), [room.public_id for room in event.rooms]
        for day, room, lines in ((12, 0, 5), (12, 1, 9), (14, 0, 12), (14, 1, 15)):
            for number in range(lines):
                start = factories.at(f"{8 + number // 2:02d}:{number % 2 * 30:02d}", date(2026, 6, day))
                values = actions.SlotValues(
                    f"Connection before decoration {number}", "workshop", rooms[room], start,
                    start + timedelta(minutes=30), level="Intermediate",
                    people=(("teacher", "Gwendolyn Pryce"), ("teacher", "Ruth Adeyemi-Clark")),
                )  # fmt: skip
                actions.add_slot(event.id, values, olive)
        session.rollback()
    page = new_context().new_page()
    sheets, pages, size = printed(page, f"{weekend.server.url}/e/{weekend.slug}/paper")
    assert [page.locator(f".door.is-{name}").count() for name in ("few", "plain", "dense", "tight")] == [3, 1, 1, 1]
    assert (sheets, pages, size) == (6, 6, A4)


def test_the_poster_is_one_page_and_the_print_button_prints(new_context, demo_server):
    page = new_context().new_page()
    assert printed(page, f"{demo_server.url}{E}/poster") == (1, 1, A4)
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") is True


def test_a_scan_leads_back_to_a_fresh_sheet(new_context, demo_server):
    page = new_context().new_page()
    page.goto(f"{demo_server.url}{E}/v/1")
    heading = page.get_by_role("heading", level=1).inner_text()
    assert re.fullmatch(r"\d+ changes? since this paper", heading)
    page.get_by_role("link", name="Print it anew").click()
    page.locator("article.door .door-mark").first.wait_for()
    assert "since=1" in page.url
