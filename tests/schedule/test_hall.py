"""Hall screens: what each room shows at which moment, pages of rooms, one room, and that an error page comes back."""

from __future__ import annotations

import re

import pytest
import time_machine

from app.events.models import Event, Room
from app.live import topics
from app.people.viewer import Viewer
from app.schedule import actions, hall, live, queries
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add, fresh, move

URL = "/e/swing/screen"
BUDAPEST = factories.BUDAPEST


def rows(event, moment):
    return hall.rows(queries.public_schedule(event), at(moment), BUDAPEST, 6)


def said(row):
    """(state, now, next) of a room."""
    named = {each.phase: f"{each.weekday} {each.slot.title}".strip() for each in row.coming if each.phase != "later"}
    return row.state, named.get("now"), named.get("next")


@pytest.mark.parametrize(
    ("moment", "wanted"),
    [
        ("09:00", ("closed", None, "Swivels")),
        ("13:44", ("closed", None, "Swivels")),
        ("13:45", ("soon", None, "Swivels")),
        ("14:00", ("on", "Swivels", "Finals")),
        ("14:59", ("on", "Swivels", "Finals")),
        ("15:00", ("free", None, "Finals")),
        ("16:30", ("on", "Finals", "Social")),
        ("25:30", ("on", "Social", "Sun Brunch")),
        ("27:00", ("done", None, "Sun Brunch")),
        ("34:50", ("soon", None, "Brunch")),
        ("37:00", ("over", None, None)),
    ],
)
def test_a_room_through_its_weekend(session, moment, wanted):
    event = factories.event()
    for title, start, end in (
        ("Swivels", "14:00", "15:00"), ("Finals", "16:00", "17:00"),
        ("Social", "25:00", "27:00"), ("Brunch", "35:00", "36:30"),
    ):  # fmt: skip
        add(event, title, start, end)
    session.expire_all()
    assert said(rows(event, moment)[0]) == wanted


def test_a_social_that_outlasts_the_day_change_is_still_on(session):
    event = factories.event()
    add(event, "Endless social", "28:00", "31:00")
    session.expire_all()
    assert said(rows(event, "30:30")[0]) == ("on", "Endless social", None)


def test_cancelled_slots_are_nobodys_now_or_next(session):
    event = factories.event()
    gone = add(event, "Swivels", "14:00", "15:00")
    add(event, "Finals", "16:00", "17:00")
    version = fresh(event, gone).version
    actions.cancel_slot(event.id, gone.slot_id, version, factories.person("olive"))
    session.expire_all()
    assert said(rows(event, "14:30")[0]) == ("closed", None, "Finals")


def test_rooms_are_spread_evenly_over_pages(session):
    event = factories.event()
    event = session.query(Event).one()
    event.rooms += [Room(name=f"Room {n}", position=n) for n in range(2, 11)]
    session.commit()
    add(event)
    session.expire_all()
    assert [row.page for row in rows(event, "14:00")] == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3]


def states(html):
    return re.findall(r'id="hall-[a-z0-9]+" data-region data-state="(\w+)"', html)


def test_the_screen_says_version_delay_and_the_way_to_the_schedule(client, session):
    event = factories.event()
    made = add(event)
    move(event, made, "14:15", "15:15")
    with time_machine.travel(at("13:00"), tick=False):
        html = client.get(URL).text
    assert states(html) == ["closed", "over"]
    assert re.search(r"Version \d+, as of <time[^>]*>13:00</time>, Budapest time", html)
    assert "<s>14:00</s>" in html
    assert 'aria-label="Code that opens the schedule"' in html
    assert "localhost/e/swing<" in html
    assert 'http-equiv="refresh" content="20;url=/e/swing/screen"' in html


def test_one_room_alone(client, session):
    event = factories.event()
    room = event.rooms[1]
    name, room_id = room.name, room.public_id
    add(event)
    html = client.get(URL, query_string={"room": room_id}).text
    assert f'<h1 class="hall-heading">{name}</h1>' in html
    assert len(states(html)) == 1
    assert client.get(URL, query_string={"room": "elsewhere"}).status_code == 404


def test_without_a_version_and_after_the_last_slot_it_says_so(client, session):
    factories.event(mode="planning")
    assert "The schedule is not out yet" in client.get(URL).text
    event = session.query(Event).one()
    actions.set_mode(event.id, "live", None)
    add(event)
    with time_machine.travel(at("60:00"), tick=False):
        assert "That was Swing Weekend" in client.get(URL).text


def test_an_error_page_of_a_screen_loads_itself_anew(client):
    factories.event(published_at=None)
    answer = client.get(URL)
    assert (answer.status_code, answer.headers["Refresh"]) == (404, "30")
    assert "Refresh" not in client.get("/e/swing/schedule").headers


def test_whoever_may_read_the_schedule_may_show_it(client, session):
    event = factories.event()
    assert topics.allowed(Viewer(), "event:swing:screen")
    event = session.query(Event).one()
    event.published_at = None
    session.commit()
    assert not topics.allowed(Viewer(), "event:swing:screen")
    assert topics.allowed(Viewer(factories.person("olive")), "event:swing:screen")


def test_regions_are_the_same_in_and_out_of_a_request(app, client, session):
    event = factories.event()
    add(event)
    with time_machine.travel(at("14:30"), tick=False):
        html = client.get(URL).text
        drawn = live.screen_regions(session.query(Event).one())
    assert len(drawn) == 6
    for region in drawn.values():
        assert region in html
