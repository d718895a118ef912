"""The review of a set against a history file: which files there are, and both lists lined up. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.booth.after import merge
from app.booth.after.merge import Heard, Line
from app.booth.models import SetReview
from app.db import db
from app.floor import queries
from app.floor.models import HEARD_STATUSES, DjSet, Play
from app.lib import clock
from app.lib.heavy import in_thread
from app.lib.refusal import Refusal
from app.music.models import ImportedPlay, ImportRun, Playlist

PAIRS_MOST = 300_000  # a night of 150 songs and a file of 2,000
AROUND = timedelta(minutes=30)  # a file's plays this long before or after the set still belong to it


class TooLong(Refusal):
    """Each song of the one list is compared with each of the other: so many cannot be."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A history file that may tell of this set: how many of its plays fall into it; 0 where it tells no times."""

    run: ImportRun
    plays: int
    inside: int


def set_of(public_id: str) -> DjSet | None:
    """A set by its public id, whoever looks."""
    found = select(DjSet).options(joinedload(DjSet.person), joinedload(DjSet.event))
    return db.session.scalar(found.where(DjSet.public_id == public_id))


def candidates(dj_set: DjSet, limit: int = 12) -> list[Candidate]:
    """The DJ's imported histories, those that overlap the set first, then the newest."""
    starts, ends = _window(dj_set)
    inside = func.sum(func.coalesce(ImportedPlay.played_at.between(starts, ends), False).cast(db.Integer))
    found = (
        select(ImportRun, func.count(ImportedPlay.id), inside)
        .join(ImportedPlay, ImportedPlay.import_run_id == ImportRun.id)
        .where(ImportRun.person_id == dj_set.person_id, ImportRun.state == "done")
        .group_by(ImportRun.id)
        .order_by(inside.desc(), ImportRun.id.desc())
        .limit(limit)
    )
    return [Candidate(run, plays, int(within or 0)) for run, plays, within in db.session.execute(found)]


def run_of(dj_set: DjSet, public_id: str) -> ImportRun | None:
    """One of the DJ's own imports."""
    mine = (ImportRun.person_id == dj_set.person_id, ImportRun.public_id == public_id)
    return db.session.scalar(select(ImportRun).where(*mine))


def lines(dj_set: DjSet, run: ImportRun) -> list[Line]:
    """The set's list and the file's, lined up. Raises TooLong."""
    ours = [_ours(play) for play in queries.plays_of(dj_set.id, HEARD_STATUSES)]
    theirs = [_theirs(play) for play in file_plays(dj_set, run)]
    if len(ours) * len(theirs) > PAIRS_MOST:
        raise TooLong(f"This file names {len(theirs):,} plays. Import the history of that night alone.")
    return in_thread(merge.line_up, ours, theirs)


def stretches(found: Sequence[Line]) -> list[list[Line]]:
    """The lines in order, those that agree one after the other gathered: only what differs asks for a look."""
    return [list(group) for _, group in groupby(found, key=lambda line: line.kind == "same")]


def _window(dj_set: DjSet) -> tuple[datetime, datetime]:
    starts = dj_set.started_at or dj_set.created_at
    return starts - AROUND, (dj_set.ended_at or clock.now()) + AROUND


def file_plays(dj_set: DjSet, run: ImportRun) -> Sequence[ImportedPlay]:
    """The file's plays: those within the set where times are known, else all of them."""
    starts, ends = _window(dj_set)
    plays = select(ImportedPlay).where(ImportedPlay.import_run_id == run.id).order_by(ImportedPlay.position)
    found = list(db.session.scalars(plays))
    if not any(play.played_at for play in found):
        return found
    return [play for play in found if play.played_at and starts <= play.played_at <= ends]


def _ours(play: Play) -> Heard:
    return Heard(
        play.public_id, play.artist, play.title, play.song_key, play.work_key, play.played_at, play.heard_seconds
    )


def _theirs(play: ImportedPlay) -> Heard:
    return Heard(
        str(play.id), play.artist, play.title, play.song_key, play.work_key, play.played_at, play.seconds_heard,
        play.is_public,
    )  # fmt: skip


def is_taken_by_default(line: Line) -> bool:
    """What "Take everything from the file" takes: its names and its plays, unless they are doubtful."""
    return line.kind == "named" or (line.kind == "missing" and not line.doubt)


def last_review(set_id: int) -> SetReview | None:
    """The newest review, if it has not been undone."""
    newest = select(SetReview).where(SetReview.dj_set_id == set_id).order_by(SetReview.id.desc()).limit(1)
    found = db.session.scalar(newest)
    return found if found and found.undone_at is None else None


def made_of(dj_set: DjSet) -> tuple[Any, ...]:
    """The condition "the playlist made of this set"."""
    return Playlist.person_id == dj_set.person_id, Playlist.source_key == f"set:{dj_set.public_id}"


def published(dj_set: DjSet) -> Playlist | None:
    """The public playlist made of this set."""
    public = (Playlist.is_public, Playlist.removed_at.is_(None))
    return db.session.scalar(select(Playlist).where(*made_of(dj_set), *public))
