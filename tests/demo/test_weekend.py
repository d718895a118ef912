"""The program as data: it fits its rooms, it is rich enough, and no time lies in an hour that a clock change takes."""

from __future__ import annotations

from datetime import time

import pytest

from app.demo import weekend
from app.demo.cast import CAST, OTHERS

pytestmark = pytest.mark.one_engine
EVERYTHING = [*weekend.PROGRAM, weekend.ADDED_LATER]
COMING = [weekend.BLUES, weekend.PORTO]


def minute(at: str, *, is_end_of: str = "") -> int:
    """Minutes since midnight of the dance day; what is before 06:00 belongs to its end."""
    found = time.fromisoformat(at)
    minutes = found.hour * 60 + found.minute + (24 * 60 if found.hour < 6 else 0)
    return minutes + 24 * 60 if is_end_of and minutes <= minute(is_end_of) else minutes


@pytest.mark.parametrize("program", [EVERYTHING, *(c.program for c in COMING)], ids=["budapest", "blues", "porto"])
def test_no_two_slots_share_a_room(program):
    for one in program:
        for other in program:
            if one is not other and (one.day, one.room) == (other.day, other.room):
                apart = minute(one.end, is_end_of=one.start) <= minute(other.start) or minute(
                    other.end, is_end_of=other.start
                ) <= minute(one.start)
                assert apart, f"{one.title} and {other.title}"


def test_there_are_about_sixty_slots_of_every_kind_in_five_rooms():
    assert 55 <= len(EVERYTHING) <= 70
    assert {slot.kind for slot in EVERYTHING} == {"workshop", "competition", "social", "break", "other"}
    assert {slot.flexibility for slot in EVERYTHING} == {"flexible", "fixed", "buffer"}
    assert len({slot.room for slot in EVERYTHING}) == len(weekend.EVENT["rooms"]) == 5
    assert all(1 <= slot.day <= weekend.DAYS for slot in EVERYTHING)


def test_every_day_has_a_buffer_in_the_main_hall_and_a_late_night():
    for day in (1, 2, 3):
        slots = [slot for slot in EVERYTHING if slot.day == day]
        assert any(slot.flexibility == "buffer" and slot.room == weekend.DANUBE for slot in slots)
        assert any(slot.kind == "social" and slot.start == "00:00" for slot in slots)
    assert sum(slot.kind == "social" and slot.end == "03:30" for slot in EVERYTHING) == 2


def test_about_two_dozen_people_are_named():
    names = {name for slot in EVERYTHING for _, name in slot.parts}
    assert 22 <= len(names) <= 30
    assert {name.removeprefix("@") for name in names if name.startswith("@")} == {"tess", "jo", "zsofia"}


def test_everything_but_pauses_says_something_in_one_or_two_sentences():
    for slot in EVERYTHING:
        assert slot.flexibility == "buffer" or 5 < len(slot.description) < 160, slot.title


def test_titles_are_unique_but_for_what_happens_daily():
    daily = {"Lunch", "Dinner", "Tea dance", "Blues in the Lounge"}
    titles = [slot.title for slot in EVERYTHING if slot.title not in daily]
    assert len(titles) == len(set(titles))
    assert {weekend.CANCELLED, weekend.CHANGES_ROOM[0], *weekend.DANA_STARS} <= set(titles)


@pytest.mark.parametrize(
    ("program", "hour"),
    [(EVERYTHING, 2), (weekend.BLUES.program, 2), (weekend.PORTO.program, 1)],
    ids=["budapest", "blues", "porto"],
)
def test_nothing_begins_or_ends_within_the_hour_of_a_clock_change(program, hour):
    times = [time.fromisoformat(at) for slot in program for at in (slot.start, slot.end)]
    assert [at for at in times if at.hour == hour and at.minute] == []
    assert [at for at in times if at == time(hour)] == []


def test_the_cast_has_one_of_each_role():
    assert [player.handle for player in CAST] == ["dana", "jo", "tess", "sam", "olive", "petra", "nina"]
    assert {player.email for player in CAST} == {f"{player.handle}@pika.example" for player in CAST}
    assert len(CAST) + len(OTHERS) <= 12
    assert all(player.line.endswith(".") and player.role for player in CAST)
