"""When somebody is told before a slot, decided from the times as they are now. Pure: reads what it is given.

Nothing is computed ahead: a sweep asks every few seconds who is due. So a slot that moved, was cancelled or lost its
star never rings wrongly, and nothing is lost when a queue is emptied (RELIABILITY Q1 to Q3).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.lib import clock
from app.schedule.snapshot import Schedule, SlotView

LEAD_MINUTES = 10
FARTHEST = timedelta(minutes=30 + 240)  # the longest lead before the longest marshalling


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants to be told before a slot: `moment` is its start, or when competitors line up."""

    slot_id: str
    moment: str
    lead_minutes: int
    person_id: int | None
    device_id: int | None


@dataclass(frozen=True, slots=True)
class Ring:
    """One alert to all whose lead has been reached: same slot, same moment, same time."""

    slot: SlotView
    moment: str
    at: datetime
    holders: tuple[tuple[int | None, int | None], ...]

    @property
    def key(self) -> str:
        """Telling twice is once; but a slot that moved afterwards rings again for its new time."""
        return f"alert:{self.slot.id}:{self.moment}:{int(self.at.timestamp())}"

    def title(self, now: datetime) -> str:
        minutes = max(1, -(-int((self.at - now).total_seconds()) // 60))
        what = "Marshalling for " if self.moment == "marshal" else ""
        return f"In {minutes} min: {what}{self.slot.title}"

    def body(self, zone: str) -> str:
        return f"{clock.to_local(self.at, zone):%H:%M}, {self.slot.room.name}"


def moment_of(slot: SlotView, moment: str) -> datetime:
    """The instant that somebody wants to be on time for."""
    return slot.starts_at - timedelta(minutes=slot.marshal_minutes or 0) if moment == "marshal" else slot.starts_at


def due(schedule: Schedule, wishes: Iterable[Wish], now: datetime) -> list[Ring]:
    """Everything that should be told by now and has not begun. The order is that of the moments."""
    found: dict[tuple[str, str], set[tuple[int | None, int | None]]] = {}
    for wish in wishes:
        slot = schedule.by_id.get(wish.slot_id)
        if slot is None or slot.cancelled:
            continue
        at = moment_of(slot, wish.moment)
        if at - timedelta(minutes=wish.lead_minutes) <= now < at:
            found.setdefault((slot.id, wish.moment), set()).add((wish.person_id, wish.device_id))
    rings = [
        Ring(
            schedule.by_id[slot_id], moment, moment_of(schedule.by_id[slot_id], moment), tuple(sorted(holders, key=str))
        )
        for (slot_id, moment), holders in found.items()
    ]
    return sorted(rings, key=lambda ring: (ring.at, ring.slot.id, ring.moment))
