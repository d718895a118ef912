"""Bells: somebody wants to be told before it, not the same as wanting to be there. Called by the slot's page."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from app.db import transaction
from app.events.models import Event
from app.people.holding import holder
from app.people.viewer import Viewer
from app.schedule import queries, rules
from app.schedule.models import Bell
from app.waiting.actions import first_time
from app.waiting.taps import Tap


def bell(
    viewer: Viewer,
    event: Event,
    slot_id: str,
    *,
    on: bool,
    moment: str = "start",
    device_token: str | None = None,
    tap: Tap | None = None,
) -> None:
    """Set, change or take off a bell; asking twice changes nothing.

    `device_token` as in `star`. Raises SlotCancelled.
    """
    try:
        with transaction() as session:
            slot = queries.slot_of(event, slot_id)
            if not first_time(session, tap, viewer):
                return
            existing = queries.bell_of(viewer, slot.id)
            if not on:
                for each in queries.bells_of(viewer, slot.id):
                    session.delete(each)
            elif existing is not None:
                existing.moment = moment
            else:
                rules.check_takes_place(queries.public_schedule(event).by_id.get(slot_id))
                session.add(Bell(slot_id=slot.id, moment=moment, **holder(session, viewer, device_token)))
    except IntegrityError:
        return  # two taps at once: the other one made the bell
