"""What a DJ does with a set that is over: share parts of its figures, and publish its list. Called by its routes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import outbox
from app.booth.actions.reviews import SetStillLive
from app.booth.after.figures import PARTS
from app.booth.after.review import made_of
from app.db import transaction
from app.floor import queries
from app.floor.models import HEARD_STATUSES, DjSet, Play
from app.lib import clock
from app.lib.refusal import Refusal
from app.music.models import Playlist, PlaylistTrack, Track
from app.music.names import search_text
from app.outbox import OutboxItem

TOLD_AFTER = timedelta(minutes=10)  # time enough to take it back


class NoSongs(Refusal):
    """An empty list is nothing to publish."""


def share(set_id: int, parts: Collection[str]) -> None:
    """Which parts of the figures anybody with the address may see."""
    with transaction():
        queries.locked_set(set_id).shared_parts = [part for part in PARTS if part in parts]


def publish(set_id: int, name: str, about: str) -> str:
    """The set's list as a public playlist, as it is now; publishing again renews it. Returns its public id.

    Songs that are not in the crate yet are put there. Followers hear of it ten minutes later, once a day at most.
    Raises SetStillLive, NoSongs.
    """
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        if not dj_set.is_over:
            raise SetStillLive("This set is still running. Publish its list once it is over.")
        plays = queries.plays_of(set_id, HEARD_STATUSES)
        if not plays:
            raise NoSongs("No song was noted in this set. Bring them in by a review first.")
        playlist = _playlist_of(session, dj_set)
        playlist.name, playlist.about = name, about
        playlist.is_public, playlist.published_at, playlist.removed_at = True, clock.now(), None
        playlist.entries = [
            PlaylistTrack(track=_track(session, dj_set.person_id, play), position=place)
            for place, play in enumerate(plays)
        ]
        session.flush()
        owe_news(session, dj_set.person_id)
        public_id = playlist.public_id
    outbox.hint()
    return public_id


def unpublish(set_id: int) -> None:
    """Not public any more. Who was told already finds nothing there."""
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        found = session.scalar(select(Playlist).where(*made_of(dj_set)))
        if found is not None:
            found.is_public = False


def owe_news(session: Any, person_id: int) -> None:
    """Promise followers the news, inside the caller's transaction: in ten minutes, or tomorrow if they heard today.

    What they are told is decided then: the newest playlist that is still public (jobs/discover.py).
    """
    due = clock.now() + TOLD_AFTER
    for day in (due, due + timedelta(days=1)):
        key = f"playlist-news:{person_id}:{day.date().isoformat()}"
        state = session.scalar(select(OutboxItem.state).where(OutboxItem.dedupe_key == key))
        if state in {None, "due"}:
            outbox.owe("discover.playlist_news", {"person_id": person_id}, key, day)
            return


def _playlist_of(session: Any, dj_set: DjSet) -> Playlist:
    found: Playlist | None = session.scalar(select(Playlist).where(*made_of(dj_set)))
    if found is None:
        found = Playlist(person_id=dj_set.person_id, source_key=f"set:{dj_set.public_id}", name="", folder="Sets")
        session.add(found)
    return found


def _track(session: Any, person_id: int, play: Play) -> Track:
    """The track that was played: the one tapped, one of the same recording in the crate, or a new one."""
    if play.track_id is not None:
        return session.get_one(Track, play.track_id)  # type: ignore[no-any-return]  # the session is untyped here
    same = (Track.person_id == person_id, Track.song_key == play.song_key, Track.removed_at.is_(None))
    found: Track | None = session.scalar(select(Track).where(*same).limit(1))
    if found is None:
        found = Track(
            person_id=person_id, title=play.title, artist=play.artist, bpm=play.bpm, song_key=play.song_key,
            work_key=play.work_key, key_pitch=play.key_pitch, key_mode=play.key_mode, source="set",
            duration_seconds=play.duration_seconds, search_text=search_text(play.artist, play.title),
        )  # fmt: skip
        session.add(found)
        session.flush()
    return found
