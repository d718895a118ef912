"""What a hall screen shows of each room: what runs, what comes, what comes tomorrow. Pure.

The rest of the day goes along, so that a screen can move on by its own clock while the network is away
(static/js/screen.js holds the same rule as `_state`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.lib import clock
from app.schedule.snapshot import RoomView, Schedule, SlotView

SOON = timedelta(minutes=15)
ROOMS_PER_PAGE = 5  # more cannot be read from ten meters


@dataclass(frozen=True, slots=True)
class Coming:
    """A slot that is not over. `phase`: now | next | later. `weekday` ("Sun") stands where it is not today's."""

    slot: SlotView
    phase: str
    weekday: str = ""


@dataclass(frozen=True, slots=True)
class HallRow:
    """One room. `state`: on | soon | free | closed (not open yet) | done (until another day) | over (for good)."""

    room: RoomView
    state: str
    coming: tuple[Coming, ...]
    began: bool  # something was on today: between two slots the floor is open, before the first it is closed
    page: int

    @property
    def current(self) -> SlotView | None:
        return next((each.slot for each in self.coming if each.phase == "now"), None)


def rows(schedule: Schedule, moment: datetime, zone: str, day_change_hour: int) -> list[HallRow]:
    """Every room in the event's order. Cancelled slots are nobody's now or next."""
    by_room: dict[str, list[SlotView]] = {room.id: [] for room in schedule.rooms}
    for slot in schedule.slots:
        if not slot.cancelled:
            by_room[slot.room.id].append(slot)
    pages = -(-len(schedule.rooms) // ROOMS_PER_PAGE)
    share = -(-len(schedule.rooms) // pages) if pages else 1
    return [
        _row(room, by_room[room.id], moment, zone, day_change_hour, number // share + 1)
        for number, room in enumerate(schedule.rooms)
    ]


def is_over(found: list[HallRow]) -> bool:
    """Nothing comes any more, in no room."""
    return bool(found) and all(row.state == "over" for row in found)


def _row(room: RoomView, slots: list[SlotView], moment: datetime, zone: str, hour: int, page: int) -> HallRow:
    today = clock.event_day(moment, zone, hour)
    ahead = [slot for slot in slots if slot.ends_at > moment]
    # what began before the day change and still runs is today's as well
    todays = [slot for slot in ahead if slot.day(zone, hour) == today or slot.is_on(moment)]
    others = [slot for slot in ahead if slot not in todays]
    began = any(slot.day(zone, hour) == today and slot.starts_at <= moment for slot in slots)
    current = next((slot for slot in todays if slot.is_on(moment)), None)
    following = next((slot for slot in [*todays, *others] if slot.starts_at > moment), None)
    shown = [
        Coming(slot, "now" if slot is current else "next" if slot is following else "later", _weekday(slot, zone))
        if slot in others
        else Coming(slot, "now" if slot is current else "next" if slot is following else "later")
        for slot in [*todays, *others[:1]]
    ]
    return HallRow(room, _state(current, following, todays, moment, began=began), tuple(shown), began, page)


def _state(
    current: SlotView | None, following: SlotView | None, todays: list[SlotView], moment: datetime, *, began: bool
) -> str:
    if current:
        return "on"
    if following is None:
        return "over"
    if following.starts_at - moment <= SOON:
        return "soon"
    if following not in todays:
        return "done"
    return "free" if began else "closed"


def _weekday(slot: SlotView, zone: str) -> str:
    return f"{clock.to_local(slot.starts_at, zone):%a}"
