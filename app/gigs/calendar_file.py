"""One's gigs as a calendar to subscribe to (RFC 5545): what is agreed, with alarms, and what waits, as tentative.

Called by routes/calendars.py. Pure: takes gigs, gives bytes. What was called off is not in it, so it disappears from
calendars that read it. Every text goes through app.lib.text's cleaners and the library's escaping.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Alarm, Calendar
from icalendar import Event as Entry

from app.gigs import rules
from app.gigs.models import Gig
from app.lib import money
from app.lib.text import clean_block, clean_line
from app.schedule.calendars import on_the_wall

PRODUCT = "-//Pika!//Gigs//EN"
REFRESH = timedelta(minutes=15)
ALARMS = (timedelta(days=1), timedelta(hours=2))  # the day before to pack, two hours before to leave
STATUS = {"pending": "TENTATIVE", "countered": "TENTATIVE", "confirmed": "CONFIRMED", "ended": "CONFIRMED"}


def write(gigs: Iterable[Gig], public_url: str, host: str) -> bytes:
    """A calendar of these gigs; those in other states are left out."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Gigs · Pika!")
    calendar.add("name", "Gigs · Pika!")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    for gig in gigs:
        if gig.state in STATUS:
            calendar.add_component(_entry(gig, public_url, host))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _entry(gig: Gig, public_url: str, host: str) -> Entry:
    entry = Entry()
    name = gig.event.name if gig.event else gig.title
    asked = "Asked: " if STATUS[gig.state] == "TENTATIVE" else ""
    entry.add("uid", f"gig-{gig.public_id}@{host}")
    entry.add("sequence", gig.offer)
    entry.add("dtstamp", gig.changed_at)
    entry.add("last-modified", gig.changed_at)
    entry.add("summary", clean_line(f"{asked}{rules.ROLE_WORDS[gig.role]}, {name}"))
    entry.add("dtstart", on_the_wall(gig.starts_at, gig.zone))
    entry.add("dtend", on_the_wall(gig.ends_at, gig.zone))
    entry.add("status", STATUS[gig.state])
    place = (
        [gig.slot.room.name, gig.event.venue, gig.event.city] if gig.slot and gig.event else [gig.venue_name, gig.city]
    )
    entry.add("location", clean_line(", ".join(part for part in place if part)))
    address = f"{public_url}/app/gigs/{gig.public_id}"
    lines = [gig.title, money.words(gig.fee_minor, gig.currency), gig.travel, gig.notes, address]
    entry.add("description", clean_block("\n".join(line for line in lines if line)))
    entry.add("url", address)
    if gig.state == "confirmed":
        for before in ALARMS:
            entry.add_component(_alarm(name, before))
    return entry


def _alarm(name: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -before)
    alarm.add("description", clean_line(name))
    return alarm
