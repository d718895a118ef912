"""Reads the conference schedule JSON that pretalx, frab and Giggity speak. Liberal: real files are.

`date` with its offset is the instant, whatever `start` or the zone say: the three disagree in many files, and only one
of them names a moment. Takes parsed JSON, gives a Source; problems carry the path of what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.events.forms import ROOMS_MAX
from app.interchange import clocks, frames, values
from app.interchange.items import USUAL_MINUTES, Frame, Item, RoomNote, Source, settle
from app.interchange.words import clipped, kind_of, person_name, plain
from app.lib import clock
from app.lib.text import clean_block, clean_line, slugify
from app.schedule.forms import PEOPLE_MAX
from app.schedule.models import FLEXIBILITIES, KINDS, PART_ROLES

KNOWN = frozenset({
    "guid", "id", "code", "logo", "date", "start", "end", "duration", "room", "slug", "url", "title", "subtitle",
    "track", "type", "language", "abstract", "description", "recording_license", "do_not_record", "do_not_stream",
    "persons", "links", "attachments", "feedback_url", "origin_url",
})  # fmt: skip
OUR_NAME = "Pika!"


def is_conference(document: Any) -> bool:
    """Whether this looks like such a file, whole or not."""
    return isinstance(document, Mapping) and ("schedule" in document or "conference" in document)


def read(document: Mapping[str, Any], frame: Frame) -> Source:
    """The schedule in this document, with everything that is wrong with it."""
    reader = _Reader(document, frame)
    reader.read()
    return settle(reader.source)


class _Reader:
    """One reading of one document."""

    def __init__(self, document: Mapping[str, Any], frame: Frame) -> None:
        self.document, self.frame = document, frame
        self.source = Source("a conference schedule", frame=frame)
        self.seen: dict[str, int] = {}
        generator = document.get("generator")
        self.is_ours = isinstance(generator, Mapping) and generator.get("name") == OUR_NAME
        self.ours: Mapping[str, Any] = {}

    def read(self) -> None:
        """Fill the source."""
        found = self._conference()
        if found is None:
            return
        path, conference = found
        self.ours = values.mapping(values.mapping(conference.get("meta")).get("pika")) if self.is_ours else {}
        days = conference.get("days")
        if not isinstance(days, list):
            what = "is missing" if days is None else f"is {values.what(days)}"
            self.source.problems.add(f"{path}.days", f"The list of days {what}.")
            return
        self._heading(conference)
        self._zone(path, conference, days)
        self._change_hour(days)
        self._rooms(path, conference)
        self.source.days = len(days)
        for number, day in enumerate(days):
            self._day(f"{path}.days[{number}]", day)
        if len(self.source.rooms) > ROOMS_MAX:
            self.source.problems.add(f"{path}.days", f"{len(self.source.rooms)} rooms; {ROOMS_MAX} are the most.")

    # ---- the head ----

    def _conference(self) -> tuple[str, Mapping[str, Any]] | None:
        """Where days are. Files wrap them in `schedule` and `conference`; some leave one of the two out."""
        path: str = "$"
        schedule: Any = self.document
        if "schedule" in schedule:
            path, schedule = "$.schedule", self.document["schedule"]
        if not isinstance(schedule, Mapping):
            self.source.problems.add(
                path, f"The schedule is {values.what(schedule)}; an object with a conference belongs here."
            )
            return None
        if "rooms" in schedule and "conference" in schedule:
            self.source.faults.add(
                f"{path}.rooms",
                "The list of rooms stands beside the conference; it belongs inside, where programs look.",
            )
        conference = schedule.get("conference", schedule if "days" in schedule else None)
        if not isinstance(conference, Mapping):
            what = "is missing" if conference is None else f"is {values.what(conference)}"
            self.source.problems.add(f"{path}.conference", f"The conference {what}.")
            return None
        return (path if conference is schedule else f"{path}.conference"), conference

    def _heading(self, conference: Mapping[str, Any]) -> None:
        source = self.source
        source.name = clipped(
            clean_line(values.text(conference.get("title")) or values.text(conference.get("acronym"))), 120
        )
        source.slug = slugify(values.text(conference.get("acronym"))) or slugify(source.name)
        for name, limit in (("city", 80), ("venue", 120), ("address", 200), ("about", 4000)):
            source.about[name] = clean_block(values.text(self.ours.get(name)))[:limit]

    def _zone(self, path: str, conference: Mapping[str, Any], days: list[Any]) -> None:
        named = next(
            (v for k in ("time_zone_name", "time_zone", "timezone") if (v := values.text(conference.get(k)))), ""
        )
        named = values.text(self.ours.get("time_zone")) or named
        is_known = named == "UTC" or named in clock.zone_names()
        if named and not is_known:
            self.source.warnings.add(f"{path}.time_zone_name", f"“{named[:40]}” is no time zone we know.")
        chosen = self.frame.zone
        if chosen is None and not is_known:
            chosen = frames.guessed_zone(days)
            self.source.warnings.add(f"{path}.time_zone_name", f"The file names no time zone: {chosen} is taken.")
        elif chosen and is_known and chosen != named:
            self.source.warnings.add(
                f"{path}.time_zone_name",
                f"The file says {named}, the schedule shows {chosen}: no moment is changed by that.",
            )
        self.source.zone = chosen or named

    def _change_hour(self, days: list[Any]) -> None:
        """From our own note, else from days that last 24 hours from a morning hour on, else so that days stay whole."""
        said = self.ours.get("day_change_hour")
        if self.frame.day_change_hour is not None:
            self.source.day_change_hour = self.frame.day_change_hour
        elif isinstance(said, int) and 0 <= said <= 12:
            self.source.day_change_hour = said
        else:
            self.source.day_change_hour = frames.hour_of_days(days, self.source.zone)

    def _rooms(self, path: str, conference: Mapping[str, Any]) -> None:
        """What is said about rooms beside their names. Which rooms there are, the days say."""
        self.room_notes: dict[str, RoomNote] = {}
        listed = conference.get("rooms")
        for number, room in enumerate(listed if isinstance(listed, list) else []):
            if not isinstance(room, Mapping) or not values.text(room.get("name")):
                self.source.warnings.add(f"{path}.rooms[{number}]", "A room without a name is left out.")
                continue
            note = RoomNote(
                clipped(clean_line(plain(values.text(room.get("description")))), 80), values.whole(room.get("capacity"))
            )
            self.room_notes[self._room_name(values.text(room["name"]))] = note
        for name, more in values.mapping(self.ours.get("rooms")).items():
            if name in self.room_notes and isinstance(more, Mapping):
                self.room_notes[name].walk_minutes = min(values.whole(more.get("walk_minutes")) or 0, 120)

    # ---- days, rooms, slots ----

    def _day(self, path: str, day: Any) -> None:
        if not isinstance(day, Mapping):
            self.source.problems.add(path, f"A day is {values.what(day)}; an object belongs here.")
            return
        on = clocks.date_of(values.text(day.get("date")))
        if "date" in day and on is None:
            self.source.problems.add(f"{path}.date", f"“{values.text(day['date'])[:40]}” is no date.")
        for room_path, name, entries in self._rooms_of(path, day):
            room = self._room_name(name)
            if room:
                self.source.rooms.setdefault(room, self.room_notes.get(room, RoomNote()))
            for number, entry in enumerate(entries):
                self._entry(f"{room_path}[{number}]", entry, room, on)

    def _rooms_of(self, path: str, day: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Any]]]:
        """(path, room's name, its entries): rooms as an object, as a list of objects, or entries without rooms."""
        rooms = day.get("rooms")
        if isinstance(rooms, Mapping):
            for name, entries in rooms.items():
                yield from self._list(f'{path}.rooms["{name}"]', str(name), entries)
        elif isinstance(rooms, list):
            for number, room in enumerate(rooms):
                where = f"{path}.rooms[{number}]"
                held = values.mapping(room)
                key = next((k for k in ("events", "sessions", "talks", "slots") if k in held), "events")
                yield from self._list(f"{where}.{key}", values.text(held.get("name")), held.get(key, []))
        elif rooms is not None:
            self.source.problems.add(f"{path}.rooms", f"The rooms are {values.what(rooms)}; an object belongs here.")
        for key in ("events", "sessions", "talks"):
            if key in day:
                yield from self._list(f"{path}.{key}", "", day[key])

    def _list(self, path: str, name: str, entries: Any) -> Iterator[tuple[str, str, list[Any]]]:
        if entries is None or isinstance(entries, list):
            yield path, name, entries or []
        else:
            self.source.problems.add(path, f"The slots of this room are {values.what(entries)}; a list belongs here.")

    def _room_name(self, name: str) -> str:
        return clipped(clean_line(name), 60)

    def _entry(self, path: str, entry: Any, room: str, on: date | None) -> None:
        if not isinstance(entry, Mapping):
            self.source.problems.add(path, f"A slot is {values.what(entry)}; an object belongs here.")
            return
        title = clean_line(values.text(entry.get("title")))
        if not title:
            self.source.problems.add(f"{path}.title", "The title is missing.")
        if len(title) > 120:
            self.source.warnings.add(f"{path}.title", "A title of more than 120 characters is cut.")
        if not room and values.text(entry.get("room")):
            room = self._room_name(values.text(entry["room"]))
            self.source.rooms.setdefault(room, self.room_notes.get(room, RoomNote()))
        starts_at = self._start(path, entry, on)
        key = self._key(path, entry)
        people = self._people(path, entry)
        kind = self._kind(entry, title)
        if starts_at is None or not title:
            return
        item = Item(path, clipped(title, 120), room, starts_at, None, kind, key=key, people=people)
        item.ends_at = self._end(path, entry, item)
        item.description = self._description(path, entry)
        self._our_own(item, entry)
        for unknown in entry.keys() - KNOWN:
            self.source.warnings.add(
                f"{path}.{unknown}", f"“{unknown[:40]}” is not part of the format and is left out."
            )
        self.source.items.append(item)

    def _start(self, path: str, entry: Mapping[str, Any], on: date | None) -> datetime | None:
        said, start = values.text(entry.get("date")), clocks.wall_of(values.text(entry.get("start")))
        instant = clocks.instant_of(said)
        if instant is not None and instant.tzinfo is not None:
            self._compare(path, instant, start)
            return instant.astimezone(UTC)
        if instant is not None:
            return self._on_the_line(f"{path}.date", instant)
        day = clocks.date_of(said) or on
        if said and clocks.date_of(said) is None:
            self.source.problems.add(f"{path}.date", f"“{said[:40]}” is no date with a time.")
        elif start is None or day is None:
            self.source.problems.add(f"{path}.date", "Neither a date with a time nor a day with a start is given.")
        else:
            minutes = start.minutes + (24 * 60 if start.minutes < self.source.day_change_hour * 60 else 0)
            wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
            return self._on_the_line(f"{path}.start", wall)
        return None

    def _compare(self, path: str, instant: datetime, start: clocks.Wall | None) -> None:
        """Three ways to say when, which need not agree: the moment stays, the others are told."""
        offset = instant.utcoffset()
        wall = clock.to_local(instant, self.source.zone)
        if offset != wall.utcoffset():
            self.source.warnings.add(
                f"{path}.date",
                f"Written for another zone than {self.source.zone}: the moment is kept, that zone’s clock shown.",
            )
        if start is not None and start.minutes % 1440 != instant.hour * 60 + instant.minute:
            self.source.warnings.add(f"{path}.start", "“start” and “date” disagree: “date” is taken.")

    def _on_the_line(self, path: str, wall: datetime) -> datetime:
        found = clock.resolve_local(wall, self.source.zone)
        if found.gap:
            self.source.warnings.add(path, "A time that the clock change skips is moved behind it.")
        return found.instant

    def _end(self, path: str, entry: Mapping[str, Any], item: Item) -> datetime | None:
        end = clocks.instant_of(values.text(entry.get("end")))
        if end is not None:
            end = end.astimezone(UTC) if end.tzinfo else self._on_the_line(f"{path}.end", end)
            if end <= item.starts_at:
                self.source.problems.add(f"{path}.end", "It ends before it starts.")
                return item.starts_at + timedelta(minutes=USUAL_MINUTES[item.kind])
            return end
        if entry.get("duration") in (None, ""):
            return None
        minutes = clocks.minutes_of(entry["duration"])
        if minutes is None:
            self.source.problems.add(
                f"{path}.duration", f"“{values.text(entry['duration'])[:40]}” is no length like 00:45."
            )
            return item.starts_at + timedelta(minutes=USUAL_MINUTES[item.kind])
        if minutes == 0:
            self.source.warnings.add(f"{path}.duration", "A length of nothing: what is usual for its kind is taken.")
        return item.starts_at + timedelta(minutes=minutes or USUAL_MINUTES[item.kind])

    def _key(self, path: str, entry: Mapping[str, Any]) -> str | None:
        """What makes this slot the same one in the next file."""
        identity = entry.get("id")
        if isinstance(identity, str) and identity:
            self.source.warnings.add(f"{path}.id", "The id is a text; a number belongs here. It is read anyway.")
        named = (("", entry.get("guid")), ("id:", identity), ("code:", entry.get("code")), ("slug:", entry.get("slug")),
                 ("url:", entry.get("url")))  # fmt: skip
        key = next((prefix + text for prefix, value in named if (text := clean_line(values.text(value)))), None)
        if key is None:
            return None
        key = key[:110]
        self.seen[key] = self.seen.get(key, 0) + 1
        if self.seen[key] > 1:
            self.source.warnings.add(
                f"{path}.guid", "The same id stands at two slots: they are counted in their order."
            )
            return f"{key}#{self.seen[key]}"
        return key

    def _people(self, path: str, entry: Mapping[str, Any]) -> list[tuple[str, str]] | None:
        persons = entry.get("persons", entry.get("speakers"))
        if persons is None:
            return None
        if not isinstance(persons, list):
            self.source.problems.add(f"{path}.persons", f"The persons are {values.what(persons)}; a list belongs here.")
            return None
        named: dict[tuple[str, str], None] = {}
        for number, person in enumerate(persons):
            where = f"{path}.persons[{number}]"
            name = self._name(where, person)
            if not name:
                self.source.warnings.add(where, "A person without a name is left out.")
                continue
            role = values.text(values.mapping(person).get("role")) if self.is_ours else ""
            named[role if role in PART_ROLES else "teacher", name] = None
        kept = [pair for role in PART_ROLES for pair in [p for p in named if p[0] == role][:PEOPLE_MAX]]
        if len(kept) < len(named):
            self.source.warnings.add(
                f"{path}.persons", f"More than {PEOPLE_MAX} people: the first {PEOPLE_MAX} are taken."
            )
        return [pair for pair in named if pair in kept]

    def _name(self, path: str, person: Any) -> str:
        if isinstance(person, str):
            return person_name(person)
        held = values.mapping(person)
        identity, code = held.get("id"), held.get("code")
        if isinstance(identity, str) and not identity.strip().isdigit():
            self.source.faults.add(f"{path}.id", f"“{identity[:40]}” is no number, as the id of a person is.")
        if isinstance(code, str) and code and not (code.isascii() and code.replace("-", "").isalnum()):
            self.source.warnings.add(f"{path}.code", "The code of a person has other signs than A–Z and 0–9.")
        names = ("name", "public_name", "full_public_name", "display_name", "full_name")
        return next((name for key in names if (name := person_name(values.text(held.get(key))))), "")

    def _kind(self, entry: Mapping[str, Any], title: str) -> str:
        return kind_of(values.text(entry.get("type")), values.text(entry.get("track")), title)

    def _description(self, path: str, entry: Mapping[str, Any]) -> str | None:
        if "abstract" not in entry and "description" not in entry:
            return None
        read = clean_block if self.is_ours else plain
        texts = dict.fromkeys(
            text for key in ("abstract", "description") if (text := read(values.text(entry.get(key))))
        )
        whole = "\n\n".join(texts)
        if len(whole) > 2000:
            self.source.warnings.add(f"{path}.description", "A description of more than 2,000 characters is cut.")
        return clipped(whole, 2000)

    def _our_own(self, item: Item, entry: Mapping[str, Any]) -> None:
        """What only our own export says, in `meta`: the format has no place for it."""
        said = values.mapping(values.mapping(self.ours.get("slots")).get(values.text(entry.get("guid"))))
        if said.get("kind") in KINDS:
            item.kind = said["kind"]
        if said.get("flexibility") in FLEXIBILITIES:
            item.flexibility = said["flexibility"]
        if "level" in said:
            item.level = clean_line(values.text(said["level"]))[:40]
        item.capacity_hint = values.whole(said.get("capacity_hint"))
        marshal = values.whole(said.get("marshal_minutes"))
        item.marshal_minutes = marshal if marshal and marshal <= 600 else None
