"""Choosing playlists for a gig. Called by the preparation's page."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.booth.models import GigPlaylist
from app.db import transaction
from app.music.models import Playlist


def link(person_id: int, gig_id: int, list_id: str, *, on: bool) -> bool:
    """Mean one of the DJ's own playlists for a gig, or no more; False when there is no such playlist. Twice is once."""
    try:
        with transaction() as session:
            mine = (Playlist.person_id == person_id, Playlist.public_id == list_id, Playlist.removed_at.is_(None))
            playlist_id = session.scalar(select(Playlist.id).where(*mine))
            if playlist_id is None:
                return False
            pair = (GigPlaylist.gig_id == gig_id, GigPlaylist.playlist_id == playlist_id)
            known = session.scalar(select(GigPlaylist.id).where(*pair))
            if on and known is None:
                session.add(GigPlaylist(gig_id=gig_id, playlist_id=playlist_id))
            elif not on:
                session.execute(delete(GigPlaylist).where(*pair))
    except IntegrityError:
        return True  # two taps at once: the other one linked it
    return True
