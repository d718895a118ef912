"""The one shape of a slot outside its table: what versions hold, what the log compares, what pages and frames show.

`state_of` takes a Slot down to plain JSON values, `apply` puts a state back (undo), `Schedule` is the read model that
every public page and live partial is drawn from. Pure but for reading the objects given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from app.events.models import Room
from app.lib import clock
from app.schedule.models import BookedPart, Slot, SlotPerson

State = dict[str, Any]
PLAIN_FIELDS = ("title", "kind", "flexibility", "level", "description", "capacity_hint", "marshal_minutes")
TIME_FIELDS = ("starts_at", "ends_at", "planned_starts_at", "planned_ends_at")


def state_of(slot: Slot) -> State:
    """A slot as JSON values: times are ISO 8601 in UTC, the room is its public id, people are [role, name, handle].

    Booked parts are not in it: they are agreed between people, so no edit of the slot makes them, and no undo takes
    them back. Versions hold them beside the rest (`people_of`).
    """
    state: State = {"id": slot.public_id, "room": slot.room.public_id, "cancelled": slot.is_cancelled}
    state |= {name: getattr(slot, name) for name in PLAIN_FIELDS}
    state |= {name: getattr(slot, name).astimezone(UTC).isoformat() for name in TIME_FIELDS}
    state["people"] = [[p.role, p.name, p.person.handle if p.person else None] for p in slot.people]
    return state


def apply(slot: Slot, state: Mapping[str, Any], room: Room, persons: Mapping[str, Any]) -> None:
    """Put a state back on a slot. `persons` maps handles to accounts that still exist."""
    for name in PLAIN_FIELDS:
        setattr(slot, name, state[name])
    for name in TIME_FIELDS:
        setattr(slot, name, datetime.fromisoformat(state[name]))
    slot.room = room
    slot.cancelled_at = (slot.cancelled_at or clock.now()) if state["cancelled"] else None
    set_people(slot, [(role, name, persons.get(handle or "")) for role, name, handle in state["people"]])


def set_people(slot: Slot, people: Iterable[tuple[str, str, Any]]) -> None:
    """Replace who is on a slot by (role, name, account or None), keeping their order."""
    slot.people = [
        SlotPerson(role=role, name=name, person=person, position=position)
        for position, (role, name, person) in enumerate(people)
    ]


def content_of(rooms: Iterable[Room], slots: Iterable[Slot]) -> dict[str, Any]:
    """What a ScheduleVersion holds."""
    return {
        "rooms": [
            {"id": r.public_id, "name": r.name, "note": r.note, "capacity": r.capacity, "walk_minutes": r.walk_minutes}
            for r in rooms
        ],
        "slots": [
            (state := state_of(slot)) | {"sequence": slot.version, "people": people_of(state, slot.booked)}
            for slot in slots
        ],
    }


def people_of(state: State, booked: Iterable[BookedPart]) -> list[list[str | None]]:
    """Everybody a version names on a slot in this state: as typed, then who confirmed, with times of their own."""
    typed = [part[:3] for part in state["people"]]
    starts_at, ends_at = (datetime.fromisoformat(state[name]) for name in ("starts_at", "ends_at"))
    return typed + [part for found in booked if (part := _booked(found, starts_at, ends_at))]


def shown_span(part: BookedPart, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime] | None:
    """When a booked part takes place in a slot from-to; None when its person confirmed another time than the slot has.

    Running late moves a part along with its slot, and what then runs over the slot's end is cut off.
    """
    late = timedelta(minutes=part.late_minutes)
    begins, ends = part.starts_at + late, part.ends_at + late
    if late:
        ends = min(ends, ends_at)
    return (begins, ends) if starts_at <= begins < ends <= ends_at else None


def named(slot: Slot) -> list[tuple[str, str]]:
    """(role, name) of everybody on a slot who may be named: typed, or booked and confirmed for its time."""
    return [(part[0] or "", part[1] or "") for part in people_of(state_of(slot), slot.booked)]


def but_booked(slot: Slot, people: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(role, name) without those who are booked for the slot: a file that names them adds nobody."""
    booked = {part.person.name for part in slot.booked}
    return [(role, name) for role, name in people if name not in booked]


def run_late(slot: Slot, minutes: int) -> None:
    """The house runs late, or makes up for it: that is no new time to agree to, so booked parts move along."""
    for part in slot.booked:
        part.late_minutes += minutes


