"""The dancer's pages: what is shown, filters, days, stars with and without an account, constant query counts."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from sqlalchemy import event as sa_event

from app.db import db
from app.schedule import actions, queries
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add, move, values

URL = "/e/swing/schedule"


def page(client, path=URL, **query):
    answer = client.get(path, query_string={"day": "2026-06-13"} | query)
    assert answer.status_code == 200
    return answer.text


def titles(html):
    return re.findall(r'data-sheet>([^<]+)</a></h3>\s*<p class="slot-meta"', html)


def csrf(html):
    return re.search(r'"X-CSRFToken": "([^"]+)"', html)[1]


def test_the_day_is_in_order_of_time(client):
    event = factories.event()
    add(event, "Later", "16:00", "17:00")
    add(event, "Sooner", "14:00", "15:00")
    assert titles(page(client)) == ["Sooner", "Later"]


def test_after_midnight_still_belongs_to_the_evening_before(client):
    event = factories.event()
    add(event, "Late set", "24:00", "27:30")
    saturday = page(client)
    assert titles(saturday) == ["Late set"]
    assert "Still Saturday" in saturday
    assert titles(page(client, day="2026-06-14")) == []


def test_a_delay_shows_expected_and_planned_time(client):
    event = factories.event()
    edit = add(event)
    move(event, edit, "14:15", "15:15")
    html = page(client)
    assert ">14:15</time>" in html
    assert "planned </span>14:00</s>" in html
    assert "15 min later" in html


def test_version_and_as_of_are_always_said(client):
    event = factories.event()
    add(event)
    with time_machine.travel(at("14:02"), tick=False):
        html = page(client)
    assert "Version 1 · as of" in html
    assert ">14:02</time> · Budapest time" in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kind": "social"}, ["Party"]),
        ({"level": "Novice"}, ["Basics"]),
        ({"kind": ["social", "workshop"]}, ["Basics", "Party"]),
        ({"kind": "competition"}, []),
        ({"mine": "1"}, []),
    ],
)
def test_filters(client, query, expected):
    event = factories.event()
    actions.add_slot(event.id, values(event, "Basics", level="Novice"), None)
    party = actions.SlotValues("Party", "social", event.rooms[0].public_id, at("22:00"), at("24:00"))
    actions.add_slot(event.id, party, None)
    assert titles(page(client, **query)) == expected


def test_a_day_outside_the_event_or_nonsense_shows_a_day_of_it(client):
    factories.event()
    for day in ("2030-01-01", "nonsense", "1999-01-01"):
        assert client.get(URL, query_string={"day": day}).status_code == 200


def test_a_slot_with_markup_in_its_title_is_text(client):
    event = factories.event()
    add(event, "<script>alert(1)</script> & “Swing”")
    html = page(client)
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “Swing”" in html


def test_a_guest_stars_without_javascript_and_finds_it_under_mine(client, session):
    event = factories.event()
    slot_id = add(event).slot_id
    html = page(client)
    answer = client.post(f"/e/swing/slots/{slot_id}/star", data={"on": "1", "csrf_token": csrf(html)})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/e/swing/schedule?day=2026-06-13#at-{slot_id}")
    assert 'aria-pressed="true"' in page(client)
    assert titles(page(client, mine="1")) == ["Swivels"]


def test_starring_twice_and_unstarring_twice_is_the_same_as_once(client, session):
    event = factories.event()
    slot_id = add(event).slot_id
    token = csrf(page(client))
    for on in ("1", "1", "0", "0", "1"):
        client.post(f"/e/swing/slots/{slot_id}/star", data={"on": on, "csrf_token": token})
    assert 'aria-pressed="true"' in page(client)


def test_two_stars_at_one_time_clash_and_are_shown_side_by_side_under_mine(client, session):
    event = factories.event()
    first, second = add(event, "First"), add(event, "Second", "14:30", "15:30", room=1)
    token = csrf(page(client))
    for edit in (first, second):
        answer = client.post(
            f"/e/swing/slots/{edit.slot_id}/star", data={"on": "1", "csrf_token": token}, headers={"HX-Request": "true"}
        )
    assert f'hx-target="#clash-{first.slot_id}"' in answer.text
    assert "You also starred" in page(client)
    assert "You starred two at 14:30" in page(client, mine="1")


def test_a_slot_that_is_not_public_cannot_be_starred_or_opened(client, session):
    event = factories.event(mode="planning")
    edit = add(event)
    token = csrf(page(client))
    assert client.get(f"/e/swing/slots/{edit.slot_id}").status_code == 404
    assert client.post(f"/e/swing/slots/{edit.slot_id}/star", data={"on": "1", "csrf_token": token}).status_code == 404


def test_a_draft_is_never_in_the_page(client):
    event = factories.event(mode="planning")
    edit = add(event, "Published")
    actions.publish(event.id, None)
    actions.edit_slot(event.id, edit.slot_id, values(event, "Secret draft"), 1, None)
    assert titles(page(client)) == ["Published"]
    assert "Secret draft" not in page(client)


def test_a_slot_opens_as_a_page_and_as_a_sheet(client):
    event = factories.event()
    edit = add(event, people=(("teacher", "Tess Aubert"),), description="Bring socks.")
    whole = client.get(f"/e/swing/slots/{edit.slot_id}").text
    sheet = client.get(f"/e/swing/slots/{edit.slot_id}", headers={"HX-Request": "true"}).text
    assert "<!doctype html>" in whole
    assert "<!doctype html>" not in sheet
    for html in (whole, sheet):
        assert "Tess Aubert" in html
        assert "Bring socks." in html
        assert "Nobody has starred it yet" in html


def count_queries(client, path, **query):
    """Statements that one request sends, transaction control left out."""
    seen = []
    listener = lambda _c, _cur, statement, *_: seen.append(statement)  # noqa: E731
    sa_event.listen(db.engine, "before_cursor_execute", listener)
    try:
        assert client.get(path, query_string=query).status_code == 200
    finally:
        sa_event.remove(db.engine, "before_cursor_execute", listener)
    return len([statement for statement in seen if not statement.startswith(("BEGIN", "PRAGMA"))])


@pytest.mark.parametrize(
    "path",
    [
        *(URL, "/e/swing", "/app/organizer/events/swing", "/app/organizer/events/swing/schedule"),
        *("/e/swing/screen", "/e/swing/paper", "/e/swing/paper/order"),
        "/app/organizer/events/swing/screens",
    ],
)
def test_query_counts_do_not_grow_with_the_number_of_slots(client, session, path):
    event = factories.event()
    olive = factories.person("olive")
    factories.signed_in(client, olive)
    add(event, "Zero", "08:00", "09:00")  # the second version has one before it, like every later one
    add(event, "One", "09:00", "10:00", people=(("teacher", "Tess"), ("dj", "@jo")))
    queries._version.cache_clear()
    few = count_queries(client, path, day="2026-06-13")
    for hour in range(10, 20):
        add(
            event, f"Slot {hour}", f"{hour}:00", f"{hour}:45", people=(("teacher", f"Teacher {hour}"), ("judge", "Sam"))
        )
    queries._version.cache_clear()
    many = count_queries(client, path, day="2026-06-13")
    assert (few, many) == (many, many)
    assert many <= 12


def test_the_banner_names_what_runs_and_what_comes_next(client):
    event = factories.event()
    add(event, "Elastic connection", "14:00", "15:00")
    add(event, "Strictly finals", "15:15", "16:00")
    with time_machine.travel(at("14:43"), tick=False):
        html = page(client)
    now_card = html[html.index('id="now"') :]
    assert "Elastic connection" in now_card
    assert "17 min left" in now_card
    assert "Next <b>15:15</b> Strictly finals" in now_card


def test_before_the_event_the_first_day_is_shown_and_during_it_today(client):
    event = factories.event()
    add(event)
    with time_machine.travel(at("12:00", date(2026, 5, 1)), tick=False):
        assert 'data-day="2026-06-12"' in client.get(URL).text
    with time_machine.travel(at("26:00", date(2026, 6, 13)), tick=False):
        assert 'data-day="2026-06-13"' in client.get(URL).text
