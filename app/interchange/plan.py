"""What an import would do to an event: the fate of every slot, what overlaps, what is in the file no longer. Pure.

The preview shows a plan and the action applies one, made anew under the lock from the rows as they are then.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.events.models import Event
from app.events.rules import LONGEST_DAYS
from app.interchange.items import Item, Note, Source
from app.lib import clock
from app.lib.text import fold
from app.schedule import snapshot
from app.schedule.models import Slot

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://pika.dance/schedule")
SPLIT = re.compile(r"(.*) \((\d{1,2})\)")
Sign = Callable[[str, str, datetime], tuple[object, ...]]
VERBS = ("new", "moved", "changed", "back", "same", "cancelled")  # cancelled: here, by somebody, and it stays so


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person importing decided where a file leaves a question."""

    overlaps: str = "file"  # what goes into "<Room> (2)": what overlaps within the "file", "all", or "none"
    cancel_gone: bool = False  # cancel what is in the file no longer
    restore: bool = False  # put back on what was cancelled here but is in the file
    anyway: bool = False  # faults that do no harm to a schedule do not refuse it


@dataclass(slots=True)
class Fate:
    """One item of the file and what becomes of it."""

    item: Item
    slot: Slot | None
    room: str
    verb: str = "new"


@dataclass(slots=True)
class Plan:
    """Everything an import would do. It may be applied when `refusals` is empty."""

    source: Source
    fates: list[Fate] = field(default_factory=list)
    gone: list[Slot] = field(default_factory=list)
    overlaps: list[Note] = field(default_factory=list)
    split: list[Note] = field(default_factory=list)
    problems: list[Note] = field(default_factory=list)
    new_rooms: list[str] = field(default_factory=list)
    starts_on: date | None = None
    ends_on: date | None = None
    widens: bool = False
    choices: Choices = field(default_factory=Choices)

    @property
    def refusals(self) -> list[Note]:
        """Why it cannot be applied as it is: problems, faults, overlaps."""
        faults = [] if self.choices.anyway else list(self.source.faults)
        return [*self.source.problems, *self.problems, *faults, *self.overlaps]

    @property
    def warnings(self) -> list[Note]:
        return [*(self.source.faults if self.choices.anyway else ()), *self.split, *self.source.warnings]

    def count(self, verb: str) -> int:
        return sum(fate.verb == verb for fate in self.fates)

    @property
    def changes_anything(self) -> bool:
        return any(f.verb not in {"same", "cancelled"} for f in self.fates) or bool(
            self.gone and self.choices.cancel_gone
        )

    @property
    def counts(self) -> str:
        """As "3 new, 2 moved, 40 unchanged, 1 no longer in the file"."""
        words = {"new": "new", "moved": "moved", "changed": "changed", "back": "back on", "same": "unchanged",
                 "cancelled": "cancelled here"}  # fmt: skip
        parts = [f"{self.count(verb)} {word}" for verb, word in words.items() if self.count(verb)]
        parts += [f"{len(self.gone)} no longer in the file"] if self.gone else []
        return ", ".join(parts) or "nothing in it"


def guid_of(slot: Slot) -> str:
    """The id of a slot in what we export: the one it came with if that is a UUID, else one made of its public id."""
    if slot.import_key:
        try:
            return str(uuid.UUID(slot.import_key)) if len(slot.import_key) == 36 else _own_guid(slot)
        except ValueError:
            return _own_guid(slot)
    return _own_guid(slot)


def _own_guid(slot: Slot) -> str:
    return str(uuid.uuid5(NAMESPACE, slot.public_id))


def make(source: Source, event: Event | None, slots: Sequence[Slot], choices: Choices) -> Plan:
    """Compare a file with what is there. `event` is None for a new one; `slots` are all it has, cancelled ones too."""
    plan = Plan(source, choices=choices)
    matched = _match(source.items, slots)
    for item in source.items:
        slot = matched.get(item.path)
        plan.fates.append(Fate(item, slot, item.room))
    plan.gone = list(_gone(slots, matched))
    stay = [s for s in slots if s not in matched.values() and not s.is_cancelled]
    stay = [s for s in stay if not (choices.cancel_gone and s in plan.gone)]
    _place(plan, stay)
    for fate in plan.fates:
        fate.verb = _verb(fate, choices)
    _span(plan, event)
    _rooms(plan, event)
    return plan


