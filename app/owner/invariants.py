"""What must always be true of the data, whatever people and processes did. Called by the command line and tests.

Each function yields a sentence for everything that is broken. Reads only; nothing here mends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Protocol

from sqlalchemy import func, select

from app.db import db
from app.events.models import Event
from app.lib import clock
from app.outbox import OutboxItem
from app.people.models import Device, Person, RoleGrant
from app.schedule import queries, rules, snapshot
from app.schedule.models import ScheduleVersion, Slot, SlotPerson, Star
from app.schedule.snapshot import Schedule
from app.studios.models import Studio

WAITS_AT_MOST = timedelta(minutes=10)


class Placed(Protocol):
    """What a slot in its table and a slot in a version have in common here."""

    @property
    def title(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def broken() -> list[str]:
    """Every sentence there is; empty when all is well."""
    return [sentence for check in CHECKS for sentence in check()]


def _each_event() -> Iterator[tuple[Event, list[Slot]]]:
    for event in db.session.scalars(select(Event).order_by(Event.id)):
        yield event, queries.slots_of(event.id)


# ---- the schedule ----


def slots_do_not_overlap() -> Iterator[str]:
    """One thing at a time in a room."""
    for event, slots in _each_event():
        living = [(slot.room.name, slot) for slot in slots if not slot.is_cancelled]
        yield from (f"{event.slug}: {sentence}" for sentence in _overlaps(living))


def slots_lie_within_their_event() -> Iterator[str]:
    """Days, zone and day-change hour hold for every slot, and rooms are the event's own."""
    for event, slots in _each_event():
        rooms = {room.id for room in event.rooms}
        for slot in slots:
            if slot.starts_at < event.opens_at or slot.ends_at > event.closes_at:
                yield f"{event.slug}: {slot.title} ({slot.public_id}) lies outside the event."
            if slot.room_id not in rooms:
                yield f"{event.slug}: {slot.title} ({slot.public_id}) is in a room of another event."


def planned_times_are_sane() -> Iterator[str]:
    """A plan ends after it starts, and nothing lasts for ever."""
    for event, slots in _each_event():
        for slot in slots:
            if slot.planned_ends_at <= slot.planned_starts_at:
                yield f"{event.slug}: the plan of {slot.title} ({slot.public_id}) ends before it starts."
            if slot.ends_at - slot.starts_at > rules.LONGEST:
                yield f"{event.slug}: {slot.title} ({slot.public_id}) is longer than any slot may be."


def versions_are_whole() -> Iterator[str]:
    """Numbered from 1 without gaps; the newest is the event's; every one can be read, and the newest has no overlap."""
    for event in db.session.scalars(select(Event).order_by(Event.id)):
        found = select(ScheduleVersion.number).where(ScheduleVersion.event_id == event.id)
        numbers = list(db.session.scalars(found.order_by(ScheduleVersion.number)))
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{event.slug}: versions are not numbered 1 to {len(numbers)}."
        if (numbers[-1] if numbers else 0) != event.schedule_version:
            yield f"{event.slug}: says version {event.schedule_version}, the newest is {numbers[-1] if numbers else 0}."
        if not numbers:
            continue
        shown = _read(event.id, numbers[-1])
        if shown is None:
            yield f"{event.slug}: version {numbers[-1]} cannot be read."
            continue
        living = [(slot.room.name, slot) for slot in shown.slots if not slot.cancelled]
        yield from (f"{event.slug}: in version {numbers[-1]}, {sentence}" for sentence in _overlaps(living))


def live_events_have_no_draft() -> Iterator[str]:
    """In live mode each edit is public at once; nothing public is newer than what there is."""
    for event, slots in _each_event():
        if event.published_revision > event.revision:
            yield f"{event.slug}: revision {event.published_revision} is public, but only {event.revision} exist."
        if event.is_live and event.has_draft:
            yield f"{event.slug}: is live, but {queries.draft_edits(event)} edits are not public."
        if event.schedule_version and not event.has_draft:
            yield from _differences(event, slots)


def _differences(event: Event, slots: list[Slot]) -> Iterator[str]:
    """Without a draft, the newest version shows exactly the slots that there are."""
    shown = _read(event.id, event.schedule_version)
    if shown is None:
        return  # versions_are_whole says so
    there = snapshot.read(event.schedule_version, snapshot.content_of(event.rooms, slots))
    for slot_id in sorted(there.by_id.keys() | shown.by_id.keys()):
        if there.by_id.get(slot_id) != shown.by_id.get(slot_id):
            yield f"{event.slug}: slot {slot_id} is not as version {event.schedule_version} shows it."


