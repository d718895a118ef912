"""What stands on paper: door sheets (one per room and dance day) and the MC's running order, from one public version.

Paper cannot follow; so each sheet says its version, and what changed on it since can be asked at any time. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.schedule.changes import Change
from app.schedule.now import grouped_by_start
from app.schedule.snapshot import RoomView, Schedule, SlotView

DENSITIES = (("few", 5.5), ("plain", 9.0), ("dense", 12.0), ("tight", 15.5))  # lines with names that fit (paper.css)
WRAPS_FROM = 75  # letters of names that need a second line


@dataclass(frozen=True, slots=True)
class Line:
    """A slot on a sheet, and what happened to it since the sheet it replaces. `gone`: it has left this door."""

    slot: SlotView
    change: Change | None = None
    gone: bool = False

    @property
    def weight(self) -> float:
        """How much of a page it takes; 1 is a title with a line of names below."""
        names = ", ".join(self.slot.names)
        return (1.0 if names or self.slot.level else 0.65) + (0.35 if len(names) > WRAPS_FROM else 0.0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The door of one room on one dance day."""

    room: RoomView
    day: date
    lines: tuple[Line, ...]

    @property
    def density(self) -> str:
        """How large the lines may be to fit on one page: few, plain, dense, tight; long ones take several."""
        weight = sum(line.weight for line in self.lines)
        return next((name for name, most in DENSITIES if weight <= most), "long")


def sheets(
    schedule: Schedule,
    zone: str,
    day_change_hour: int,
    *,
    days: Iterable[date],
    rooms: Iterable[RoomView],
    changed: Sequence[Change] = (),
) -> list[Sheet]:
    """A sheet for each day and room in which something is planned, day by day. `changed`: since an older sheet."""
    chosen = list(rooms)
    found = []
    for day in days:
        todays = schedule.on_day(day, zone, day_change_hour)
        for room in chosen:
            here = about(changed, room.id, day, zone, day_change_hour)
            lines = _lines([slot for slot in todays if slot.room.id == room.id], here)
            if lines:
                found.append(Sheet(room, day, lines))
    return found


def _lines(slots: list[SlotView], changed: list[Change]) -> tuple[Line, ...]:
    """The door's slots in order of time, and among them those that stood here on the older sheet and do no more."""
    here = {slot.id for slot in slots}
    by_id = {change.slot.id: change for change in changed}
    lines = [Line(slot, by_id.get(slot.id)) for slot in slots]
    lines += [Line(c.before, c, gone=True) for c in changed if c.before is not None and c.before.id not in here]
    return tuple(sorted(lines, key=lambda line: (line.slot.starts_at, line.gone)))


def about(
    changed: Iterable[Change], room_id: str | None, day: date | None, zone: str, day_change_hour: int
) -> list[Change]:
    """The changes that a sheet of this room and day would show: of slots that stood there, or stand there now."""

    def stands(slot: SlotView | None) -> bool:
        return (
            slot is not None
            and (room_id is None or slot.room.id == room_id)
            and (day is None or slot.day(zone, day_change_hour) == day)
        )

    return [change for change in changed if stands(change.before) or stands(change.after)]


def running_order(
    schedule: Schedule, zone: str, day_change_hour: int, days: Iterable[date]
) -> list[tuple[date, list[tuple[datetime, list[SlotView]]]]]:
    """Each day by time over all rooms: what the MC announces next, and where."""
    by_day = [(day, schedule.on_day(day, zone, day_change_hour)) for day in days]
    return [(day, grouped_by_start(slots)) for day, slots in by_day if slots]
