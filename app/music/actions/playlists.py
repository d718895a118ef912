"""Playlists and tempo bands: made, named, filled, put in order, removed and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from app.db import db, transaction
from app.lib import clock
from app.music import rules
from app.music.models import Playlist, PlaylistTrack, TempoBand, Track
from app.music.tempo import Band

PLAYLISTS_MAX = 2_000
ENTRIES_MAX = 5_000


def create(person_id: int, values: Mapping[str, Any]) -> str:
    """A new, empty playlist; its public id. Raises TooMany."""
    with transaction() as session:
        there = len(session.scalars(select(Playlist.id).where(Playlist.person_id == person_id)).all())
        rules.check_fits(there, PLAYLISTS_MAX, "playlists")
        playlist = Playlist(person_id=person_id, **values)
        session.add(playlist)
        session.flush()
        return playlist.public_id


def rename(person_id: int, public_id: str, values: Mapping[str, Any]) -> None:
    """Name, folder and note. Raises Gone."""
    with transaction():
        playlist = _mine(person_id, public_id)
        for name, value in values.items():
            setattr(playlist, name, value)


def add(person_id: int, public_id: str, track_ids: Sequence[str]) -> int:
    """Tracks behind those that are there, in the order given; how many. Raises Gone, TooMany."""
    with transaction() as session:
        playlist = _mine(person_id, public_id)
        rows = session.execute(
            select(Track.public_id, Track.id).where(Track.person_id == person_id, Track.public_id.in_(track_ids))
        )
        known = dict(iter(rows))
        wanted = [known[public] for public in track_ids if public in known]
        rules.check_fits(len(playlist.entries) + len(wanted) - 1, ENTRIES_MAX, "tracks in a playlist")
        last = max((entry.position for entry in playlist.entries), default=0)
        playlist.entries.extend(PlaylistTrack(track_id=t, position=last + n) for n, t in enumerate(wanted, 1))
        return len(wanted)


def move(person_id: int, public_id: str, entry_id: int, to: int) -> None:
    """An entry to another place, counted from 1; the others make room. Raises Gone."""
    with transaction():
        playlist = _mine(person_id, public_id)
        entries = list(playlist.entries)
        entry = next((entry for entry in entries if entry.id == entry_id), None)
        if entry is None:
            raise rules.Gone("This entry is no longer in the playlist.")
        entries.remove(entry)
        entries.insert(max(0, min(len(entries), to - 1)), entry)
        for position, present in enumerate(entries, 1):
            present.position = position


def take_out(person_id: int, public_id: str, entry_id: int) -> tuple[str, str, int]:
    """An entry out of the playlist; the track stays in the crate. Its track's public id and title, and its place.

    Raises Gone.
    """
    with transaction() as session:
        playlist = _mine(person_id, public_id)
        entry = next((entry for entry in playlist.entries if entry.id == entry_id), None)
        if entry is None:
            raise rules.Gone("This entry is no longer in the playlist.")
        out = entry.track.public_id, entry.track.title, list(playlist.entries).index(entry) + 1
        playlist.entries.remove(entry)
        session.flush()
        for position, present in enumerate(playlist.entries, 1):
            present.position = position
        return out


def put_back(person_id: int, public_id: str, track_id: str, place: int) -> None:
    """Undo of `take_out`: the track at that place again, counted from 1. Raises Gone, TooMany."""
    with transaction() as session:
        playlist = _mine(person_id, public_id)
        mine = (Track.person_id == person_id, Track.public_id == track_id, Track.removed_at.is_(None))
        found = session.scalar(select(Track.id).where(*mine))
        if found is None:
            raise rules.Gone("This track is no longer in your crate.")
        rules.check_fits(len(playlist.entries), ENTRIES_MAX, "tracks in a playlist")
        entries = list(playlist.entries)
        entry = PlaylistTrack(track_id=found, position=len(entries) + 1)
        playlist.entries.append(entry)
        entries.insert(max(0, min(len(entries), place - 1)), entry)
        for position, present in enumerate(entries, 1):
            present.position = position


def remove(person_id: int, public_id: str) -> str:
    """Out of sight, until it is brought back. Its name. Raises Gone."""
    with transaction():
        playlist = _mine(person_id, public_id)
        playlist.removed_at, playlist.is_public = clock.now(), False
        return playlist.name


def bring_back(person_id: int, public_id: str) -> str:
    """Undo of `remove`. Its name. Raises Gone."""
    with transaction():
        playlist = _mine(person_id, public_id, removed=True)
        playlist.removed_at = None
        return playlist.name


def set_bands(person_id: int, dance: str, bands: Sequence[Band]) -> None:
    """A DJ's own tempo bands of a dance; none means the defaults again."""
    with transaction() as session:
        session.execute(delete(TempoBand).where(TempoBand.person_id == person_id, TempoBand.dance == dance))
        for position, band in enumerate(bands):
            session.add(TempoBand(person_id=person_id, dance=dance, name=band.name, low_bpm=band.low,
                                  high_bpm=band.high, position=position))  # fmt: skip


def _mine(person_id: int, public_id: str, *, removed: bool = False) -> Playlist:
    found: Playlist | None = db.session.scalar(
        select(Playlist).where(Playlist.person_id == person_id, Playlist.public_id == public_id).with_for_update()
    )
    if found is None or (found.removed_at is not None and not removed):
        raise rules.Gone("This playlist is no longer there.")
    return found
