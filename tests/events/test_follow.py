"""Following an event, with and without an account; registration opens: told once, whatever happens to its date."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from app.db import db
from app.events import actions, audience, queries
from app.events.models import Event, Follow
from app.lib import clock
from app.people.models import Device
from jobs import announcements as jobs
from tests import factories
from tests.events.test_actions import as_it_is
from tests.events.test_announcements import hold, told, work
from tests.events.test_pages import SETTINGS, error_at, filled_in, send
from tests.schedule.test_timeline import csrf

PAGE = "/e/swing"


@pytest.fixture
def event(session):
    return factories.event(
        starts_on=(clock.now() + timedelta(days=90)).date(), ends_on=(clock.now() + timedelta(days=92)).date()
    )


def tap(client, on=1):
    return client.post(f"{PAGE}/follow", data={"csrf_token": csrf(client.get(PAGE).text), "on": on})


def opens(event, moment, **more):
    actions.change_event(event.id, as_it_is(event, registration_opens_at=moment, registration_url="", **more))
    db.session.rollback()


# ---- following ----


def test_a_guest_follows_and_stops_with_nothing_but_a_device(client, event):
    assert re.search(r'<button[^>]*aria-pressed="false">.*?Follow</button>', client.get(PAGE).text)
    answer = tap(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert re.search(r'<button[^>]*aria-pressed="true">.*?Following</button>', client.get(PAGE).text)
    tap(client)  # twice is once
    assert (db.session.query(Follow).count(), db.session.query(Device).count()) == (1, 1)
    tap(client, on=0)
    assert db.session.query(Follow).count() == 0


def test_what_a_person_follows_stands_in_their_area(client, event):
    factories.signed_in(client, factories.person("dana"))
    assert "You follow" not in client.get("/app/dancer").text
    tap(client)
    html = client.get("/app/dancer").text
    assert re.search(r"You follow</h2>.*?Swing Weekend", html, re.DOTALL)
    tap(client, on=0)
    assert "You follow" not in client.get("/app/dancer").text


def test_many_taps_at_once_are_one_follow(event, race):
    from app.people.models import Person
    from app.people.viewer import Viewer

    dana = factories.person("dana").id
    results = race(
        lambda _n: actions.follow(Viewer(db.session.get(Person, dana)), queries.event_by_slug("swing"), on=True)
    )
    assert all(result is None for result in results), results
    db.session.rollback()
    assert db.session.query(Follow).count() == 1


def test_a_claimed_devices_follow_is_its_persons(event):
    dana = factories.person("dana")
    phone = Device(token_digest="claimed", person_id=dana.id)
    db.session.add(phone)
    db.session.commit()
    hold(Follow, device=phone, event_id=event.id)
    hold(Follow, dana, event_id=event.id)
    assert audience.followers(event.id) == [(dana.id, None)]


# ---- registration opens ----


def test_followers_are_told_when_it_is_due_and_not_before(event):
    moment = clock.now()
    hold(Follow, factories.person("dana"), event_id=event.id)
    opens(event, moment + timedelta(days=2))
    work()
    assert told("registration") == []
    with time_machine.travel(moment + timedelta(days=2, minutes=1)):
        work()
        work()
    assert told("registration") == [("dana", "Swing Weekend: registration is open")]


@pytest.mark.parametrize("dates", [(2, 1), (1, 3), (2, 4, 2), (1, 2, 3)], ids=str)
def test_whatever_happens_to_the_date_a_follower_is_told_once_on_the_last_one(event, dates):
    moment = clock.now()
    hold(Follow, factories.person("dana"), event_id=event.id)
    for days in dates:
        opens(event, moment + timedelta(days=days))
    told_on = []
    for day in range(6):
        with time_machine.travel(moment + timedelta(days=day, minutes=5)):
            work()
        if len(told("registration")) > len(told_on):
            told_on.append(day)
    assert told_on == [dates[-1]]


def test_moved_after_it_was_told_it_is_not_told_again(event):
    moment = clock.now()
    hold(Follow, factories.person("dana"), event_id=event.id)
    opens(event, moment - timedelta(minutes=1))
    work()
    opens(event, moment + timedelta(days=1))
    with time_machine.travel(moment + timedelta(days=2)):
        work()
    assert len(told("registration")) == 1


def test_a_date_taken_away_tells_nobody(event):
    moment = clock.now()
    hold(Follow, factories.person("dana"), event_id=event.id)
    opens(event, moment + timedelta(days=1))
    opens(event, None)
    with time_machine.travel(moment + timedelta(days=2)):
        work()
    assert told("registration") == []


def test_while_the_page_is_hidden_nobody_is_told_and_then_they_are(event):
    hold(Follow, factories.person("dana"), event_id=event.id)
    actions.hide(event.id)
    opens(event, clock.now() - timedelta(minutes=1))
    work()
    assert told("registration") == []
    actions.show(event.id)
    work()
    assert len(told("registration")) == 1


def test_two_workers_at_one_promise_tell_once(event, race):
    moment = clock.now() - timedelta(minutes=1)
    hold(Follow, factories.person("dana"), event_id=event.id)
    opens(event, moment)
    subject = {"event_id": event.id, "opens_at": moment.isoformat()}
    race(lambda _n: jobs.open_registration(subject, "key"), times=4)
    assert len(told("registration")) == 1


# ---- the form and the page ----


@pytest.fixture
def olive(client, event):
    return factories.signed_in(client, factories.person("olive"))


def test_the_settings_keep_date_and_link_and_the_page_shows_them(olive, event, app):
    typed = filled_in(olive.get(SETTINGS).text)
    year = clock.now().year + 1
    sent = typed | {"registration_opens": f"{year}-03-01T12:00", "registration_url": "https://tickets.example/swing"}
    assert send(olive, SETTINGS, sent).status_code == 303
    db.session.rollback()
    assert clock.to_local(event.registration_opens_at, event.zone).hour == 12
    assert filled_in(olive.get(SETTINGS).text)["registration_opens"] == f"{year}-03-01T12:00"
    html = app.test_client().get(PAGE).text
    assert f"Registration opens 1 March {year} 12:00" in html
    assert 'href="https://tickets.example/swing"' in html
    opens(event, clock.now() - timedelta(hours=1))
    assert "Registration is open" in app.test_client().get(PAGE).text


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("registration_url", "http://tickets.example", "The link begins with https:// and names a site"),
        ("registration_url", "javascript:alert(1)", "The link begins with https:// and names a site"),
        ("registration_url", "https://", "The link begins with https:// and names a site"),
        ("registration_url", "https://us@evil.example/", "The link begins with https:// and names a site"),
        ("registration_url", "https://[bad", "The link begins with https:// and names a site"),
        ("registration_opens", "soon", "Type a date and a time"),
        ("registration_opens", "2027-03-28T02:30", "02:30 does not exist that night"),
    ],
)
def test_a_wrong_date_or_link_gets_its_sentence_and_stays(olive, event, field, typed, sentence):
    answer = send(olive, SETTINGS, filled_in(olive.get(SETTINGS).text) | {field: typed})
    assert answer.status_code == 422
    assert error_at(answer.text, field).startswith(sentence)
    assert filled_in(answer.text)[field] == typed
    assert db.session.query(Event.registration_url).scalar() == ""
