"""The reach meter from end to end: pages say what they show, the hub adds up, the organizer's open page follows."""

from __future__ import annotations

import re

import pytest

from app.events import queries as events
from app.schedule import actions
from tests.conftest import DESKTOP, PHONE
from tests.live.listener import Listener

pytestmark = pytest.mark.browser


def test_an_edit_is_seen_arriving_on_phones_and_a_silent_one_is_not_assumed(weekend, signed_in, new_context):
    olive = signed_in("olive", **DESKTOP)
    olive.goto(f"{weekend.server.url}/app/organizer/events/{weekend.slug}")
    olive.wait_for_selector(".conn[data-state=live]")
    olive.evaluate("window.sameDocument = true")
    phones = [new_context(**PHONE).new_page() for _ in range(3)]
    for phone in phones:
        phone.goto(weekend.timeline)
        phone.wait_for_selector(".conn[data-state=live]")
    silent = Listener(weekend.server.port, f"event:{weekend.slug}:public")
    version = int(re.search(r"Version (\d+)", phones[0].locator("#asof").inner_text())[1])
    olive.locator("#reach", has_text=f"3 of 4 phones hold version {version}").wait_for(timeout=20_000)
    with weekend.rows():
        event_id = events.event_by_slug(weekend.slug).id
        actions.shift_slot(event_id, weekend.ids["Swivels without tears"], 5, None)
    olive.locator("#reach", has_text=f"3 of 4 phones hold version {version + 1}").wait_for(timeout=20_000)
    olive.locator("#figures", has_text=f"3 of 4 hold version {version + 1}").wait_for()
    assert olive.evaluate("window.sameDocument") is True
    silent.close()
    olive.locator("#reach", has_text=f"3 of 3 phones hold version {version + 1}").wait_for(timeout=20_000)


def test_the_sentence_for_the_mc_is_copied(weekend, signed_in):
    olive = signed_in("olive", **DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    olive.goto(f"{weekend.server.url}/app/organizer/events/{weekend.slug}/reach")
    words = olive.locator("#mc-words").inner_text()
    olive.get_by_role("button", name="Copy").click()
    olive.get_by_role("button", name="Copied").wait_for()
    assert olive.evaluate("navigator.clipboard.readText()") == words
