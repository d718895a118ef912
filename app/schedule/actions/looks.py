"""Somebody looked at the schedule: from here on "since you last looked" counts. Called by the timeline's script."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from app.db import transaction
from app.events.models import Event
from app.lib import clock
from app.people.viewer import Viewer
from app.schedule import queries
from app.schedule.models import LastLook


def looked(viewer: Viewer, event: Event, version: int) -> None:
    """Remember the newest version that this viewer has seen; an older tab changes nothing. Guests need a device."""
    person_id = viewer.person.id if viewer.person else None
    device_id, event_id = viewer.device_id, event.id
    if person_id is None and device_id is None:
        return
    try:
        with transaction() as session:
            last = queries.last_look(viewer, event_id)
            if last is None:
                last = LastLook(event_id=event_id, version=0, looked_at=clock.now(), person_id=person_id)
                last.device_id = None if person_id else device_id
                session.add(last)
            if version >= last.version:
                last.version, last.looked_at = min(version, event.schedule_version), clock.now()
    except IntegrityError:
        return  # two tabs at once: the other one remembered it
