"""Now and next, per room, at a given moment. Pure: what the banner, the dashboard and the hall screen show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from app.lib import clock
from app.schedule.snapshot import RoomView, Schedule, SlotView


@dataclass(frozen=True, slots=True)
class RoomNow:
    """One floor at one moment. `state`: on (something runs), free (between two), closed (not open yet, or over)."""

    room: RoomView
    state: str
    current: SlotView | None
    following: SlotView | None
    left_minutes: int = 0
    gone_minutes: int = 0

    @property
    def off_minutes(self) -> int:
        """How far the floor is behind the plan: what runs now, or else what comes next."""
        slot = self.current or self.following
        return slot.late_minutes if slot else 0


def by_room(schedule: Schedule, moment: datetime, zone: str, day_change_hour: int) -> list[RoomNow]:
    """Every room in the event's order. `following` looks no further than this dance day."""
    today = clock.event_day(moment, zone, day_change_hour)
    todays: dict[str, list[SlotView]] = {room.id: [] for room in schedule.rooms}
    for slot in schedule.on_day(today, zone, day_change_hour):
        if not slot.cancelled:
            todays[slot.room.id].append(slot)
    # what began before the day change and still runs belongs to the banner too
    for slot in schedule.slots:
        if slot.is_on(moment) and slot not in todays[slot.room.id]:
            todays[slot.room.id].insert(0, slot)
    return [_room_now(room, todays[room.id], moment) for room in schedule.rooms]


def _room_now(room: RoomView, slots: list[SlotView], moment: datetime) -> RoomNow:
    current = next((slot for slot in slots if slot.is_on(moment)), None)
    following = next((slot for slot in slots if slot.starts_at > moment), None)
    if current:
        left = -(-int((current.ends_at - moment).total_seconds()) // 60)
        return RoomNow(room, "on", current, following, left, current.minutes - left)
    began = any(slot.ends_at <= moment for slot in slots)
    return RoomNow(room, "free" if following and began else "closed", None, following)


def off_plan(rooms: list[RoomNow]) -> tuple[int, int]:
    """(minutes of the floor that is furthest off plan, how many floors are off plan)."""
    offs = [room.off_minutes for room in rooms if room.off_minutes]
    return (max(offs, key=abs), len(offs)) if offs else (0, 0)


def grouped_by_start(slots: list[SlotView]) -> list[tuple[datetime, list[SlotView]]]:
    """Slots that start together, in order."""
    return [(start, list(group)) for start, group in groupby(slots, key=lambda slot: slot.starts_at)]
