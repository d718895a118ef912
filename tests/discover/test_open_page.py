"""An event's page that stands open in a real browser: it follows what the organizer does, without a reload."""

from __future__ import annotations

import re

import pytest

from tests.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

EVENT = "danube-winter-blues"  # of the demo: hidden, with slots and no version yet


@pytest.fixture
def olive(demo_server, new_context):
    """Olive's desk, signed in."""
    page = new_context(**DESKTOP).new_page()
    page.goto(demo_server.url + "/sign-in")
    page.locator("form[action$='/dev/sign-in/olive'] button").click()
    page.get_by_role("heading", name="Your events").wait_for()
    return page


def press(page, url, name):
    """Press a button of a page, wherever it stands: a popover holds it on a phone, the page itself without scripts."""
    page.goto(url)
    form = page.locator("form", has=page.get_by_role("button", name=name, include_hidden=True)).last
    with page.expect_navigation():
        form.evaluate("form => form.submit()")


def test_an_open_page_follows_publishing_and_hiding(demo_server, new_context, olive):
    settings = f"{demo_server.url}/app/organizer/events/{EVENT}/settings"
    phone = new_context(**PHONE).new_page()
    assert phone.goto(f"{demo_server.url}/e/{EVENT}").status == 404

    press(olive, settings, "Open the page")
    phone.goto(f"{demo_server.url}/e/{EVENT}")
    phone.get_by_text("The schedule is not out yet").wait_for()
    phone.wait_for_selector(".conn[data-state=live]")
    phone.evaluate("window.sameDocument = true")

    press(olive, settings.replace("settings", "schedule"), re.compile("Publish version 1"))
    phone.get_by_role("link", name="Open the live schedule").wait_for()
    phone.get_by_role("heading", name="Day by day").wait_for()
    assert phone.locator("#asof").inner_text().startswith("Version 1")
    assert phone.evaluate("window.sameDocument") is True

    press(olive, settings, "Hide it from everybody")
    phone.get_by_role("heading", name="Nothing here").wait_for()


def test_the_form_previews_the_address_that_the_server_makes(demo_server, olive):
    olive.goto(demo_server.url + "/app/organizer/events/new")
    olive.get_by_label("Name").first.fill("Lánchíd Łódź & Straße, 2027!")
    assert olive.locator("[data-slug]").inner_text() == "lanchid-lodz-strasse-2027"
    olive.get_by_label("Address of its page").fill("My  own")
    assert olive.locator("[data-slug]").inner_text() == "my-own"
