"""The demo comes in by the actions that users call, is alive at any hour, and is clean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.booth.after import figures, review
from app.db import db
from app.demo import last_night, load, weekend
from app.demo.cast import CAST, OTHERS, PASSWORD
from app.events import queries as events
from app.floor import queries as floor
from app.lib import clock
from app.live import regions
from app.live.models import LiveDebt
from app.owner import invariants
from app.people import queries as people
from app.people.actions import door
from app.people.actions.sessions import Browser
from app.people.viewer import Viewer
from app.schedule import live, now, queries, rules, snapshot
from app.schedule.models import Star
from tests import factories

pytestmark = pytest.mark.slow
BUDAPEST = clock.zone(weekend.ZONE)
SATURDAY = (2026, 6, 13)


def at(hour: int, minute: int = 0, day: tuple[int, int, int] = SATURDAY) -> datetime:
    return datetime(*day, hour, minute, tzinfo=BUDAPEST).astimezone(UTC)


def the_event():
    return events.event_by_slug(weekend.SLUG)


def test_it_loads_and_is_clean(session):
    load.load()
    assert invariants.broken() == []
    event = the_event()
    assert event.is_published
    assert event.is_live
    assert event.schedule_version >= 4
    assert not event.has_draft
    assert len(event.rooms) == 5
    assert len(queries.slots_of(event.id)) == len(weekend.PROGRAM) + 1
    assert event.days[1] == clock.event_day(clock.now(), event.zone, event.day_change_hour), "today is the middle day"
    assert len(event.days) == 3


@pytest.mark.one_engine
def test_the_cast_can_sign_in_and_has_its_roles(session):
    load.load()
    for player in (*CAST, *OTHERS):
        assert door.sign_in(player.email, PASSWORD, Browser())
    areas = {p.handle: [area.name for area in Viewer(people.person_by_handle(p.handle)).areas] for p in CAST}
    assert areas == {
        "dana": ["dancer"],
        "jo": ["dancer", "dj"],
        "tess": ["dancer", "studio"],
        "sam": ["dancer", "studio"],
        "olive": ["dancer", "organizer"],
        "petra": ["dancer", "owner"],
        "nina": ["dancer"],
    }


@pytest.mark.one_engine
def test_nobody_is_owed_a_word(session):
    load.load()
    assert db.session.scalars(select(LiveDebt)).all() == []


@pytest.mark.one_engine
def test_jo_plays_tonight(session):
    load.load()
    dj_set = floor.live_set_of(people.person_by_handle("jo").id)
    playing = floor.now_playing(dj_set, clock.now())
    assert playing.title.startswith("Slow Current")
    assert len(floor.newest_plays(dj_set.id)) == 10
    assert floor.heart_count(playing.id) == 12
    assert floor.tempo_now(dj_set.id, clock.now()).is_shown
    assert dj_set.slot.title == weekend.BIG_SOCIAL
    opener = [name for play, name in floor.ledger(dj_set) if play.title == "Paper Lanterns"]
    assert opener == ["Zsófia Bartal"]


@pytest.mark.one_engine
def test_jo_played_last_night_and_the_history_knows_better_twice(session):
    load.load()
    jo = people.person_by_handle("jo")
    dj_set = next(found for found in floor.sets_of(jo.id) if found.is_over)
    told = figures.of(dj_set, clock.now())
    assert (dj_set.title, len(told.songs), told.dancers) == ("Welcome hour", last_night.SONGS - 1, last_night.GUESTS)
    assert (told.polls[0].votes, bool(told.hearts), bool(told.wish)) == (len(last_night.VOTES), True, True)
    assert clock.now() - dj_set.ended_at > timedelta(hours=6)
    [candidate] = review.candidates(dj_set)
    lines = review.lines(dj_set, candidate.run)
    assert sorted(line.kind for line in lines if line.kind != "same") == ["missing", "named"]
    assert [len(found) for found in review.stretches(lines)] == [6, 1, 8, 1, 8]


@pytest.mark.one_engine
def test_no_list_is_lonely(session):
    load.load()
    jo, tess = people.person_by_handle("jo"), people.person_by_handle("tess")
    assert {slot.event.slug for slot in queries.slots_with(jo.id, ("dj",))} == {weekend.SLUG, "harbor-swing-porto"}
    assert len(queries.slots_with(tess.id, ("teacher",))) >= 4  # the hidden event's are not among them
    olive = people.person_by_handle("olive")
    assert {event.slug for event in events.events_organized(olive.id)} == {weekend.SLUG, "danube-winter-blues"}
    hidden, coming = events.event_by_slug("danube-winter-blues"), events.event_by_slug("harbor-swing-porto")
    assert (hidden.is_published, hidden.schedule_mode, hidden.schedule_version) == (False, "planning", 0)
    assert (coming.is_published, coming.schedule_version >= 1) == (True, True)
    assert [event.slug for event in events.upcoming(clock.now().date())] == [weekend.SLUG, coming.slug]


@pytest.mark.one_engine
def test_what_happened_since_is_on_the_schedule(session):
    load.load()
    shown = queries.public_schedule(the_event())
    assert [slot.title for slot in shown.slots if slot.cancelled] == [weekend.CANCELLED]
    late = [slot for slot in shown.slots if slot.late_minutes and slot.flexibility != "buffer"]
    assert late
    assert {slot.late_minutes for slot in late} == {weekend.LATE_MINUTES}
    title, room = weekend.CHANGES_ROOM
    assert [slot.room.name for slot in shown.slots if slot.title == title] == [room]


@pytest.mark.one_engine
def test_dana_starred_two_things_at_the_same_time(session):
    load.load()
    event, dana = the_event(), people.person_by_handle("dana")
    starred = queries.stars_of(Viewer(dana), event.id)
    mine = [slot for slot in queries.public_schedule(event).slots if slot.id in starred]
    assert len(mine) == len(weekend.DANA_STARS)
    assert {slot.title for slot in mine if slot.id in snapshot.clashes(mine)} == {
        "Intermediate Jack & Jill, finals",
        "Taster: Balboa for the curious",
        "Ask us anything",
        "Advanced Jack & Jill, finals",
    }
    assert (
        db.session.query(Star).filter(Star.device_id.is_not(None)).count() == weekend.GUESTS * weekend.STARS_PER_GUEST
    )


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("hour", "minute", "is_dancing"), [(3, 0, True), (5, 45, False), (9, 0, True), (14, 0, True), (23, 30, True)]
)
def test_something_is_on_or_next_at_any_hour_and_the_main_hall_runs_late(session, client, hour, minute, is_dancing):
    with time_machine.travel(at(hour, minute), tick=False):
        load.load()
        event = the_event()
        floors = now.by_room(queries.public_schedule(event), clock.now(), event.zone, event.day_change_hour)
        assert any(floor.current or floor.following for floor in floors)
        assert now.off_plan(floors) == ((weekend.LATE_MINUTES, 1) if is_dancing else (0, 0))
        assert invariants.broken() == []
        slots = queries.slots_of(event.id)
        warned = {sentence for slot in slots for sentence in rules.warnings(slot, slots, event.zone)}
        assert len(warned) == 2, "one deliberate short walk, named from each of its sides"
        assert all(sentence.startswith("Tess Aubert has 5 min between") for sentence in warned)
        for path in ("/", "/events", f"/e/{weekend.SLUG}", f"/e/{weekend.SLUG}/schedule"):
            assert client.get(path).status_code == 200


@pytest.mark.one_engine
@pytest.mark.parametrize("day", [(2027, 3, 27), (2027, 3, 28), (2027, 10, 30), (2027, 10, 31)])
def test_it_loads_on_the_nights_that_the_clock_changes(session, day):
    with time_machine.travel(at(23, 30, day), tick=False):
        load.load()
        assert invariants.broken() == []


@pytest.mark.one_engine
def test_a_floor_that_runs_back_to_back_moves_as_a_whole_until_a_buffer_eats_it(session):
    with time_machine.travel(at(14, 10), tick=False):
        load.load()
        slots = {slot.title: slot for slot in queries.slots_of(the_event().id)}
        prelims, eaten = slots["Intermediate Jack & Jill, prelims"], slots["Buffer: scores and water"]
        zone = weekend.ZONE
        assert (rules.span(prelims, zone), rules.span(eaten, zone)) == ("14:15 to 15:15", "15:15 to 15:30")


def test_it_does_not_load_beside_other_data(session):
    factories.person("mira", "Mira Own")
    with pytest.raises(load.DemoRefused, match="reset"):
        load.load()
    assert load.load_if_empty() is None
    assert events.all_events() == []


def test_reset_throws_everything_away_and_starts_anew(session):
    load.load()
    event = the_event()
    first_id, topic = event.public_id, live.public_topic(weekend.SLUG)
    factories.event("mine", organizer=people.person_by_handle("nina"))
    for _ in range(3):
        event.revision += 100
        db.session.commit()
        live.schedule_changed(weekend.SLUG)
    before = regions.position(topic)
    load.reset()
    assert the_event().public_id != first_id
    assert events.event_by_slug("mine") is None
    assert regions.position(topic).epoch != before.epoch, "old ranks must not keep new slots from the phones"
    assert invariants.broken() == []


@pytest.mark.one_engine
def test_the_runner_loads_once_and_leaves_a_running_weekend_alone(session):
    assert load.load_if_empty()
    first_id = the_event().public_id
    assert load.load_if_empty() is None
    assert the_event().public_id == first_id


@pytest.mark.one_engine
@pytest.mark.parametrize(("days", "is_renewed"), [(1, False), (2, True), (30, True)])
def test_the_runner_renews_a_weekend_that_is_over(session, days, is_renewed):
    with time_machine.travel(at(14), tick=False):
        load.load()
        first_id = the_event().public_id
    with time_machine.travel(at(14) + timedelta(days=days), tick=False):
        assert bool(load.load_if_empty()) == is_renewed
        assert (the_event().public_id != first_id) == is_renewed


@pytest.mark.one_engine
def test_the_runner_begins_anew_where_a_first_load_was_cut_off(session, monkeypatch):
    real = load._stars
    monkeypatch.setattr(load, "_stars", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load.load()
    monkeypatch.setattr(load, "_stars", real)
    assert load.load_if_empty()
    assert invariants.broken() == []
    assert load.load_if_empty() is None


def interrupt(*_arguments):
    raise KeyboardInterrupt


@pytest.mark.one_engine
def test_the_runner_never_throws_away_what_somebody_made(session):
    with time_machine.travel(at(14), tick=False):
        load.load()
        factories.person("mira", "Mira Own")
        first_id = the_event().public_id
    with time_machine.travel(at(14) + timedelta(days=30), tick=False):
        assert load.load_if_empty() is None
        assert the_event().public_id == first_id


@pytest.mark.one_engine
@pytest.mark.parametrize("work", [load.load, load.reset])
def test_production_refuses_the_demo(app, session, monkeypatch, work):
    factories.person("dana")
    monkeypatch.setitem(app.config, "PIKA", replace(app.config["PIKA"], environment="production"))
    with pytest.raises(load.DemoRefused, match="production"):
        work()
    assert people.count_people() == 1
