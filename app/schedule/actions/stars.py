"""Stars: somebody wants to be there, with or without an account. Called by the timeline and the demo."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from app.db import transaction
from app.events.models import Event
from app.people.holding import holder
from app.people.viewer import Viewer
from app.schedule import queries, rules
from app.schedule.models import Star
from app.waiting.actions import first_time
from app.waiting.taps import Tap


def star(
    viewer: Viewer, event: Event, slot_id: str, *, on: bool, device_token: str | None = None, tap: Tap | None = None
) -> None:
    """Star or un-star, for a person or a guest's device; asking twice changes nothing. Raises SlotCancelled.

    `device_token` is the secret of a device that is made with its first star, for a guest who has none yet.
    """
    event_id = event.id
    try:
        with transaction() as session:
            slot = queries.slot_of(event, slot_id)
            if not first_time(session, tap, viewer):
                return
            starred = slot_id in queries.stars_of(viewer, event_id)
            if on and not starred:
                rules.check_takes_place(queries.public_schedule(event).by_id.get(slot_id))
                session.add(Star(slot_id=slot.id, **holder(session, viewer, device_token)))
            elif not on and (statement := queries.unstar(viewer, slot.id)) is not None:
                session.execute(statement)
    except IntegrityError:
        return  # two taps at once: the other one made the star
