"""What organizers tell people: announce, change, pin, withdraw; what a worker notes: posted, told; and who saw it.

Called by the announcement center, the public pages (seen) and jobs/announcements.py. Sends nothing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import outbox
from app.db import db, transaction
from app.events import announcements, live, queries, rules
from app.events.models import Announcement, AnnouncementSeen, Event
from app.lib import clock
from app.people.models import Person
from app.people.viewer import Viewer

TWICE = timedelta(minutes=1)
PLAIN_FIELDS = ("title", "body", "is_urgent", "is_pinned")


def announce(event_id: int, values: Mapping[str, Any], actor: Person) -> str:
    """A new one, now or at `post_at`. Returns its public id. Raises SlotUnknown.

    The same words within a minute are one: a button pressed twice must not ring twice.
    """
    with transaction():
        event = queries.lock_event(event_id)
        same = queries.just_said(event.id, values, clock.now() - TWICE)
        if same is not None:
            return same.public_id
        made = Announcement(event_id=event.id, author_id=actor.id, author_name=actor.name)
        _fill(made, values)
        _aim(event, made, values)
        announcements.promise(made)
        live.owe(event)
        public_id, slug = made.public_id, event.slug
    outbox.hint()
    live.announcements_changed(slug)
    return public_id


def change_announcement(announcement_id: int, values: Mapping[str, Any]) -> None:
    """Other words; before it is posted also another time and audience. Told again only where `again` asks for it.

    Raises AnnouncementGone, SlotUnknown.
    """
    with transaction():
        announcement = queries.lock_announcement(announcement_id)
        rules.check_not_withdrawn(announcement)
        event = queries.lock_event(announcement.event_id)
        if announcement.posted_at is None:
            _fill(announcement, values)
            _aim(event, announcement, values)
            announcements.promise(announcement)
        else:
            before = (announcement.title, announcement.body)
            _fill(announcement, values)
            if before != (announcement.title, announcement.body):
                announcement.edited_at = clock.now()
            if values.get("again"):
                announcement.rounds = announcement.told_rounds + 1
                announcements.promise(announcement)
        slug = event.slug
        live.owe(event)
    outbox.hint()
    live.announcements_changed(slug)


def withdraw(announcement_id: int) -> None:
    """It disappears everywhere; notices stay and say so; what was not sent yet never is. Twice is once."""
    with transaction():
        announcement = queries.lock_announcement(announcement_id)
        event = queries.event_of(announcement)
        slug = event.slug
        live.owe(event)
        announcement.withdrawn_at = announcement.withdrawn_at or clock.now()
        announcement.is_pinned = False
        announcements.call_back(announcement)
    live.announcements_changed(slug)


def pin(announcement_id: int, *, on: bool) -> None:
    """Pinned, it stays on top until something newer is posted or it is unpinned. Raises AnnouncementGone."""
    with transaction():
        announcement = queries.lock_announcement(announcement_id)
        rules.check_not_withdrawn(announcement)
        announcement.is_pinned = on
        event = queries.event_of(announcement)
        slug = event.slug
        live.owe(event)
    live.announcements_changed(slug)


def post(announcement_id: int) -> Announcement | None:
    """Called by a worker when it may be due: mark it posted, once. None when it is not due, withdrawn or gone."""
    with transaction():
        announcement = queries.find_announcement(announcement_id, lock=True)
        if announcement is None or announcement.withdrawn_at or announcement.post_at > clock.now():
            return None
        announcement.posted_at = announcement.posted_at or clock.now()
        live.owe(queries.event_of(announcement))
    return announcement


def note_told(announcement_id: int, rounds: int) -> None:
    """Everybody of this round was told: a late promise of the same round tells nobody any more."""
    with transaction():
        announcement = queries.find_announcement(announcement_id, lock=True)
        if announcement is not None:
            announcement.told_rounds = max(announcement.told_rounds, rounds)
            if announcement.withdrawn_at:  # withdrawn while it was being told
                announcements.call_back(announcement)


def note_seen(viewer: Viewer, event: Event, public_ids: Collection[str]) -> None:
    """Somebody had these on the screen. Counted once per person or device; passers-by leave no trace."""
    holder = {"person_id": viewer.person.id} if viewer.person else {"device_id": viewer.device_id}
    if not any(holder.values()):
        return
    try:
        with transaction() as session:
            for announcement_id in queries.unseen_announcements(viewer, event.id, public_ids):
                session.add(AnnouncementSeen(announcement_id=announcement_id, **holder))
    except IntegrityError:
        return  # two tabs at once: the other one counted


def _fill(announcement: Announcement, values: Mapping[str, Any]) -> None:
    for name in PLAIN_FIELDS:
        setattr(announcement, name, values[name])


def _aim(event: Event, announcement: Announcement, values: Mapping[str, Any]) -> None:
    """Whom it goes to and when. An announcement of a change keeps its slot and edit."""
    slot_id = announcement.slot_public_id if announcement.is_change else values["slot"]
    if slot_id:
        rules.check_slot_known(slot_id, {slot.public_id for slot in queries.slot_lines(event.id)})
    announcement.audience = values["audience"]
    announcement.slot_public_id = slot_id
    at: datetime | None = values["post_at"]
    announcement.post_at = at or clock.now()
    db.session.add(announcement)
