"""Decisions about the crate, on objects given: what is the same recording, what an import may change, refusals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from app.lib.refusal import Refusal
from app.music.models import Track
from app.music.readers.items import Item

SAME_SECONDS = 2.0
TRACKS_MAX = 100_000


class Gone(Refusal):
    """What was shown is no longer there."""


class CannotUndo(Refusal):
    """It was changed again since, or taken back already."""


class CrateFull(Refusal):
    """There is an end to every crate."""


class Lengthy(Protocol):
    """Something with a length."""

    duration_seconds: float | None


def same_recording(candidates: Iterable[Track], seconds: float | None) -> Track | None:
    """Of tracks with the same song key, the one of the same length, give or take two seconds; unknown fits any."""
    fitting = [track for track in candidates if _fits(track.duration_seconds, seconds)]
    return min(fitting, key=lambda track: (_distance(track.duration_seconds, seconds), track.id), default=None)


def _fits(one: float | None, other: float | None) -> bool:
    return one is None or other is None or abs(one - other) <= SAME_SECONDS


def _distance(one: float | None, other: float | None) -> float:
    return abs(one - other) if one is not None and other is not None else SAME_SECONDS


def updates(track: Track, item: Item, source: str) -> dict[str, object]:
    """What a file changes on a track that is there: blanks are filled; the program it came from may correct itself.

    A tempo that the DJ fixed stays in its own field, and a locked one is not touched at all.
    """
    is_home = track.source == source
    said: dict[str, object] = {
        "album": item.album, "genre": item.genre, "comment": item.comment, "path_hint": item.path, "isrc": item.isrc,
        "energy": item.energy, "familiarity": item.familiarity,
    }  # fmt: skip
    changed = {
        name: value
        for name, value in said.items()
        if value not in {"", None} and _may_take(getattr(track, name) or None, value, is_home=is_home)
    }
    if track.duration_seconds is None and item.duration_seconds is not None:
        changed["duration_seconds"] = item.duration_seconds
    if item.bpm is not None and not track.bpm_locked and _may_take(track.bpm, item.bpm, is_home=is_home):
        changed |= {"bpm": item.bpm, "bpm_raw": item.bpm_raw}
    if item.key is not None and _may_take(track.key, item.key, is_home=is_home):
        changed |= {"key_pitch": item.key.pitch, "key_mode": item.key.mode, "key_raw": item.key_raw}
    return changed


def _may_take(present: object, said: object, *, is_home: bool) -> bool:
    return present is None or (is_home and present != said)


class Known(Refusal):
    """The same recording is in the crate already."""

    field = "title"


class TooMany(Refusal):
    """There is an end to lists, too."""


def check_unknown(track: Track | None) -> None:
    """Raises Known."""
    if track is not None:
        raise Known(f"{track.artist or 'Somebody'} – {track.title} is in your crate already.")


def check_fits(there: int, most: int, what: str) -> None:
    """Raises TooMany where one more would be too many."""
    if there >= most:
        raise TooMany(f"There are {most:,} {what} at most.")
