"""Announcements in a real browser: from the organizer's form to a dancer's open page, and back as "seen".

Telling of a change after a drag and without scripts; following.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.events.models import Announcement, AnnouncementSeen, Event, Follow
from app.lib import clock
from app.people.models import Person
from app.schedule.models import Slot, Star
from jobs import announcements as jobs
from tests.browser.conftest import arranging, drag, open_maker, says
from tests.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser
SWIVELS = "Swivels without tears"


@pytest.fixture
def dancer(weekend, signed_in):
    """Dana's phone on the timeline, its light green."""
    page = signed_in("dana", **PHONE)
    page.goto(weekend.timeline)
    page.wait_for_selector(".conn[data-state=live]")
    page.evaluate("window.sameDocument = true")
    return page


def center(weekend):
    return f"{weekend.server.url}/app/organizer/events/{weekend.slug}/announce"


def announce(page, weekend, headline, body="", **more):
    page.goto(center(weekend))
    page.fill("#f-title", headline)
    page.fill("#f-body", body)
    for box in more:
        page.check(f"#f-{box}")
    page.get_by_role("button", name="Announce it").click()
    says(page, "It is on its way.")


def stars(weekend, title, *handles):
    with weekend.rows() as session, arranging():
        slot = session.query(Slot).filter_by(public_id=weekend.ids[title]).one()
        for person in session.query(Person).filter(Person.handle.in_(handles)):
            session.add(Star(slot_id=slot.id, person_id=person.id))
        session.commit()


def test_it_reaches_an_open_page_and_comes_back_as_seen(weekend, signed_in, dancer):
    olive = signed_in("olive", **DESKTOP)
    announce(olive, weekend, "Welcome party moved indoors", "Doors still open at 21:00.", is_urgent=True)
    banner = dancer.locator("#announcement .strip-warn")
    banner.wait_for(timeout=6_000)
    assert "Urgent. Welcome party moved indoors. Doors still open at 21:00." in banner.inner_text()
    assert dancer.evaluate("window.sameDocument") is True, "the page was loaded anew"
    assert dancer.locator("#announcement form").count() == 0
    # on her screen for a second, it is counted; the organizer's page says so by itself, and only once for her
    dancer.wait_for_timeout(2_500)
    with weekend.rows():
        jobs.show_progress()  # as the clock does every five seconds
    olive.get_by_text("Seen by 1 person").wait_for(timeout=6_000)
    dancer.reload()
    dancer.wait_for_timeout(2_500)
    with weekend.rows() as session:
        found = session.query(AnnouncementSeen).join(Announcement).filter_by(title="Welcome party moved indoors")
        assert found.count() == 1


def test_withdrawn_it_leaves_the_open_page_and_an_open_form_keeps_what_is_typed(weekend, signed_in, dancer):
    olive = signed_in("olive", **PHONE)
    announce(olive, weekend, "Lost property")
    dancer.locator("#announcement", has_text="Lost property").wait_for(timeout=6_000)
    other = signed_in("sam", **DESKTOP)
    other.goto(center(weekend))
    other.wait_for_selector(".conn[data-state=live]")
    other.fill("#f-title", "Half a sentence")
    olive.locator("summary", has_text="Withdraw").click()
    olive.get_by_role("button", name="Withdraw it").click()
    says(olive, "Withdrawn.")
    dancer.locator("#announcement").wait_for(state="hidden")
    other.locator("#said .badge", has_text="Withdrawn").wait_for(timeout=6_000)
    assert other.input_value("#f-title") == "Half a sentence"


def test_the_line_says_whom_it_reaches_when_the_audience_changes(weekend, signed_in):
    stars(weekend, SWIVELS, "dana", "jo")
    olive = signed_in("olive", **PHONE)
    olive.goto(center(weekend))
    olive.get_by_text("Those who starred one slot").click()
    olive.get_by_text("Choose a slot to see how many starred it.").wait_for()
    olive.select_option("#f-slot", weekend.ids[SWIVELS])
    olive.locator("#reach", has_text="Goes to 2 people").wait_for()
    olive.get_by_text("only the banner and the page").click()
    olive.locator("#reach", has_text="Nobody is told").wait_for()


def test_after_a_drag_one_tap_offers_to_tell_and_dancers_read_old_and_new(weekend, signed_in, dancer):
    stars(weekend, SWIVELS, "dana", "jo")
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    drag(olive, SWIVELS, quarters=1)
    says(olive, "14:00 → Sat 14:15")
    olive.get_by_role("link", name="Tell the 2 who starred it").click()
    sheet = olive.locator("#dialog[open]")
    sheet.wait_for()
    sentence = f"Schedule change: {SWIVELS} starts 14:15 instead of 14:00."
    assert sheet.locator("textarea").input_value() == sentence
    assert "2 people, 0 of them by push" in sheet.inner_text()
    sheet.get_by_role("button", name="Tell them").click()
    says(olive, "They are being told.")
    dancer.locator("#announcement", has_text=sentence).wait_for(timeout=6_000)


def test_an_edit_in_the_form_offers_it_too(weekend, signed_in):
    stars(weekend, SWIVELS, "dana")
    olive = open_maker(signed_in("olive", **DESKTOP), weekend)
    olive.goto(weekend.form(SWIVELS))
    olive.get_by_role("link", name="Tell people").click()
    olive.get_by_text("Tell people", exact=True).first.wait_for()
    assert olive.url.endswith("/tell")


def test_telling_works_without_scripts(weekend, new_context, signed_in):
    stars(weekend, SWIVELS, "dana")
    olive = signed_in("olive", **PHONE, java_script_enabled=False)
    olive.goto(weekend.form(SWIVELS))
    olive.fill("[name=start]", "14:10")
    olive.fill("[name=end]", "15:10")
    olive.get_by_role("button", name="Save").click()
    olive.get_by_role("link", name="Tell the 1 person who starred it").click()
    assert olive.locator("textarea").input_value().endswith("starts 14:10 instead of 14:00.")
    olive.get_by_role("button", name="Tell them").click()
    says(olive, "They are being told.")
    with weekend.rows() as session:
        said = session.query(Announcement).filter_by(slot_public_id=weekend.ids[SWIVELS]).one()
        assert (said.audience, said.author_name) == ("starred", "Olive Szabó")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_guest_follows_and_stops(weekend, new_context, scripts):
    with weekend.rows() as session, arranging():
        session.query(Event).filter_by(slug=weekend.slug).update({"ends_on": clock.now().date() + timedelta(days=9)})
        session.commit()
    page = new_context(**PHONE, java_script_enabled=scripts).new_page()
    page.goto(f"{weekend.server.url}/e/{weekend.slug}")
    page.get_by_role("button", name="Follow").click()
    page.get_by_role("button", name=re.compile("Following")).wait_for()
    with weekend.rows() as session:
        assert session.query(Follow).filter(Follow.device_id.is_not(None)).count() >= 1
    page.get_by_role("button", name=re.compile("Following")).click()
    page.get_by_role("button", name="Follow", exact=True).wait_for()
