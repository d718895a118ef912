"""Named reads of the schedule. The public reads versions; organizers read the slots themselves. No writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import abort
from sqlalchemy import delete, func, literal, select
from sqlalchemy.orm import joinedload, selectinload

from app.db import db
from app.events.models import Announcement, Event
from app.notify.models import NotifySettings
from app.people.models import Device
from app.people.queries import held_by
from app.people.viewer import Viewer
from app.schedule import snapshot
from app.schedule.alerts import LEAD_MINUTES, Wish
from app.schedule.models import Bell, BookedPart, LastLook, ScheduleVersion, Slot, SlotChange, SlotPerson, Star

if TYPE_CHECKING:
    from sqlalchemy import Delete


def slots_of(event_id: int) -> list[Slot]:
    """All slots of an event with room and people, in order of time."""
    found = (
        select(Slot)
        .options(
            joinedload(Slot.room),
            selectinload(Slot.people).joinedload(SlotPerson.person),
            selectinload(Slot.booked).joinedload(BookedPart.person),
        )
        .where(Slot.event_id == event_id)
        .order_by(Slot.starts_at, Slot.id)
    )
    return list(db.session.scalars(found))


def slot_of(event: Event, public_id: str) -> Slot:
    """One slot of this event, by its public id. Not there: 404."""
    found = (
        select(Slot).options(selectinload(Slot.people)).where(Slot.event_id == event.id, Slot.public_id == public_id)
    )
    slot: Slot = db.session.scalar(found) or abort(404)
    return slot


def find_slot(event_id: int, public_id: str) -> Slot | None:
    return db.session.scalar(select(Slot).where(Slot.event_id == event_id, Slot.public_id == public_id))


def public_schedule(event: Event) -> snapshot.Schedule:
    """What everybody sees: the newest published version. Parsed once per process: versions never change."""
    if event.schedule_version == 0:
        return snapshot.EMPTY
    return _version(event.id, event.public_id, event.schedule_version)


@lru_cache(maxsize=64)
def _version(event_id: int, _public_id: str, number: int) -> snapshot.Schedule:
    # the random public id is part of the key so that a reset database cannot be answered from an old one's cache
    found = select(ScheduleVersion.content).where(
        ScheduleVersion.event_id == event_id, ScheduleVersion.number == number
    )
    return snapshot.read(number, db.session.scalars(found).one())


def version_of(event: Event, number: int) -> snapshot.Schedule:
    """An earlier public version; the empty one for a number that never was."""
    if not 1 <= number <= event.schedule_version:
        return snapshot.EMPTY
    return _version(event.id, event.public_id, number)


def versions_of(event: Event, newest: int, limit: int) -> list[ScheduleVersion]:
    """Versions from `newest` downwards, newest first, with their content: for the public list of changes."""
    found = select(ScheduleVersion).where(ScheduleVersion.event_id == event.id, ScheduleVersion.number <= newest)
    return list(db.session.scalars(found.order_by(ScheduleVersion.number.desc()).limit(limit)))


def last_look(viewer: Viewer, event_id: int) -> LastLook | None:
    """What this viewer saw last of an event: the newest, when several devices were claimed."""
    holder = held_by(LastLook, viewer)
    if holder is None:
        return None
    found = select(LastLook).where(LastLook.event_id == event_id, holder)
    return db.session.scalar(found.order_by(LastLook.version.desc()).limit(1))


def published_at(event: Event) -> datetime:
    """When the newest version came out; when the event was made, where there is none yet."""
    found = select(ScheduleVersion.created_at).where(
        ScheduleVersion.event_id == event.id, ScheduleVersion.number == event.schedule_version
    )
    return db.session.scalar(found) or event.created_at


def changes_of(event_id: int, limit: int = 50, before_id: int | None = None) -> list[SlotChange]:
    """The log, newest first."""
    found = select(SlotChange).where(SlotChange.event_id == event_id)
    if before_id is not None:
        found = found.where(SlotChange.id < before_id)
    return list(db.session.scalars(found.order_by(SlotChange.id.desc()).limit(limit)))


def changes_of_batch(event_id: int, batch: str) -> list[SlotChange]:
    """The edits of one tap, newest first: the order in which they are undone."""
    found = select(SlotChange).where(SlotChange.event_id == event_id, SlotChange.batch == batch)
    return list(db.session.scalars(found.order_by(SlotChange.id.desc())))


def last_undoable(event_id: int) -> SlotChange | None:
    """The newest edit that was not taken back and is no undo itself."""
    found = select(SlotChange).where(
        SlotChange.event_id == event_id, SlotChange.undone_at.is_(None), SlotChange.verb != "undone"
    )
    return db.session.scalar(found.order_by(SlotChange.id.desc()).limit(1))


def last_change_of_slot(event_id: int, slot_public_id: str) -> SlotChange | None:
    found = select(SlotChange).where(SlotChange.event_id == event_id, SlotChange.slot_public_id == slot_public_id)
    return db.session.scalar(found.order_by(SlotChange.id.desc()).limit(1))


def change_in_batch(event_id: int, batch: str, slot_public_id: str) -> SlotChange | None:
    """What one tap did to one slot."""
    found = select(SlotChange).where(
        SlotChange.event_id == event_id, SlotChange.batch == batch, SlotChange.slot_public_id == slot_public_id
    )
    return db.session.scalar(found.order_by(SlotChange.id.desc()).limit(1))


def last_standing_change(event_id: int, slot_public_id: str) -> SlotChange | None:
    """The newest edit of a slot that was not taken back: what one tells of. An undo is one as well."""
    found = select(SlotChange).where(
        SlotChange.event_id == event_id, SlotChange.slot_public_id == slot_public_id, SlotChange.undone_at.is_(None)
    )
    return db.session.scalar(found.order_by(SlotChange.id.desc()).limit(1))


def was_told(event_id: int, batch: str) -> bool:
    """Whether an announcement tells of this edit."""
    found = select(Announcement.id).where(
        Announcement.event_id == event_id, Announcement.batch == batch, Announcement.withdrawn_at.is_(None)
    )
    return db.session.scalar(found.limit(1)) is not None


def was_public(event_id: int, slot_public_id: str) -> bool:
    """Whether any published version may have shown this slot: it existed when one was published."""
    first_seen = select(func.min(SlotChange.created_at)).where(
        SlotChange.event_id == event_id, SlotChange.slot_public_id == slot_public_id
    )
    newest = select(func.max(ScheduleVersion.created_at)).where(ScheduleVersion.event_id == event_id)
    born, published = db.session.scalar(first_seen), db.session.scalar(newest)
    return born is not None and published is not None and published >= born


def draft_edits(event: Event) -> int:
    """How many edits the public does not see yet."""
    return event.revision - event.published_revision


def stars_of(viewer: Viewer, event_id: int) -> set[str]:
    """Public ids of the event's slots that this viewer starred."""
    holder = held_by(Star, viewer)
    if holder is None:
        return set()
    found = select(Slot.public_id).join(Star, Star.slot_id == Slot.id).where(Slot.event_id == event_id, holder)
    return set(db.session.scalars(found))


