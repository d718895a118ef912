"""Reads a dance weekend that was typed off its printed program: {"rooms": […], "slots": [{day, room, start, end, …}]}.

Also knows the lists that look like a schedule and are none, and says what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.interchange.items import Frame, RoomNote, Source
from app.interchange.rows import Row, fill, people_of
from app.lib.text import clean_line
from app.schedule.forms import PEOPLE_MAX


def is_weekend(document: Any) -> bool:
    """Whether this looks like such a file."""
    return isinstance(document, Mapping) and isinstance(document.get("slots"), list)


def what_else(document: Any) -> tuple[str, str]:
    """(path, sentence) for files of the neighbourhood that hold no schedule."""
    if not isinstance(document, Mapping):
        kind = "a list" if isinstance(document, list) else "a single value"
        return "$", f"This is {kind}; a schedule is an object with “schedule” or “slots” in it."
    if isinstance(document.get("events"), list):
        count = len(document["events"])
        return "$.events", f"This is a list of {count} events with their dates. It says nothing of rooms and slots."
    if isinstance(document.get("facts"), list):
        return "$.facts", "This is a list of facts about weekends. There are no slots in it."
    return "$", "This is JSON, but no schedule: neither “schedule” nor “slots” is in it."


def read(document: Mapping[str, Any], frame: Frame, name: str, today: date) -> Source:
    """The slots in this document."""
    source = Source("a weekend’s program", name=name)
    if frame.zone is None:
        source.warnings.add("$", "The file names no time zone: UTC is taken. Choose the venue’s own.")
    rooms = document.get("rooms")
    for room in rooms if isinstance(rooms, list) else []:
        if isinstance(room, str) and clean_line(room):
            source.rooms[clean_line(room)[:60]] = RoomNote()
    rows = []
    for number, slot in enumerate(document["slots"]):
        if isinstance(slot, Mapping):
            rows.append(_row(f"$.slots[{number}]", slot))
        else:
            source.problems.add(f"$.slots[{number}]", "A slot is an object with title, day, room, start and end.")
    return fill(source, rows, frame, today)


def _row(path: str, slot: Mapping[str, Any]) -> Row:
    row = Row(
        path, _text(slot, "title"), _text(slot, "day"), _text(slot, "start"), _text(slot, "end"),
        _text(slot, "duration"), _text(slot, "room"), _text(slot, "kind"),
    )  # fmt: skip
    row.columns = {key: f"{path}.{key}" for key in ("title", "day", "start", "end", "duration")}
    row.key = f"id:{_text(slot, 'id')}" if _text(slot, "id") else ""
    row.level = _text(slot, "level") if "level" in slot else None
    row.description = next((_text(slot, key) for key in ("description", "note") if key in slot), None)
    for key in ("teachers", "people"):
        named = slot.get(key)
        if isinstance(named, list | str):
            text = named if isinstance(named, str) else ", ".join(name for name in named if isinstance(name, str))
            row.people = people_of(text, "teacher", PEOPLE_MAX)
    return row


def _text(slot: Mapping[str, Any], key: str) -> str:
    value = slot.get(key)
    return value if isinstance(value, str) else "" if value is None or isinstance(value, bool) else str(value)
