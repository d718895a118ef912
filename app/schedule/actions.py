"""What organizers and dancers do with the schedule, one function per intention.

Each locks the event (edits of one schedule follow one another on both engines), checks the rules on rows as they are
under the lock, writes slot + log + (in live mode) the next public version in one transaction, then tells phones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.db import db, transaction
from app.events import queries as events
from app.events.models import Event, Room
from app.lib import clock, tokens
from app.people import queries as people
from app.people.models import Device, Person
from app.people.viewer import Viewer
from app.schedule import live, queries, rules, snapshot
from app.schedule.models import ScheduleVersion, Slot, SlotChange, Star
from app.schedule.snapshot import State


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
        slot.room = _room(event, room)
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
            _log(event, change.slot_public_id, undone, "undone", actor, present, restored)
        _check_rooms(event)
        _after_edit(event, actor)
        edit = Edit(changes[0].slot_public_id, _undo_sentence(event, changes), undone, event.schedule_version)
    live.schedule_changed(event.slug, gone=gone)
    return edit


def publish(event_id: int, actor: Person | None, note: str = "") -> int:
    """Make the draft public as the next version. Plans are renewed: nothing is late. Raises NothingToPublish."""
    with transaction():
        event = events.lock_event(event_id)
        if not event.has_draft:
            raise rules.NothingToPublish("Nothing has changed since the last version.")
        _renew_plan(event)
        _new_version(event, actor, note)
        number = event.schedule_version
    live.schedule_changed(event.slug, reshaped=True)
    return number


def republish(event_id: int) -> None:
    """In live mode: make public what changed without an edit of a slot, such as a room's name. Twice does no harm."""
    with transaction():
        event = events.lock_event(event_id)
        if event.is_live and event.has_draft:
            _new_version(event, None, "Rooms or dates changed")
        slug = event.slug
    live.schedule_changed(slug, reshaped=True)


def set_mode(event_id: int, mode: str, actor: Person | None) -> None:
    """To live: what is still a draft is published first, then each edit is public at once. To planning: edits wait."""
    with transaction():
        event = events.lock_event(event_id)
        if mode == "live" and event.has_draft:
            _renew_plan(event)
            _new_version(event, actor, "Live edits begin")
        event.schedule_mode = mode
    live.schedule_changed(event.slug, reshaped=True)


def star(viewer: Viewer, event: Event, slot_id: str, *, on: bool, device_token: str | None = None) -> None:
    """Star or un-star, for a person or a guest's device; asking twice changes nothing.

    `device_token` is the secret of a device that is made with its first star, for a guest who has none yet.
    """
    person_id = viewer.person.id if viewer.person else None
    device_id, event_id = viewer.device_id, event.id
    try:
        with transaction() as session:
            slot = queries.slot_of(event, slot_id)
            starred = slot_id in queries.stars_of(viewer, event_id)
            if on and not starred:
                if person_id is None and device_id is None:
                    device = Device(token_digest=tokens.digest(device_token or tokens.secret_token()))
                    session.add(device)
                    session.flush()
                    device_id = device.id
                session.add(Star(slot_id=slot.id, person_id=person_id, device_id=None if person_id else device_id))
            elif not on and (statement := queries.unstar(viewer, slot.id)) is not None:
                session.execute(statement)
    except IntegrityError:
        return  # two taps at once: the other one made the star


# ---- the pieces of an edit; all run inside the caller's transaction ----


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
            _log(event, public_id, batch, verb, actor, before, after)
            _after_edit(event, actor)
        sentence = rules.describe(before, after, event.zone, _room_names(event))
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
    slot.room = _room(event, values.room)
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


def _room(event: Event, public_id: str) -> Room:
    room = events.room_of(event, public_id)
    if room is None:
        raise rules.RoomTaken("That room is not there any more. Choose another one.")
    return room


def _check(event: Event, slot: Slot) -> list[str]:
    """Refuses what cannot be; returns the warnings about what should not be."""
    with db.session.no_autoflush:
        rules.check_times(event, slot.starts_at, slot.ends_at)
        others = queries.slots_of(event.id)
        rules.check_room_free(slot, others, event.zone)
        return rules.warnings(slot, others, event.zone)


def _check_rooms(event: Event) -> None:
    db.session.flush()
    slots = queries.slots_of(event.id)
    for slot in slots:
        rules.check_room_free(slot, slots, event.zone)


def _log(
    event: Event, slot_id: str, batch: str, verb: str, actor: Person | None, before: State | None, after: State | None
) -> None:
    db.session.add(
        SlotChange(
            event_id=event.id, slot_public_id=slot_id, batch=batch, verb=verb, before=before, after=after,
            actor_id=actor.id if actor else None, actor_name=actor.name if actor else "The command line",
            version=event.schedule_version + (1 if event.is_live else 0),
        )
    )  # fmt: skip


def _after_edit(event: Event, actor: Person | None) -> None:
    event.revision += 1
    if event.is_live:
        _new_version(event, actor, "")


def _new_version(event: Event, actor: Person | None, note: str) -> None:
    db.session.flush()
    event.schedule_version += 1
    event.published_revision = event.revision
    content = snapshot.content_of(event.rooms, queries.slots_of(event.id))
    db.session.add(
        ScheduleVersion(
            event_id=event.id, number=event.schedule_version, content=content, note=note,
            actor_name=actor.name if actor else "The command line",
        )
    )  # fmt: skip


def _renew_plan(event: Event) -> None:
    for slot in queries.slots_of(event.id):
        slot.planned_starts_at, slot.planned_ends_at = slot.starts_at, slot.ends_at


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
        snapshot.apply(slot, change.before, _room(event, change.before["room"]), people.persons_by_handle(handles))
    slot.version += 1
    db.session.flush()
    return present, snapshot.state_of(slot)


def _undo_sentence(event: Event, changes: Sequence[SlotChange]) -> str:
    rooms = _room_names(event)
    if len(changes) > 1:
        return f"{len(changes)} changes taken back."
    return "Taken back. " + rules.describe(changes[0].after, changes[0].before, event.zone, rooms)


def _room_names(event: Event) -> dict[str, str]:
    return {room.public_id: room.name for room in event.rooms}
