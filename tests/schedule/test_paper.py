"""Paper: what stands on which sheet, how it is marked, what its code answers; and what the organizer finds."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine

from app.events.models import Event
from app.schedule import actions, paper, queries
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add, fresh, move

SATURDAY, SUNDAY = "2026-06-13", "2026-06-14"


@pytest.fixture
def weekend(session):
    """Swivels and Finals in Danube Hall, Elastic in Margit Room, Brunch on Sunday: versions 1 to 4."""
    event = factories.event()
    return event, {
        "swivels": add(event, "Swivels", "14:00", "15:00"),
        "finals": add(event, "Finals", "16:00", "17:00"),
        "elastic": add(event, "Elastic", "14:00", "15:00", 1),
        "brunch": add(event, "Brunch", "35:00", "36:00"),
    }


def cancel(event, edit):
    actions.cancel_slot(event.id, edit.slot_id, fresh(event, edit).version, factories.person("olive"))


def doors(client, **query):
    answer = client.get("/e/swing/paper", query_string=query)
    assert answer.status_code == 200
    return answer.text


def sheets(html):
    return re.findall(r'class="door-day">([^<]+)</p><h2 class="door-room[^>]*>([^<]+)<', html)


def lines(html):
    """Each line as (start, title, marks)."""
    found = []
    for row in re.findall(r"<tr class=.*?</tr>", html, re.DOTALL):
        title = re.search(r'door-title">([^<]+)', row)[1]
        found.append((re.search(r">(\d\d:\d\d)<", row)[1], title, re.findall(r'door-mark">([^<]+)', row)))
    return found


def test_one_sheet_per_room_and_day_in_which_something_is_planned(client, weekend):
    assert sheets(doors(client)) == [
        ("Saturday 13 June", "Danube Hall"), ("Saturday 13 June", "Margit Room"), ("Sunday 14 June", "Danube Hall"),
    ]  # fmt: skip
    assert sheets(doors(client, day=SUNDAY)) == [("Sunday 14 June", "Danube Hall")]
    margit = weekend[0].rooms[1].public_id
    assert sheets(doors(client, room=margit)) == [("Saturday 13 June", "Margit Room")]
    assert sheets(doors(client, room=margit, day=SUNDAY)) == []


@pytest.mark.parametrize("query", [{"day": "2026-07-01"}, {"day": "tomorrow"}, {"room": "elsewhere"}])
def test_rooms_and_days_that_are_not_there(client, weekend, query):
    assert client.get("/e/swing/paper", query_string=query).status_code == 404


def test_a_sheet_says_version_and_as_of_and_marks_what_is_not_as_planned(client, weekend):
    event, slots = weekend
    move(event, slots["swivels"], "14:15", "15:15")
    cancel(event, slots["finals"])
    with time_machine.travel(at("13:00"), tick=False):
        html = doors(client, day=SATURDAY, room=event.rooms[0].public_id)
    assert lines(html) == [("14:15", "Swivels", ["Was 14:00"]), ("16:00", "Finals", ["Cancelled"])]
    assert 'class="is-off"' in html.replace(" is-news", "")
    assert "Version 6 · as of Saturday, 13:00, Budapest time" in html


def test_a_new_sheet_marks_what_changed_since_the_old_one(client, weekend):
    event, slots = weekend
    hall = event.rooms[0].public_id
    move(event, slots["finals"], "16:00", "17:00", room=1)
    add(event, "Encore", "18:00", "19:00")
    assert lines(doors(client, day=SATURDAY, room=hall, since=4)) == [
        ("14:00", "Swivels", []),
        ("16:00", "Finals", ["Now Saturday, 16:00, Margit Room"]),
        ("18:00", "Encore", ["New"]),
    ]  # fmt: skip
    assert lines(doors(client, day=SATURDAY, room=hall)) == [("14:00", "Swivels", []), ("18:00", "Encore", [])]


def verdict(client, number, **query):
    answer = client.get(f"/e/swing/v/{number}", query_string=query)
    assert answer.status_code == 200
    return re.search(r"<h1>([^<]+)</h1>", answer.text)[1], re.findall(
        r"(\d+ changes?(?: more)?) elsewhere", answer.text
    )


def test_its_code_says_current_or_what_changed_since(client, weekend):
    event, slots = weekend
    hall, margit = (room.public_id for room in event.rooms)
    assert verdict(client, 4, room=hall, day=SATURDAY) == ("This paper is current", [])
    move(event, slots["swivels"], "14:15", "15:15")
    cancel(event, slots["finals"])
    move(event, slots["brunch"], "35:30", "36:30")
    assert verdict(client, 4, room=hall, day=SATURDAY) == ("2 changes since this paper", ["1 change more"])
    assert verdict(client, 4, room=margit, day=SATURDAY) == ("This paper is current", ["3 changes"])
    assert verdict(client, 6, room=hall, day=SUNDAY) == ("1 change since this paper", [])
    assert verdict(client, 4) == ("3 changes since this paper", [])
    assert verdict(client, 7) == ("This paper is current", [])
    assert "starts Sat 14:15 instead of 14:00" in client.get(f"/e/swing/v/4?room={hall}&day={SATURDAY}").text


def test_a_change_and_its_undoing_leave_the_paper_current(client, weekend):
    event, slots = weekend
    move(event, slots["swivels"], "14:15", "15:15")
    move(event, slots["swivels"], "14:00", "15:00")
    assert verdict(client, 4) == ("This paper is current", [])


def test_a_sheet_of_a_room_that_is_gone_still_has_an_answer(client, weekend):
    assert verdict(client, 4, room="a-room-that-was", day=SATURDAY) == ("This paper is current", [])
    assert [client.get(f"/e/swing/v/{n}").status_code for n in (0, 5)] == [404, 404]


def test_the_code_leads_to_the_version_of_this_sheet(client, weekend, monkeypatch):
    asked = []
    monkeypatch.setattr("app.schedule.routes.paper.qr.svg", lambda text, label: asked.append(text) or "")
    doors(client, day=SUNDAY)
    client.get("/e/swing/poster")
    hall = weekend[0].rooms[0].public_id
    assert asked == [f"http://localhost/e/swing/v/4?room={hall}&day={SUNDAY}", "http://localhost/e/swing/schedule"]


def test_running_order_goes_by_time_over_all_rooms(client, weekend):
    html = client.get("/e/swing/paper/order", query_string={"day": SATURDAY}).text
    assert re.findall(r'door-title">([^<]+)', html) == ["Swivels", "Elastic", "Finals"]
    assert re.findall(r"<td>([^<]+)</td>", html) == ["Danube Hall", "Margit Room", "Danube Hall"]


def test_density_follows_what_stands_on_the_sheet(session, weekend):
    event, _slots = weekend
    for minute in range(0, 55, 5):
        add(event, f"Short {minute}", f"18:{minute:02d}", f"18:{minute + 5:02d}" if minute < 55 else "19:00")
    session.expire_all()
    shown = queries.public_schedule(session.query(Event).one())
    found = paper.sheets(shown, event.zone, 6, days=[date(2026, 6, 13)], rooms=shown.rooms)
    assert [(len(sheet.lines), sheet.density) for sheet in found] == [(13, "plain"), (1, "few")]


def test_the_team_finds_all_of_it_and_sees_that_no_screen_is_on(client, weekend):
    factories.signed_in(client, factories.person("olive"))
    html = client.get("/app/organizer/events/swing/screens").text
    assert "No screen is on" in html
    assert "All 3 sheets" in html
    assert html.count(">Sheet<") == 3
    for path in ("/e/swing/screen", "/e/swing/paper", "/e/swing/paper/order", "/e/swing/poster"):
        assert f'href="{path}"' in html


@pytest.mark.parametrize("path", ["paper", "paper/order", "poster", "screen"])
def test_before_the_first_version_nothing_breaks(client, path):
    factories.event(mode="planning")
    assert client.get(f"/e/swing/{path}").status_code == 200
