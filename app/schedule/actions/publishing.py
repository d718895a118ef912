"""Versions and modes: publish the draft, go live, go back to planning, republish. Called by the maker and by jobs."""

from __future__ import annotations

from app.db import transaction
from app.events import queries as events
from app.people.models import Person
from app.schedule import live, rules
from app.schedule.actions.record import new_version, renew_plan


def publish(event_id: int, actor: Person | None, note: str = "") -> int:
    """Make the draft public as the next version. Plans are renewed: nothing is late. Raises NothingToPublish."""
    with transaction():
        event = events.lock_event(event_id)
        if not event.has_draft:
            raise rules.NothingToPublish("Nothing has changed since the last version.")
        renew_plan(event)
        new_version(event, actor, note)
        live.owe(event)
        number = event.schedule_version
    live.schedule_changed(event.slug, reshaped=True)
    return number


def republish(event_id: int) -> None:
    """In live mode: make public what changed without an edit of a slot, such as a room's name. Twice does no harm."""
    with transaction():
        event = events.lock_event(event_id)
        if event.is_live and event.has_draft:
            new_version(event, None, "Rooms or dates changed")
        live.owe(event)
        slug = event.slug
    live.schedule_changed(slug, reshaped=True)


def set_mode(event_id: int, mode: str, actor: Person | None) -> None:
    """To live: what is still a draft is published first, then each edit is public at once. To planning: edits wait."""
    with transaction():
        event = events.lock_event(event_id)
        if mode == "live" and event.has_draft:
            renew_plan(event)
            new_version(event, actor, "Live edits begin")
        event.schedule_mode = mode
        live.owe(event)
    live.schedule_changed(event.slug, reshaped=True)
