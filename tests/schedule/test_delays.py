"""The cascade: fixed never moves, buffers absorb, nothing overlaps silently. Examples first, then properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.schedule.delays import Piece, plan

NINE = datetime(2026, 6, 13, 9, tzinfo=UTC)


def piece(name, start, end, flexibility="flexible", room="hall", people=()):
    at = lambda minutes: NINE + timedelta(minutes=minutes)  # noqa: E731
    return Piece(name, name.title(), room, at(start), at(end), flexibility, frozenset(people), "saturday")


def outcomes(made):
    return {effect.before.id: effect.outcome for effect in made.effects}


def starts(made):
    return {e.before.id: int((e.after.starts_at - NINE).total_seconds() / 60) for e in made.effects if e.after}


def test_later_slots_of_the_room_move_along_and_gaps_stay():
    made = plan([piece("a", 0, 60), piece("b", 90, 150), piece("c", 150, 200)], "a", 15)
    assert starts(made) == {"a": 15, "b": 105, "c": 165}
    assert [effect.before.id for effect in made.moved] == ["a", "b", "c"]


def test_a_buffer_absorbs_and_what_is_behind_it_holds():
    made = plan([piece("a", 0, 60), piece("rest", 60, 90, "buffer"), piece("b", 90, 150)], "a", 15)
    assert starts(made) == {"a": 15, "rest": 75, "b": 90}
    assert outcomes(made) == {"a": "moved", "rest": "absorbed", "b": "fixed"}


def test_a_buffer_that_is_too_short_is_used_up_and_hands_on_the_rest():
    made = plan([piece("a", 0, 60), piece("rest", 60, 70, "buffer"), piece("b", 70, 150)], "a", 15)
    assert starts(made) == {"a": 15, "b": 75}
    assert made.effects[1].after is None


def test_a_fixed_slot_never_moves_and_a_slot_that_runs_into_it_is_a_conflict():
    made = plan([piece("a", 0, 60), piece("final", 60, 120, "fixed"), piece("b", 120, 180)], "a", 15)
    assert starts(made) == {"a": 15, "final": 60, "b": 120}
    assert [effect.before.id for effect in made.room_conflicts] == ["a", "final"]


def test_a_fixed_slot_with_room_before_it_stops_the_shift_without_a_conflict():
    made = plan([piece("a", 0, 60), piece("final", 90, 120, "fixed"), piece("b", 120, 180)], "a", 15)
    assert made.room_conflicts == []
    assert starts(made)["b"] == 120


def test_earlier_works_too_and_a_buffer_takes_what_was_gained():
    made = plan([piece("a", 30, 60), piece("rest", 60, 70, "buffer"), piece("b", 70, 90)], "a", -10)
    assert starts(made) == {"a": 20, "rest": 50, "b": 70}


def test_earlier_into_what_came_before_is_a_conflict():
    made = plan([piece("before", 0, 30), piece("a", 30, 60)], "a", -10)
    assert [hit.id for effect in made.room_conflicts for hit in effect.against] == ["before"]


@pytest.mark.parametrize(("start", "was_so"), [(60, False), (30, True)])
def test_somebody_who_would_be_in_two_rooms_is_a_conflict_that_does_not_forbid(start, was_so):
    mine = piece("a", 0, 60, people={"tess"})
    elsewhere = piece("studio", start, 120, room="studio", people={"tess"})
    made = plan([mine, elsewhere], "a", 15)
    conflict = made.effects[1]
    assert (conflict.outcome, conflict.person, conflict.was_so) == ("conflict", "tess", was_so)
    assert made.room_conflicts == []


def test_other_rooms_and_other_days_are_left_alone():
    tomorrow = replace(piece("tomorrow", 600, 660), day="sunday")
    made = plan([piece("a", 0, 60), piece("other", 60, 90, room="studio"), tomorrow], "a", 15)
    assert [effect.before.id for effect in made.effects] == ["a"]


@st.composite
def rooms(draw):
    """A day in one room without overlaps: gaps and lengths in steps of five minutes."""
    found, clock = [], 0
    for number in range(draw(st.integers(1, 9))):
        clock += 5 * draw(st.integers(0, 6))
        end = clock + 5 * draw(st.integers(1, 18))
        flexibility = draw(st.sampled_from(["flexible", "flexible", "fixed", "buffer"]))
        found.append(piece(f"slot{number}", clock, end, flexibility))
        clock = end
    return found


shifts = st.integers(-24, 24).map(lambda n: n * 5)


@given(rooms(), st.data(), shifts)
def test_fixed_slots_never_move(day, data, minutes):
    first = data.draw(st.sampled_from(day))
    made = plan(day, first.id, minutes)
    for effect in made.effects:
        if effect.before.flexibility == "fixed" and effect.before.id != first.id:
            assert effect.after == effect.before


@given(rooms(), st.data(), shifts)
def test_no_overlap_is_created_silently(day, data, minutes):
    made = plan(day, data.draw(st.sampled_from(day)).id, minutes)
    touched = {effect.before.id for effect in made.effects}
    after = [effect.after for effect in made.effects if effect.after] + [p for p in day if p.id not in touched]
    assert len(after) + sum(effect.after is None for effect in made.effects) == len(day)
    overlapping = {p.id for p in after for q in after if p.id != q.id and p.overlaps(q)}
    named = {effect.before.id for effect in made.room_conflicts} | {
        hit.id for e in made.room_conflicts for hit in e.against
    }
    assert overlapping == named


@given(rooms(), st.data(), shifts)
def test_durations_stay_but_for_buffers(day, data, minutes):
    made = plan(day, data.draw(st.sampled_from(day)).id, minutes)
    for effect in made.effects:
        if effect.before.flexibility != "buffer":
            assert effect.after.ends_at - effect.after.starts_at == effect.before.ends_at - effect.before.starts_at


@given(rooms(), st.data(), st.integers(0, 24).map(lambda n: n * 5))
def test_a_delay_grows_no_further_and_buffers_account_for_all_of_it(day, data, minutes):
    made = plan(day, data.draw(st.sampled_from(day)).id, minutes)
    left = timedelta(minutes=minutes)
    for effect in made.effects[1:]:
        if effect.outcome == "absorbed":
            length = effect.before.ends_at - effect.before.starts_at
            kept = effect.after.ends_at - effect.after.starts_at if effect.after else timedelta(0)
            left -= length - kept
        elif effect.is_change:
            assert effect.after.starts_at - effect.before.starts_at == left
        assert left >= timedelta(0)


@given(rooms(), st.data())
def test_no_shift_changes_nothing(day, data):
    made = plan(day, data.draw(st.sampled_from(day)).id, 0)
    assert made.changes == []
    assert made.room_conflicts == []


@given(rooms(), st.data(), shifts)
def test_what_came_before_is_never_touched(day, data, minutes):
    first = data.draw(st.sampled_from(day))
    made = plan(day, first.id, minutes)
    assert all(effect.before.starts_at >= first.starts_at for effect in made.changes)
