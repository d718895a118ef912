"""Schedules as calendars (RFC 5545): one event's public slots, or the slots that somebody starred, with alarms.

Called by routes/calendars.py. Pure: takes read models, gives bytes. Every text goes through app.lib.text's cleaners
and the library's escaping, so that no title can end its event or begin another. Must not read the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar
from icalendar import Event as Entry

from app.events.models import Event
from app.lib import clock
from app.lib.text import clean_block, clean_line
from app.schedule.snapshot import SlotView

PRODUCT = "-//Pika!//Schedule//EN"
REFRESH = timedelta(minutes=15)
CATEGORY = {
    "workshop": "Workshop",
    "competition": "Competition",
    "social": "Social",
    "break": "Break",
    "other": "Other",
}


@dataclass(frozen=True, slots=True)
class Entries:
    """Slots of one event for a calendar: those of its public version, or those somebody starred."""

    event: Event
    slots: tuple[SlotView, ...]
    version: int
    published_at: datetime


def write(
    name: str, groups: Iterable[Entries], *, public_url: str, host: str, lead_minutes: int | None = None
) -> bytes:
    """A calendar of these slots. With `lead_minutes` each slot that takes place rings that long before it starts."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", clean_line(name))
    calendar.add("name", clean_line(name))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for group in groups:
        for slot in group.slots:
            calendar.add_component(_entry(group, slot, public_url, host, lead_minutes))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _entry(group: Entries, slot: SlotView, public_url: str, host: str, lead_minutes: int | None) -> Entry:
    event, entry = group.event, Entry()
    entry.add("uid", f"{slot.id}@{host}")
    entry.add("sequence", slot.sequence)
    entry.add("dtstamp", group.published_at)
    entry.add("last-modified", group.published_at)
    entry.add("summary", clean_line(slot.title))
    entry.add("dtstart", on_the_wall(slot.starts_at, event.zone))
    entry.add("dtend", on_the_wall(slot.ends_at, event.zone))
    entry.add("status", "CANCELLED" if slot.cancelled else "CONFIRMED")
    entry.add("categories", [CATEGORY[slot.kind]])
    entry.add("location", _place(event, slot))
    address = f"{public_url}/e/{event.slug}/slots/{slot.id}"
    entry.add("description", _description(group, slot, address))
    entry.add("url", address)
    if lead_minutes is not None and not slot.cancelled:
        entry.add_component(_alarm(slot, lead_minutes))
    return entry


def on_the_wall(instant: datetime, zone: str) -> datetime:
    """The instant as calendars want it: on the venue's clock with its zone.

    In the hour that a clock change repeats, a wall time is ambiguous (RFC 5545 3.3.5 reads the first); the second
    reading is written in UTC, which is plain.
    """
    local = clock.to_local(instant, zone)
    if zone == "UTC" or clock.resolve_local(local.replace(tzinfo=None), zone).instant != instant:
        return instant.astimezone(UTC)
    return local


def _place(event: Event, slot: SlotView) -> str:
    venue = [part for part in (slot.room.name, event.venue, event.address, event.city) if part]
    return clean_line(", ".join(dict.fromkeys(venue)))


def _description(group: Entries, slot: SlotView, address: str) -> str:
    """Who and what level, the text, and where the truth of this minute is."""
    late = slot.late_minutes
    planned = clock.to_local(slot.planned_starts_at, group.event.zone)
    lines = [
        ", ".join(slot.names),
        slot.level,
        f"Planned {planned:%H:%M}, {abs(late)} min {'later' if late > 0 else 'earlier'} now." if late else "",
        slot.description,
        f"{group.event.name}, version {group.version}. Live: {address}",
    ]
    return clean_block("\n".join(line for line in lines if line))


def _alarm(slot: SlotView, lead_minutes: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -timedelta(minutes=lead_minutes))
    alarm.add("description", clean_line(f"{slot.title}, {slot.room.name}"))
    return alarm
