"""Telling people of an edit: the sentence becomes an announcement; a worker finds out who is to hear it.

`announce_change` is called inside the transaction of the edit itself (running late), `tell` afterwards (the tell page).
"""

from __future__ import annotations

from app import outbox
from app.db import transaction
from app.events import announcements
from app.events import live as events_live
from app.events import queries as events
from app.events.models import Announcement, Event
from app.lib import clock
from app.people.models import Person
from app.schedule import queries, rules


def announce_change(
    event: Event, slot_id: str, sentence: str, batch: str, actor: Person | None, *, audience: str = "starred",
    also: str = "",
) -> None:  # fmt: skip
    """Written in the caller's transaction. Whoever starred a slot that the batch changed hears it.

    `also` is what the same edit means for other slots.
    """
    announcements.promise(
        Announcement(
            event_id=event.id, author_id=actor.id if actor else None, author_name=actor.name if actor else "",
            title=sentence, body=also, slot_public_id=slot_id, batch=batch, audience=audience, post_at=clock.now(),
        )
    )  # fmt: skip


def tell(event_id: int, slot_id: str, sentence: str, batch: str, audience: str, actor: Person) -> None:
    """Of an edit that was made. Raises NothingToTell (taken back, or another slot's), ToldAlready."""
    with transaction():
        event = events.lock_event(event_id)
        rules.check_telling(
            queries.change_in_batch(event.id, batch, slot_id), is_told=queries.was_told(event.id, batch)
        )
        announce_change(event, slot_id, sentence, batch, actor, audience=audience)
        slug = event.slug
        events_live.owe(event)
    outbox.hint()
    events_live.announcements_changed(slug)
