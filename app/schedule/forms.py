"""The slot form and the move: wall times typed by an organizer become instants on the UTC line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from app.events.models import Event
from app.events.walls import WallClock
from app.lib import clock
from app.lib.text import clean_line
from app.schedule.actions import SlotValues
from app.schedule.models import FLEXIBILITIES, KINDS, Slot
from app.web.forms import Form

PEOPLE_FIELDS = {"teacher": "teachers", "dj": "djs", "judge": "judges"}
PEOPLE_MAX = 12


class SlotForm(Form):
    """Everything about a slot. `slot_values` is what the action takes."""

    def __init__(
        self, event: Event, typed: Mapping[str, Any] | None = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        self.event = event
        super().__init__(typed, initial)

    def read(self) -> None:
        self.line("title", "The title", limit=120)
        self.choice("kind", "Kind", KINDS)
        self.choice("room", "Room", [room.public_id for room in self.event.rooms])
        self.choice("flexibility", "Flexibility", FLEXIBILITIES, default="flexible")
        self.line("level", "The level", limit=40, required=False)
        self.block("description", "The description", limit=2000)
        self.whole("capacity_hint", "Places", least=1, most=100_000, required=False)
        self.whole("marshal_minutes", "Marshalling", least=0, most=240, required=False)
        self.whole("version", "Version", least=0, most=10**9, required=False)
        self._people()
        self._times()

    def _people(self) -> None:
        named: list[tuple[str, str]] = []
        for role, field in PEOPLE_FIELDS.items():
            names = [name for part in self._raw(field).split(",") if (name := clean_line(part))]
            if len(names) > PEOPLE_MAX:
                self.error(field, f"{PEOPLE_MAX} names are the most.")
            if any(len(name) > 80 for name in names):
                self.error(field, "A name has more than 80 characters. Are the commas missing?")
            named += [(role, name) for name in dict.fromkeys(names)]
        self.clean["people"] = named

    def _times(self) -> None:
        day, start, end = self.day("day", "Day"), self.wall_time("start", "Start"), self.wall_time("end", "End")
        if day is None or start is None or end is None:
            return
        walls = WallClock(self.event)
        starts_at, start_refusal = walls.instant(walls.on_day(day, start))
        ends_at, end_refusal = walls.instant(walls.end_on_day(day, start, end), not_before=starts_at)
        for field, refusal in (("start", start_refusal), ("end", end_refusal)):
            if refusal:
                self.error(field, refusal)
        self.clean |= {"starts_at": starts_at, "ends_at": ends_at}

    @property
    def slot_values(self) -> SlotValues:
        names = (
            "title",
            "kind",
            "room",
            "starts_at",
            "ends_at",
            "flexibility",
            "level",
            "description",
            "capacity_hint",
            "people",
            "marshal_minutes",
        )
        return SlotValues(**{name: self.clean[name] for name in names})


class MoveForm(Form):
    """A drag or a key: room, start and end as wall times, and the version that was seen."""

    def __init__(self, event: Event, typed: Mapping[str, Any]) -> None:
        self.event = event
        super().__init__(typed)

    def read(self) -> None:
        self.choice("room", "Room", [room.public_id for room in self.event.rooms])
        self.whole("version", "Version", least=0, most=10**9)
        walls = WallClock(self.event)
        start = self._wall("start")
        end = self._wall("end")
        if start is None or end is None:
            return
        self.clean["starts_at"], first = walls.instant(start)
        self.clean["ends_at"], second = walls.instant(end, not_before=self.clean["starts_at"])
        for field, refusal in (("start", first), ("end", second)):
            if refusal:
                self.error(field, refusal)

    def _wall(self, name: str) -> datetime | None:
        found = self._parsed(name, "Type a date and a time, like 2026-06-13T14:30.", datetime.fromisoformat)
        return None if found is None else found.replace(tzinfo=None, second=0, microsecond=0)


class TellForm(Form):
    """Telling people of an edit: the sentence, who hears it, and which edit (its batch)."""

    def read(self) -> None:
        self.line("message", "The sentence", limit=120)
        self.choice("audience", "Who hears it", ("starred", "everybody"), default="starred")
        self.clean["batch"] = clean_line(self._raw("batch"))[:16]


def values_of(slot: Slot, event: Event) -> dict[str, Any]:
    """A slot as its form shows it."""
    start, end = clock.to_local(slot.starts_at, event.zone), clock.to_local(slot.ends_at, event.zone)
    values: dict[str, Any] = {
        name: getattr(slot, name) for name in ("title", "kind", "flexibility", "level", "description", "version")
    }
    values |= {
        "room": slot.room.public_id,
        "capacity_hint": slot.capacity_hint or "",
        "marshal_minutes": "" if slot.marshal_minutes is None else slot.marshal_minutes,
        "day": clock.event_day(slot.starts_at, event.zone, event.day_change_hour).isoformat(),
        "start": f"{start:%H:%M}",
        "end": f"{end:%H:%M}",
    }
    return values | {field: _names(slot, role) for role, field in PEOPLE_FIELDS.items()}


def _names(slot: Slot, role: str) -> str:
    names: Sequence[str] = ["@" + p.person.handle if p.person else p.name for p in slot.people if p.role == role]
    return ", ".join(names)


def fresh_values(event: Event, day: str, start: str, room: str, end: str = "") -> dict[str, Any]:
    """A new slot's form: what the organizer marked in the grid, or an hour from where the tap was."""
    began = _time_or(start, time(12, 0))
    ended = _time_or(end, time((began.hour + 1) % 24, began.minute))
    return {
        "kind": "workshop", "flexibility": "flexible", "version": 0,
        "day": day if day in {d.isoformat() for d in event.days} else event.starts_on.isoformat(),
        "start": f"{began:%H:%M}", "end": f"{ended:%H:%M}",
        "room": room or (event.rooms[0].public_id if event.rooms else ""),
    }  # fmt: skip


def _time_or(text: str, otherwise: time) -> time:
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return otherwise
