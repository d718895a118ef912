"""The slots that name one person, by weekend and dance day, as their own area lists them. Pure; keeps the order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from app.events.models import Event
from app.lib import clock
from app.schedule.models import Slot


@dataclass(frozen=True, slots=True)
class Weekend:
    """An event and this person's slots in it: dance day to slots."""

    event: Event
    days: dict[date, list[Slot]] = field(default_factory=dict)


def by_weekend(slots: Iterable[Slot]) -> list[Weekend]:
    """Weekends in the order of their first slot given; a set after midnight belongs to the evening before."""
    found: dict[int, Weekend] = {}
    for slot in slots:
        weekend = found.setdefault(slot.event_id, Weekend(slot.event))
        day = clock.event_day(slot.starts_at, slot.event.zone, slot.event.day_change_hour)
        weekend.days.setdefault(day, []).append(slot)
    return list(found.values())
