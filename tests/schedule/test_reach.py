"""The reach meter: what counts as a phone, what it holds, who is named and who stays a number, and what the MC says."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import time_machine

from app import redis
from app.events.models import Event, Follow
from app.lib import clock, tokens
from app.live import holding, topics
from app.live.holding import Holding
from app.live.phone import Phone
from app.notify.models import PushSubscription
from app.people.models import Device
from app.schedule import changes, live, queries, reach
from app.schedule.models import LastLook
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add, move

TOPIC = "event:swing:public"


@pytest.mark.parametrize(
    ("version", "known", "unknown", "wanted"),
    [
        (31, {}, {}, (0, 0)),
        (31, {"p1": 31, "p2": 30, "d1": 0}, {}, (3, 1)),
        (31, {"p1": 32}, {31: 4, 30: 2, 0: 1}, (8, 5)),
        (0, {"p1": 0}, {0: 3}, (4, 0)),
    ],
)
def test_phones_and_those_that_hold_it_are_added_up(version, known, unknown, wanted):
    found = reach.count(version, known, Counter(unknown), 0)
    assert (found.phones, found.holding) == wanted
    assert found.behind == found.phones - found.holding


def test_versions_are_listed_newest_first():
    assert reach.count(3, {"p1": 1, "p2": 3}, Counter({3: 2, 0: 1}), 0).by_version == ((3, 3), (1, 1), (0, 1))


def pages(*said, process="here"):
    """Pages as a hub knows them: (holder, number) each."""
    held = {}
    for holder, number in said:
        phone = Phone(None, None, "", 0, 0.0)
        phone.holder = holder
        held[phone] = number
    holding.put(redis.client(), TOPIC, process, held, 45)


def look(event, *, person=None, device=None, version=1, ago=timedelta(minutes=5)):
    return LastLook(
        event_id=event.id, person_id=person.id if person else None, device_id=device.id if device else None,
        version=version, looked_at=clock.now() - ago,
    )  # fmt: skip


def subscription(**holder):
    name = tokens.public_id()
    return PushSubscription(
        endpoint=f"https://push.example/{name}", endpoint_index=name, p256dh="x", auth="y", last_seen_at=clock.now(),
        **holder,
    )  # fmt: skip


@pytest.fixture
def event(session):
    made = factories.event()
    edit = add(made)
    move(made, edit, "14:15", "15:15")
    session.expire_all()
    return session.query(Event).one()  # version 2


def meter(event):
    found = reach.of(event, TOPIC)
    return found.phones, found.holding


def test_a_guest_without_a_device_counts_while_connected(session, event):
    pages(("", 2), ("", 1), ("", 0))
    pages(("", 2), process="there")
    assert meter(event) == (4, 2)
    pages(process="there")
    assert meter(event) == (3, 1)


def test_a_person_with_several_browsers_is_one_phone(session, event):
    dana = factories.person("dana")
    phone, laptop = (Device(token_digest=tokens.digest(tokens.secret_token()), person_id=dana.id) for _ in range(2))
    session.add_all([phone, laptop])
    session.commit()
    session.add_all([look(event, device=phone, version=1), look(event, person=dana, version=2)])
    session.commit()
    pages((f"p{dana.id}", 1), (f"p{dana.id}", 0))
    assert meter(event) == (1, 1)


def test_a_look_counts_for_a_day_and_a_push_for_as_long_as_it_is_wanted(session, event):
    dana, jo, tess = (factories.person(name) for name in ("dana", "jo", "tess"))
    session.add(look(event, person=dana, version=2, ago=timedelta(hours=23)))
    session.add(look(event, person=jo, version=2, ago=timedelta(hours=25)))
    session.commit()
    assert meter(event) == (1, 1)
    session.add_all([subscription(person_id=jo.id), subscription(person_id=tess.id)])
    session.add_all([Follow(event_id=event.id, person_id=jo.id), Follow(event_id=event.id, person_id=tess.id)])
    session.commit()
    assert meter(event) == (3, 2)  # Jo's old look is of the newest version; Tess never opened it


def test_a_push_of_somebody_who_has_nothing_to_do_with_the_event_is_not_counted(session, event):
    session.add(subscription(person_id=factories.person("nina").id))
    session.commit()
    assert meter(event) == (0, 0)


def test_people_of_the_schedule_are_named_and_dancers_stay_a_number(session, event):
    jo, tess, dana = (factories.person(name) for name in ("jo", "tess", "dana"))
    add(event, "Big social", "22:00", "23:00", people=(("dj", "@jo"), ("dj", "DJ Nobody")))
    add(event, "Over already", "09:00", "10:00", people=(("teacher", "@sam"),))
    add(event, "Turns", "16:00", "17:00", people=(("teacher", "@tess"),))
    session.expire_all()
    event = session.query(Event).one()
    session.add_all([look(event, person=tess, version=5), look(event, person=jo, version=3), look(event, person=dana)])
    session.commit()
    with time_machine.travel(at("12:00"), tick=False):
        found = reach.of(event, TOPIC).missed
    assert [(each.name, each.handle, each.roles, each.held) for each in found] == [
        ("Jo Brandt", "jo", ("plays",), 3), ("DJ Nobody", None, ("plays",), None),
        ("Olive Szabó", "olive", ("team",), None),
    ]  # fmt: skip
    assert found[0].slot.title == "Big social"


def test_the_sentence_says_the_change_and_who_should_come_to_the_desk(session, event):
    factories.person("jo")
    shown = queries.public_schedule(event)
    news = changes.between(queries.version_of(event, 1), shown)
    missed = [
        reach.Missed("Jo Brandt", "jo", ("plays",), shown.slots[0], 1),
        reach.Missed("Olive Szabó", "olive", ("team",), None, None),
    ]
    said = reach.sentence(news, missed, 2, event.zone, at("13:00"))
    assert said.startswith("Schedule change: Swivels starts Sat 14:15 instead of 14:00")
    assert said.endswith("it is version 2. Jo Brandt, please come to the desk.")
    assert "come to the desk" not in reach.sentence(news, missed, 2, event.zone, at("10:00"))


def test_the_dashboard_and_its_page_say_it(client, session, event):
    pages(("", 2), ("", 1))
    factories.signed_in(client, factories.person("olive"))
    for path in ("", "/reach"):
        html = client.get(f"/app/organizer/events/swing{path}").text
        assert "<strong>1 of 2 phones</strong> hold version 2" in html
    assert 'data-copy="mc-words"' in html
    assert "Olive Szabó" in html


def test_nobody_is_asked_to_draw_while_nobody_watches(app, session, event):
    assert topics.is_counted(TOPIC)
    topics.tell_held(TOPIC)
    assert redis.queue().count == 0
    from app.live import presence

    presence.put(redis.client(), live.staff_topic("swing"), "here", 1, 45)
    topics.tell_held(TOPIC)
    assert [job.func_name for job in redis.queue().jobs] == ["jobs.schedule.refresh_reach"]


def test_query_count_is_the_same_for_one_phone_and_for_many(session, event):
    from sqlalchemy import event as sa_event

    from app.db import db

    def queries_sent():
        sent = []
        listener = lambda *arguments: sent.append(arguments[2])  # noqa: E731
        sa_event.listen(db.engine, "before_cursor_execute", listener)
        reach.of(event, TOPIC)
        sa_event.remove(db.engine, "before_cursor_execute", listener)
        return len(sent)

    session.add(look(event, person=factories.person("dana")))
    session.commit()
    event.id  # noqa: B018  (loads the row that the commit let go)
    few = queries_sent()
    for number in range(20):
        who = factories.person(f"dancer{number}")
        session.add_all([look(event, person=who), subscription(person_id=who.id)])
        session.add(Follow(event_id=event.id, person_id=who.id))
    session.commit()
    event.id  # noqa: B018
    assert queries_sent() == few


def test_without_redis_looks_still_count(session, event, monkeypatch):
    monkeypatch.setattr(holding, "of", lambda _topic: Holding())
    session.add(look(event, person=factories.person("dana"), version=2))
    session.commit()
    assert meter(event) == (1, 1)