# ---- which slot is which ----


def _match(items: Sequence[Item], slots: Sequence[Slot]) -> dict[str, Slot]:
    """Item's path → slot: by the id of the file, else by what it is, where and when, as far as no id speaks."""
    by_key: dict[str, Slot] = {}
    for slot in slots:
        by_key |= {slot.public_id: slot, guid_of(slot): slot}
    by_key |= {slot.import_key: slot for slot in slots if slot.import_key}
    found: dict[str, Slot] = {}
    taken: set[int] = set()

    def take(item: Item, slot: Slot | None) -> None:
        if slot is not None and slot.id not in taken and item.path not in found:
            found[item.path] = slot
            taken.add(slot.id)

    for item in items:
        take(item, by_key.get(item.key or ""))
    for sign, only_rows in ((_exact, False), (_titled_room, True), (_titled, True)):
        free = _by_sign(sign, (s for s in slots if s.id not in taken and (not only_rows or _is_row(s))))
        for item in items:
            if item.path not in found and not (only_rows and item.key):
                waiting = free.get(sign(item.title, item.room, item.starts_at), [])
                take(item, waiting.pop(0) if waiting else None)
    return found


def _is_row(slot: Slot) -> bool:
    return bool(slot.import_key and slot.import_key.startswith("row:"))


def _by_sign(sign: Sign, slots: Iterable[Slot]) -> dict[tuple[object, ...], list[Slot]]:
    grouped: dict[tuple[object, ...], list[Slot]] = {}
    for slot in slots:
        grouped.setdefault(sign(slot.title, slot.room.name, slot.starts_at), []).append(slot)
    return grouped


def _exact(title: str, room: str, starts_at: datetime) -> tuple[object, ...]:
    return fold(title), fold(_base(room)), starts_at


def _titled_room(title: str, room: str, _starts_at: datetime) -> tuple[object, ...]:
    return fold(title), fold(_base(room))


def _titled(title: str, _room: str, _starts_at: datetime) -> tuple[object, ...]:
    return (fold(title),)


def _base(room: str) -> str:
    """The room of the file behind "<Room> (2)"."""
    split = SPLIT.fullmatch(room)
    return split[1] if split else room


def _gone(slots: Sequence[Slot], matched: Mapping[str, Slot]) -> Iterator[Slot]:
    """What came from a file and is not in this one. Slots made by hand count where our own export was read."""
    kept = {slot.id for slot in matched.values()}
    is_ours = any(slot.import_key is None for slot in matched.values())
    for slot in slots:
        if slot.id not in kept and not slot.is_cancelled and (slot.import_key or is_ours):
            yield slot


