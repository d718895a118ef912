"""Named reads of events, always through the viewer. No writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import abort
from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from app.db import db
from app.events.models import Announcement, AnnouncementSeen, CheckIn, Event, Follow, Room
from app.lib import clock
from app.people.models import Device, RoleGrant
from app.people.queries import held_by
from app.people.viewer import Viewer

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ColumnElement


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


def open_to(viewer: Viewer, slug: str, *, team_only: bool = False) -> bool:
    """Whether an event exists for this viewer: published, or theirs. Two columns, for the door of every socket."""
    found = db.session.execute(select(Event.id, Event.published_at).where(Event.slug == slug)).one_or_none()
    if found is None:
        return False
    return (found.published_at is not None and not team_only) or viewer.organizes_id(found.id)


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


def published_slugs(limit: int) -> list[str]:
    """The slugs of events that have a public page, newest first."""
    found = select(Event.slug).where(Event.published_at.is_not(None))
    return list(db.session.scalars(found.order_by(Event.starts_on.desc(), Event.id.desc()).limit(limit)))


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


# ---- announcements ----


@dataclass(frozen=True, slots=True)
class SlotLine:
    """A slot as a list to choose from shows it."""

    public_id: str
    title: str
    starts_at: datetime


def slot_lines(event_id: int) -> list[SlotLine]:
    """The event's slots that take place, in order of time."""
    slot = Event.metadata.tables["slot"]
    found = select(slot.c.public_id, slot.c.title, slot.c.starts_at).where(
        slot.c.event_id == event_id, slot.c.cancelled_at.is_(None)
    )
    return [SlotLine(*row) for row in db.session.execute(found.order_by(slot.c.starts_at, slot.c.id))]


def announcement_of(event: Event, public_id: str) -> Announcement:
    """One of this event's, in any state. Not there: 404."""
    found = select(Announcement).where(Announcement.event_id == event.id, Announcement.public_id == public_id)
    announcement: Announcement = db.session.scalar(found) or abort(404)
    return announcement


def announcements_of(event_id: int, limit: int = 100) -> list[Announcement]:
    """All of an event, those to come first, then the newest."""
    found = select(Announcement).where(Announcement.event_id == event_id)
    return list(db.session.scalars(found.order_by(Announcement.post_at.desc(), Announcement.id.desc()).limit(limit)))


def just_said(event_id: int, values: Mapping[str, Any], since: datetime) -> Announcement | None:
    """One with exactly these words for these people that was written since then and stands."""
    found = select(Announcement).where(
        Announcement.event_id == event_id, Announcement.title == values["title"], Announcement.body == values["body"],
        Announcement.audience == values["audience"], Announcement.slot_public_id.is_not_distinct_from(values["slot"]),
        Announcement.created_at >= since, Announcement.withdrawn_at.is_(None),
    )  # fmt: skip
    return db.session.scalar(found.limit(1))


def find_announcement(announcement_id: int, *, lock: bool = False) -> Announcement | None:
    found = select(Announcement).where(Announcement.id == announcement_id)
    return db.session.scalar(found.with_for_update() if lock else found)


def lock_announcement(announcement_id: int) -> Announcement:
    """One under a row lock: editing, withdrawing and posting follow one another."""
    return db.session.scalars(select(Announcement).where(Announcement.id == announcement_id).with_for_update()).one()


def event_of(announcement: Announcement) -> Event:
    return db.session.scalars(select(Event).where(Event.id == announcement.event_id)).one()


def banner(event_id: int, since: datetime) -> Announcement | None:
    """What stands on top: the newest that is pinned or was posted since then."""
    found = select(Announcement).where(
        *_standing(event_id), or_(Announcement.is_pinned, Announcement.posted_at >= since)
    )
    return db.session.scalar(found.order_by(Announcement.posted_at.desc(), Announcement.id.desc()).limit(1))


def last_posted(event_id: int, limit: int) -> list[Announcement]:
    """What everybody may read, newest first."""
    found = select(Announcement).where(*_standing(event_id))
    return list(db.session.scalars(found.order_by(Announcement.posted_at.desc(), Announcement.id.desc()).limit(limit)))


def posted_since(since: datetime) -> list[Announcement]:
    """Of all events: what was posted or told again since then, for progress and for banners that end."""
    found = select(Announcement).where(or_(Announcement.posted_at >= since, Announcement.edited_at >= since))
    return list(db.session.scalars(found.order_by(Announcement.event_id, Announcement.id)))


def events_with(ids: Collection[int]) -> dict[int, Event]:
    return {event.id: event for event in db.session.scalars(select(Event).where(Event.id.in_(ids)))}


def unseen_announcements(viewer: Viewer, event_id: int, public_ids: Collection[str]) -> list[int]:
    """Ids of those standing among the named that this viewer has not had on the screen yet."""
    mine = held_by(AnnouncementSeen, viewer)
    if mine is None:
        return []
    seen = select(AnnouncementSeen.announcement_id).where(mine)
    found = select(Announcement.id).where(
        *_standing(event_id), Announcement.public_id.in_(public_ids), Announcement.id.not_in(seen)
    )
    return list(db.session.scalars(found))


def seen_count(announcement_id: int) -> int:
    """How many people saw it; somebody with two claimed devices counts once."""
    return seen_counts([announcement_id]).get(announcement_id, 0)


def seen_counts(announcement_ids: Collection[int]) -> dict[int, int]:
    """The same for several, in one query; those that nobody saw are left out."""
    holder = func.coalesce(AnnouncementSeen.person_id, Device.person_id, -AnnouncementSeen.device_id)
    found = (
        select(AnnouncementSeen.announcement_id, func.count(func.distinct(holder)))
        .outerjoin(Device, Device.id == AnnouncementSeen.device_id)
        .where(AnnouncementSeen.announcement_id.in_(announcement_ids))
        .group_by(AnnouncementSeen.announcement_id)
    )
    return {row[0]: row[1] for row in db.session.execute(found)}


def _standing(event_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Announcement.event_id == event_id, Announcement.posted_at.is_not(None), Announcement.withdrawn_at.is_(None),
    )  # fmt: skip


# ---- follows ----


def follows(viewer: Viewer, event_id: int) -> bool:
    """Whether this viewer follows the event."""
    mine = held_by(Follow, viewer)
    return (
        mine is not None and db.session.scalar(select(Follow.id).where(Follow.event_id == event_id, mine)) is not None
    )


def followed_events(viewer: Viewer) -> list[Event]:
    """Published events that this viewer follows, the soonest first."""
    mine = held_by(Follow, viewer)
    if mine is None:
        return []
    ids = select(Follow.event_id).where(mine)
    found = select(Event).where(Event.id.in_(ids), Event.published_at.is_not(None))
    return list(db.session.scalars(found.order_by(Event.starts_on, Event.id)))


# ---- who is here ----


def is_here(viewer: Viewer, event_id: int, day: date) -> bool:
    """Whether this viewer said so on that dance day."""
    mine = held_by(CheckIn, viewer)
    found = select(CheckIn.id).where(CheckIn.event_id == event_id, CheckIn.day == day)
    return mine is not None and db.session.scalar(found.where(mine)) is not None


def here_count(event_id: int, day: date) -> int:
    """How many said so; somebody with two claimed devices counts once."""
    holder = func.coalesce(CheckIn.person_id, Device.person_id, -CheckIn.device_id)
    found = select(func.count(func.distinct(holder))).outerjoin(Device, Device.id == CheckIn.device_id)
    return db.session.scalar(found.where(CheckIn.event_id == event_id, CheckIn.day == day)) or 0
