"""The log of edits as people read it: who, when, one sentence, and whether it can be taken back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from app.events.models import Event
from app.schedule import rules
from app.schedule.models import SlotChange


@dataclass(frozen=True, slots=True)
class Entry:
    """One tap: one or more edits that were made, and are undone, together."""

    batch: str
    at: datetime
    actor: str
    sentences: tuple[str, ...]
    version: int
    is_undo: bool
    was_undone: bool

    @property
    def can_undo(self) -> bool:
        return not self.is_undo and not self.was_undone


def entries(event: Event, changes: Sequence[SlotChange]) -> list[Entry]:
    """Log lines grouped by tap, newest first."""
    rooms = {room.public_id: room.name for room in event.rooms}
    grouped = [list(group) for _, group in groupby(changes, key=lambda change: change.batch)]
    return [_entry(group, event.zone, rooms) for group in grouped]


def _entry(group: list[SlotChange], zone: str, rooms: dict[str, str]) -> Entry:
    first = group[0]
    return Entry(
        batch=first.batch,
        at=first.created_at,
        actor=first.actor_name,
        sentences=tuple(rules.describe(change.before, change.after, zone, rooms) for change in group),
        version=first.version,
        is_undo=first.verb == "undone",
        was_undone=first.undone_at is not None,
    )
