"""Imports of files: kept for a preview, started, done piece by piece, taken back.

Called by routes, jobs.music and the command line. A piece is one short transaction, so that nobody waits for a crate of
thousands; what a kill interrupts is done again from the start and then changes nothing that is done already.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from app import outbox
from app.db import db, transaction
from app.lib import clock
from app.lib.heavy import in_thread
from app.music import names, queries, rules
from app.music.models import ImportedPlay, ImportFile, ImportRun, Playlist, PlaylistTrack, Track
from app.music.readers.items import Item, Library, Listed, Played

PIECE = 400
PREVIEW_KEPT = timedelta(hours=24)
PREVIEWS_MOST = 5  # of one DJ: each may hold 20 MB
WARNINGS_KEPT = 50
Tell = Callable[[int], None]


def keep(person_id: int, file_name: str, raw: bytes, library: Library) -> str:
    """Keep an uploaded file for its preview. The public id of the import; older previews go."""
    digest = hashlib.sha256(raw).hexdigest()
    packed = in_thread(gzip.compress, raw, 3)
    with transaction() as session:
        waiting = (ImportRun.person_id == person_id, ImportRun.state == "previewed")
        others = select(ImportRun.id).where(*waiting).order_by(ImportRun.id.desc()).offset(PREVIEWS_MOST - 1)
        gone = or_(ImportRun.created_at < clock.now() - PREVIEW_KEPT, ImportRun.id.in_(list(session.scalars(others))))
        session.execute(delete(ImportRun).where(*waiting, gone))
        run = ImportRun(person_id=person_id, file_name=file_name[:200], file_digest=digest, format=library.format)
        session.add(run)
        session.flush()
        session.add(ImportFile(import_run_id=run.id, packed=packed))
        return run.public_id


def choose(run_id: int, values: Mapping[str, Any]) -> None:
    """Remember what was chosen in the preview: encoding, mapping, zone, takes_sounds, into_playlist, format."""
    with transaction():
        run = _run(run_id)
        if run.state == "previewed":
            for name, value in values.items():
                setattr(run, name, value)


def start(run_id: int) -> None:
    """Owe the import to a worker. Raises Gone when it was started already."""
    with transaction():
        run = _run(run_id)
        if run.state != "previewed":
            raise rules.Gone("This import was started already.")
        run.state = "queued"
        outbox.owe("music.import", {"run": run.id}, f"music.import:{run.id}")
    outbox.hint()


def fail(run_id: int, sentence: str) -> None:
    """It cannot be done: say why, and keep nothing of the file."""
    with transaction() as session:
        run = _run(run_id)
        run.state, run.finished_at = "failed", clock.now()
        run.warnings = [{"sentence": sentence, "count": 1, "where": []}]
        session.execute(delete(ImportFile).where(ImportFile.import_run_id == run_id))


def carry_out(run_id: int, library: Library, tell: Tell) -> Counter[str]:
    """Bring a library into its DJ's crate; `tell` is called with the run's id after each piece. The counts.

    Raises CrateFull. What was done until then stays, and the run says so.
    """
    frame = _begin(run_id, library)
    if frame is None:
        return Counter()
    items = [item for item in library.everything() if _wanted(item, frame)]
    ids: dict[int, int] = {}
    for at in range(0, len(items), PIECE):
        _tracks(frame, items[at : at + PIECE], ids, at + PIECE)
        tell(run_id)
    for listed in library.playlists:
        if listed.kind == "list" and any(id(item) in ids for item in listed.items):
            _playlist(frame, listed, ids)
    if frame.into_playlist:
        _append(frame, [ids[id(item)] for item in library.tracks if id(item) in ids])
    _plays(frame, library.plays, ids)
    _end(frame, library)
    tell(run_id)
    return frame.counts


def take_back(person_id: int, public_id: str) -> ImportRun:
    """Undo an import: what it made goes (tracks that were there before stay). Raises CannotUndo, Gone."""
    with transaction() as session:
        run = queries.import_run(person_id, public_id)
        if run is None:
            raise rules.Gone("There is no such import.")
        if run.state != "done":
            raise rules.CannotUndo("This import is not finished, or was taken back already.")
        moment = clock.now()
        for table in (Track, Playlist):
            session.execute(
                update(table).where(table.import_run_id == run.id, table.removed_at.is_(None)).values(removed_at=moment)
            )
        session.execute(delete(ImportedPlay).where(ImportedPlay.import_run_id == run.id))
        run.state = "undone"
        return run


# ---- pieces ----


@dataclass(slots=True)
class _Frame:
    """What every piece of one import needs."""

    run_id: int
    person_id: int
    source: str
    takes_sounds: bool
    zone: str
    into_playlist: str
    is_repeat: bool
    by_path: dict[str, int]
    counts: Counter[str]


def _run(run_id: int) -> ImportRun:
    run = db.session.get(ImportRun, run_id)
    if run is None:
        raise rules.Gone("There is no such import.")
    return run


def _begin(run_id: int, library: Library) -> _Frame | None:
    """Take the run up; None when it is over already."""
    with transaction():
        run = _run(run_id)
        if run.state not in {"previewed", "queued", "running"}:
            return None
        run.state, run.progress = "running", 0
        run.total = sum(1 for _ in library.everything())
        is_repeat = queries.earlier_import(run.person_id, run.file_digest, run.id) is not None
        needs_paths = any(_is_bare(item) for item in library.everything())
        paths = queries.track_paths(run.person_id) if needs_paths else {}
        return _Frame(run.id, run.person_id, library.format, run.takes_sounds, run.zone, run.into_playlist, is_repeat,
                      paths, Counter())  # fmt: skip


def _is_bare(item: Item) -> bool:
    """Whether a file says little more of a track than where it is."""
    return bool(item.path) and item.bpm is None and item.duration_seconds is None and not item.album


def _wanted(item: Item, frame: _Frame) -> bool:
    if not item.title:
        frame.counts["nameless"] += 1
        return False
    if item.is_sound and not frame.takes_sounds:
        frame.counts["sounds"] += 1
        return False
    return True


def _tracks(frame: _Frame, items: Sequence[Item], ids: dict[int, int], progress: int) -> None:
    """One piece: find or make each track, fill `ids` (identity of the item -> id of the track)."""
    with transaction() as session:
        queries.lock_owner(frame.person_id)
        _check_room(frame, len(items))
        artists = {id(item): names.tidy_artists(item.artist) for item in items}
        keys = {id(item): names.song_key(artists[id(item)], item.title) for item in items}
        known = queries.tracks_by_song(frame.person_id, keys.values())
        found = []
        for item in items:
            key = keys[id(item)]
            track = rules.same_recording(known.get(key, ()), item.duration_seconds) or _by_path(frame, item)
            if track is None:
                track = _made(frame, item, artists[id(item)], key)
                session.add(track)
                session.flush()
                known.setdefault(key, []).append(track)
                frame.counts["new"] += 1
            else:
                frame.counts[_update(track, item, frame)] += 1
            found.append((item, track))
        session.flush()
        ids |= {id(item): track.id for item, track in found}
        run = _run(frame.run_id)
        run.progress = min(progress, run.total)


def _check_room(frame: _Frame, more: int) -> None:
    there = db.session.scalar(select(func.count()).select_from(Track).where(Track.person_id == frame.person_id)) or 0
    if there + more > rules.TRACKS_MAX:
        raise rules.CrateFull(f"A crate holds {rules.TRACKS_MAX:,} tracks. Delete some before you import more.")


def _by_path(frame: _Frame, item: Item) -> Track | None:
    """The track of the library that a crate or a bare playlist means by its path."""
    track_id = frame.by_path.get(queries.path_key(item.path)) if _is_bare(item) else None
    return db.session.get(Track, track_id) if track_id else None


def _made(frame: _Frame, item: Item, artist: str, song_key: str) -> Track:
    return Track(
        person_id=frame.person_id, title=item.title, artist=artist, album=item.album, genre=item.genre,
        comment=item.comment, bpm_raw=item.bpm_raw, bpm=item.bpm, key_raw=item.key_raw,
        key_pitch=item.key.pitch if item.key else None, key_mode=item.key.mode if item.key else None,
        duration_seconds=item.duration_seconds, path_hint=item.path, isrc=item.isrc, energy=item.energy,
        familiarity=item.familiarity, source=frame.source, import_run_id=frame.run_id, song_key=song_key,
        work_key=names.work_key(artist, item.title),
        search_text=names.search_text(artist, item.title, item.album, item.genre),
    )  # fmt: skip


def _update(track: Track, item: Item, frame: _Frame) -> str:
    """Fill in what the file adds; what was removed comes back. What happened, in a word."""
    changed = rules.updates(track, item, frame.source)
    for name, value in changed.items():
        setattr(track, name, value)
    if changed:
        track.search_text = names.search_text(track.artist, track.title, track.album, track.genre)
    if track.removed_at is not None:
        track.removed_at = None
        return "back"
    return "changed" if changed else "same"


def _playlist(frame: _Frame, listed: Listed, ids: Mapping[int, int]) -> None:
    """Make or renew a playlist. One that this very file made already is left as the DJ may have changed it."""
    wanted = [ids[id(item)] for item in listed.items if id(item) in ids]
    source_key = f"{frame.source}:{listed.folder}/{listed.name}"[:400]
    with transaction() as session:
        queries.lock_owner(frame.person_id)
        playlist = queries.playlist_by_source(frame.person_id, source_key)
        if playlist is not None and playlist.removed_at is None and frame.is_repeat:
            frame.counts["playlists_same"] += 1
            return
        if playlist is None:
            playlist = Playlist(person_id=frame.person_id, name=listed.name[:120], folder=listed.folder[:200],
                                source_key=source_key, import_run_id=frame.run_id)  # fmt: skip
            session.add(playlist)
            frame.counts["playlists_new"] += 1
        elif playlist.removed_at is None and [entry.track_id for entry in playlist.entries] == wanted:
            frame.counts["playlists_same"] += 1
            return
        else:
            playlist.removed_at = None
            frame.counts["playlists_changed"] += 1
        playlist.entries = [PlaylistTrack(track_id=track_id, position=n) for n, track_id in enumerate(wanted, 1)]


def _append(frame: _Frame, track_ids: Sequence[int]) -> None:
    """All tracks of the file into a playlist that was chosen, behind those that are there."""
    with transaction():
        playlist = db.session.scalar(
            select(Playlist).where(Playlist.person_id == frame.person_id, Playlist.public_id == frame.into_playlist)
        )
        if playlist is None:
            return
        there = {entry.track_id for entry in playlist.entries}
        last = max((entry.position for entry in playlist.entries), default=0)
        fresh = [track_id for track_id in dict.fromkeys(track_ids) if track_id not in there]
        playlist.entries.extend(PlaylistTrack(track_id=t, position=last + n) for n, t in enumerate(fresh, 1))


def _plays(frame: _Frame, plays: Sequence[Played], ids: Mapping[int, int]) -> None:
    """Keep the plays of a history for the review of a set; those of a file that was imported before are there."""
    if frame.is_repeat or not plays:
        return
    with transaction() as session:
        session.execute(delete(ImportedPlay).where(ImportedPlay.import_run_id == frame.run_id))
        for play in plays:
            session.add(_kept_play(frame, play, ids.get(id(play.item))))
    frame.counts["plays"] = len(plays)


def _kept_play(frame: _Frame, play: Played, track_id: int | None) -> ImportedPlay:
    item, artist = play.item, names.tidy_artists(play.item.artist)
    return ImportedPlay(
        import_run_id=frame.run_id, track_id=track_id, position=play.position, title=item.title, artist=artist,
        song_key=names.song_key(artist, item.title), work_key=names.work_key(artist, item.title), bpm=item.bpm,
        played_at=_instant(play.at, frame.zone), wall_time=play.wall_time[:30], seconds_heard=play.seconds_heard,
        is_public=play.is_public,
    )  # fmt: skip


def _instant(at: datetime | None, zone: str) -> datetime | None:
    """A moment on the one line of time; a wall time only where somebody said in which zone. Nonsense is unknown."""
    if at is None or not 1900 <= at.year <= 2200:
        return None
    if at.tzinfo is not None:
        return at
    return clock.resolve_local(at, zone).instant if zone else None


def _end(frame: _Frame, library: Library) -> None:
    with transaction() as session:
        run = _run(frame.run_id)
        run.state, run.progress, run.finished_at = "done", run.total, clock.now()
        run.counts = {**frame.counts, "skipped": len(library.skipped)}
        run.warnings = [
            {"sentence": note.sentence, "count": note.count, "where": note.places}
            for note in library.warnings[:WARNINGS_KEPT]
        ]
        session.execute(delete(ImportFile).where(ImportFile.import_run_id == run.id))