def stars_by_event(viewer: Viewer) -> dict[int, set[str]]:
    """All stars of this viewer: event id to public ids of slots."""
    holder = held_by(Star, viewer)
    if holder is None:
        return {}
    found: dict[int, set[str]] = {}
    for event_id, slot_id in db.session.execute(select(Slot.event_id, Slot.public_id).join(Star).where(holder)):
        found.setdefault(event_id, set()).add(slot_id)
    return found


def unstar(viewer: Viewer, slot_id: int) -> Delete | None:
    """The statement that takes a viewer's star off a slot, for the action to execute."""
    holder = held_by(Star, viewer)
    return None if holder is None else delete(Star).where(Star.slot_id == slot_id, holder)


def star_count(slot_id: int) -> int:
    """How many people starred a slot; somebody with two claimed devices counts once."""
    holder = func.coalesce(Star.person_id, Device.person_id, -Star.device_id)
    found = select(func.count(func.distinct(holder))).outerjoin(Device, Device.id == Star.device_id)
    return db.session.scalar(found.where(Star.slot_id == slot_id)) or 0


def lead_minutes(person_id: int) -> int | None:
    """How long before a slot this person wants to be told; None where nothing was chosen."""
    return db.session.scalar(select(NotifySettings.lead_minutes).where(NotifySettings.person_id == person_id))


def starred_events(viewer: Viewer) -> list[Event]:
    """Events in which this viewer starred something, the soonest first."""
    holder = held_by(Star, viewer)
    if holder is None:
        return []
    ids = select(Slot.event_id).join(Star, Star.slot_id == Slot.id).where(holder)
    found = select(Event).where(Event.id.in_(ids), Event.published_at.is_not(None))
    return list(db.session.scalars(found.order_by(Event.ends_on.desc())))


def slots_with(person_id: int, roles: Iterable[str]) -> list[Slot]:
    """Slots of published events on which this person is named in one of these roles, in order of time."""
    found = (
        select(Slot)
        .join(SlotPerson, SlotPerson.slot_id == Slot.id)
        .join(Event, Event.id == Slot.event_id)
        .options(joinedload(Slot.room), joinedload(Slot.event))
        .where(SlotPerson.person_id == person_id, SlotPerson.role.in_(tuple(roles)), Event.published_at.is_not(None))
        .order_by(Slot.starts_at)
    )
    return list(db.session.scalars(found).unique())


def bells_of(viewer: Viewer, slot_id: int) -> list[Bell]:
    """The viewer's bells on a slot: one, or several when devices were claimed."""
    holder = held_by(Bell, viewer)
    if holder is None:
        return []
    return list(db.session.scalars(select(Bell).where(Bell.slot_id == slot_id, holder).order_by(Bell.id.desc())))


def bell_of(viewer: Viewer, slot_id: int) -> Bell | None:
    """The viewer's newest bell on a slot."""
    return next(iter(bells_of(viewer, slot_id)), None)


def wishes_for(event_id: int, slot_ids: Iterable[str]) -> list[Wish]:
    """Who wants to be told before these slots (public ids), by star or bell; claimed devices count for their person.

    A person's lead comes from the notice settings, a guest's is the default.
    """
    wanted = tuple(slot_ids)
    return [*_wishes(Star, literal("start"), event_id, wanted), *_wishes(Bell, Bell.moment, event_id, wanted)]


def _wishes(model: type[Star | Bell], moment: Any, event_id: int, slot_ids: tuple[str, ...]) -> list[Wish]:
    person = func.coalesce(model.person_id, Device.person_id)
    found = (
        select(Slot.public_id, moment, NotifySettings.lead_minutes, person, model.device_id)
        .join(Slot, Slot.id == model.slot_id)
        .outerjoin(Device, Device.id == model.device_id)
        .outerjoin(NotifySettings, NotifySettings.person_id == person)
        .where(Slot.event_id == event_id, Slot.public_id.in_(slot_ids))
    )
    return [
        Wish(slot_id, moment, lead or LEAD_MINUTES, person_id, None if person_id else device_id)
        for slot_id, moment, lead, person_id, device_id in db.session.execute(found)
    ]
