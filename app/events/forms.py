"""Forms of events: the event itself with its rooms, and a new team member."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from app.events.models import Event
from app.events.rules import check_days
from app.events.walls import instant_of
from app.lib import clock
from app.lib.refusal import Refusal
from app.lib.text import clean_line, slugify
from app.web.forms import Form

ROOMS_MAX = 150  # what imported conferences have; a form of 150 rows stays below the limit of form fields


class EventForm(Form):
    """Name, address, days, venue, zone, day-change hour and rooms. Rooms come in rows: room-<n>-name and so on."""

    def read(self) -> None:
        self.line("name", "The name", limit=120)
        self._slug()
        self.line("city", "The city", limit=80, required=False)
        self.line("venue", "The venue", limit=120, required=False)
        self.line("address", "The address", limit=200, required=False)
        self.block("about", "The text", limit=4000)
        self._zone()
        self.whole("day_change_hour", "The day-change hour", least=0, most=12)
        self._days()
        self._registration()
        self.clean["rooms"] = self._rooms()

    def _registration(self) -> None:
        """When it opens, on the venue's clock, and where. A link is https: it is shown to everybody."""
        self.clean["registration_opens_at"] = wall_instant(self, "registration_opens", self.clean["zone"])
        url = self.line("registration_url", "The link", limit=300, required=False)
        if url and not is_web_address(url):
            self.error("registration_url", "The link begins with https:// and names a site, like https://example.org.")

    def _slug(self) -> None:
        typed = clean_line(self._raw("slug"))
        slug = slugify(typed or self.clean["name"])
        if len(slug) < 3 and (typed or self.clean["name"]):  # a missing name has its own sentence
            self.error("slug", "The address needs at least three letters or digits.")
        self.clean["slug"] = slug
        self.values["slug"] = typed or slug

    def _zone(self) -> None:
        zone = clean_line(self._raw("zone"))
        if not zone:
            self.error("zone", "Choose the venue's time zone, like Europe/Budapest.")
        elif zone not in clock.zone_names() and zone != "UTC":
            self.error("zone", f"“{zone[:40]}” is no time zone we know. Choose one, like Europe/Budapest.")
        self.clean["zone"] = zone

    def _days(self) -> None:
        first, last = self.day("starts_on", "First day"), self.day("ends_on", "Last day")
        if isinstance(first, date) and isinstance(last, date):
            try:
                check_days(first, last)
            except Refusal as refusal:
                self.refuse(refusal)

    def _rooms(self) -> list[dict[str, Any]]:
        """Rows with a name, in their order. A row keeps its id, so that renaming is not a new room."""
        found = [row for n in range(ROOMS_MAX) if (row := self._room(n)) is not None]
        rows = [row for _, row in sorted(found, key=lambda pair: pair[0])]
        if not rows:
            self.error("rooms", "Name at least one room or floor.")
        if len({row["name"].casefold() for row in rows}) < len(rows):
            self.error("rooms", "Two rooms have the same name.")
        return rows

    def _room(self, n: int) -> tuple[tuple[int, int], dict[str, Any]] | None:
        """(where it belongs, the room) or None for an empty row."""
        name, note = clean_line(self._raw(f"room-{n}-name")), clean_line(self._raw(f"room-{n}-note"))[:80]
        known = self._raw(f"room-{n}-id")
        if not name:
            if not known and (note or self._raw(f"room-{n}-capacity").strip()):
                self.error(f"room-{n}-name", "This room has no name yet.")
            return None
        if len(name) > 60:
            self.error(f"room-{n}-name", "A room's name has 60 characters at the most.")
        capacity = self.whole(f"room-{n}-capacity", "Capacity", least=1, most=100_000, required=False)
        walk = self.whole(f"room-{n}-walk", "Minutes to walk", least=0, most=120, required=False)
        place = self.whole(f"room-{n}-place", "Its place", least=1, most=ROOMS_MAX, required=False) or ROOMS_MAX + 1
        # whoever moves up stands before the one whose number it takes, whoever moves down behind it
        order = (place, (place > n + 1) - (place < n + 1))
        return order, {"id": known, "name": name, "note": note, "capacity": capacity, "walk": walk or 0}


class MemberForm(Form):
    """Who joins the team: an address or @handle."""

    def read(self) -> None:
        self.line("who", "An email address or @handle", limit=254)


def wall_instant(form: Form, name: str, zone: str) -> datetime | None:
    """A datetime-local field as an instant, or None where it is empty. The sentence stands at the field."""
    typed = clean_line(str(form.values.get(name, "")))
    if not typed:
        return None
    try:
        wall = datetime.fromisoformat(typed).replace(tzinfo=None, second=0, microsecond=0)
        instant, refusal = instant_of(wall, zone)
    except (ValueError, KeyError, OverflowError):
        form.error(name, "Type a date and a time, like 2026-03-01T12:00.")
        return None
    if refusal:
        form.error(name, refusal)
    return instant


def wall_value(instant: datetime | None, zone: str) -> str:
    """An instant as a datetime-local field shows it."""
    return f"{clock.to_local(instant, zone):%Y-%m-%dT%H:%M}" if instant else ""


def is_web_address(url: str) -> bool:
    """https, a host, and no name or password in it."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and " " not in url
    except ValueError:
        return False


def values_of(event: Event) -> dict[str, Any]:
    """An event as its form shows it."""
    names = ("name", "slug", "city", "venue", "address", "about", "zone", "day_change_hour", "registration_url")
    values: dict[str, Any] = {name: getattr(event, name) for name in names}
    values |= {"starts_on": event.starts_on.isoformat(), "ends_on": event.ends_on.isoformat()}
    values["registration_opens"] = wall_value(event.registration_opens_at, event.zone)
    for n, room in enumerate(event.rooms):
        values |= {
            f"room-{n}-id": room.public_id, f"room-{n}-name": room.name, f"room-{n}-note": room.note,
            f"room-{n}-capacity": room.capacity or "", f"room-{n}-walk": room.walk_minutes, f"room-{n}-place": n + 1,
        }  # fmt: skip
    return values


def room_rows(values: Mapping[str, Any]) -> list[int]:
    """Which room rows to show: those that are filled, and two empty ones for more."""
    filled = [
        n
        for n in range(ROOMS_MAX)
        if any(values.get(f"room-{n}-{part}") for part in ("id", "name", "note", "capacity"))
    ]
    shown = (max(filled) + 1 if filled else 1) + 2
    return list(range(min(shown, ROOMS_MAX)))
