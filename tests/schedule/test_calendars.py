"""Calendars, read back by the icalendar library: the same slots, clock changes, hostile titles, the secret feed."""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest

from app.db import db
from app.notify.models import NotifySettings
from app.people.models import CalendarKey
from app.people.viewer import Viewer
from app.schedule import actions, queries
from app.schedule.actions import calendars as keys
from app.web import request_log
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add, fresh, move

URL = "/e/swing/schedule.ics"
HOSTILE = (
    "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:b", "a\nATTENDEE:mailto:x@example.org", "a\rDTSTART:20200101T000000Z",
    "semi;colon", "com,ma", "back\\slash", "a\\nb", "a\\\r\nb", "end\\", ";,\\", '"quoted";TZID=X:1', "ATTACH:file:///x",
    "ünïcödé " * 12, "日本語のタイトル" * 9, "a\u2028b", "a\x85b", "a\x0bb\x0cc", "\u202eevil", "x" * 120,
    "BEGIN:VCALENDAR",
)  # fmt: skip


def read(answer):
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(answer.data)


def entries(calendar):
    return {str(entry["summary"]): entry for entry in calendar.walk("VEVENT")}


@pytest.fixture
def event(session):
    return factories.event(venue="Akvárium Klub, bejárat; oldalt", city="Budapest")


def test_the_calendar_read_back_has_the_same_slots(client, event):
    add(event, "Swivels", people=[("teacher", "Tess")], level="Novice", description="First; then, second\nthird")
    add(event, "Late set", "25:00", "28:00", room=1)
    calendar = read(client.get(URL))
    shown = queries.public_schedule(event)
    found = {
        (entry["uid"], entry["dtstart"].dt, entry["dtend"].dt, entry["sequence"]) for entry in calendar.walk("VEVENT")
    }
    assert found == {(f"{slot.id}@localhost", slot.starts_at, slot.ends_at, slot.sequence) for slot in shown.slots}
    swivels = entries(calendar)["Swivels"]
    assert swivels["dtstart"].params["TZID"] == "Europe/Budapest"
    assert swivels["location"] == "Danube Hall, Akvárium Klub, bejárat; oldalt, Budapest"
    assert swivels["description"].startswith("Tess\nNovice\nFirst; then, second\nthird\n")
    assert swivels["dtstamp"].dt == queries.published_at(event).replace(microsecond=0)
    assert str(calendar["x-wr-calname"]) == event.name


