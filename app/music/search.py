"""Finding tracks in a crate as one types: folded words, filters, order, and near misses when there is no hit.

One mechanism on both engines: LIKE on the folded shadow column, read from the index ix_track_found. A word
with a slip of the finger still holds one of its two halves whole: those are the candidates that are then compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from app.db import db
from app.music.keys import Key
from app.music.models import Track
from app.music.names import search_text
from app.music.tempo import Band, Dance

PAGE = 50
CANDIDATES_MAX = 400
WORDS_MAX = 6
FUZZY_LETTERS = 4  # shorter words have too many neighbors


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. Sorts: artist, title, bpm, key, new, length; the same with "-" before it goes down."""

    text: str = ""
    band: Band | None = None
    key: Key | None = None
    genre: str = ""
    has_no_bpm: bool = False
    sort: str = "artist"
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.band or self.key or self.genre or self.has_no_bpm)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of tracks. `is_near`: nothing fits as typed, these come close."""

    tracks: Sequence[Track]
    total: int
    is_near: bool = False


def find(person_id: int, wanted: Wanted, dance: Dance, size: int = PAGE) -> Found:
    """A page of the DJ's own tracks."""
    words = search_text(wanted.text).split()[:WORDS_MAX]
    where = [*_own(person_id), *_filters(wanted, dance), *(_has(word) for word in words)]
    total = db.session.scalar(select(func.count()).select_from(Track).where(*where)) or 0
    if total:
        page = select(Track).where(*where).order_by(*_order(wanted.sort, dance))
        return Found(db.session.scalars(page.offset((wanted.page - 1) * size).limit(size)).all(), total)
    if not any(len(word) >= FUZZY_LETTERS for word in words):
        return Found([], 0)
    near = _near(person_id, wanted, dance, words)
    return Found(near[:size], len(near), is_near=True)


def ids(person_id: int, wanted: Wanted, dance: Dance, most: int) -> list[str]:
    """The public ids of all that fits, up to so many: for what is done to everything found."""
    words = search_text(wanted.text).split()[:WORDS_MAX]
    where = [*_own(person_id), *_filters(wanted, dance), *(_has(word) for word in words)]
    return list(db.session.scalars(select(Track.public_id).where(*where).limit(most)))


def count(person_id: int) -> int:
    """How many tracks there are."""
    return db.session.scalar(select(func.count()).select_from(Track).where(*_own(person_id))) or 0


def genres(person_id: int, most: int = 40) -> list[str]:
    """The genres of a crate, those of many tracks first."""
    rows = db.session.execute(
        select(Track.genre, func.count())
        .where(*_own(person_id), Track.genre != "")
        .group_by(Track.genre)
        .order_by(func.count().desc(), Track.genre)
        .limit(most)
    )
    return [genre for genre, _ in rows]


def _own(person_id: int) -> list[ColumnElement[bool]]:
    return [Track.person_id == person_id, Track.removed_at.is_(None)]


def _has(word: str) -> ColumnElement[bool]:
    return Track.search_text.contains(word, autoescape=True)


def _filters(wanted: Wanted, dance: Dance) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.band is not None:
        tempo = working_bpm(dance)
        found.append(and_(tempo >= wanted.band.low, tempo < wanted.band.high))
    if wanted.has_no_bpm:
        found.append(and_(Track.bpm.is_(None), Track.bpm_fixed.is_(None)))
    if wanted.key is not None:
        found.append(and_(Track.key_pitch == wanted.key.pitch, Track.key_mode == wanted.key.mode))
    if wanted.genre:
        found.append(Track.genre == wanted.genre)
    return found


def working_bpm(dance: Dance) -> Any:
    """Track.bpm_for(dance) as SQL: fixed, else folded twice at most (no file says more than four times a tempo)."""
    if dance.low is None or dance.high is None:
        return func.coalesce(Track.bpm_fixed, Track.bpm)
    return case(
        (Track.bpm_fixed.is_not(None), Track.bpm_fixed),
        (Track.bpm > dance.high * 4, Track.bpm / 8),
        (Track.bpm > dance.high * 2, Track.bpm / 4),
        (Track.bpm > dance.high, Track.bpm / 2),
        (and_(Track.bpm < dance.low / 2, Track.bpm * 4 <= dance.high), Track.bpm * 4),
        (and_(Track.bpm < dance.low, Track.bpm * 2 <= dance.high), Track.bpm * 2),
        else_=Track.bpm,
    )


def _order(sort: str, dance: Dance) -> list[Any]:
    down = sort.startswith("-")
    column: Any = {
        "title": Track.title, "bpm": working_bpm(dance), "key": Track.key_pitch, "new": Track.id,
        "length": Track.duration_seconds,
    }.get(sort.lstrip("-"), Track.search_text)  # fmt: skip
    first = column.desc() if down else column.asc()
    return [column.is_(None), first, Track.id] if sort.lstrip("-") in {"bpm", "key", "length"} else [first, Track.id]


# ---- near misses ----


def _near(person_id: int, wanted: Wanted, dance: Dance, words: Sequence[str]) -> list[Track]:
    """Tracks in which every word stands, give or take one letter; the closest first."""
    where = [*_own(person_id), *_filters(replace(wanted, text=""), dance)]
    for word in words:
        half = len(word) // 2
        whole = len(word) < FUZZY_LETTERS
        where.append(_has(word) if whole else or_(_has(word[:half]), _has(word[half:])))
    rows = db.session.execute(select(Track.id, Track.search_text).where(*where).limit(CANDIDATES_MAX))
    scored = [(score, track_id) for track_id, text in rows if (score := _distance(words, text.split())) is not None]
    best = [track_id for _, track_id in sorted(scored)[:PAGE]]
    tracks = {track.id: track for track in db.session.scalars(select(Track).where(Track.id.in_(best)))}
    return [tracks[track_id] for track_id in best]


def _distance(words: Sequence[str], text: Sequence[str]) -> int | None:
    """The slips in all words together; None where one has more than it may."""
    total = 0
    for word in words:
        slips = min((_slips(word, other) for other in text), default=2)
        if slips > 1:
            return None
        total += slips
    return total


def _slips(typed: str, word: str) -> int:
    """0: it begins like this; 1: one letter too many, missing, wrong, or two exchanged; 2: more."""
    if word.startswith(typed):
        return 0
    if len(typed) < FUZZY_LETTERS:
        return 2
    at = next((n for n, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word)))
    rest, other = typed[at:], word[at:]
    ways = (
        (rest[1:], other[1:]), (rest, other[1:]), (rest[1:], other),
        (rest[2:], other[2:]) if rest[:2] == other[1::-1] and len(rest) > 1 else ("-", ""),
    )  # fmt: skip
    return 1 if any(whole.startswith(part) for part, whole in ways) else 2
