"""Decisions about events and rooms, on objects made here: no database."""

from __future__ import annotations

from datetime import date

import pytest

from app.events import rules
from app.events.models import Event, Room
from app.people.models import RoleGrant
from tests.factories import BUDAPEST, at

FRIDAY, SATURDAY, SUNDAY = date(2026, 6, 12), date(2026, 6, 13), date(2026, 6, 14)


def event(starts_on=FRIDAY, ends_on=SUNDAY, **more):
    return Event(
        slug="swing", starts_on=starts_on, ends_on=ends_on, **({"zone": BUDAPEST, "day_change_hour": 6} | more)
    )


def test_an_event_of_one_day_is_fine():
    rules.check_days(SATURDAY, SATURDAY)


def test_an_event_that_ends_before_it_starts_is_refused_at_the_last_day():
    with pytest.raises(rules.DatesCutSlots) as refused:
        rules.check_days(SUNDAY, FRIDAY)
    assert (refused.value.field, refused.value.sentence) == ("ends_on", "It starts 14 June, so it cannot end 12 June.")


@pytest.mark.parametrize(("last", "is_fine"), [(date(2026, 7, 12), True), (date(2026, 7, 13), False)])
def test_a_month_is_the_longest(last, is_fine):
    if is_fine:
        rules.check_days(FRIDAY, last)
    else:
        with pytest.raises(rules.DatesCutSlots, match="31 days are the most"):
            rules.check_days(FRIDAY, last)


@pytest.mark.parametrize(("slug", "taken"), [("swing", True), ("new", False), ("app", False)])
def test_a_taken_or_reserved_address_is_refused_with_a_proposal(slug, taken):
    with pytest.raises(rules.SlugTaken, match=f"/e/{slug} is taken. Add the year or the city, like {slug}-20"):
        rules.check_slug(slug, taken=taken)


def test_a_free_address_is_fine():
    rules.check_slug("swing", taken=False)


def test_a_slot_after_midnight_of_the_last_day_is_still_inside():
    rules.check_slots_fit(event(), [("Late set", at("26:00", SUNDAY), at("30:00", SUNDAY))])


def test_slots_that_new_dates_would_cut_off_are_named():
    spans = [(f"Slot {n}", at(f"{n}:00", SUNDAY), at(f"{n + 1}:00", SUNDAY)) for n in range(10, 14)]
    with pytest.raises(rules.DatesCutSlots) as refused:
        rules.check_slots_fit(event(ends_on=SATURDAY), spans)
    assert refused.value.sentence == "These slots would lie outside: Slot 10, Slot 11 and 2 more. Move them first."


def test_an_earlier_day_change_can_cut_off_the_last_night():
    late = [("Late set", at("26:00", SUNDAY), at("28:00", SUNDAY))]
    with pytest.raises(rules.DatesCutSlots, match="Late set"):
        rules.check_slots_fit(event(day_change_hour=3), late)


def test_another_zone_can_cut_slots_off():
    early = [("Breakfast", at("06:30", FRIDAY), at("07:00", FRIDAY))]
    rules.check_slots_fit(event(), early)
    with pytest.raises(rules.DatesCutSlots, match="Breakfast"):
        rules.check_slots_fit(event(zone="Atlantic/Reykjavik"), early)


def test_a_room_with_slots_stays():
    with pytest.raises(rules.RoomInUse) as refused:
        rules.check_room_empty(Room(name="Margit Room"), 2)
    assert (refused.value.field, refused.value.sentence) == (
        "rooms", "Margit Room still has 2 slots. Move or delete them first.",
    )  # fmt: skip
    rules.check_room_empty(Room(name="Margit Room"), 0)


def test_the_last_organizer_cannot_go():
    with pytest.raises(rules.LastOrganizer):
        rules.check_not_last([RoleGrant()])
    rules.check_not_last([RoleGrant(), RoleGrant()])
