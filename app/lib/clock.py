"""Time: the one `now`, and the way between a venue's wall clock and UTC.

Used by every layer. Instants are aware UTC; wall times are naive and only meaningful beside an IANA zone.
Must not read settings or the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


def now() -> datetime:
    """The present instant, aware UTC. Tests travel by replacing the system clock, never this function."""
    return datetime.now(UTC)


@cache
def zone_names() -> frozenset[str]:
    """Every IANA zone this machine knows, without the machine-local pseudo zones."""
    return frozenset(
        name for name in available_timezones() if "/" in name and not name.startswith(("posix/", "right/"))
    )


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises ZoneInfoNotFoundError (a KeyError) or ValueError for nonsense."""
    return ZoneInfo(name)


def to_local(instant: datetime, zone_name: str) -> datetime:
    """An instant on the wall clock of a zone (aware)."""
    return instant.astimezone(zone(zone_name))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A wall time found on the UTC line. `gap` and `fold` name the two nights of the year when that is not plain."""

    instant: datetime
    gap: bool = False
    fold: bool = False


def resolve_local(wall: datetime, zone_name: str, *, later: bool = False) -> Resolved:
    """Where a naive wall time lies in UTC.

    In the hour that is skipped in spring the result is moved forward by the size of the gap and `gap` is set; in the
    hour that happens twice in autumn the first is taken (the second with `later`), and `fold` is set.
    PEP 495 gives the rule: the two readings differ in their offset, and in a gap neither survives the round trip.
    """
    tz = zone(zone_name)
    first, second = wall.replace(tzinfo=tz, fold=0), wall.replace(tzinfo=tz, fold=1)
    if first.utcoffset() == second.utcoffset():
        return Resolved(first.astimezone(UTC))
    if first.astimezone(UTC).astimezone(tz).replace(tzinfo=None) != wall:
        return Resolved(first.astimezone(UTC), gap=True)
    return Resolved((second if later else first).astimezone(UTC), fold=True)


def event_day(instant: datetime, zone_name: str, day_change_hour: int) -> date:
    """The dance day an instant belongs to: before the day-change hour it is still the evening before."""
    local = to_local(instant, zone_name)
    return local.date() if local.hour >= day_change_hour else local.date() - timedelta(days=1)


def wall_on_day(day: date, at: time, day_change_hour: int) -> datetime:
    """The wall time meant by "01:30 on Saturday": after midnight it is on the next calendar date."""
    return datetime.combine(day if at.hour >= day_change_hour else day + timedelta(days=1), at)


def day_bounds(day: date, zone_name: str, day_change_hour: int) -> tuple[datetime, datetime]:
    """First instant of a dance day and first instant of the next, in UTC."""
    change = time(day_change_hour)
    start = resolve_local(datetime.combine(day, change), zone_name).instant
    end = resolve_local(datetime.combine(day + timedelta(days=1), change), zone_name).instant
    return start, end


def days_between(first: date, last: date) -> list[date]:
    """Every date from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def minutes(span: timedelta) -> int:
    """Whole minutes of a span, toward zero."""
    return int(span.total_seconds() / 60)
