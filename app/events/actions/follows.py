"""Following: somebody wants to hear about an event, with or without an account. Called by the event's page."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.db import transaction
from app.events import queries
from app.events.models import Event, Follow
from app.people.holding import holder
from app.people.queries import held_by
from app.people.viewer import Viewer


def follow(viewer: Viewer, event: Event, *, on: bool, device_token: str | None = None) -> None:
    """Follow or stop, for a person or a guest's device; asking twice changes nothing.

    `device_token` is the secret of a device that is made with its first follow, for a guest who has none yet.
    """
    event_id = event.id
    try:
        with transaction() as session:
            mine = held_by(Follow, viewer)
            if not on:
                if mine is not None:
                    session.execute(delete(Follow).where(Follow.event_id == event_id, mine))
            elif not queries.follows(viewer, event_id):
                session.add(Follow(event_id=event_id, **holder(session, viewer, device_token)))
    except IntegrityError:
        return  # two taps at once: the other one follows
