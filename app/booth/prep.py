"""Preparing a gig: the playlists meant for it, what of them was played there before, and their tempo curve. Reads only.

"There" is the same event, or any event at the same venue, whoever played; the gig's own evening does not count yet.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.booth.models import GigPlaylist
from app.db import db
from app.events.models import Event
from app.floor.models import HEARD_STATUSES, DjSet, Play
from app.gigs.models import LIVING_STATES, Gig
from app.lib import clock
from app.music.models import Playlist, PlaylistTrack, Track
from app.people.models import Person
from app.web import charts
from app.web.charts import Curve


@dataclass(frozen=True, slots=True)
class PreparedList:
    """A playlist of the gig: its tracks, each with what is known of its last time there ("" = never), and its curve."""

    playlist: Playlist
    tracks: list[tuple[Track, str]]
    curve: Curve | None
    minutes: int


def own_gig(person_id: int, public_id: str) -> Gig | None:
    """One of the DJ's own gigs that is not off."""
    mine = (Gig.person_id == person_id, Gig.public_id == public_id, Gig.role == "dj", Gig.state.in_(LIVING_STATES))
    return db.session.scalar(select(Gig).options(joinedload(Gig.event)).where(*mine))


def lists_of(gig: Gig) -> list[PreparedList]:
    """The gig's playlists in the order they were chosen."""
    found = (
        select(GigPlaylist)
        .join(Playlist)
        .options(joinedload(GigPlaylist.playlist).selectinload(Playlist.entries).joinedload(PlaylistTrack.track))
        .where(GigPlaylist.gig_id == gig.id, Playlist.removed_at.is_(None))
        .order_by(GigPlaylist.id)
    )
    lists = [linked.playlist for linked in db.session.scalars(found)]
    works = {entry.track.work_key for playlist in lists for entry in playlist.entries}
    before = last_times(gig, works)
    return [_prepared(playlist, before) for playlist in lists]


def _prepared(playlist: Playlist, before: dict[str, str]) -> PreparedList:
    tracks = [entry.track for entry in playlist.entries]
    bpms = [track.working_bpm for track in tracks]
    curve = charts.curve(bpms) if sum(bpm is not None for bpm in bpms) > 1 else None
    seconds = sum(track.duration_seconds or 0 for track in tracks)
    return PreparedList(
        playlist, [(track, before.get(track.work_key, "")) for track in tracks], curve, round(seconds / 60)
    )


def last_times(gig: Gig, works: Collection[str]) -> dict[str, str]:
    """Work key -> "13 June 2026, DJ Ana": the newest time that it was heard there before this gig."""
    if gig.event is None or not works:
        return {}
    same_venue = (Event.venue == gig.event.venue) & (Event.city == gig.event.city) & (Event.venue != "")
    same_venue &= Event.published_at.is_not(None)  # a hidden event gives nothing away
    found = (
        select(Play.work_key, Play.played_at, Event.zone, Event.day_change_hour, Person.name)
        .join(DjSet, Play.dj_set_id == DjSet.id)
        .join(Event, DjSet.event_id == Event.id)
        .join(Person, DjSet.person_id == Person.id)
        .where(
            or_(Event.id == gig.event_id, same_venue), Play.work_key.in_(works), Play.status.in_(HEARD_STATUSES),
            Play.played_at < gig.starts_at,
        )
        .order_by(Play.played_at)
    )  # fmt: skip
    return {
        work: f"{clock.event_day(at, zone, hour):%-d %B %Y}, {name}"
        for work, at, zone, hour, name in db.session.execute(found)
    }


def other_playlists(gig: Gig) -> list[Playlist]:
    """The DJ's playlists that are not meant for the gig yet."""
    chosen = select(GigPlaylist.playlist_id).where(GigPlaylist.gig_id == gig.id)
    mine = (Playlist.person_id == gig.person_id, Playlist.removed_at.is_(None), Playlist.id.not_in(chosen))
    return list(
        db.session.scalars(
            select(Playlist).options(selectinload(Playlist.entries)).where(*mine).order_by(Playlist.name)
        )
    )