def _booked(part: BookedPart, starts_at: datetime, ends_at: datetime) -> list[str | None] | None:
    span = shown_span(part, starts_at, ends_at)
    if span is None:
        return None
    own = [None, None] if span == (starts_at, ends_at) else [at.astimezone(UTC).isoformat() for at in span]
    return [part.role, part.person.name, part.person.handle, *own]


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody on a slot; with times of their own when they are there for a part of it."""

    role: str
    name: str
    handle: str | None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def label(self) -> str:
        """The name as a page says it: DJs and hosts by their title."""
        title = {"dj": "DJ ", "mc": "MC "}.get(self.role, "")
        return self.name if self.name.startswith(title) else title + self.name


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as the public sees it."""

    id: str
    name: str
    note: str
    capacity: int | None
    walk_minutes: int


@dataclass(frozen=True, slots=True)
class SlotView:
    """A slot as a page or a frame shows it. Instants are aware UTC."""

    id: str
    title: str
    kind: str
    flexibility: str
    level: str
    description: str
    capacity_hint: int | None
    marshal_minutes: int | None
    room: RoomView
    starts_at: datetime
    ends_at: datetime
    planned_starts_at: datetime
    planned_ends_at: datetime
    cancelled: bool
    people: tuple[Part, ...]
    sequence: int  # rises with every edit of the slot: what calendars call SEQUENCE

    @property
    def minutes(self) -> int:
        return clock.minutes(self.ends_at - self.starts_at)

    @property
    def late_minutes(self) -> int:
        """How far the expected start is behind the plan; negative when it is earlier."""
        return clock.minutes(self.starts_at - self.planned_starts_at)

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(part.label for part in self.people))

    @property
    def turns(self) -> list[Part]:
        """Those with times of their own, in order: back to back in one slot."""
        return sorted((part for part in self.people if part.starts_at), key=lambda part: (part.starts_at, part.ends_at))

    def overlaps(self, other: SlotView) -> bool:
        """Whether somebody cannot be at both: cancelled slots are in nobody's way."""
        meet = self.starts_at < other.ends_at and other.starts_at < self.ends_at
        return meet and not self.cancelled and not other.cancelled and self.id != other.id

    def is_on(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.ends_at and not self.cancelled

    def day(self, zone: str, day_change_hour: int) -> date:
        return clock.event_day(self.starts_at, zone, day_change_hour)


@dataclass(frozen=True)
class Schedule:
    """One version of an event's schedule, slots in order of time then room."""

    number: int
    rooms: tuple[RoomView, ...]
    slots: tuple[SlotView, ...]

    @cached_property
    def by_id(self) -> dict[str, SlotView]:
        return {slot.id: slot for slot in self.slots}

    def on_day(self, day: date, zone: str, day_change_hour: int) -> list[SlotView]:
        return [slot for slot in self.slots if slot.day(zone, day_change_hour) == day]


EMPTY = Schedule(0, (), ())


def read(number: int, content: Mapping[str, Any]) -> Schedule:
    """A version's content as the read model."""
    rooms = {
        r["id"]: RoomView(r["id"], r["name"], r["note"], r["capacity"], r["walk_minutes"]) for r in content["rooms"]
    }
    place = {room_id: position for position, room_id in enumerate(rooms)}
    slots = [_slot_view(state, rooms) for state in content["slots"]]
    slots.sort(key=lambda slot: (slot.starts_at, place[slot.room.id], slot.id))
    return Schedule(number, tuple(rooms.values()), tuple(slots))


def _slot_view(state: Mapping[str, Any], rooms: Mapping[str, RoomView]) -> SlotView:
    times: dict[str, Any] = {name: datetime.fromisoformat(state[name]) for name in TIME_FIELDS}
    return SlotView(
        id=state["id"],
        room=rooms[state["room"]],
        cancelled=state["cancelled"],
        people=tuple(_part(*part) for part in state["people"]),
        sequence=state["sequence"],
        **{name: state[name] for name in PLAIN_FIELDS},
        **times,
    )


def _part(role: str, name: str, handle: str | None, starts: str | None = None, ends: str | None = None) -> Part:
    times = (datetime.fromisoformat(starts), datetime.fromisoformat(ends)) if starts and ends else (None, None)
    return Part(role, name, handle, *times)


def clashes(starred: Sequence[SlotView]) -> dict[str, list[SlotView]]:
    """For each starred slot, the other starred slots at the same time. Only slots that clash are in it."""
    found = {slot.id: [other for other in starred if slot.overlaps(other)] for slot in starred}
    return {slot_id: others for slot_id, others in found.items() if others}
