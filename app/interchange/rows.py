"""Rows of wall times as items: what a printed weekend (JSON) and a table (CSV) have in common.

A row says "Sat, 23:00 to 02:00, Salongen". Weekdays become dates of the event, times after midnight belong to the
evening before, an end before its start is on the next day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from app.interchange import clocks
from app.interchange.items import Frame, Item, RoomNote, Source, settle
from app.interchange.words import clipped, kind_of, person_name, plain
from app.lib import clock
from app.lib.text import clean_block, clean_line, fold
from app.schedule.models import FLEXIBILITIES

NAME_MARKS = (";", " & ", " + ", " and ", "/")


@dataclass(slots=True)
class Row:
    """One line as text, and where it stands. None: the file has no such column."""

    path: str
    title: str
    day: str = ""
    start: str = ""
    end: str = ""
    duration: str = ""
    room: str = ""
    kind: str = ""
    level: str | None = None
    description: str | None = None
    flexibility: str | None = None
    places: str | None = None
    key: str = ""
    people: list[tuple[str, str]] | None = None
    is_ours: bool = False  # our own export: texts are plain, commas alone part names
    columns: dict[str, str] = field(default_factory=dict)  # field → path of its cell


def fill(source: Source, rows: Sequence[Row], frame: Frame, today: date) -> Source:
    """Items of these rows in the source. A row that cannot be read is a problem at its cell."""
    source.frame = frame
    source.zone = frame.zone or source.zone
    source.day_change_hour = source.day_change_hour if frame.day_change_hour is None else frame.day_change_hour
    days = _Days(source, rows, frame, today)
    seen: dict[str, int] = {}
    last_day = ""
    for row in rows:
        row.day = row.day or last_day  # printed programs name a day once
        last_day = row.day
        item = _item(source, row, days)
        if item is not None:
            item.row_key = _row_key(row, seen)
            source.items.append(item)
    change = source.day_change_hour
    source.days = len({clock.event_day(item.starts_at, source.zone, change) for item in source.items})
    return settle(source)


def _item(source: Source, row: Row, days: _Days) -> Item | None:
    title = clean_line(row.title)
    if not title:
        source.problems.add(row.columns.get("title", row.path), "The title is missing.")
    if len(title) > 120:
        source.warnings.add(row.columns.get("title", row.path), "A title of more than 120 characters is cut.")
    start = _start(source, row, days)
    room = clipped(clean_line(row.room), 60)
    if room:
        source.rooms.setdefault(room, RoomNote())
    if start is None or not title:
        return None
    wall, starts_at = start
    item = Item(row.path, clipped(title, 120), room, starts_at, None, kind_of(row.kind, title), key=row.key or None)
    item.ends_at = _end(source, row, wall, starts_at)
    item.level = None if row.level is None else clipped(clean_line(row.level), 40)
    item.description = (
        None if row.description is None else clipped((clean_block if row.is_ours else plain)(row.description), 2000)
    )
    item.people = row.people
    item.flexibility = fold(row.flexibility or "") if fold(row.flexibility or "") in FLEXIBILITIES else None
    item.capacity_hint = _places(source, row)
    return item


def _start(source: Source, row: Row, days: _Days) -> tuple[datetime, datetime] | None:
    """(wall, instant) of the start, or None with a problem."""
    whole = clocks.instant_of(row.start) or (clocks.instant_of(row.day) if not row.start else None)
    if whole is not None:
        local = clock.to_local(whole, source.zone).replace(tzinfo=None) if whole.tzinfo else whole
        return local, whole.astimezone(UTC) if whole.tzinfo else _instant(source, row, local, None)
    at, day = clocks.wall_of(row.start), days.of(row.day)
    if at is None:
        where = row.columns.get("start", row.path)
        said = f"“{clean_line(row.start)[:40]}” is no time like 14:30." if row.start else "The start is missing."
        source.problems.add(where, said)
    if day is None:
        where = row.columns.get("day", row.path)
        said = f"“{clean_line(row.day)[:40]}” is no day." if row.day else "The day is missing."
        source.problems.add(where, said)
    if at is None or day is None:
        return None
    minutes = at.minutes + (24 * 60 if at.minutes < source.day_change_hour * 60 else 0)
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    return wall, _instant(source, row, wall, at.offset)


def _end(source: Source, row: Row, start: datetime, starts_at: datetime) -> datetime | None:
    whole = clocks.instant_of(row.end)
    if whole is not None:
        ends_at = whole.astimezone(UTC) if whole.tzinfo else _instant(source, row, whole, None)
        if ends_at > starts_at:
            return ends_at
        source.problems.add(row.columns.get("end", row.path), "It ends before it starts.")
        return None
    at = clocks.wall_of(row.end)
    if at is not None:
        wall = datetime.combine(start.date(), datetime.min.time()) + timedelta(minutes=at.minutes)
        is_next_day = wall <= start if at.offset is None else _instant(source, row, wall, at.offset) <= starts_at
        wall += timedelta(days=1) if is_next_day else timedelta()
        return _instant(source, row, wall, at.offset, after=starts_at)
    length = clocks.minutes_of(row.duration) if row.duration else None
    if length:
        return starts_at + timedelta(minutes=length)
    if row.duration or (row.end and "?" not in row.end):
        where = row.columns.get("end" if row.end else "duration", row.path)
        source.problems.add(where, f"“{clean_line(row.end or row.duration)[:40]}” is no time like 15:30.")
    return None


def _instant(
    source: Source, row: Row, wall: datetime, offset: timedelta | None, after: datetime | None = None
) -> datetime:
    if offset is not None:
        return (wall - offset).replace(tzinfo=UTC)
    found = clock.resolve_local(wall, source.zone)
    if found.gap:
        source.warnings.add(row.path, "A time that the clock change skips is moved behind it.")
    if found.fold and after is not None and found.instant <= after:
        return clock.resolve_local(wall, source.zone, later=True).instant
    return found.instant


def _places(source: Source, row: Row) -> int | None:
    text = clean_line(row.places or "")
    if text and not (text.isdigit() and 0 < int(text) <= 100_000):
        source.warnings.add(row.columns.get("places", row.path), f"“{text[:40]}” is no number of places: left out.")
        return None
    return int(text) if text else None


def _row_key(row: Row, seen: dict[str, int]) -> str:
    """A name for a row that has no id: its words, and its number among rows with the same words."""
    words = "|".join(fold(clean_line(text)) for text in (row.title, row.day, row.start, row.room))
    name = hashlib.sha256(words.encode()).hexdigest()[:24]
    seen[name] = seen.get(name, 0) + 1
    return f"row:{name}" + (f"#{seen[name]}" if seen[name] > 1 else "")


class _Days:
    """Which date a row means by "Sat", "13.06.2026" or "Day 2"."""

    def __init__(self, source: Source, rows: Sequence[Row], frame: Frame, today: date) -> None:
        self.source, self.frame = source, frame
        texts = [row.day for row in rows]
        self.month_first = clocks.is_month_first(texts)
        weekdays = [n for text in texts if clocks.date_of(text) is None and (n := clocks.weekday_of(text)) is not None]
        self.first = self._anchor(weekdays, rows, today)

    def _anchor(self, weekdays: list[int], rows: Sequence[Row], today: date) -> date:
        """The date of the first weekday: in the event's days, else from the date given, else the next such day."""
        begin = self.frame.starts_on or (self.frame.days[0] if self.frame.days else None)
        if begin is None:
            begin = today
            if weekdays:
                first = _on_or_after(begin, weekdays[0])
                self.source.warnings.add(
                    rows[0].path,
                    f"The file names weekdays only: the first one is taken for {first:%a} {first.day} {first:%B %Y}.",
                )
        return _on_or_after(begin, weekdays[0]) if weekdays and weekdays[0] not in self._weekdays() else begin

    def _weekdays(self) -> set[int]:
        return {day.weekday() for day in self.frame.days}

    def of(self, text: str) -> date | None:
        found = clocks.date_of(text, month_first=self.month_first)
        if found is not None:
            return found
        weekday = clocks.weekday_of(text)
        if weekday is not None:
            return next((d for d in self.frame.days if d.weekday() == weekday), _on_or_after(self.first, weekday))
        number = "".join(ch for ch in text if ch.isdigit())
        if number and len(number) <= 2 and 1 <= int(number) <= 31:
            return self.first + timedelta(days=int(number) - 1)
        return None


def _on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def people_of(text: str, role: str, most: int, *, marks: Sequence[str] = NAME_MARKS) -> list[tuple[str, str]]:
    """Names in one cell, parted by commas and, in tables of others, by semicolons, "&" or "and"."""
    for mark in marks:
        text = text.replace(mark, ",")
    names = dict.fromkeys(name for part in text.split(",") if (name := person_name(part)))
    return [(role, name) for name in list(names)[:most]]
