"""Named reads of the crate. Everything is one DJ's own: each query takes the person it is for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from app.db import db
from app.music.models import (
    CrateChange,
    CrateSettings,
    ImportFile,
    ImportRun,
    Playlist,
    PlaylistTrack,
    TempoBand,
    Track,
)
from app.music.tempo import DEFAULT_BANDS, Band
from app.people.models import Person


def import_run(person_id: int, public_id: str) -> ImportRun | None:
    return db.session.scalar(
        select(ImportRun).where(ImportRun.person_id == person_id, ImportRun.public_id == public_id)
    )


def import_bytes(run_id: int) -> bytes | None:
    """The compressed file of an import that has not ended."""
    return db.session.scalar(select(ImportFile.packed).where(ImportFile.import_run_id == run_id))


def imports_of(person_id: int, limit: int = 50) -> Sequence[ImportRun]:
    """Imports that were begun, newest first; previews that nobody confirmed are not among them."""
    return db.session.scalars(
        select(ImportRun)
        .where(ImportRun.person_id == person_id, ImportRun.state != "previewed")
        .order_by(ImportRun.id.desc())
        .limit(limit)
    ).all()


def earlier_import(person_id: int, digest: str, but: int | None = None) -> ImportRun | None:
    """The last time that this very file was imported, and not taken back."""
    found = select(ImportRun).where(
        ImportRun.person_id == person_id, ImportRun.file_digest == digest, ImportRun.state == "done"
    )
    if but is not None:
        found = found.where(ImportRun.id != but)
    return db.session.scalars(found.order_by(ImportRun.id.desc()).limit(1)).first()


def lock_owner(person_id: int) -> None:
    """Two imports of one DJ wait for each other, so that neither makes a double of what the other made."""
    db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update())


def tracks_by_song(person_id: int, song_keys: Iterable[str]) -> dict[str, list[Track]]:
    """Tracks, removed ones too, by song key."""
    wanted = list(set(song_keys))
    found: dict[str, list[Track]] = {}
    if wanted:
        rows = db.session.scalars(select(Track).where(Track.person_id == person_id, Track.song_key.in_(wanted)))
        for track in rows:
            found.setdefault(track.song_key, []).append(track)
    return found


def track_paths(person_id: int) -> dict[str, int]:
    """Track ids by where the DJ's computer has them (folded): crates and bare playlists name nothing else."""
    rows = db.session.execute(
        select(Track.path_hint, Track.id).where(
            Track.person_id == person_id, Track.path_hint != "", Track.removed_at.is_(None)
        )
    )
    return {path_key(path): track_id for path, track_id in rows}


def path_key(path: str) -> str:
    """The last three parts of a path, folded: drives and homes differ from computer to computer."""
    parts = path.replace("\\", "/").casefold().split("/")
    return "/".join(part for part in parts if part)[-400:] if len(parts) < 4 else "/".join(parts[-3:])


def playlist_by_source(person_id: int, source_key: str) -> Playlist | None:
    return db.session.scalars(
        select(Playlist)
        .where(Playlist.person_id == person_id, Playlist.source_key == source_key)
        .order_by(Playlist.removed_at.is_not(None), Playlist.id)
        .limit(1)
    ).first()


def bands_for(person_id: int | None, dance: str) -> list[Band]:
    """A DJ's own bands of a dance, else the defaults."""
    own = db.session.scalars(
        select(TempoBand).where(TempoBand.person_id == person_id, TempoBand.dance == dance).order_by(TempoBand.position)
    ).all()
    return [Band(band.name, band.low_bpm, band.high_bpm) for band in own] or list(DEFAULT_BANDS.get(dance, ()))


def settings_of(person_id: int) -> CrateSettings:
    """How a DJ sees the crate; unsaved defaults where nothing was chosen."""
    found = db.session.get(CrateSettings, person_id)
    return found or CrateSettings(person_id=person_id, key_notation="camelot", dance="wcs")


