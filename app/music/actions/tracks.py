"""Tracks: added and edited by hand, tempos repaired one or many at a time, removed; each tap can be taken back once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db import db, transaction
from app.lib import clock
from app.music import names, rules, tempo
from app.music.models import CrateChange, CrateSettings, Track

MANY = 5_000  # tracks that one tap may change
NAMED = ("title", "artist", "album", "genre")


@dataclass(frozen=True, slots=True)
class Changed:
    """What a tap did. `change` undoes it; "" when it did nothing."""

    sentence: str
    change: str = ""
    track: str = ""


def add(person_id: int, values: Mapping[str, Any]) -> Changed:
    """A track typed by hand. Raises CrateFull, Known."""
    with transaction() as session:
        track = Track(person_id=person_id, title="", source="")
        _fill(track, values)
        known = session.scalars(
            select(Track).where(Track.person_id == person_id, Track.song_key == track.song_key)
        ).all()
        rules.check_unknown(rules.same_recording([t for t in known if t.removed_at is None], track.duration_seconds))
        session.add(track)
        session.flush()
        return Changed(f"{track.title} is in your crate.", track=track.public_id)


def edit(person_id: int, public_id: str, values: Mapping[str, Any]) -> Changed:
    """A track as the DJ wants it. Raises Gone."""
    return _change(person_id, [public_id], lambda track: _fill(track, values), "{title} is saved.")


def repair(person_id: int, public_ids: Sequence[str], how: str, dance: tempo.Dance) -> Changed:
    """Double, halve, ×3/2, ×2/3, fold into the dance's range, lock, unlock, or back to the file's tempo. Raises Gone.

    Locked tracks and those without a tempo stay as they are.
    """
    return _change(person_id, public_ids, lambda track: _repaired(track, how, dance), SENTENCES[how])


def set_tempo(person_id: int, public_id: str, bpm: float) -> Changed:
    """A tempo that was tapped or typed. Raises Gone."""

    def fix(track: Track) -> None:
        track.bpm_fixed = round(bpm, 2)

    return _change(person_id, [public_id], fix, "{title} has a tempo of its own.")


def remove(person_id: int, public_ids: Sequence[str]) -> Changed:
    """Out of the crate and of every playlist's sight. Raises Gone."""

    def go(track: Track) -> None:
        track.removed_at = clock.now()

    return _change(person_id, public_ids, go, "{count} out of your crate.")


def undo(person_id: int, public_id: str) -> str:
    """Take a change back, where its tracks are still as it left them. A sentence. Raises Gone, CannotUndo."""
    with transaction() as session:
        change = session.scalar(
            select(CrateChange).where(CrateChange.person_id == person_id, CrateChange.public_id == public_id)
        )
        if change is None:
            raise rules.Gone("There is nothing to undo.")
        tracks = _tracks(person_id, list(change.before))
        untouched = [
            track for track in tracks if _state(track, change.after[track.public_id]) == change.after[track.public_id]
        ]
        if change.undone_at is not None or not untouched:
            raise rules.CannotUndo("It was changed again since, so it stays.")
        for track in untouched:
            _restore(track, change.before[track.public_id])
        change.undone_at = clock.now()
        left = len(change.before) - len(untouched)
    return "Taken back." if not left else f"Taken back; {left} changed since and stay."


def choose_view(person_id: int, key_notation: str, dance: str) -> None:
    """How this DJ sees keys and tempos from now on."""
    with transaction() as session:
        found = session.get(CrateSettings, person_id)
        if found is None:
            found = CrateSettings(person_id=person_id)
            session.add(found)
        found.key_notation, found.dance = key_notation, dance


SENTENCES = {
    "double": "{count} at twice the tempo.", "half": "{count} at half the tempo.",
    "three_halves": "{count} at one and a half times the tempo.", "two_thirds": "{count} at two thirds of the tempo.",
    "fit": "{count} in the dance’s range.", "lock": "{count} locked.", "unlock": "{count} unlocked.",
    "reset": "{count} back to the file’s tempo.",
}  # fmt: skip


def _repaired(track: Track, how: str, dance: tempo.Dance) -> None:
    if how in {"lock", "unlock"}:
        track.bpm_locked = how == "lock"
    elif track.bpm_locked:
        return
    elif how == "reset":
        track.bpm_fixed = None
    elif how == "fit":
        track.bpm_fixed = tempo.folded(track.bpm_fixed or track.bpm, dance)
    else:
        present = track.bpm_for(dance)
        made = tempo.repaired(present, how) if present else None
        track.bpm_fixed = made or track.bpm_fixed


def _fill(track: Track, values: Mapping[str, Any]) -> None:
    for name in (*NAMED, "comment", "bpm_fixed", "bpm_locked", "energy", "familiarity", "duration_seconds"):
        setattr(track, name, values[name])
    key = values["key"]
    track.key_raw = values["key_raw"]
    track.key_pitch, track.key_mode = (key.pitch, key.mode) if key else (None, None)
    _rename(track)


def _rename(track: Track) -> None:
    track.song_key, track.work_key = (
        names.song_key(track.artist, track.title),
        names.work_key(track.artist, track.title),
    )
    track.search_text = names.search_text(track.artist, track.title, track.album, track.genre)


# ---- changes that can be taken back ----

KEPT = (
    *NAMED, "comment", "bpm_fixed", "bpm_locked", "energy", "familiarity", "duration_seconds", "key_raw", "key_pitch",
    "key_mode",
)  # fmt: skip


def _change(person_id: int, public_ids: Sequence[str], do: Callable[[Track], None], sentence: str) -> Changed:
    """Do something to tracks and remember what they were. Raises Gone when none of them is there."""
    with transaction() as session:
        tracks = [track for track in _tracks(person_id, public_ids[:MANY]) if track.removed_at is None]
        if not tracks:
            raise rules.Gone("No track was chosen, or it is no longer there.")
        before = {track.public_id: _state(track) for track in tracks}
        for track in tracks:
            do(track)
        after = {track.public_id: _state(track) for track in tracks}
        moved = [key for key in before if before[key] != after[key]]
        if not moved:
            return Changed("Nothing to change.", track=tracks[0].public_id)
        told = sentence.format(title=tracks[0].title, count=f"{len(moved):,} track{'' if len(moved) == 1 else 's'}")
        change = CrateChange(
            person_id=person_id, sentence=told[:200],
            before={key: _difference(before[key], after[key]) for key in moved},
            after={key: _difference(after[key], before[key]) for key in moved},
        )  # fmt: skip
        session.add(change)
        session.flush()
        return Changed(told, change.public_id, tracks[0].public_id)


def _tracks(person_id: int, public_ids: Sequence[str]) -> list[Track]:
    found: list[Track] = []
    for at in range(0, len(public_ids), 500):
        part = public_ids[at : at + 500]
        found += db.session.scalars(select(Track).where(Track.person_id == person_id, Track.public_id.in_(part)))
    return found


def _state(track: Track, only: Mapping[str, Any] | None = None) -> dict[str, Any]:
    values = {name: getattr(track, name) for name in KEPT} | {"is_removed": track.removed_at is not None}
    return values if only is None else {name: values[name] for name in only}


def _difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if value != other[name]}


def _restore(track: Track, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name == "is_removed":
            track.removed_at = clock.now() if value else None
        else:
            setattr(track, name, value)
    _rename(track)
