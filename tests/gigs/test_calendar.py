"""The calendar of one's gigs: agreed with alarms, waiting as tentative, what is off gone, behind a secret."""

from __future__ import annotations

import pytest
from icalendar import Calendar

from app.gigs.actions import answering
from app.people.queries import person_by_handle
from app.schedule.actions import calendars
from tests import factories

pytestmark = pytest.mark.one_engine


def entries(client, token):
    body = Calendar.from_ical(client.get(f"/calendar/{token}/gigs.ics").data)
    return [(str(e["summary"]), str(e["status"]), len(e.subcomponents)) for e in body.walk("VEVENT")]


def test_agreed_gigs_ring_and_what_is_called_off_disappears(client, night):
    first, second = night.ask("jo", "22:00", "24:00"), night.ask("jo", "25:00", "26:00")
    jo = person_by_handle("jo")
    answering.confirm(night.gig(first).id, 1, jo)
    token = calendars.make_calendar_key(jo.id)
    assert entries(client, token) == [
        ("DJ, Swing Weekend", "CONFIRMED", 2),
        ("Asked: DJ, Swing Weekend", "TENTATIVE", 0),
    ]
    answering.call_off(night.gig(first).id, "", person_by_handle("jo"))
    answering.decline(night.gig(second).id, "", person_by_handle("jo"))
    assert entries(client, token) == []


def test_the_times_are_the_venues_and_another_key_ends_the_address(client, night):
    night.ask("jo", "22:00", "24:00")
    jo = person_by_handle("jo")
    token = calendars.make_calendar_key(jo.id)
    text = client.get(f"/calendar/{token}/gigs.ics").text
    assert "DTSTART;TZID=Europe/Budapest:" + f"{night.day:%Y%m%d}T220000" in text
    calendars.make_calendar_key(jo.id)
    assert client.get(f"/calendar/{token}/gigs.ics").status_code == 404


def test_the_page_that_makes_the_secret_shows_both_addresses_once(client, night):
    factories.signed_in(client, factories.person("jo"))
    from tests.people.browsing import send

    page = send(client, "/account/calendar").text
    assert page.count("/gigs.ics") >= 2
    assert "/gigs.ics" not in client.get("/account/calendar").text
