"""Changes as people are told of them: the sentence with old and new time, and the headline of a push. Pure.

The tell pages prefill the sentence; jobs/announcements.py puts the headline before it when it is sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.lib import clock
from app.schedule.delays import Plan
from app.schedule.snapshot import State

LIMIT = 120
ALSO_MAX = 9
PREFIX = "Schedule change: "
A_SHIFT = timedelta(hours=3)  # what is farther away is another time, not a delay


def sentence(before: State | None, after: State | None, zone: str, rooms: dict[str, str]) -> str:
    """The whole of it: Schedule change: Novice Prelims starts 14:45 instead of 14:30. At most 120 characters."""
    now = after or before
    if now is None:
        return ""
    rest = _rest(before, after, zone, rooms) + "."
    room_for_title = LIMIT - len(PREFIX) - len(rest)
    return (PREFIX + _short(now["title"], room_for_title) + rest)[:LIMIT]


def also(made: Plan, slot_id: str, zone: str) -> str:
    """A line for each other slot that a shift moves: whoever starred only that one reads its times too."""
    lines = [
        f"{_short(effect.before.title, 60)} {clock.to_local(effect.after.starts_at, zone):%H:%M} "
        f"instead of {clock.to_local(effect.before.starts_at, zone):%H:%M}"
        for effect in made.moved
        if effect.after and effect.before.id != slot_id and effect.after.starts_at != effect.before.starts_at
    ]
    return "" if not lines else "Also: " + "; ".join(lines[:ALSO_MAX]) + ("; and more." if lines[ALSO_MAX:] else ".")


def headline(before: State | None, after: State | None, zone: str, rooms: dict[str, str]) -> str:
    """The short of it: Novice Prelims delayed by 15 min."""
    now = after or before
    if now is None:
        return ""
    return f"{_short(now['title'], 80)} {_verdict(before, after, zone, rooms)}"


def _verdict(before: State | None, after: State | None, zone: str, rooms: dict[str, str]) -> str:
    if after is None or after["cancelled"]:
        return "is cancelled"
    if before is None or before["cancelled"]:
        return f"is on at {_start(after, zone)}"
    if before["starts_at"] != after["starts_at"]:
        return _delay(before, after, zone)
    if before["room"] != after["room"]:
        return f"is in {rooms.get(after['room'], 'another room')}"
    return _by("ends", _at(after, "ends_at") - _at(before, "ends_at"))


def _delay(before: State, after: State, zone: str) -> str:
    moved = _at(after, "starts_at") - _at(before, "starts_at")
    if abs(moved) >= A_SHIFT:
        return f"moved to {_when(after, before, zone)[0]}"
    return f"delayed by {_minutes(clock.minutes(moved))}" if moved > timedelta() else _by("starts", moved)


def _by(verb: str, moved: timedelta) -> str:
    if not moved:
        return "has news"
    return f"{verb} {_minutes(abs(clock.minutes(moved)))} {'later' if moved > timedelta() else 'earlier'}"


def _rest(before: State | None, after: State | None, zone: str, rooms: dict[str, str]) -> str:
    """What follows the title."""
    if after is None or after["cancelled"]:
        return f" at {_start(after or before or {}, zone)} is cancelled"
    room = rooms.get(after["room"], "another room")
    if before is None or before["cancelled"]:
        return f" is on: {_start(after, zone)}, {room}"
    parts = []
    if before["starts_at"] != after["starts_at"]:
        new, old = _when(after, before, zone)
        parts.append(f" starts {new} instead of {old}")
    elif before["ends_at"] != after["ends_at"]:
        parts.append(f" ends {_end(after, zone)} instead of {_end(before, zone)}")
    if before["room"] != after["room"]:
        was = rooms.get(before["room"], "another room")
        parts.append(f", in {room} instead of {was}" if parts else f" is in {room} instead of {was}")
    return "".join(parts) or f": {_start(after, zone)}, {room}"


def _when(after: State, before: State, zone: str) -> tuple[str, str]:
    """(new, old) start; with the weekday where it is another date."""
    new, old = (clock.to_local(_at(state, "starts_at"), zone) for state in (after, before))
    form = "%H:%M" if new.date() == old.date() else "%A %H:%M"
    return f"{new:{form}}", f"{old:{form}}"


def _at(state: State, name: str) -> datetime:
    return datetime.fromisoformat(state[name])


def _start(state: State, zone: str) -> str:
    return f"{clock.to_local(_at(state, 'starts_at'), zone):%H:%M}"


def _end(state: State, zone: str) -> str:
    return f"{clock.to_local(_at(state, 'ends_at'), zone):%H:%M}"


def _minutes(count: int) -> str:
    hours, rest = divmod(count, 60)
    return f"{count} min" if not hours else f"{hours} h {rest:02d}" if rest else f"{hours} h"


def _short(title: str, limit: int) -> str:
    """A title that fits; a long one ends with an ellipsis."""
    limit = max(limit, 12)
    return title if len(title) <= limit else title[: limit - 1].rstrip() + "…"
