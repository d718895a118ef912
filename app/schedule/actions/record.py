"""What every edit writes beside the slot: the log line, the event's revision and, in live mode, the next version.

Called by the other modules of this package and by app.interchange, inside their transaction. Commits nothing itself.
"""

from __future__ import annotations

from app.db import db
from app.events import queries as events
from app.events.models import Event, Room
from app.people.models import Person
from app.schedule import live, queries, rules, snapshot
from app.schedule.models import ScheduleVersion, SlotChange
from app.schedule.snapshot import State

BY_MACHINE = "The command line"


def log_edit(
    event: Event, slot_id: str, batch: str, verb: str, actor: Person | None, before: State | None, after: State | None
) -> None:
    db.session.add(
        SlotChange(
            event_id=event.id, slot_public_id=slot_id, batch=batch, verb=verb, before=before, after=after,
            actor_id=actor.id if actor else None, actor_name=actor.name if actor else BY_MACHINE,
            version=event.schedule_version + (1 if event.is_live else 0),
        )
    )  # fmt: skip


def after_edit(event: Event, actor: Person | None) -> None:
    event.revision += 1
    live.owe(event)
    if event.is_live:
        new_version(event, actor, "")


def new_version(event: Event, actor: Person | None, note: str, by: str = BY_MACHINE) -> None:
    db.session.flush()
    event.schedule_version += 1
    event.published_revision = event.revision
    content = snapshot.content_of(event.rooms, queries.slots_of(event.id))
    db.session.add(
        ScheduleVersion(
            event_id=event.id, number=event.schedule_version, content=content, note=note,
            actor_name=actor.name if actor else by,
        )
    )  # fmt: skip


def renew_plan(event: Event) -> None:
    for slot in queries.slots_of(event.id):
        slot.planned_starts_at, slot.planned_ends_at = slot.starts_at, slot.ends_at


def room_of(event: Event, public_id: str) -> Room:
    room = events.room_of(event, public_id)
    if room is None:
        raise rules.RoomTaken("That room is not there any more. Choose another one.")
    return room


def room_names(event: Event) -> dict[str, str]:
    return {room.public_id: room.name for room in event.rooms}
