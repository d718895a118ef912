"""Who is at an event, and a weekend as a card. Pure: reads the public schedule given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.events.models import Event
from app.schedule.snapshot import Schedule, SlotView, clashes

ROLE_WORDS = {"teacher": "Teacher", "dj": "DJ", "judge": "Judge", "mc": "MC"}
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody named on the schedule."""

    name: str
    role: str
    slots: int
    handle: str | None


@dataclass(frozen=True, slots=True)
class WeekendCard:
    """An event as its dancer's home shows it."""

    event: Event
    stars: int
    next_slot: SlotView | None
    clash_count: int


def of(schedule: Schedule) -> tuple[list[Face], int]:
    """(the first dozen by number of slots, how many there are)."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for slot in schedule.slots:
        if not slot.cancelled:
            for part in slot.people:
                found.setdefault(part.name, []).append((part.role, part.handle))
    faces = [
        Face(name, " and ".join(dict.fromkeys(ROLE_WORDS[role] for role, _ in parts)), len(parts), parts[0][1])
        for name, parts in found.items()
    ]
    faces.sort(key=lambda face: (-face.slots, face.name))
    return faces[:SHOWN], len(faces)


def weekend_card(event: Event, schedule: Schedule, starred: set[str], moment: datetime) -> WeekendCard:
    """What a dancer wants to know first: what comes next of what they starred, and whether it clashes."""
    mine = [slot for slot in schedule.slots if slot.id in starred]
    coming = [slot for slot in mine if slot.ends_at > moment and not slot.cancelled]
    return WeekendCard(event, len(mine), coming[0] if coming else None, len(clashes(coming)) // 2)
