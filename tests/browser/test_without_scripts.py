"""JavaScript off: pages are links and forms, and everything a dancer and an organizer need works with them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from app.demo.cast import PASSWORD
from tests.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLE = "Elastic connection"


@pytest.fixture
def page(new_context: Any) -> Any:
    return new_context(**PHONE, java_script_enabled=False).new_page()


def pressed(page: Any, name: str) -> None:
    expect(page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")


def test_a_guest_stars_rings_follows_signs_in_and_an_organizer_edits_and_undoes(page, weekend):
    page.goto(weekend.timeline)
    expect(page.locator(".conn")).to_be_hidden()  # nothing would move it

    page.locator(f"#star-{weekend.ids[TITLE]} button").click()
    expect(page).to_have_url(re.compile(rf"#at-{weekend.ids[TITLE]}$"))
    expect(page.locator(f"#star-{weekend.ids[TITLE]} button")).to_have_attribute("aria-pressed", "true")

    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("button", name="Alert me").click()
    pressed(page, "Alert set")
    pressed(page, "Starred")

    page.goto(f"{weekend.server.url}/e/budapest-swing-weekend")  # the other one is over, whenever this runs
    page.get_by_role("button", name="Follow").click()
    expect(page.get_by_text("You hear of it when there is news.")).to_be_visible()
    pressed(page, "Following")

    page.goto(weekend.form(TITLE))  # the door, and back to where one wanted to go
    page.get_by_label("Email").fill("olive@pika.example")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Email")).to_have_value("olive@pika.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("textbox", name="Title")).to_have_value(TITLE)
    page.get_by_role("textbox", name="Title").fill("Elastic connection, louder")
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.get_by_text("Elastic connection, louder").first).to_be_visible()
    page.goto(weekend.timeline)
    star = page.locator(f"#star-{weekend.ids[TITLE]} button")
    expect(star).to_have_attribute("aria-pressed", "true")  # what was starred as a guest came along
    expect(page.get_by_role("link", name="Elastic connection, louder")).to_be_visible()

    page.goto(f"{weekend.server.url}/app/organizer/events/{weekend.slug}/changes")
    page.get_by_role("button", name=re.compile("^Undo")).first.click()
    page.goto(weekend.timeline)
    expect(page.get_by_role("link", name=TITLE, exact=True)).to_be_visible()
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
