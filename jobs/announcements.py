"""Posting announcements and the word that registration opens, when they are due; banners that end; progress shown.

Called by jobs.outbox and the clock. Each decides from the rows as they are now and may run twice: what is told is told
once, by the key of its message. A kill between posting and telling is made good by the next attempt.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from app.events import actions, announcements, audience, live, queries
from app.events.models import Announcement, Event
from app.lib import clock
from app.notify import actions as notify
from app.notify.messages import Message
from app.schedule import queries as schedule
from app.schedule import telling

WATCHED = live.FRESH + timedelta(minutes=30)


def post(subject: dict[str, Any], _key: str) -> None:
    """It stands on every page, then those whom it is for are told."""
    found = actions.post(subject["announcement_id"])
    if found is None:
        return
    event = queries.event_of(found)
    live.announcements_changed(event.slug)
    if found.told_rounds >= found.rounds:
        return  # an older promise of the same announcement: it was moved, and is told already
    announcement_id, rounds = found.id, found.rounds
    notify.tell(_message(found, event), audience.holders(found))
    actions.note_told(announcement_id, rounds)


def open_registration(subject: dict[str, Any], _key: str) -> None:
    """Followers hear it once, whatever happens to the date: an older date's promise lapses, the message has one key."""
    event = queries.events_with([subject["event_id"]]).get(subject["event_id"])
    if event is None or not event.is_published or event.closes_at <= clock.now():
        return
    if event.registration_opens_at == datetime.fromisoformat(subject["opens_at"]):
        notify.tell(announcements.registration_message(event), audience.followers(event.id))


def turn_banners() -> None:
    """What stood on top for six hours leaves. Unchanged html is not sent again."""
    for event, _ in _watched():
        live.turn_banner(event)


def show_progress() -> None:
    """How many were reached and how many saw it, on the organizers' open pages."""
    for event, news in _watched():
        live.show_progress(event, news)


def _watched() -> Iterable[tuple[Event, list[Announcement]]]:
    found = queries.posted_since(clock.now() - WATCHED)
    events = queries.events_with({announcement.event_id for announcement in found})
    for event_id, news in groupby(found, key=lambda announcement: announcement.event_id):
        yield events[event_id], list(news)


def _message(found: Announcement, event: Event) -> Message:
    """A change leads with what it means for the slot, as its edit says, and is of no use once the slot is over."""
    if not found.is_change or found.slot_public_id is None:
        return announcements.message_of(found, event)
    change = schedule.change_in_batch(event.id, found.batch or "", found.slot_public_id)
    slot = schedule.find_slot(event.id, found.slot_public_id)
    rooms = {room.public_id: room.name for room in event.rooms}
    headline = telling.headline(change.before, change.after, event.zone, rooms) if change else ""
    until = max(slot.ends_at, clock.now() + timedelta(hours=1)) if slot else None
    return announcements.message_of(found, event, headline, until)
