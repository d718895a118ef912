"""Edits, versions, undo and stars, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.db import db
from app.people.models import Device
from app.people.viewer import Viewer
from app.schedule import actions, queries, rules, snapshot
from app.schedule.models import ScheduleVersion, Slot, SlotChange, Star
from tests import factories
from tests.factories import at


def values(event, title="Swivels", start="14:00", end="15:00", room=0, **more):
    return actions.SlotValues(
        title=title, kind="workshop", room=event.rooms[room].public_id, starts_at=at(start), ends_at=at(end), **more
    )


def add(event, *args, **more):
    return actions.add_slot(event.id, values(event, *args, **more), factories.person("olive"))


def fresh(event, edit):
    db.session.expire_all()
    return queries.slot_of(event, edit.slot_id)


def move(event, edit, start, end, room=0, version=None):
    return actions.move_slot(
        event.id, edit.slot_id, room=event.rooms[room].public_id, starts_at=at(start), ends_at=at(end),
        expected_version=fresh(event, edit).version if version is None else version, actor=factories.person("olive"),
    )  # fmt: skip


def test_in_live_mode_each_edit_is_a_public_version(session):
    event = factories.event()
    edit = add(event)
    assert (edit.version, event.schedule_version) == (1, 1)
    assert move(event, edit, "14:15", "15:15").version == 2
    assert queries.public_schedule(event).by_id[edit.slot_id].starts_at == at("14:15")
    assert session.query(ScheduleVersion).count() == 2


def test_a_live_move_keeps_the_plan_so_that_the_delay_shows(session):
    event = factories.event()
    edit = add(event)
    move(event, edit, "14:15", "15:15")
    assert queries.public_schedule(event).by_id[edit.slot_id].late_minutes == 15


def test_while_planning_nothing_is_public_until_it_is_published(session):
    event = factories.event(mode="planning")
    edit = add(event)
    assert (queries.public_schedule(event).slots, queries.draft_edits(event)) == ((), 1)
    assert actions.publish(event.id, factories.person("olive")) == 1
    move(event, edit, "16:00", "17:00")
    assert queries.public_schedule(event).by_id[edit.slot_id].starts_at == at("14:00")
    assert actions.publish(event.id, factories.person("olive")) == 2
    moved = queries.public_schedule(event).by_id[edit.slot_id]
    assert (moved.starts_at, moved.late_minutes) == (at("16:00"), 0)


def test_publishing_an_unchanged_draft_is_refused(session):
    event = factories.event(mode="planning")
    add(event)
    actions.publish(event.id, None)
    with pytest.raises(rules.NothingToPublish):
        actions.publish(event.id, None)


def test_going_live_publishes_what_was_a_draft(session):
    event = factories.event(mode="planning")
    edit = add(event)
    actions.set_mode(event.id, "live", factories.person("olive"))
    assert edit.slot_id in queries.public_schedule(event).by_id
    assert not event.has_draft


def test_a_refused_edit_leaves_nothing_behind(session):
    event = factories.event()
    add(event, "First")
    with pytest.raises(rules.RoomTaken):
        add(event, "Second", "14:30", "15:30")
    db.session.expire_all()
    assert (session.query(Slot).count(), session.query(SlotChange).count(), event.schedule_version) == (1, 1, 1)


def test_a_stale_move_is_refused_and_the_newer_one_stays(session):
    event = factories.event()
    edit = add(event)
    move(event, edit, "14:15", "15:15")
    with pytest.raises(rules.ChangedMeanwhile) as caught:
        move(event, edit, "16:00", "17:00", version=1)
    assert caught.value.sentence == "Olive Szabó changed it a moment ago: now 14:15 to 15:15 in Danube Hall."
    assert fresh(event, edit).starts_at == at("14:15")


def test_saving_without_a_change_makes_no_version(session):
    event = factories.event()
    edit = add(event)
    assert move(event, edit, "14:00", "15:00").version == 1
    assert session.query(SlotChange).count() == 1


@pytest.mark.parametrize("verb", ["move", "edit", "cancel"])
def test_undo_restores_exactly(session, verb):
    event = factories.event()
    edit = add(event, people=(("teacher", "Tess Aubert"), ("dj", "@jo")), description="Soft knees.")
    before = snapshot.state_of(fresh(event, edit))
    version = fresh(event, edit).version
    done = {
        "move": lambda: move(event, edit, "16:00", "17:00", room=1),
        "edit": lambda: actions.edit_slot(
            event.id, edit.slot_id, values(event, "Other", "18:00", "19:00"), version, None
        ),
        "cancel": lambda: actions.cancel_slot(event.id, edit.slot_id, version, None),
    }[verb]()
    assert snapshot.state_of(fresh(event, edit)) != before
    actions.undo(event.id, done.batch, factories.person("olive"))
    assert snapshot.state_of(fresh(event, edit)) == before
    assert queries.public_schedule(event).number == 3


def test_undoing_a_new_slot_takes_it_away_and_twice_is_refused(session):
    event = factories.event()
    edit = add(event)
    actions.undo(event.id, edit.batch, None)
    assert queries.public_schedule(event).slots == ()
    with pytest.raises(rules.NothingToUndo):
        actions.undo(event.id, edit.batch, None)


def test_undoing_under_a_newer_change_is_refused(session):
    event = factories.event()
    edit = add(event)
    first = move(event, edit, "14:15", "15:15")
    move(event, edit, "14:30", "15:30")
    with pytest.raises(rules.ChangedSince):
        actions.undo(event.id, first.batch, None)
    assert fresh(event, edit).starts_at == at("14:30")


def test_an_undo_into_a_room_that_was_taken_meanwhile_is_refused_whole(session):
    event = factories.event()
    edit = add(event)
    moved = move(event, edit, "16:00", "17:00")
    add(event, "Newcomer", "14:00", "15:00")
    with pytest.raises(rules.RoomTaken):
        actions.undo(event.id, moved.batch, None)
    assert fresh(event, edit).starts_at == at("16:00")


def test_a_public_slot_is_cancelled_not_deleted(session):
    event = factories.event()
    edit = add(event)
    with pytest.raises(rules.AlreadyPublic):
        actions.delete_slot(event.id, edit.slot_id, 1, None)
    actions.cancel_slot(event.id, edit.slot_id, 1, None)
    assert queries.public_schedule(event).by_id[edit.slot_id].cancelled


def test_a_draft_slot_can_be_deleted_and_brought_back(session):
    event = factories.event(mode="planning")
    edit = add(event)
    gone = actions.delete_slot(event.id, edit.slot_id, 1, None)
    assert queries.find_slot(event.id, edit.slot_id) is None
    actions.undo(event.id, gone.batch, None)
    assert fresh(event, edit).title == "Swivels"


def test_a_handle_links_the_account_and_shows_its_name(session):
    event = factories.event()
    jo = factories.person("jo")
    edit = add(event, people=(("dj", "@jo"), ("teacher", "@nobody")))
    people = [(p.name, p.person_id) for p in fresh(event, edit).people]
    assert people == [("Jo Brandt", jo.id), ("@nobody", None)]


def test_shift_moves_start_and_end(session):
    event = factories.event()
    edit = add(event)
    done = actions.shift_slot(event.id, edit.slot_id, 15, None)
    assert fresh(event, edit).ends_at == at("15:15")
    assert done.sentence == "Swivels: Sat 14:00 → Sat 14:15."


def test_racing_edits_of_one_slot_let_exactly_one_win(session, race):
    event = factories.event()
    edit = add(event)
    event_id, room, slot_id = event.id, event.rooms[0].public_id, edit.slot_id
    db.session.rollback()

    def one(number):
        start = at("16:00") + timedelta(minutes=number)
        ends = start + timedelta(hours=1)
        return actions.move_slot(
            event_id, slot_id, room=room, starts_at=start, ends_at=ends, expected_version=1, actor=None
        )

    results = race(one, times=8)
    assert sum(isinstance(result, actions.Edit) for result in results) == 1
    assert sum(isinstance(result, rules.ChangedMeanwhile) for result in results) == 7


def test_racing_slots_into_one_room_let_exactly_one_in(session, race):
    event = factories.event()
    event_id, wanted = event.id, values(event)
    db.session.rollback()
    results = race(lambda _: actions.add_slot(event_id, wanted, None), times=8)
    assert sum(isinstance(result, actions.Edit) for result in results) == 1
    assert sum(isinstance(result, rules.RoomTaken) for result in results) == 7


def test_a_star_sticks_once_and_comes_off(session):
    event = factories.event()
    slot_id = add(event).slot_id
    dana = Viewer(factories.person("dana"))
    for _ in range(2):
        actions.star(dana, event, slot_id, on=True)
    assert queries.stars_of(dana, event.id) == {slot_id}
    assert session.query(Star).count() == 1
    actions.star(dana, event, slot_id, on=False)
    assert session.query(Star).count() == 0


def test_a_guests_stars_belong_to_the_account_that_claims_the_device(session):
    event = factories.event()
    slot_id = add(event).slot_id
    actions.star(Viewer(), event, slot_id, on=True, device_token="a secret")
    device = session.query(Device).one()
    guest = Viewer(device=device)
    assert queries.stars_of(guest, event.id) == {slot_id}
    dana = factories.person("dana")
    device.person_id = dana.id
    session.commit()
    actions.star(Viewer(dana), event, slot_id, on=True)
    assert queries.star_count(queries.find_slot(event.id, slot_id).id) == 1
    actions.star(Viewer(dana), event, slot_id, on=False)
    assert queries.stars_of(Viewer(dana), event.id) == set()


def test_racing_stars_of_one_dancer_are_one_star(session, race):
    event = factories.event()
    slot_id, event_id = add(event).slot_id, event.id
    dana_id = factories.person("dana").id
    db.session.rollback()

    def one(_):
        from app.events.models import Event
        from app.people.models import Person

        actions.star(Viewer(db.session.get(Person, dana_id)), db.session.get(Event, event_id), slot_id, on=True)

    assert race(one, times=8) == [None] * 8
    assert session.query(Star).count() == 1