def playlists_of(person_id: int) -> Sequence[Playlist]:
    """A DJ's playlists, by folder and name."""
    return db.session.scalars(
        select(Playlist)
        .where(Playlist.person_id == person_id, Playlist.removed_at.is_(None))
        .order_by(Playlist.folder, Playlist.position, Playlist.name, Playlist.id)
    ).all()


def playlist_counts(person_id: int) -> dict[int, tuple[int, float]]:
    """(tracks, seconds) of each playlist; lengths that are unknown count nothing."""
    rows = db.session.execute(
        select(PlaylistTrack.playlist_id, func.count(), func.coalesce(func.sum(Track.duration_seconds), 0.0))
        .join(Track, Track.id == PlaylistTrack.track_id)
        .join(Playlist, Playlist.id == PlaylistTrack.playlist_id)
        .where(Playlist.person_id == person_id, Track.removed_at.is_(None))
        .group_by(PlaylistTrack.playlist_id)
    )
    return {playlist_id: (count, seconds or 0.0) for playlist_id, count, seconds in rows}


def playlist_for(person_id: int, public_id: str) -> Playlist | None:
    """A DJ's playlist that is not removed."""
    return db.session.scalar(
        select(Playlist).where(
            Playlist.person_id == person_id, Playlist.public_id == public_id, Playlist.removed_at.is_(None)
        )
    )


def entries_of(playlist_id: int) -> Sequence[PlaylistTrack]:
    """The entries of a playlist in order, with their tracks; removed tracks are out of sight."""
    return db.session.scalars(
        select(PlaylistTrack)
        .join(Track, Track.id == PlaylistTrack.track_id)
        .options(contains_eager(PlaylistTrack.track))
        .where(PlaylistTrack.playlist_id == playlist_id, Track.removed_at.is_(None))
        .order_by(PlaylistTrack.position, PlaylistTrack.id)
    ).all()


def track_for(person_id: int, public_id: str) -> Track | None:
    """A DJ's track that is not removed."""
    return db.session.scalar(
        select(Track).where(Track.person_id == person_id, Track.public_id == public_id, Track.removed_at.is_(None))
    )


def lists_with(track_id: int) -> Sequence[Playlist]:
    """The playlists that a track stands in."""
    return db.session.scalars(
        select(Playlist)
        .where(
            Playlist.id.in_(select(PlaylistTrack.playlist_id).where(PlaylistTrack.track_id == track_id)),
            Playlist.removed_at.is_(None),
        )
        .order_by(Playlist.name)
    ).all()


def all_tracks(person_id: int) -> Sequence[Track]:
    """The whole crate, for an export."""
    return db.session.scalars(
        select(Track).where(Track.person_id == person_id, Track.removed_at.is_(None)).order_by(Track.search_text)
    ).all()


def all_entries(person_id: int) -> list[tuple[Playlist, list[Track]]]:
    """Every playlist with its tracks, for an export, in two queries."""
    lists = playlists_of(person_id)
    rows = db.session.execute(
        select(PlaylistTrack.playlist_id, Track)
        .join(Track, Track.id == PlaylistTrack.track_id)
        .where(PlaylistTrack.playlist_id.in_([playlist.id for playlist in lists]), Track.removed_at.is_(None))
        .order_by(PlaylistTrack.playlist_id, PlaylistTrack.position)
    )
    tracks: dict[int, list[Track]] = {}
    for playlist_id, track in rows:
        tracks.setdefault(playlist_id, []).append(track)
    return [(playlist, tracks.get(playlist.id, [])) for playlist in lists]


def own_bands(person_id: int, dance: str) -> bool:
    """Whether a DJ has bands of their own for a dance."""
    return db.session.scalar(
        select(TempoBand.id).where(TempoBand.person_id == person_id, TempoBand.dance == dance).limit(1)
    ) is not None  # fmt: skip


def last_change(person_id: int) -> CrateChange | None:
    """The last thing that was done to tracks."""
    return db.session.scalars(
        select(CrateChange).where(CrateChange.person_id == person_id).order_by(CrateChange.id.desc()).limit(1)
    ).first()
