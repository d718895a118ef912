"""Takes a history file's word for what was played in a set: one step that can be undone. Called by its routes.

The answers name lines by the rows that they join; the lines are worked out anew when they arrive, so an answer to a
line that is gone changes nothing, and the same answer twice is one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from app.booth.after import merge, review
from app.booth.after.merge import Line
from app.booth.models import SetReview
from app.db import transaction
from app.floor import live, queries
from app.floor.models import HEARD_STATUSES, DjSet, Play
from app.lib import clock
from app.lib.refusal import Refusal
from app.music.models import ImportedPlay, ImportRun

MENDED = (
    "title", "artist", "song_key", "work_key", "bpm", "key_pitch", "key_mode", "duration_seconds", "track_id", "status",
    "heard_seconds", "corrected_from", "position",
)  # fmt: skip
TIMES = ("played_at", "ended_at")


class NothingToUndo(Refusal):
    """The last review was taken back already, or there was none."""


class SetStillLive(Refusal):
    """A review is for a set that is over."""


def apply(set_id: int, run_id: int, taken: Collection[str]) -> int:
    """Take over what the DJ chose, as one step that can be undone; returns how many lines changed.

    Raises SetStillLive. Hearts stay with their play whatever its name becomes.
    """
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        if not dj_set.is_over:
            raise SetStillLive("This set is still running. Review it once it is over.")
        run = session.get_one(ImportRun, run_id)
        file = {str(play.id): play for play in review.file_plays(dj_set, run)}
        plays = {play.public_id: play for play in queries.plays_of(dj_set.id, HEARD_STATUSES)}
        found = review.lines(dj_set, run)
        times = merge.times_for(found, dj_set.started_at or clock.now(), dj_set.ended_at or clock.now())
        chosen = [line for line in found if line.key in taken and line.kind != "same"]
        before = {public_id: _columns(play) for public_id, play in plays.items()}
        for line in chosen:
            _take(session, dj_set.id, line, plays, file, times)
        _note_seconds(found, plays, file)
        session.flush()
        _count_anew(dj_set.id)
        if chosen:
            session.add(SetReview(dj_set_id=dj_set.id, import_run_id=run.id, before=_changed(dj_set, before)))
        code = dj_set.code
    live.ledger_changed(code)
    return len(chosen)


def _take(
    session: Any, set_id: int, line: Line, plays: dict[str, Play], file: dict[str, ImportedPlay],
    times: dict[str, datetime],
) -> None:  # fmt: skip
    ours = plays[line.ours.id] if line.ours else None
    theirs = file[line.file.id] if line.file else None
    if ours is not None and theirs is None:
        ours.status = "removed"
    elif ours is not None and theirs is not None:
        ours.corrected_from = ours.corrected_from or f"{ours.artist} - {ours.title}"[:620]
        _name(ours, theirs)
    elif theirs is not None:
        at = times[line.key]
        made = Play(dj_set_id=set_id, source="review", status="played", played_at=at, ended_at=at)
        _name(made, theirs)
        session.add(made)


def _name(play: Play, theirs: ImportedPlay) -> None:
    """What the file knows of the song; the crate knows more where the track is in it."""
    track = theirs.track
    play.title, play.artist, play.track_id = theirs.title, theirs.artist, theirs.track_id
    play.song_key, play.work_key = theirs.song_key, theirs.work_key
    play.bpm = track.working_bpm if track else theirs.bpm
    play.key_pitch, play.key_mode = (track.key_pitch, track.key_mode) if track else (None, None)
    play.duration_seconds = track.duration_seconds if track else None
    play.heard_seconds = theirs.seconds_heard


def _note_seconds(found: Sequence[Line], plays: dict[str, Play], file: dict[str, ImportedPlay]) -> None:
    """Where both agree, the file knows better how long it was heard, and which track of the crate it was."""
    for line in found:
        if line.kind == "same" and line.ours and line.file:
            ours, theirs = plays[line.ours.id], file[line.file.id]
            ours.heard_seconds = theirs.seconds_heard or ours.heard_seconds
            ours.track_id = ours.track_id or theirs.track_id


def _count_anew(set_id: int) -> None:
    """Places and ends follow from the times: a song's end is the next one's beginning."""
    plays = queries.plays_of(set_id, HEARD_STATUSES)
    for position, play in enumerate(plays, start=1):
        play.position = position
        if position < len(plays) and play.source == "review":
            play.ended_at = max(plays[position].played_at, play.played_at)


def _columns(play: Play) -> dict[str, Any]:
    times = {name: value.isoformat() if (value := getattr(play, name)) else None for name in TIMES}
    return {name: getattr(play, name) for name in MENDED} | times


def _changed(dj_set: DjSet, before: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a review changed: the former columns, or {} for a play that it made."""
    now = {play.public_id: _columns(play) for play in queries.plays_of(dj_set.id)}
    kept = {public_id: columns for public_id, columns in before.items() if now.get(public_id) != columns}
    new = [public_id for public_id, columns in now.items() if public_id not in before and _is_heard(columns)]
    return kept | {public_id: {} for public_id in new}


def _is_heard(columns: dict[str, Any]) -> bool:
    return columns["status"] in HEARD_STATUSES


def undo(set_id: int) -> None:
    """Take the last review back, whole. Raises NothingToUndo."""
    with transaction():
        dj_set = queries.locked_set(set_id)
        last = review.last_review(set_id)
        if last is None:
            raise NothingToUndo("There is nothing to undo: the last review was taken back already.")
        for play in queries.plays_of(set_id):
            former = last.before.get(play.public_id)
            if former is not None:
                _put_back(play, former)
        last.undone_at = clock.now()
        code = dj_set.code
    live.ledger_changed(code)


def _put_back(play: Play, former: dict[str, Any]) -> None:
    if not former:
        play.status = "removed"
        return
    for name in MENDED:
        setattr(play, name, former[name])
    for name in TIMES:
        setattr(play, name, datetime.fromisoformat(former[name]) if former[name] else None)
