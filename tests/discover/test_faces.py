"""Who is at an event, a weekend as a card, and a person's slots by weekend: pure, on objects made here."""

from __future__ import annotations

from datetime import date, timedelta

from app.discover import faces, sets
from app.events.models import Event, Room
from app.schedule import snapshot
from app.schedule.models import Slot, SlotPerson
from tests.factories import BUDAPEST, DAY, FIRST_DAY, LAST_DAY, at

HALL = Room(public_id="hall", name="Danube Hall", note="", position=0, walk_minutes=0)


def slot(name, start, end, *people, cancelled=False):
    start, end = at(start), at(end)
    return Slot(
        public_id=name, title=name, kind="workshop", room=HALL, version=1, cancelled_at=start if cancelled else None,
        starts_at=start, ends_at=end, planned_starts_at=start, planned_ends_at=end,
        people=[SlotPerson(role=role, name=who) for role, who in people],
    )  # fmt: skip


def schedule(*slots):
    """The version that would show these slots."""
    return snapshot.read(1, snapshot.content_of([HALL], slots))


def event(number=1, slug="swing", first=FIRST_DAY, last=LAST_DAY):
    return Event(id=number, slug=slug, zone=BUDAPEST, day_change_hour=6, starts_on=first, ends_on=last)


def test_who_has_most_slots_comes_first_with_all_roles():
    shown, total = faces.of(
        schedule(
            slot("a", "10:00", "11:00", ("teacher", "Tess")),
            slot("b", "11:00", "12:00", ("teacher", "Tess"), ("judge", "Zoe")),
            slot("c", "12:00", "13:00", ("judge", "Tess"), ("dj", "Ana")),
        )
    )
    assert [(face.name, face.role, face.slots) for face in shown] == [
        ("Tess", "Teacher and Judge", 3), ("Ana", "DJ", 1), ("Zoe", "Judge", 1),
    ]  # fmt: skip
    assert total == 3


def test_a_dozen_are_shown_and_all_are_counted():
    crowd = [("teacher", f"Teacher {n:02d}") for n in range(15)]
    shown, total = faces.of(schedule(slot("a", "10:00", "11:00", *crowd)))
    assert (len(shown), total) == (12, 15)


def test_nobody_is_named_for_a_cancelled_slot():
    assert faces.of(schedule(slot("a", "10:00", "11:00", ("dj", "Ana"), cancelled=True))) == ([], 0)


def test_a_weekend_card_names_what_comes_next_of_the_stars():
    shown = schedule(slot("past", "10:00", "11:00"), slot("next", "14:00", "15:00"), slot("other", "14:00", "15:00"))
    card = faces.weekend_card(event(), shown, {"past", "next"}, at("12:00"))
    assert (card.stars, card.next_slot.id, card.clash_count) == (2, "next", 0)


def test_what_runs_now_is_next_until_it_ends_and_a_cancelled_one_never_is():
    shown = schedule(slot("now", "11:30", "12:30"), slot("off", "11:45", "12:00", cancelled=True))
    assert faces.weekend_card(event(), shown, {"now", "off"}, at("11:50")).next_slot.id == "now"
    assert faces.weekend_card(event(), shown, {"now", "off"}, at("12:30")).next_slot is None


def test_two_stars_at_one_time_are_one_clash():
    shown = schedule(slot("a", "14:00", "15:00"), slot("b", "14:30", "15:30"), slot("c", "15:30", "16:00"))
    assert faces.weekend_card(event(), shown, {"a", "b", "c"}, at("12:00")).clash_count == 1


def row(of, start):
    return Slot(event=of, event_id=of.id, title=start, starts_at=at(start), ends_at=at(start) + timedelta(hours=1))


def test_sets_are_grouped_by_weekend_and_by_night():
    here, there = event(1), event(2, "blues", date(2026, 7, 1), date(2026, 7, 2))
    found = sets.by_weekend([row(here, "22:00"), row(here, "25:30"), row(here, "34:00"), row(there, "500:00")])
    assert [(w.event.slug, {d.day: [s.title for s in slots] for d, slots in w.days.items()}) for w in found] == [
        ("swing", {DAY.day: ["22:00", "25:30"], LAST_DAY.day: ["34:00"]}),
        ("blues", {3: ["500:00"]}),
    ]


def test_nobody_has_no_weekends():
    assert sets.by_weekend([]) == []