def test_every_zone_named_is_explained(client, event):
    add(event)
    calendar = read(client.get(URL))
    assert [zone["tzid"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Budapest"]
    assert calendar.get_missing_tzids() == set()


def test_a_change_keeps_the_uid_and_raises_the_sequence(client, event):
    edit = add(event)
    before = entries(read(client.get(URL)))["Swivels"]
    move(event, edit, "14:15", "15:15")
    after = entries(read(client.get(URL)))["Swivels"]
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["dtstart"].dt == at("14:15")
    assert "Planned 14:00, 15 min later now." in after["description"]


def test_a_cancelled_slot_is_cancelled_not_gone(client, event):
    edit = add(event)
    before = entries(read(client.get(URL)))["Swivels"]
    actions.cancel_slot(event.id, edit.slot_id, fresh(event, edit).version, None)
    after = entries(read(client.get(URL)))["Swivels"]
    assert (before["status"], after["status"]) == ("CONFIRMED", "CANCELLED")
    assert after["sequence"] > before["sequence"]


@pytest.mark.parametrize(
    ("night", "zone"),
    [
        (date(2026, 3, 28), "Europe/Budapest"), (date(2026, 10, 24), "Europe/Budapest"),
        (date(2026, 10, 3), "Australia/Lord_Howe"), (date(2026, 4, 4), "Australia/Lord_Howe"),
        (date(2026, 3, 7), "America/New_York"), (date(2026, 10, 31), "America/New_York"),
    ],
)  # fmt: skip
def test_nights_on_which_the_clocks_change(client, session, night, zone):
    """From midnight on, every half hour for six hours: each instant read back as it was written."""
    event = factories.event("dst", zone=zone, starts_on=night, ends_on=night)
    start = event.opens_at + timedelta(hours=16)
    wanted = []
    for n in range(12):
        starts_at = start + n * timedelta(minutes=30)
        room = event.rooms[0].public_id
        values = actions.SlotValues(f"n{n}", "social", room, starts_at, starts_at + timedelta(minutes=30))
        actions.add_slot(event.id, values, None)
        wanted.append((f"n{n}", starts_at, starts_at + timedelta(minutes=30)))
    calendar = read(client.get("/e/dst/schedule.ics"))
    # in UTC, because Python holds two readings of a repeated hour for unequal to anything in another zone
    found = [
        (str(e["summary"]), e["dtstart"].dt.astimezone(UTC), e["dtend"].dt.astimezone(UTC))
        for e in calendar.walk("VEVENT")
    ]
    assert sorted(found) == sorted(wanted)


def test_hostile_titles_stay_one_event_each(client, session, event):
    for n, title in enumerate(HOSTILE):
        factories.slot(event, title, f"{9 + n // 2}:{30 * (n % 2):02d}", f"{9 + (n + 1) // 2}:{30 * ((n + 1) % 2):02d}",
                       description=title)  # fmt: skip
    add(event, "Plain", "21:00", "22:00")
    answer = client.get(URL)
    calendar = read(answer)
    assert len(calendar.walk("VEVENT")) == len(HOSTILE) + 1 == 21
    assert len(calendar.subcomponents) == 22  # and the zone
    lines = answer.data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert not [line for line in lines if line.startswith((b"ATTENDEE", b"ATTACH"))]
    assert {str(e["summary"]) for e in calendar.walk("VEVENT")} >= {"semi;colon", "com,ma", "back\\slash", "x" * 120}
    allowed = {"UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "SUMMARY", "DTSTART", "DTEND", "STATUS", "CATEGORIES",
               "LOCATION", "DESCRIPTION", "URL"}  # fmt: skip
    assert {name for entry in calendar.walk("VEVENT") for name in entry} == allowed


def test_the_public_calendar_is_only_sent_when_it_changed(client, event):
    add(event)
    first = client.get(URL)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = client.get(URL, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    add(event, "Another", "16:00", "17:00")
    assert client.get(URL, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_draft_is_in_nobodys_calendar(client, session):
    planned = factories.event("draft", mode="planning")
    add(planned)
    assert read(client.get("/e/draft/schedule.ics")).walk("VEVENT") == []


def test_a_hidden_event_has_a_calendar_for_its_team_only(app, client, session):
    hidden = factories.event("hidden", published_at=None)
    add(hidden)
    assert client.get("/e/hidden/schedule.ics").status_code == 404
    team = factories.signed_in(app.test_client(), factories.person("olive"))
    answer = team.get("/e/hidden/schedule.ics")
    assert answer.headers["Cache-Control"] == "private, no-store"


# ---- the secret one ----


@pytest.fixture
def dana(client, event):
    """Dana, who starred Swivels and not Basics."""
    person = factories.person("dana")
    factories.signed_in(client, person)
    starred, _ = add(event, "Swivels"), add(event, "Basics", "16:00", "17:00")
    actions.star(Viewer(person), event, starred.slot_id, on=True)
    return person


def make_key(client):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account/calendar").text)[1]
    html = client.post("/account/calendar", data={"csrf_token": token}).text
    return re.search(r'value="http://localhost(/calendar/[^"]+)"', html)[1]


def test_the_secret_calendar_holds_my_stars_with_alarms_and_nothing_else(app, client, dana):
    path = make_key(client)
    answer = app.test_client().get(path)  # a calendar has no cookies
    found = entries(read(answer))
    assert list(found) == ["Swivels"]
    alarm = found["Swivels"].walk("VALARM")[0]
    assert (alarm["action"], alarm["trigger"].dt) == ("DISPLAY", timedelta(minutes=-10))
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


def test_the_alarm_rings_when_its_owner_chose(app, client, session, dana):
    session.add(NotifySettings(person_id=dana.id, lead_minutes=30))
    session.commit()
    found = entries(read(client.get(make_key(client))))
    assert found["Swivels"].walk("VALARM")[0]["trigger"].dt == timedelta(minutes=-30)


def test_a_cancelled_star_is_cancelled_and_rings_no_more(client, event, dana):
    path = make_key(client)
    slot = next(slot for slot in queries.slots_of(event.id) if slot.title == "Swivels")
    actions.cancel_slot(event.id, slot.public_id, slot.version, None)
    found = entries(read(client.get(path)))["Swivels"]
    assert found["status"] == "CANCELLED"
    assert found.walk("VALARM") == []


def test_a_new_address_makes_the_old_one_lead_nowhere_at_once(app, client, dana):
    old = make_key(client)
    new = make_key(client)
    stranger = app.test_client()
    assert [stranger.get(path).status_code for path in (old, new)] == [404, 200]
    assert db.session.query(CalendarKey).count() == 1
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account/calendar").text)[1]
    client.post("/account/calendar/remove", data={"csrf_token": token})
    assert stranger.get(new).status_code == 404


def test_two_new_addresses_at_once_leave_one_that_works(app, race, dana):
    dana_id = dana.id
    tokens = race(lambda _n: keys.make_calendar_key(dana_id), 4)
    assert [type(token) for token in tokens] == [str] * 4
    stranger = app.test_client()
    assert sorted(stranger.get(f"/calendar/{token}.ics").status_code for token in tokens) == [200, 404, 404, 404]


def test_a_suspended_account_and_a_hidden_event_give_nothing(app, client, session, event, dana):
    path = make_key(client)
    event.published_at = None
    session.commit()
    assert read(client.get(path)).walk("VEVENT") == []
    dana.suspended_at = datetime.now().astimezone()
    session.commit()
    assert app.test_client().get(path).status_code == 404


def test_the_secret_is_kept_as_a_digest_and_shown_once(client, dana):
    path = make_key(client)
    token = path.split("/")[-1].removesuffix(".ics")
    stored = db.session.query(CalendarKey).one()
    assert token not in (stored.token_digest, stored.public_id)
    page = client.get("/account/calendar")
    assert token not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_the_secret_stands_in_no_log(app, client, dana, caplog):
    path = make_key(client)
    with caplog.at_level(logging.DEBUG):
        app.test_client().get(path)
        app.test_client().get(path + "x")
    assert path.split("/")[-1][:20] not in caplog.text
    assert "/calendar/…" in caplog.text
    event = {"request": {"url": "http://localhost" + path, "query_string": "key=secret", "headers": {
        "Host": "localhost", "Referer": "http://localhost/reset?key=secret", "Authorization": "Bearer secret",
    }}}  # fmt: skip
    told = request_log._masked_event(event, None)["request"]
    assert told == {"url": "http://localhost/calendar/…", "headers": {"Host": "localhost"}}


def test_reading_is_noted_for_its_owner(app, client, dana):
    path = make_key(client)
    assert "Not read by any calendar yet" in client.get("/account/calendar").text
    app.test_client().get(path)
    assert "Last read just now" in client.get("/account/calendar").text