def _read(event_id: int, number: int) -> Schedule | None:
    found = select(ScheduleVersion.content).where(
        ScheduleVersion.event_id == event_id, ScheduleVersion.number == number
    )
    content = db.session.scalar(found)
    try:
        return snapshot.read(number, content) if content is not None else None
    except (KeyError, TypeError, ValueError):
        return None


def _overlaps(living: Iterable[tuple[str, Placed]]) -> Iterator[str]:
    """Sentences about slots of one room that meet."""
    ordered = sorted(living, key=lambda pair: (pair[0], pair[1].starts_at))
    for room, group in groupby(ordered, key=lambda pair: pair[0]):
        for (_, earlier), (_, later) in pairwise(group):
            if later.starts_at < earlier.ends_at:
                yield f"{earlier.title} and {later.title} are in {room} at the same time."


# ---- people, roles, stars ----


def every_event_has_an_organizer() -> Iterator[str]:
    """Somebody can always change it."""
    held = select(RoleGrant.event_id).where(RoleGrant.role == "organizer")
    found = select(Event.slug).where(Event.id.not_in(held.where(RoleGrant.event_id.is_not(None)))).order_by(Event.slug)
    yield from (f"{slug}: nobody organizes it." for slug in db.session.scalars(found))


def every_studio_has_an_admin() -> Iterator[str]:
    """The same for studios."""
    held = select(RoleGrant.studio_id).where(RoleGrant.role == "studio_admin", RoleGrant.studio_id.is_not(None))
    found = select(Studio.slug).where(Studio.id.not_in(held)).order_by(Studio.slug)
    yield from (f"studio {slug}: nobody runs it." for slug in db.session.scalars(found))


def grants_are_consistent() -> Iterator[str]:
    """A role holds where it can: in an event, in a studio, or everywhere; and each once."""
    grants = list(db.session.scalars(select(RoleGrant).order_by(RoleGrant.id)))
    for grant in grants:
        wants_event, wants_studio = grant.role == "organizer", grant.role in {"teacher", "studio_admin"}
        if wants_event != (grant.event_id is not None) or wants_studio != (grant.studio_id is not None):
            yield f"grant {grant.id}: {grant.role} does not fit where it holds."
    held = Counter((grant.person_id, grant.role, grant.event_id, grant.studio_id) for grant in grants)
    twice = {key: count for key, count in held.items() if count > 1}
    yield from (f"person {key[0]}: holds {key[1]} {count} times in one place." for key, count in twice.items())


def stars_have_one_holder() -> Iterator[str]:
    """A person or a device, never both, never none, and both still exist."""
    for star in db.session.scalars(select(Star).where(Star.person_id.is_(None) == Star.device_id.is_(None))):
        yield f"star {star.id}: has {'no holder' if star.person_id is None else 'two holders'}."
    for column, model in ((Star.person_id, Person), (Star.device_id, Device), (Star.slot_id, Slot)):
        gone = select(func.count(Star.id)).where(column.is_not(None), column.not_in(select(model.id)))
        if count := db.session.scalar(gone):
            yield f"stars: {count} refer to a {model.__tablename__} that is gone."


def parts_name_somebody() -> Iterator[str]:
    """Who is on a slot has a name, also without an account."""
    nameless = select(func.count(SlotPerson.id)).where(func.trim(SlotPerson.name) == "")
    if count := db.session.scalar(nameless):
        yield f"slots: {count} people on them have no name."


# ---- what is owed ----


def outbox_moves() -> Iterator[str]:
    """Nothing was given up, and nothing waits for long."""
    for item in db.session.scalars(select(OutboxItem).where(OutboxItem.state == "dead").order_by(OutboxItem.id)):
        yield f"outbox: {item.kind} ({item.dedupe_key}) was given up: {item.last_error or 'no reason kept'}"
    late = select(OutboxItem).where(OutboxItem.state == "due", OutboxItem.due_at < clock.now() - WAITS_AT_MOST)
    for item in db.session.scalars(late.order_by(OutboxItem.id)):
        yield f"outbox: {item.kind} ({item.dedupe_key}) waits since {item.due_at:%Y-%m-%d %H:%M} UTC."


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    slots_do_not_overlap,
    slots_lie_within_their_event,
    planned_times_are_sane,
    versions_are_whole,
    live_events_have_no_draft,
    every_event_has_an_organizer,
    every_studio_has_an_admin,
    grants_are_consistent,
    stars_have_one_holder,
    parts_name_somebody,
    outbox_moves,
)
