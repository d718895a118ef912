"""What organizers do with an event, on both engines: make, change, open, hide, and who is on the team."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from app.db import db
from app.events import actions, queries, rules
from app.events.actions import details
from app.events.models import Event, Room
from app.outbox import OutboxItem
from app.people import queries as people
from app.people.models import Person, RoleGrant
from app.schedule import actions as schedule
from app.schedule import queries as schedules
from tests import factories
from tests.schedule.test_actions import add

NEW = {
    "name": "Budapest Swing Weekend", "slug": "budapest", "city": "Budapest", "venue": "Dunaparti Ház", "address": "",
    "about": "", "zone": "Europe/Budapest", "day_change_hour": 6,
    "starts_on": date(2026, 6, 12), "ends_on": date(2026, 6, 14),
}  # fmt: skip


def room(name, known="", **more):
    return {"id": known, "name": name, "note": "", "capacity": None, "walk": 0} | more


def new(*rooms, **more):
    return NEW | {"rooms": [room(name) for name in rooms or ("Danube Hall",)]} | more


def as_it_is(event, **more):
    """The values that the form of this event would send unchanged."""
    rooms = [room(r.name, r.public_id, note=r.note, capacity=r.capacity, walk=r.walk_minutes) for r in event.rooms]
    return {name: getattr(event, name) for name in actions.PLAIN_FIELDS} | {"rooms": rooms} | more


def team_of(slug):
    db.session.rollback()
    return [grant.person.handle for grant in people.team_of_event(queries.event_by_slug(slug).id)]


def test_a_new_event_is_hidden_and_its_maker_organizes_it(session):
    slug = actions.create_event(new("Danube Hall", "Margit Room"), factories.person("olive"))

    event = queries.event_by_slug(slug)
    assert (event.slug, event.is_published, event.schedule_mode) == ("budapest", False, "planning")
    assert [(r.name, r.position) for r in event.rooms] == [("Danube Hall", 0), ("Margit Room", 1)]
    assert team_of("budapest") == ["olive"]


def test_a_taken_address_is_refused_and_nothing_is_made(session):
    factories.event("budapest")
    with pytest.raises(rules.SlugTaken):
        actions.create_event(new(), factories.person("olive"))
    assert (session.query(Event).count(), session.query(RoleGrant).count()) == (1, 1)


def test_of_eight_who_want_one_address_at_once_one_gets_it(session, race):
    olive = factories.person("olive").id

    def make(_number):
        return actions.create_event(new(), db.session.get(Person, olive))

    results = race(make)
    session.rollback()

    assert [result for result in results if isinstance(result, str)] == ["budapest"]
    assert {type(result) for result in results} == {str, rules.SlugTaken}
    assert session.query(Event).count() == session.query(RoleGrant).count() == 1


def test_without_the_guard_that_race_would_be_a_failure_of_ours(session, race, engine, monkeypatch):
    """The control: SQLite has one writer at a time, PostgreSQL lets both look before either writes."""
    monkeypatch.setattr(details, "_one_winner", lambda _slug: nullcontext())
    olive = factories.person("olive").id

    losers: set[type] = set()
    for attempt in range(12):  # whether two really look at once is luck; in a dozen races some do
        typed = new(slug=f"race-{attempt}")
        results = race(lambda _n, typed=typed: actions.create_event(typed, db.session.get(Person, olive)))
        losers |= {type(result) for result in results if not isinstance(result, str)}
        if IntegrityError in losers:
            break

    assert (IntegrityError in losers) == (engine == "postgresql")


def test_two_events_that_move_to_one_address_at_once_end_at_two(session, race):
    events = [factories.event(slug) for slug in ("one", "two", "three", "four")]
    wanted = [(event.id, as_it_is(event, slug="same")) for event in events]

    results = race(lambda number: actions.change_event(*wanted[number]), times=4)
    session.rollback()

    assert sorted(type(result).__name__ for result in results) == ["SlugTaken", "SlugTaken", "SlugTaken", "str"]
    assert session.query(Event).filter_by(slug="same").count() == 1


def test_a_change_keeps_its_own_address(session):
    event = factories.event()
    assert actions.change_event(event.id, as_it_is(event, name="Swing, renamed")) == "swing"
    assert queries.event_by_slug("swing").name == "Swing, renamed"


def test_a_change_to_a_taken_address_changes_nothing(session):
    factories.event("taken")
    event = factories.event()
    with pytest.raises(rules.SlugTaken):
        actions.change_event(event.id, as_it_is(event, slug="taken", name="Renamed"))
    assert queries.event_by_slug("swing").name == "Swing Weekend"


def test_dates_that_would_cut_slots_off_are_refused_and_nothing_changes(session):
    event = factories.event()
    add(event, "Friday opening", "09:00", "10:00")
    with pytest.raises(rules.DatesCutSlots, match="Friday opening"):
        actions.change_event(event.id, as_it_is(event, starts_on=date(2026, 6, 14), name="Renamed"))
    session.expire_all()
    assert (event.starts_on, event.name) == (date(2026, 6, 12), "Swing Weekend")


def test_dates_may_shrink_to_where_slots_are(session):
    event = factories.event()
    add(event)
    actions.change_event(event.id, as_it_is(event, starts_on=factories.DAY, ends_on=factories.DAY))
    session.expire_all()
    assert event.days == [factories.DAY]


def test_a_room_in_use_stays(session):
    event = factories.event()
    add(event, room=1)
    values = as_it_is(event)
    with pytest.raises(rules.RoomInUse, match=r"Margit Room still has 1 slot\. "):
        actions.change_event(event.id, values | {"rooms": values["rooms"][:1]})
    session.expire_all()
    assert [r.name for r in event.rooms] == ["Danube Hall", "Margit Room"]


def test_an_unused_room_goes_a_renamed_one_stays_itself_and_a_new_one_comes(session):
    event = factories.event()
    edit = add(event, room=0)
    hall = event.rooms[0].public_id

    actions.change_event(event.id, as_it_is(event, rooms=[room("Lounge"), room("Great Hall", hall)]))

    session.expire_all()
    assert [(r.name, r.position) for r in event.rooms] == [("Lounge", 0), ("Great Hall", 1)]
    assert schedules.slot_of(event, edit.slot_id).room.name == "Great Hall"
    assert session.query(Room).count() == 2


def test_a_room_of_another_event_is_never_taken_over(session):
    event, other = factories.event(), factories.event("other")
    theirs = other.rooms[0].public_id

    actions.change_event(event.id, as_it_is(event, rooms=[room("Mine now", theirs)]))

    session.expire_all()
    assert [r.name for r in other.rooms] == ["Danube Hall", "Margit Room"]
    assert event.rooms[0].public_id != theirs


def test_in_live_mode_a_change_of_rooms_is_owed_to_the_public(session):
    event = factories.event()
    add(event)
    values = as_it_is(event)
    values["rooms"][0]["name"] = "Great Hall"

    actions.change_event(event.id, values)
    assert session.query(OutboxItem.kind).filter_by(kind="schedule.republish").count() == 1
    schedule.republish(event.id)

    session.expire_all()
    assert schedules.public_schedule(event).rooms[0].name == "Great Hall"


def test_while_planning_a_change_of_rooms_waits_for_the_next_version(session):
    event = factories.event(mode="planning")
    actions.change_event(event.id, as_it_is(event))
    session.expire_all()
    assert event.has_draft
    assert session.query(OutboxItem).count() == 0


def test_opening_twice_keeps_the_first_moment_and_hiding_closes(session):
    event = factories.event(published_at=None)
    actions.show(event.id)
    session.expire_all()
    opened = event.published_at
    actions.show(event.id)
    session.expire_all()
    assert event.published_at == opened is not None
    actions.hide(event.id)
    session.expire_all()
    assert not event.is_published


@pytest.mark.parametrize("who", ["@sam", "sam", "SAM@pika.example", "@Sam"])
def test_somebody_joins_the_team_by_handle_or_address_once(session, who):
    event = factories.event()
    factories.person("sam")
    for _ in range(2):
        assert actions.add_organizer(event.id, who, factories.person("olive")) == "Sam Whitfield"
    assert team_of("swing") == ["olive", "sam"]


def test_eight_who_add_the_same_person_at_once_add_one(session, race):
    event, olive = factories.event().id, factories.person("olive").id
    factories.person("sam")
    results = race(lambda _n: actions.add_organizer(event, "@sam", db.session.get(Person, olive)))
    assert results == ["Sam Whitfield"] * 8
    assert team_of("swing") == ["olive", "sam"]


@pytest.mark.parametrize("who", ["@nobody", "nobody@pika.example", "@", "@late"])
def test_nobody_and_the_unverified_cannot_join(session, who):
    event = factories.event()
    late = factories.person("late")
    late.verified_at = None
    session.commit()
    with pytest.raises(rules.NobodyThere):
        actions.add_organizer(event.id, who, factories.person("olive"))
    assert team_of("swing") == ["olive"]


def test_somebody_leaves_and_the_last_one_stays(session):
    event = factories.event()
    factories.grant(factories.person("sam"), "organizer", event=event)
    assert actions.remove_organizer(event.id, "olive") == "Olive Szabó"
    with pytest.raises(rules.LastOrganizer):
        actions.remove_organizer(event.id, "sam")
    with pytest.raises(rules.NobodyThere):
        actions.remove_organizer(event.id, "olive")
    assert team_of("swing") == ["sam"]


def test_two_who_remove_each_other_at_once_leave_one(session, race):
    event = factories.event()
    factories.grant(factories.person("sam"), "organizer", event=event)
    event_id, handles = event.id, ("olive", "sam")
    results = race(lambda number: actions.remove_organizer(event_id, handles[number]), times=2)
    assert sorted(type(result).__name__ for result in results) == ["LastOrganizer", "str"]
    assert len(team_of("swing")) == 1
