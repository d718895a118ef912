"""What organizers do with an event itself: create, change, open its page, hide it. Called by routes and the demo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import outbox
from app.db import transaction
from app.events import announcements, queries, rules
from app.events.models import Event, Room
from app.lib import clock
from app.live import debts, regions
from app.people.models import Person, RoleGrant

PLAIN_FIELDS = ("name", "slug", "city", "venue", "address", "about", "zone", "day_change_hour", "starts_on", "ends_on")


def create_event(values: Mapping[str, Any], actor: Person) -> str:
    """A new hidden event with its rooms; its maker becomes its organizer. Returns the slug. Raises SlugTaken."""
    with _one_winner(values["slug"]), transaction() as session:
        rules.check_slug(values["slug"], taken=queries.slug_taken(values["slug"]))
        event = Event(**{name: values[name] for name in PLAIN_FIELDS})
        event.rooms = [_room(row, position) for position, row in enumerate(values["rooms"])]
        session.add(event)
        session.flush()
        _set_registration(event, values)
        session.add(RoleGrant(person_id=actor.id, role="organizer", event_id=event.id, granted_by_id=actor.id))
    return str(values["slug"])


def change_event(event_id: int, values: Mapping[str, Any]) -> str:
    """Everything its form holds. Raises SlugTaken, DatesCutSlots, RoomInUse. Returns the slug as it is now."""
    with _one_winner(values["slug"]), transaction():
        event = queries.lock_event(event_id)
        rules.check_slug(values["slug"], taken=queries.slug_taken(values["slug"], but=event.id))
        for name in PLAIN_FIELDS:
            setattr(event, name, values[name])
        rules.check_slots_fit(event, queries.slot_spans(event.id))
        _set_rooms(event, values["rooms"])
        _set_registration(event, values)
        event.revision += 1  # rooms and zone are part of what a version shows
        if event.is_live:
            outbox.owe("schedule.republish", {"event_id": event.id}, f"republish:{event.public_id}:{event.revision}")
        slug = event.slug
        debts.owe(f"event:{slug}:staff")
    outbox.hint()
    regions.poke(f"event:{slug}:staff")
    return slug


def show(event_id: int) -> None:
    """The public page opens."""
    with transaction():
        event = queries.lock_event(event_id)
        if event.published_at is None:
            event.published_at = clock.now()
            announcements.promise_registration(event)  # while it was hidden nobody was told
    outbox.hint()


def hide(event_id: int) -> None:
    """The public page closes; stars and schedule are kept."""
    with transaction():
        event = queries.lock_event(event_id)
        event.published_at = None
        slug = event.slug
        debts.owe(f"event:{slug}:public", f"event:{slug}:screen")
    regions.poke(f"event:{slug}:public")
    regions.poke(f"event:{slug}:screen")


@contextmanager
def _one_winner(slug: str) -> Iterator[None]:
    """Two who take one address at the same moment: the unique index lets one in, the other hears SlugTaken."""
    try:
        yield
    except IntegrityError as error:
        if "slug" not in str(error.orig):
            raise
        rules.check_slug(slug, taken=True)


def _room(row: Mapping[str, Any], position: int) -> Room:
    return Room(
        name=row["name"], note=row["note"], capacity=row["capacity"], walk_minutes=row["walk"], position=position
    )


def _set_registration(event: Event, values: Mapping[str, Any]) -> None:
    """Its date and link, where the form has them. A new date owes the followers the word; the old promise lapses."""
    event.registration_url = values.get("registration_url", event.registration_url or "")
    opens_at = values.get("registration_opens_at", event.registration_opens_at)
    if opens_at != event.registration_opens_at:
        event.registration_opens_at = opens_at
        announcements.promise_registration(event)


def _set_rooms(event: Event, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep rooms by their id, add new ones, drop those left out if nothing is in them."""
    known = {room.public_id: room for room in event.rooms}
    kept = []
    for position, row in enumerate(rows):
        room = known.pop(row["id"], None)
        if room is None:
            room = _room(row, position)
        else:
            room.name, room.note, room.capacity = row["name"], row["note"], row["capacity"]
            room.walk_minutes, room.position = row["walk"], position
        kept.append(room)
    for room in known.values():
        rules.check_room_empty(room, queries.slots_in(room.id))
    event.rooms = kept
