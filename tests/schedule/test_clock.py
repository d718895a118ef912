"""Wall clocks and the UTC line: the day change, and the two nights a year on which clocks jump."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib import clock

BUDAPEST = "Europe/Budapest"


def test_a_plain_wall_time_has_one_instant():
    found = clock.resolve_local(datetime(2026, 6, 13, 14, 30), BUDAPEST)
    assert found == clock.Resolved(datetime(2026, 6, 13, 12, 30, tzinfo=UTC))


def test_the_skipped_hour_is_a_gap_and_moves_forward():
    found = clock.resolve_local(datetime(2026, 3, 29, 2, 30), BUDAPEST)
    assert found.gap
    assert clock.to_local(found.instant, BUDAPEST).time() == time(3, 30)


@pytest.mark.parametrize(("later", "hour"), [(False, 0), (True, 1)])
def test_the_doubled_hour_takes_the_first_reading_unless_asked(later, hour):
    found = clock.resolve_local(datetime(2026, 10, 25, 2, 30), BUDAPEST, later=later)
    assert found == clock.Resolved(datetime(2026, 10, 25, hour, 30, tzinfo=UTC), fold=True)


def test_before_the_day_change_it_is_still_the_evening_before():
    half_past_three = clock.resolve_local(datetime(2026, 6, 14, 3, 30), BUDAPEST).instant
    assert clock.event_day(half_past_three, BUDAPEST, 6) == date(2026, 6, 13)
    assert clock.event_day(half_past_three, BUDAPEST, 3) == date(2026, 6, 14)


def test_half_past_one_on_saturday_is_on_sundays_date():
    assert clock.wall_on_day(date(2026, 6, 13), time(1, 30), 6) == datetime(2026, 6, 14, 1, 30)
    assert clock.wall_on_day(date(2026, 6, 13), time(14), 6) == datetime(2026, 6, 13, 14)


def test_the_night_of_the_autumn_change_has_25_hours():
    start, end = clock.day_bounds(date(2026, 10, 24), BUDAPEST, 6)
    assert (end - start).total_seconds() == 25 * 3600


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from([BUDAPEST, "Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu", "UTC"]),
)
def test_a_wall_time_outside_a_gap_survives_the_way_there_and_back(wall, zone):
    found = clock.resolve_local(wall, zone)
    if not found.gap:
        assert clock.to_local(found.instant, zone).replace(tzinfo=None) == wall
