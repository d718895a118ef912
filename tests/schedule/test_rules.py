"""Decisions about slots, on objects that no database has seen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.events.models import Event, Room
from app.schedule import rules
from app.schedule.models import Slot, SlotPerson
from tests.factories import BUDAPEST, at

EVENT = Event(zone=BUDAPEST, starts_on=date(2026, 6, 12), ends_on=date(2026, 6, 14), day_change_hour=6)
HALL, STUDIO = Room(id=1, name="Danube Hall", walk_minutes=0), Room(id=2, name="Gellért Studio", walk_minutes=5)


def make(number, start, end, room=HALL, names=(), **more):
    slot = Slot(
        id=number, title=f"Slot {number}", starts_at=at(start), ends_at=at(end), room=room, room_id=room.id, **more
    )
    slot.people = [SlotPerson(name=name, role="teacher") for name in names]
    return slot


def test_a_slot_that_ends_before_it_starts_is_refused_with_a_proposal():
    with pytest.raises(rules.BadTimes) as caught:
        rules.check_times(EVENT, at("14:30"), at("14:10"))
    assert (caught.value.field, caught.value.sentence) == (
        "end", "It starts 14:30, so it cannot end 14:10. Did you mean 15:30?",
    )  # fmt: skip


def test_a_slot_that_ends_when_it_starts_is_refused():
    with pytest.raises(rules.BadTimes):
        rules.check_times(EVENT, at("14:30"), at("14:30"))


@pytest.mark.parametrize(
    ("start", "end", "day", "field"),
    [
        ("05:00", "06:30", date(2026, 6, 12), "start"),
        ("23:00", "24:30", date(2026, 6, 15), "start"),
        ("05:00", "07:00", date(2026, 6, 15), "end"),
        ("08:00", "28:00", date(2026, 6, 12), "end"),
    ],
)
def test_times_outside_the_event_are_refused_at_their_field(start, end, day, field):
    with pytest.raises(rules.BadTimes) as caught:
        rules.check_times(EVENT, at(start, day), at(end, day))
    assert caught.value.field == field


def test_the_last_social_may_run_until_the_day_change():
    rules.check_times(EVENT, at("22:00", date(2026, 6, 14)), at("30:00", date(2026, 6, 14)))


def test_an_overlap_in_the_same_room_is_refused_naming_what_is_in_the_way():
    taken = make(2, "14:15", "15:15")
    with pytest.raises(rules.RoomTaken) as caught:
        rules.check_room_free(make(1, "14:00", "15:00"), [taken], BUDAPEST)
    assert caught.value.sentence == "Danube Hall is taken 14:15 to 15:15 by Slot 2."


@pytest.mark.parametrize(("start", "end"), [("13:00", "14:15"), ("15:15", "16:00")])
def test_back_to_back_is_fine(start, end):
    rules.check_room_free(make(1, start, end), [make(2, "14:15", "15:15")], BUDAPEST)


def test_another_room_or_a_cancelled_slot_is_not_in_the_way():
    gone = make(2, "14:00", "15:00", cancelled_at=at("12:00"))
    rules.check_room_free(make(1, "14:00", "15:00"), [gone, make(3, "14:00", "15:00", STUDIO)], BUDAPEST)


def test_a_person_in_two_rooms_at_once_is_warned_about():
    other = make(2, "14:30", "15:30", STUDIO, ["Tess Aubert"])
    assert rules.warnings(make(1, "14:00", "15:00", names=["tess aubert"]), [other], BUDAPEST) == [
        "tess aubert is in Gellért Studio 14:30 to 15:30 (Slot 2)."
    ]


@pytest.mark.parametrize(("gap", "warned"), [(4, True), (5, False)])
def test_too_short_a_way_between_rooms_is_warned_about(gap, warned):
    other = make(2, "15:00", "16:00", STUDIO, ["Tess Aubert"])
    other.starts_at += timedelta(minutes=gap)
    assert bool(rules.warnings(make(1, "14:00", "15:00", names=["Tess Aubert"]), [other], BUDAPEST)) is warned


def test_a_stale_edit_is_refused_saying_how_it_is_now():
    slot = make(1, "14:30", "15:30", version=4)
    rules.check_version(slot, 4, "Olive", BUDAPEST)
    with pytest.raises(rules.ChangedMeanwhile) as caught:
        rules.check_version(slot, 3, "Olive", BUDAPEST)
    assert caught.value.sentence == "Olive changed it a moment ago: now 14:30 to 15:30 in Danube Hall."
