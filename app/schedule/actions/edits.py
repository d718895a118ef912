"""Edits of one slot: add, change, move, cancel, restore, delete, shift. Called by maker, demo and command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.db import db, transaction
from app.events import queries as events
from app.events.models import Event
from app.lib import clock, tokens
from app.people import queries as people
from app.people.models import Person
from app.schedule import live, queries, rules, snapshot
from app.schedule.actions.record import after_edit, log_edit, room_names, room_of
from app.schedule.models import Slot


@dataclass(frozen=True, slots=True)
class SlotValues:
    """What a form says about a slot. `people` is (role, name or @handle); `room` a public id."""

    title: str
    kind: str
    room: str
    starts_at: datetime
    ends_at: datetime
    flexibility: str = "flexible"
    level: str = ""
    description: str = ""
    capacity_hint: int | None = None
    people: Sequence[tuple[str, str]] = ()
    marshal_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit did: the slot's public id, a sentence, warnings, the batch that undoes it, the version after it."""

    slot_id: str
    sentence: str
    batch: str
    version: int
    warnings: list[str] = field(default_factory=list)


def add_slot(event_id: int, values: SlotValues, actor: Person | None) -> Edit:
    """A new slot. Raises BadTimes, RoomTaken."""
    return _edit(event_id, actor, "added", lambda event: _new_slot(event, values))


def edit_slot(event_id: int, slot_id: str, values: SlotValues, expected_version: int, actor: Person | None) -> Edit:
    """Everything the dialog can change. Raises ChangedMeanwhile, BadTimes, RoomTaken."""

    def change(event: Event) -> Slot:
        slot = _fresh(event, slot_id, expected_version)
        _fill(event, slot, values)
        return slot

    return _edit(event_id, actor, "edited", change, slot_id)


def move_slot(
    event_id: int, slot_id: str, *, room: str, starts_at: datetime, ends_at: datetime,
    expected_version: int, actor: Person | None,
) -> Edit:  # fmt: skip
    """Another time or room: what dragging does. Raises ChangedMeanwhile, BadTimes, RoomTaken."""

    def change(event: Event) -> Slot:
        slot = _fresh(event, slot_id, expected_version)
        slot.room = room_of(event, room)
        _set_times(event, slot, starts_at, ends_at)
        return slot

    return _edit(event_id, actor, "moved", change, slot_id)


def cancel_slot(event_id: int, slot_id: str, expected_version: int, actor: Person | None) -> Edit:
    """It does not take place; it stays on the schedule, struck through."""

    def change(event: Event) -> Slot:
        slot = _fresh(event, slot_id, expected_version)
        slot.cancelled_at = slot.cancelled_at or clock.now()
        return slot

    return _edit(event_id, actor, "cancelled", change, slot_id)


def restore_slot(event_id: int, slot_id: str, expected_version: int, actor: Person | None) -> Edit:
    """It takes place after all. Raises RoomTaken when something moved in meanwhile."""

    def change(event: Event) -> Slot:
        slot = _fresh(event, slot_id, expected_version)
        slot.cancelled_at = None
        return slot

    return _edit(event_id, actor, "restored", change, slot_id)


def delete_slot(event_id: int, slot_id: str, expected_version: int, actor: Person | None) -> Edit:
    """Remove a slot that nobody outside the team has seen. Raises AlreadyPublic."""

    def change(event: Event) -> None:
        slot = _fresh(event, slot_id, expected_version)
        if queries.was_public(event.id, slot_id):
            raise rules.AlreadyPublic("People have seen this slot. Cancel it, so that they learn about it.")
        db.session.delete(slot)

    return _edit(event_id, actor, "deleted", change, slot_id)


def shift_slot(event_id: int, slot_id: str, minutes: int, actor: Person | None) -> Edit:
    """Later (or earlier) by some minutes, whatever the version: for the command line, where no screen is stale."""

    def change(event: Event) -> Slot:
        slot = queries.slot_of(event, slot_id)
        delta = timedelta(minutes=minutes)
        _set_times(event, slot, slot.starts_at + delta, slot.ends_at + delta)
        return slot

    return _edit(event_id, actor, "moved", change, slot_id)


def _edit(
    event_id: int, actor: Person | None, verb: str, change: Callable[[Event], Slot | None], slot_id: str | None = None
) -> Edit:
    """Lock, remember, change, check, log, publish when live; then tell the phones."""
    with transaction() as session:
        event = events.lock_event(event_id)
        existing = queries.find_slot(event.id, slot_id) if slot_id else None
        before = snapshot.state_of(existing) if existing else None
        slot = change(event)
        after = None
        sentences: list[str] = []
        if slot is not None:
            sentences = _check(event, slot)
            slot.version = (slot.version or 0) + 1
            session.flush()
            after = snapshot.state_of(slot)
        batch = tokens.public_id()
        public_id = slot.public_id if slot is not None else (slot_id or "")
        if before != after:
            log_edit(event, public_id, batch, verb, actor, before, after)
            after_edit(event, actor)
        sentence = rules.describe(before, after, event.zone, room_names(event))
        edit = Edit(public_id, sentence, batch, event.schedule_version, sentences)
    live.schedule_changed(event.slug, gone=[public_id] if slot is None else [])
    return edit


def _fresh(event: Event, slot_id: str, expected_version: int) -> Slot:
    slot = queries.slot_of(event, slot_id)
    last = queries.last_change_of_slot(event.id, slot_id)
    rules.check_version(slot, expected_version, last.actor_name if last else "Somebody", event.zone)
    return slot


def _new_slot(event: Event, values: SlotValues) -> Slot:
    slot = Slot(event_id=event.id, version=0)
    with db.session.no_autoflush:
        _fill(event, slot, values)
    db.session.add(slot)
    return slot


def _fill(event: Event, slot: Slot, values: SlotValues) -> None:
    for name in snapshot.PLAIN_FIELDS:
        setattr(slot, name, getattr(values, name))
    slot.room = room_of(event, values.room)
    _set_times(event, slot, values.starts_at, values.ends_at)
    _set_people(slot, values.people)


def _set_people(slot: Slot, named: Sequence[tuple[str, str]]) -> None:
    """Names as typed; "@handle" links the account and shows its name. An unchanged list is left alone."""
    accounts = people.persons_by_handle([name for _, name in named if name.startswith("@")])
    wanted = []
    for role, name in named:
        account = accounts.get(name.lstrip("@").lower()) if name.startswith("@") else None
        known = next((p for p in slot.people if p.role == role and p.name == name), None)
        wanted.append((role, account.name if account else name, account or (known.person if known else None)))
    if [(p.role, p.name, p.person) for p in slot.people] != wanted:
        snapshot.set_people(slot, wanted)


def _set_times(event: Event, slot: Slot, starts_at: datetime, ends_at: datetime) -> None:
    """While planning, the plan moves along; in live mode it stays, so that the delay shows."""
    slot.starts_at, slot.ends_at = starts_at, ends_at
    if not event.is_live or slot.planned_starts_at is None:
        slot.planned_starts_at, slot.planned_ends_at = starts_at, ends_at


def _check(event: Event, slot: Slot) -> list[str]:
    """Refuses what cannot be; returns the warnings about what should not be."""
    with db.session.no_autoflush:
        rules.check_times(event, slot.starts_at, slot.ends_at)
        others = queries.slots_of(event.id)
        rules.check_room_free(slot, others, event.zone)
        return rules.warnings(slot, others, event.zone)
