"""What a reader finds in a file: tracks, playlists, plays, what was left out and what was odd. Pure.

Raw text stands beside what was understood of it; None and "" mean unknown. A file that cannot be read as a whole is
`Unreadable`, with a sentence: nothing is ever read by halves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.lib.refusal import Refusal
from app.music.keys import Key

BYTES_MAX = 20 * 1024 * 1024
ITEMS_MAX = 60_000  # tracks, plays or entries of one file
NOTES_MAX = 5  # places that are named for one and the same sentence


class Unreadable(Refusal):
    """The file is refused as a whole."""

    field = "file"
    status = 422


class TooMany(Unreadable):
    """There is no end to it."""

    def __init__(self) -> None:
        super().__init__(f"There are more than {ITEMS_MAX:,} entries in this file. Split it, then import the parts.")


@dataclass(slots=True, eq=False)
class Item:
    """A track as the file tells it. `where` is its place in the file, for people."""

    title: str = ""
    artist: str = ""
    album: str = ""
    genre: str = ""
    comment: str = ""
    bpm_raw: str = ""
    bpm: float | None = None
    key_raw: str = ""
    key: Key | None = None
    duration_seconds: float | None = None
    path: str = ""
    isrc: str = ""
    energy: int | None = None
    familiarity: int | None = None
    is_sound: bool = False  # a sampler's siren, not music
    where: str = ""


@dataclass(slots=True, eq=False)
class Played:
    """One time that a track was played. `at` is naive where the file names no zone."""

    item: Item
    position: int
    at: datetime | None = None
    wall_time: str = ""
    seconds_heard: float | None = None
    is_public: bool = True
    offset_seconds: float | None = None  # into a recording


@dataclass(slots=True, eq=False)
class Listed:
    """A playlist. Kinds: "list"; "history" (also among the plays); "system" (the program's own, like "Library")."""

    name: str
    folder: str = ""
    kind: str = "list"
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is no track, with the reason."""

    where: str
    title: str
    reason: str


@dataclass(slots=True)
class Note:
    """Something odd, said once for all places where it is."""

    sentence: str
    places: list[str] = field(default_factory=list)
    count: int = 0


@dataclass(slots=True)
class Column:
    """A column of a plain table, and the field it was taken for ("" for none)."""

    title: str
    field: str
    examples: list[str]


@dataclass(slots=True)
class Library:
    """All that was read from one file."""

    format: str
    encoding: str = ""
    tracks: list[Item] = field(default_factory=list)
    playlists: list[Listed] = field(default_factory=list)
    plays: list[Played] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)  # of a table; empty where nothing is to be mapped
    _notes: dict[str, Note] = field(default_factory=dict)

    @property
    def warnings(self) -> list[Note]:
        return list(self._notes.values())

    @property
    def is_empty(self) -> bool:
        return not (self.tracks or self.playlists or self.plays)

    def warn(self, where: str, sentence: str) -> None:
        """Note something odd; the same sentence again only counts."""
        note = self._notes.setdefault(sentence, Note(sentence))
        note.count += 1
        if where and len(note.places) < NOTES_MAX:
            note.places.append(where)

    def skip(self, where: str, title: str, reason: str) -> None:
        """Leave something out. Raises Unreadable when there is no end to it."""
        self._limit(len(self.skipped))
        self.skipped.append(Skipped(where, title[:200], reason))

    def add(self, item: Item) -> Item:
        """One more track. Raises Unreadable."""
        self._limit(len(self.tracks))
        self.tracks.append(item)
        return item

    def play(self, item: Item, **more: object) -> Played:
        """One more play, behind the others. Raises Unreadable."""
        self._limit(len(self.plays))
        made = Played(item, len(self.plays) + 1, **more)  # type: ignore[arg-type]  # the caller's keywords are Played's
        self.plays.append(made)
        return made

    def _limit(self, count: int) -> None:
        if count >= ITEMS_MAX:
            raise TooMany

    def everything(self) -> Iterator[Item]:
        """Each item once: tracks, then what only playlists or plays name."""
        seen: set[int] = set()
        for item in (*self.tracks, *(i for p in self.playlists for i in p.items), *(p.item for p in self.plays)):
            if id(item) not in seen:
                seen.add(id(item))
                yield item
