"""Taking back: one tap, whole or not at all. Called by the maker's undo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.db import db, transaction
from app.events import announcements
from app.events import live as events_live
from app.events import queries as events
from app.events.models import Event
from app.lib import clock, tokens
from app.people import queries as people
from app.people.models import Person
from app.schedule import live, queries, rules, snapshot
from app.schedule.actions.edits import Edit
from app.schedule.actions.record import after_edit, log_edit, room_names, room_of
from app.schedule.models import Slot, SlotChange
from app.schedule.snapshot import State


def undo(event_id: int, batch: str, actor: Person | None) -> Edit:
    """Take one tap back, whole or not at all. Raises NothingToUndo, ChangedSince, RoomTaken."""
    gone: list[str] = []
    with transaction():
        event = events.lock_event(event_id)
        changes = queries.changes_of_batch(event_id, batch)
        if not changes or any(change.undone_at or change.verb == "undone" for change in changes):
            raise rules.NothingToUndo("That was taken back already.")
        undone = tokens.public_id()
        for change in changes:
            present, restored = _put_back(event, change)
            if restored is None:
                gone.append(change.slot_public_id)
            change.undone_at = clock.now()
            log_edit(event, change.slot_public_id, undone, "undone", actor, present, restored)
        _check_rooms(event)
        announcements.take_back(event.id, batch)  # what was told of it is no longer so
        after_edit(event, actor)
        events_live.owe_banner(event)
        edit = Edit(changes[0].slot_public_id, _undo_sentence(event, changes), undone, event.schedule_version)
    live.schedule_changed(event.slug, gone=gone)
    events_live.turn_banner(event)
    return edit


def _put_back(event: Event, change: SlotChange) -> tuple[State | None, State | None]:
    """Undo one log line. Returns the states before and after the undo. Raises ChangedSince."""
    slot = queries.find_slot(event.id, change.slot_public_id)
    present = snapshot.state_of(slot) if slot else None
    rules.check_undo(change.after, present)
    if change.before is None:
        if slot is not None:
            db.session.delete(slot)
            db.session.flush()
        return present, None
    if slot is None:
        slot = Slot(event_id=event.id, public_id=change.slot_public_id, version=0)
        db.session.add(slot)
    with db.session.no_autoflush:
        handles = [part[2] for part in change.before["people"] if part[2]]
        snapshot.apply(slot, change.before, room_of(event, change.before["room"]), people.persons_by_handle(handles))
    if change.verb == "shifted" and change.after is not None:
        snapshot.run_late(slot, clock.minutes(slot.starts_at - datetime.fromisoformat(change.after["starts_at"])))
    slot.version += 1
    db.session.flush()
    return present, snapshot.state_of(slot)


def _check_rooms(event: Event) -> None:
    db.session.flush()
    slots = queries.slots_of(event.id)
    for slot in slots:
        rules.check_room_free(slot, slots, event.zone)


def _undo_sentence(event: Event, changes: Sequence[SlotChange]) -> str:
    rooms = room_names(event)
    if len(changes) > 1:
        return f"{len(changes)} changes taken back."
    return "Taken back. " + rules.describe(changes[0].after, changes[0].before, event.zone, rooms)
