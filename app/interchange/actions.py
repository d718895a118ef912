"""Imports a schedule, whole or not at all: one transaction, one batch that the maker's undo takes back.

Called by routes and commands with a Source read outside of the transaction; the plan is made anew under the lock.
Rooms that an import made, and days that it added, stay when it is undone: they harm nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import outbox
from app.db import db, transaction
from app.events import queries as events
from app.events import rules as event_rules
from app.events.forms import ROOMS_MAX
from app.events.models import Event, Room
from app.interchange import plan as planning
from app.interchange import rules
from app.interchange.items import Frame, Source
from app.interchange.plan import Choices, Fate, Plan
from app.lib import clock, tokens
from app.lib.text import fold
from app.people.models import Person, RoleGrant
from app.schedule import live, queries, snapshot
from app.schedule.actions.record import after_edit, log_edit
from app.schedule.models import Slot


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `batch` undoes it; "" when nothing changed."""

    slug: str
    sentence: str
    batch: str
    plan: Plan


def import_into(
    event_id: int, source: Source, choices: Choices, actor: Person | None, expected_revision: int | None = None
) -> Imported:
    """Bring a file's slots into an event. Raises Refused, PreviewIsOld."""
    batch = tokens.public_id()
    with transaction():
        event = events.lock_event(event_id)
        rules.check_fresh(source.frame, frame_of(event), event.revision, expected_revision)
        plan = planning.make(source, event, queries.slots_of(event.id), choices)
        rules.check(plan)
        _apply(event, plan, batch, actor)
        done = Imported(event.slug, rules.sentence(plan), batch if plan.changes_anything else "", plan)
    if done.batch:
        outbox.hint()
        live.schedule_changed(done.slug, reshaped=True)
    return done


def import_as_event(
    values: Mapping[str, Any], source: Source, choices: Choices, actor: Person | None, organizer: Person | None
) -> Imported:
    """A new hidden event made of a file. `values`: name, slug, zone, day_change_hour. Raises Refused, SlugTaken."""
    batch, slug = tokens.public_id(), str(values["slug"])
    try:
        with transaction() as session:
            event_rules.check_slug(slug, taken=events.slug_taken(slug))
            plan = planning.make(source, None, [], choices)
            rules.check(plan)
            event = Event(**values, **source.about, starts_on=plan.starts_on, ends_on=plan.ends_on, revision=0)
            session.add(event)
            session.flush()
            if organizer is not None:
                grant = RoleGrant(
                    person_id=organizer.id, role="organizer", event_id=event.id, granted_by_id=organizer.id
                )
                session.add(grant)
            _apply(event, plan, batch, actor)
            done = Imported(slug, rules.sentence(plan), batch, plan)
    except IntegrityError as error:
        if "slug" not in str(error.orig):
            raise
        event_rules.check_slug(slug, taken=True)
        raise
    return done


def frame_of(event: Event) -> Frame:
    """What an event decides where a file leaves it open."""
    return Frame(event.zone, event.day_change_hour, tuple(event.days), tuple(room.name for room in event.rooms))


def _apply(event: Event, plan: Plan, batch: str, actor: Person | None) -> None:
    if plan.widens and plan.starts_on and plan.ends_on:
        event.starts_on, event.ends_on = plan.starts_on, plan.ends_on
    rooms = _rooms(event, plan)
    edits = [(fate, fate.slot and snapshot.state_of(fate.slot)) for fate in plan.fates]
    touched = [(fate, before, _write(event, fate, rooms)) for fate, before in edits if fate.verb != "cancelled"]
    cancelled = [(slot, snapshot.state_of(slot)) for slot in plan.gone] if plan.choices.cancel_gone else []
    for slot, _ in cancelled:
        slot.cancelled_at = clock.now()
        slot.version += 1
    db.session.flush()
    words = {"new": "added", "moved": "moved", "changed": "edited", "back": "restored", "same": "edited"}
    for fate, before, slot in touched:
        after = snapshot.state_of(slot)
        if after != before:
            log_edit(event, slot.public_id, batch, words[fate.verb], actor, before, after)
    for slot, before in cancelled:
        log_edit(event, slot.public_id, batch, "cancelled", actor, before, snapshot.state_of(slot))
    if plan.changes_anything or plan.new_rooms or plan.widens:
        after_edit(event, actor)


def _rooms(event: Event, plan: Plan) -> dict[str, Room]:
    """All rooms by folded name, new ones behind those there were. Raises Refused when there would be too many."""
    rules.check_rooms(len(event.rooms) + len(plan.new_rooms), ROOMS_MAX)
    for name in plan.new_rooms:
        said = plan.source.rooms.get(name)
        room = Room(name=name, position=len(event.rooms), note="", capacity=None, walk_minutes=0)
        if said is not None:
            room.note, room.capacity, room.walk_minutes = said.note, said.capacity, said.walk_minutes
        event.rooms.append(room)
    db.session.flush()
    return {fold(room.name): room for room in event.rooms}


def _write(event: Event, fate: Fate, rooms: Mapping[str, Room]) -> Slot:
    """The item's values on its slot. What the file does not say stays; in live mode the plan stays, so delays show."""
    item, slot = fate.item, fate.slot
    with db.session.no_autoflush:
        if slot is None:
            slot = Slot(event_id=event.id, public_id=tokens.public_id(), version=1, flexibility="flexible", level="",
                        description="")  # fmt: skip
            slot.planned_starts_at, slot.planned_ends_at = item.starts_at, item.end
        elif fate.verb != "same":
            slot.version += 1
        for name in planning.PLAIN:
            if getattr(item, name) is not None:
                setattr(slot, name, getattr(item, name))
        slot.room = rooms[fold(fate.room)]
        slot.starts_at, slot.ends_at = item.starts_at, item.end
        if not event.is_live and fate.verb != "same":
            slot.planned_starts_at, slot.planned_ends_at = item.starts_at, item.end
        slot.cancelled_at = None
        _set_people(slot, fate)
        _set_key(slot, fate)
        db.session.add(slot)
    return slot


def _set_people(slot: Slot, fate: Fate) -> None:
    """Names as in the file; somebody who is linked to an account under that name stays linked."""
    wanted = fate.item.people
    if wanted is None:
        return
    wanted = snapshot.but_booked(slot, wanted)
    if [(p.role, p.name) for p in slot.people] == wanted:
        return
    known = {(p.role, p.name): p.person for p in slot.people}
    snapshot.set_people(slot, [(role, name, known.get((role, name))) for role, name in wanted])


def _set_key(slot: Slot, fate: Fate) -> None:
    """The id by which the next file finds this slot. Slots found by our own export need none."""
    item = fate.item
    if item.key is None:
        slot.import_key = slot.import_key or item.row_key or None
    elif item.key not in {planning.guid_of(slot), slot.public_id}:
        slot.import_key = item.key
