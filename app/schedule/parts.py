"""Booked parts of slots: who confirmed a part is named by the public version, whatever else is still a draft.

Called by app.gigs inside its transaction and under the event's lock. Commits nothing and tells no phone: the caller
does, after the commit.
"""

from __future__ import annotations

import copy
from datetime import datetime

from sqlalchemy import select

from app.db import db
from app.events.models import Event
from app.people.models import Person
from app.schedule import live, snapshot
from app.schedule.actions.record import new_version
from app.schedule.models import BookedPart, ScheduleVersion, Slot

BY = "Bookings"


def name(
    event: Event, slot: Slot, booking: str, person: Person, role: str, starts_at: datetime, ends_at: datetime
) -> None:
    """Somebody confirmed from-to: named from the next public version on, which comes at once."""
    part = _part_of(booking)
    if part is None:
        part = BookedPart(booking=booking, late_minutes=0)
        db.session.add(part)
    part.slot, part.person, part.role, part.starts_at, part.ends_at = slot, person, role, starts_at, ends_at
    part.late_minutes = 0
    _out(event, slot, f"{person.name} confirmed")


def unname(event: Event, booking: str) -> None:
    """That person is not named any more. Nothing happens where nobody was."""
    part = _part_of(booking)
    if part is not None:
        slot, who = part.slot, part.person.name
        slot.booked.remove(part)
        _out(event, slot, f"{who} is asked again or does not come")


def _part_of(booking: str) -> BookedPart | None:
    return db.session.scalar(select(BookedPart).where(BookedPart.booking == booking))


def _out(event: Event, slot: Slot, note: str) -> None:
    """The next version. Where drafts wait for somebody to publish them, it is the last one with these names only."""
    live.owe(event)
    db.session.flush()
    db.session.expire(slot, ["booked"])
    if event.schedule_version == 0:
        return
    drafts = event.revision - event.published_revision
    event.revision += 1
    if event.is_live or not drafts:
        new_version(event, None, note, BY)
        return
    event.schedule_version += 1
    event.published_revision = event.revision - drafts
    db.session.add(
        ScheduleVersion(
            event_id=event.id, number=event.schedule_version, actor_name=BY, note=note,
            content=_with_names(_newest(event), slot),
        )
    )  # fmt: skip


def _newest(event: Event) -> dict[str, object]:
    found = select(ScheduleVersion.content).where(ScheduleVersion.event_id == event.id)
    return copy.deepcopy(db.session.scalars(found.order_by(ScheduleVersion.number.desc()).limit(1)).one())


def _with_names(content: dict[str, object], slot: Slot) -> dict[str, object]:
    """A version's content with the parts of one slot as they are now, at the slot's public times."""
    for state in content["slots"]:  # type: ignore[attr-defined]  # the shape is snapshot.content_of's
        if state["id"] == slot.public_id:
            typed = [part for part in state["people"] if len(part) == 3]
            state["people"] = snapshot.people_of(state | {"people": typed}, slot.booked)
    return content