# ---- rooms and times ----


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody has the room then: an item of the file, or a slot that stays as it is."""

    starts_at: datetime
    ends_at: datetime
    title: str
    is_of_file: bool


def _place(plan: Plan, stay: Iterable[Slot]) -> None:
    """One thing at a time in a room. What overlaps goes next door or is a refusal with its path, as was chosen.

    Files list a desk and a registration in one foyer at once, and mean it; what was made here by hand is another
    matter.
    """
    busy: dict[str, list[Busy]] = {}
    for slot in stay:
        busy.setdefault(fold(slot.room.name), []).append(
            Busy(slot.starts_at, slot.ends_at, slot.title, is_of_file=False)
        )
    for fate in sorted(plan.fates, key=lambda fate: fate.item.starts_at):
        item = fate.item
        if fate.slot is not None and fate.slot.is_cancelled and not plan.choices.restore:
            continue
        against = _against(busy, item.room, item)
        may_split = plan.choices.overlaps == "all" or (
            plan.choices.overlaps == "file" and all(other.is_of_file for other in against)
        )
        free = next((room for room in _candidates(fate, split=may_split) if not _against(busy, room, item)), None)
        if against:
            _say_overlap(plan, fate, against[0], free)
        if free is not None:
            fate.room = free
            busy.setdefault(fold(free), []).append(Busy(item.starts_at, item.end, item.title, is_of_file=True))


def _say_overlap(plan: Plan, fate: Fate, other: Busy, free: str | None) -> None:
    item, zone = fate.item, plan.source.zone
    when = f"{clock.to_local(other.starts_at, zone):%H:%M} to {clock.to_local(other.ends_at, zone):%H:%M}"
    sentence = f"{item.room}: “{item.title}” overlaps “{other.title}”, {when}"
    if free is None:
        plan.overlaps.append(Note(item.path, f"{sentence}."))
    else:
        plan.split.append(Note(item.path, f"{sentence}: put into {free}."))


def _candidates(fate: Fate, *, split: bool) -> Iterator[str]:
    """Where it may go: the file's room; next door if it lies there already, or if that was chosen."""
    room = fate.item.room
    present = fate.slot.room.name if fate.slot is not None else ""
    yield room
    if present != room and SPLIT.fullmatch(present) and fold(_base(present)) == fold(room):
        yield present
    if split:
        yield from (f"{room[:55]} ({n})" for n in range(2, 100))


def _against(busy: Mapping[str, list[Busy]], room: str, item: Item) -> list[Busy]:
    return [b for b in busy.get(fold(room), ()) if b.starts_at < item.end and item.starts_at < b.ends_at]


def _span(plan: Plan, event: Event | None) -> None:
    """The event's days, widened where the file needs it. A month is the most."""
    source, items = plan.source, plan.source.items
    if not items:
        return
    change = source.day_change_hour
    first = min(clock.event_day(item.starts_at, source.zone, change) for item in items)
    last = max(clock.event_day(item.end - timedelta(seconds=1), source.zone, change) for item in items)
    plan.starts_on = min(first, event.starts_on) if event else first
    plan.ends_on = max(last, event.ends_on) if event else last
    plan.widens = event is not None and (plan.starts_on, plan.ends_on) != (event.starts_on, event.ends_on)
    if (plan.ends_on - plan.starts_on).days >= LONGEST_DAYS:
        spans = f"{first.isoformat()} to {last.isoformat()}"
        there = f", the event from {event.starts_on.isoformat()} to {event.ends_on.isoformat()}" if event else ""
        plan.problems.append(Note("$", f"The file runs from {spans}{there}. {LONGEST_DAYS} days are the most."))
        plan.starts_on, plan.ends_on, plan.widens = first, last, False


def _rooms(plan: Plan, event: Event | None) -> None:
    known = {fold(room.name) for room in event.rooms} if event else set()
    for name in [*plan.source.rooms, *(fate.room for fate in plan.fates)]:
        if fold(name) not in known:
            known.add(fold(name))
            plan.new_rooms.append(name)


# ---- what happens to each ----


def _verb(fate: Fate, choices: Choices) -> str:
    slot, item = fate.slot, fate.item
    if slot is None:
        return "new"
    if slot.is_cancelled:
        return "back" if choices.restore else "cancelled"
    if (slot.starts_at, slot.ends_at) != (item.starts_at, item.end) or fold(slot.room.name) != fold(fate.room):
        return "moved"
    return "changed" if _differs(slot, item) else "same"


def _differs(slot: Slot, item: Item) -> bool:
    said = {name: getattr(item, name) for name in PLAIN if getattr(item, name) is not None}
    people = item.people is not None and [(p.role, p.name) for p in slot.people] != snapshot.but_booked(
        slot, item.people
    )
    return people or any(getattr(slot, name) != value for name, value in said.items())


PLAIN = ("title", "kind", "level", "description", "flexibility", "capacity_hint", "marshal_minutes")
