"""What a conference file leaves open about its clock: a zone guessed from its offsets, its day-change hour. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from app.interchange import clocks
from app.interchange.values import mapping, text
from app.lib import clock

# Zones to try for a file that names none, by the offsets that its times have.
GUESSES = (
    "UTC", "Europe/Berlin", "Europe/London", "Europe/Helsinki", "Europe/Moscow", "America/New_York", "America/Chicago",
    "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Seoul", "Asia/Singapore", "Asia/Kolkata",
    "Australia/Sydney", "Australia/Brisbane", "Pacific/Auckland",
)  # fmt: skip


def guessed_zone(days: list[Any]) -> str:
    """A zone whose clock has all offsets that the file's times have; else the offset itself."""
    instants = [found for said in _dates(days) if (found := clocks.instant_of(said)) and found.tzinfo]
    for name in GUESSES if instants else ():
        if all(clock.to_local(instant, name).utcoffset() == instant.utcoffset() for instant in instants):
            return name
    offset = instants[0].utcoffset() if instants else None
    if offset and not offset % timedelta(hours=1):
        hours = offset // timedelta(hours=1)
        name = f"Etc/GMT{-hours:+d}"  # the sign of these zones is turned round
        return name if name in clock.zone_names() else "UTC"
    return "UTC"


def _dates(value: Any) -> Iterator[str]:
    """Every text under a key `date`, at any depth."""
    if isinstance(value, Mapping):
        if isinstance(value.get("date"), str):
            yield value["date"]
        for key in ("rooms", "events", "sessions", "talks"):
            if key in value:
                yield from _dates(list(value[key].values()) if isinstance(value[key], Mapping) else value[key])
    elif isinstance(value, list):
        for part in value:
            yield from _dates(part)


def hour_of_days(days: list[Any], zone: str) -> int:
    """The day-change hour of a file: where its 24-hour days begin, if in the morning.

    Otherwise 6, or earlier where a day begins earlier: a slot at 05:30 that the file puts on Saturday stays Saturday's.
    """
    hours = {hour for day in days if isinstance(day, Mapping) and (hour := _whole_day_hour(day, zone)) is not None}
    if len(hours) == 1:
        return hours.pop()
    earliest = 6
    for day in days:
        on = clocks.date_of(text(mapping(day).get("date")))
        for said in _dates(mapping(day).get("rooms")):
            instant = clocks.instant_of(said)
            local = clock.to_local(instant, zone) if instant and instant.tzinfo else instant
            if local and local.date() == on:
                earliest = min(earliest, local.hour)
    return earliest


def _whole_day_hour(day: Mapping[str, Any], zone: str) -> int | None:
    start, end = clocks.instant_of(text(day.get("day_start"))), clocks.instant_of(text(day.get("day_end")))
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return None
    local = clock.to_local(start, zone) if start.tzinfo else start
    is_whole = timedelta(hours=22, minutes=58) <= end - start <= timedelta(hours=25)
    return local.hour if is_whole and local.hour <= 12 and not local.minute else None
