"""What every reader makes of a file: items with instants, rooms and days, and what is wrong with it, by path.

Pure values. `Frame` is what a file may leave open and the event (or the person importing) decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from app.lib import clock
from app.lib.text import fold
from app.schedule.rules import LONGEST

USUAL_MINUTES = {"workshop": 60, "competition": 90, "social": 180, "break": 30, "other": 60}
OPEN_END = timedelta(hours=6)  # an end that is not printed is at the next slot of the room, if that is not too far off
ITEMS_MAX = 3_000


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a file: the first place where it is so, a sentence, and how many places there are."""

    path: str
    sentence: str
    count: int = 1


class Notes:
    """Notes in the order of the file; the same sentence at many places is one note."""

    def __init__(self) -> None:
        self._found: dict[str, Note] = {}

    def add(self, path: str, sentence: str) -> None:
        known = self._found.get(sentence)
        self._found[sentence] = replace(known, count=known.count + 1) if known else Note(path, sentence)

    def __iter__(self) -> Iterator[Note]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)


@dataclass(frozen=True, slots=True)
class Frame:
    """Zone, day-change hour, days and rooms of the event that a file goes into; all open for a new one."""

    zone: str | None = None
    day_change_hour: int | None = None
    days: tuple[date, ...] = ()
    rooms: tuple[str, ...] = ()
    starts_on: date | None = None


@dataclass(slots=True)
class Item:
    """One slot of a file. None means that the file does not say: what is there stays."""

    path: str
    title: str
    room: str
    starts_at: datetime
    ends_at: datetime | None
    kind: str
    key: str | None = None
    people: list[tuple[str, str]] | None = None
    level: str | None = None
    description: str | None = None
    flexibility: str | None = None
    capacity_hint: int | None = None
    marshal_minutes: int | None = None
    row_key: str = ""

    @property
    def end(self) -> datetime:
        """The end, once `settle` gave one to every item."""
        assert self.ends_at is not None, self.path  # noqa: S101  (a reader that forgot to settle)
        return self.ends_at


@dataclass(slots=True)
class RoomNote:
    """What a file says about a room beside its name."""

    note: str = ""
    capacity: int | None = None
    walk_minutes: int = 0


@dataclass(slots=True)
class Source:
    """A file that was read. `problems` refuse it; `faults` do unless the person says "import it anyway"."""

    shape: str  # what the file is, as people say it
    name: str = ""
    slug: str = ""
    zone: str = "UTC"
    day_change_hour: int = 6
    days: int = 0
    rooms: dict[str, RoomNote] = field(default_factory=dict)  # in the order of the file
    items: list[Item] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)  # city, venue, address, about: our own export knows them
    problems: Notes = field(default_factory=Notes)
    faults: Notes = field(default_factory=Notes)
    warnings: Notes = field(default_factory=Notes)
    frame: Frame = field(default_factory=Frame)
    unplaced: list[Item] = field(default_factory=list)

    @property
    def headline(self) -> str:
        return f"{len(self.items)} slots in {len(self.rooms)} rooms over {self.days} days"


def settle(source: Source) -> Source:
    """Give every item a room and an end, shorten what is too long, and say where that was guessed."""
    _settle_ends(source)
    _settle_rooms(source)
    if len(source.items) > ITEMS_MAX:
        source.problems.add("$", f"{len(source.items):,} slots are too many at once; {ITEMS_MAX:,} are the most.")
    if not source.items and not source.problems:
        source.problems.add("$", "There is no slot in this file.")
    return source


def _settle_ends(source: Source) -> None:
    ordered = sorted(source.items, key=lambda item: item.starts_at)
    for number, item in enumerate(ordered):
        if item.ends_at is None:
            item.ends_at = _guessed_end(item, ordered[number + 1 :], source)
            local = clock.to_local(item.ends_at, source.zone)
            source.warnings.add(item.path, f"No end is given for “{item.title}”: {local:%H:%M} is taken.")
        if item.ends_at - item.starts_at > LONGEST:
            item.ends_at = item.starts_at + LONGEST
            source.warnings.add(item.path, "Longer than 18 hours: cut to 18.")


def _guessed_end(item: Item, later: Sequence[Item], source: Source) -> datetime:
    """The next slot of that room on the same dance day, else what is usual for its kind."""
    usual = item.starts_at + timedelta(minutes=USUAL_MINUTES[item.kind])
    same_room = (other for other in later if other.room == item.room and other.starts_at > item.starts_at)
    following = next(same_room, None)
    if following is None or following.starts_at - item.starts_at > OPEN_END:
        return usual
    change = source.day_change_hour
    same_day = clock.event_day(item.starts_at, source.zone, change) == clock.event_day(
        following.starts_at, source.zone, change
    )
    return following.starts_at if same_day else min(usual, following.starts_at)


def _settle_rooms(source: Source) -> None:
    """What has no room goes into the first room of the file that is free then."""
    for item in source.items:
        if item.room:
            continue
        names = list(source.rooms) or list(source.frame.rooms) or ["Main floor"]
        item.room = next((name for name in names if _is_free(name, item, source.items)), names[0])
        source.rooms.setdefault(item.room, RoomNote())
        source.warnings.add(item.path, f"No room is given for “{item.title}”: {item.room} is taken.")


def _is_free(room: str, wanted: Item, items: Iterable[Item]) -> bool:
    return not any(
        fold(item.room) == fold(room) and item.starts_at < wanted.end and wanted.starts_at < item.end
        for item in items
        if item is not wanted
    )
