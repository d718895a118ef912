"""A dancer says "I'm here", or takes it back. Called by the event's pages; works offline (docs/offline.md)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.db import transaction
from app.events import queries, rules
from app.events.models import CheckIn, Event
from app.lib import clock
from app.people.holding import holder
from app.people.queries import held_by
from app.people.viewer import Viewer
from app.waiting.actions import first_time
from app.waiting.taps import Tap


def check_in(
    viewer: Viewer, event: Event, at: datetime, *, on: bool, device_token: str | None = None, tap: Tap | None = None
) -> None:
    """Be there on the dance day of that instant, or not; saying it twice changes nothing. Raises NotUnderWay.

    `at` is when it was tapped: a phone without network says on Sunday that somebody was there on Saturday.
    `device_token` is the secret of the device that a guest without one gets.
    """
    try:
        with transaction() as session:
            rules.check_under_way(event, at)
            if not first_time(session, tap, viewer):
                return
            day = clock.event_day(at, event.zone, event.day_change_hour)
            mine = held_by(CheckIn, viewer)
            if not on:
                if mine is not None:
                    session.execute(delete(CheckIn).where(CheckIn.event_id == event.id, CheckIn.day == day, mine))
            elif not queries.is_here(viewer, event.id, day):
                session.add(CheckIn(event_id=event.id, day=day, at=at, **holder(session, viewer, device_token)))
    except IntegrityError:
        return  # two taps at once: the other one said it
