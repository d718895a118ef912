"""Writes an event's schedule as conference JSON that validates against the format's schema and reads back the same.

The format has no place for levels, flexibility and the like: they stand in `conference.meta.pika`, which others skip.
Pure. Strict in what it writes: days honour the day-change hour, cancelled slots are left out.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from app.events.models import Event, Room
from app.interchange.conference import OUR_NAME
from app.interchange.plan import NAMESPACE, guid_of
from app.lib import clock
from app.lib.text import slugify
from app.schedule import snapshot
from app.schedule.models import Slot

ZONE_THAT_THE_SCHEMA_KNOWS = re.compile(r"([A-Z][a-z]+/[A-Z][a-z]+)|UTC$")
OWN_FIELDS = ("kind", "level", "flexibility", "capacity_hint", "marshal_minutes")


def document(event: Event, slots: Sequence[Slot], public_url: str, release: str) -> dict[str, Any]:
    """The event as a document of the format."""
    held = sorted((s for s in slots if not s.is_cancelled), key=lambda s: (s.starts_at, s.room.position, s.id))
    base = f"{public_url}/e/{event.slug}"
    conference: dict[str, Any] = {
        "acronym": acronym_of(event.slug), "title": event.name, "description": event.about, "url": base,
        "start": event.starts_on.isoformat(), "end": event.ends_on.isoformat(), "daysCount": len(event.days),
        "timeslot_duration": "00:05",
        "rooms": [_room(room) for room in event.rooms],
        "meta": {"pika": _own(event, held)},
        "days": [_day(event, number, day, held, base) for number, day in enumerate(event.days, 1)],
    }  # fmt: skip
    if ZONE_THAT_THE_SCHEMA_KNOWS.match(event.zone):
        conference["time_zone_name"] = event.zone
    return {
        "$schema": "https://c3voc.de/schedule/schema.json",
        "generator": {"name": OUR_NAME, "version": release},
        "schedule": {"version": str(event.schedule_version), "base_url": f"{base}/", "conference": conference},
    }


def acronym_of(slug: str) -> str:
    """The slug as the schema wants an acronym: letters, digits and low lines, four at the least."""
    return slug.replace("-", "_").ljust(4, "_")


def _own(event: Event, slots: Sequence[Slot]) -> dict[str, Any]:
    return {
        "time_zone": event.zone, "day_change_hour": event.day_change_hour,
        "city": event.city, "venue": event.venue, "address": event.address, "about": event.about,
        "rooms": {room.name: {"walk_minutes": room.walk_minutes} for room in event.rooms},
        "slots": {guid_of(slot): {name: getattr(slot, name) for name in OWN_FIELDS} for slot in slots},
    }  # fmt: skip


def _room(room: Room) -> dict[str, Any]:
    return {
        "name": room.name, "guid": str(uuid.uuid5(NAMESPACE, room.public_id)), "description": room.note or None,
        "capacity": room.capacity,
    }  # fmt: skip


def _day(event: Event, number: int, day: date, slots: Sequence[Slot], base: str) -> dict[str, Any]:
    start, end = clock.day_bounds(day, event.zone, event.day_change_hour)
    rooms: dict[str, list[dict[str, Any]]] = {room.name: [] for room in event.rooms}
    for slot in slots:
        if start <= slot.starts_at < end:
            rooms[slot.room.name].append(_entry(event, slot, base))
    return {
        "index": number, "date": day.isoformat(),
        "day_start": clock.to_local(start, event.zone).isoformat(),
        "day_end": clock.to_local(end - timedelta(minutes=1), event.zone).isoformat(),
        "rooms": rooms,
    }  # fmt: skip


def _entry(event: Event, slot: Slot, base: str) -> dict[str, Any]:
    start, end = clock.to_local(slot.starts_at, event.zone), clock.to_local(slot.ends_at, event.zone)
    hours, minutes = divmod(clock.minutes(slot.ends_at - slot.starts_at), 60)
    return {
        "guid": guid_of(slot), "id": _number_of(slot.public_id), "date": start.isoformat(), "start": f"{start:%H:%M}",
        "end": end.isoformat(), "duration": f"{hours:02d}:{minutes:02d}", "room": slot.room.name,
        "slug": f"{slugify(slot.title) or 'slot'}-{slot.public_id}", "url": f"{base}/slots/{slot.public_id}",
        "title": slot.title, "subtitle": "", "track": slot.level or None, "type": slot.kind, "language": None,
        "abstract": "", "description": slot.description, "links": [],
        "persons": [_person(name, role) for role, name in snapshot.named(slot)],
    }  # fmt: skip


def _person(name: str, role: str) -> dict[str, str]:
    return {"name": name, "public_name": name, "role": role}


def _number_of(public_id: str) -> int:
    """A number for programs that still ask for one: the same for the same slot, and it counts nothing of ours."""
    return int(hashlib.sha256(public_id.encode()).hexdigest()[:8], 16) % (2**31 - 2) + 1
