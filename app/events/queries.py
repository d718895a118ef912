"""Named reads of events, always through the viewer. No writes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import abort
from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from app.db import db
from app.events.models import Event, Room
from app.lib import clock
from app.people.models import RoleGrant
from app.people.viewer import Viewer


def event_for(viewer: Viewer, slug: str) -> Event:
    """A published event, or a hidden one to its organizers. Anybody else: 404."""
    event = event_by_slug(slug)
    if event is None or not (event.is_published or viewer.organizes(event)):
        abort(404)
    return event


def event_organized_by(viewer: Viewer, slug: str) -> Event:
    """An event of this organizer. Not yours: 404."""
    event = event_by_slug(slug)
    if event is None or not viewer.organizes(event):
        abort(404)
    return event


def event_by_slug(slug: str) -> Event | None:
    """The event of that slug, with its rooms."""
    return db.session.scalar(select(Event).options(selectinload(Event.rooms)).where(Event.slug == slug))


def lock_event(event_id: int) -> Event:
    """The event under a row lock: edits of one schedule happen one after the other."""
    return db.session.scalars(select(Event).where(Event.id == event_id).with_for_update()).one()


def slug_taken(slug: str, *, but: int | None = None) -> bool:
    """Whether another event has this slug."""
    found = select(Event.id).where(Event.slug == slug)
    return db.session.scalar(found if but is None else found.where(Event.id != but)) is not None


def upcoming(today: date, limit: int = 20) -> list[Event]:
    """Published events that are not over, the soonest first."""
    found = select(Event).where(Event.published_at.is_not(None), Event.ends_on >= today - timedelta(days=1))
    return list(db.session.scalars(found.order_by(Event.starts_on, Event.id).limit(limit)))


def under_way() -> list[Event]:
    """Published events whose days are on or near: their now banner moves. By day, with room for any zone."""
    today = clock.now().date()
    found = select(Event).where(
        Event.published_at.is_not(None),
        Event.starts_on <= today + timedelta(days=2),
        Event.ends_on >= today - timedelta(days=2),
    )
    return list(db.session.scalars(found.order_by(Event.id)))


def events_organized(person_id: int) -> list[Event]:
    """Events this person organizes, those under way and next first."""
    found = select(Event).join(RoleGrant, RoleGrant.event_id == Event.id)
    found = found.where(RoleGrant.person_id == person_id, RoleGrant.role == "organizer")
    return list(db.session.scalars(found.order_by(Event.ends_on.desc(), Event.id)))


def all_events(text: str = "", limit: int = 50, offset: int = 0) -> list[Event]:
    """Every event, newest first; for the platform owner and the command line."""
    found = select(Event).order_by(Event.starts_on.desc(), Event.id.desc()).limit(limit).offset(offset)
    if text:
        found = found.where(or_(Event.name.ilike(f"%{text}%"), Event.slug.ilike(f"%{text}%")))
    return list(db.session.scalars(found))


def room_of(event: Event, public_id: str) -> Room | None:
    """One of the event's rooms."""
    return next((room for room in event.rooms if room.public_id == public_id), None)


def slot_spans(event_id: int) -> list[tuple[str, datetime, datetime]]:
    """(title, start, end) of the event's slots. The table belongs to the floor above, so it is named, not imported."""
    slot = Event.metadata.tables["slot"]
    found = select(slot.c.title, slot.c.starts_at, slot.c.ends_at).where(slot.c.event_id == event_id)
    return [(row.title, row.starts_at, row.ends_at) for row in db.session.execute(found)]


def slots_in(room_id: int) -> int:
    """How many slots a room holds."""
    slot = Event.metadata.tables["slot"]
    return db.session.scalar(select(func.count()).select_from(slot).where(slot.c.room_id == room_id)) or 0
