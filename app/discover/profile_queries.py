"""Named reads behind a DJ's public page. No writes. Whoever is suspended or no DJ has none: 404 is the route's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.db import db
from app.discover.models import DjFollow, DjProfile
from app.events.models import Event
from app.floor.models import HEARD_STATUSES, DjSet, Heart, Play
from app.gigs.models import AGREED_STATES, Gig
from app.lib import clock
from app.music.models import Playlist, PlaylistTrack, Track
from app.notify.holders import Holder
from app.people.models import Person, RoleGrant
from app.people.queries import held_by
from app.people.viewer import Viewer

PLAYS_READ = 5000  # the newest ones: taste changes
LEAST_HEARD = 3  # songs: a set that was opened by mistake is not played


def dj_by_handle(handle: str) -> Person | None:
    """The person behind /dj/<handle>, if they hold the role and may be seen."""
    is_dj = select(RoleGrant.id).where(RoleGrant.person_id == Person.id, RoleGrant.role == "dj").exists()
    wanted = (Person.handle == handle.lower(), Person.suspended_at.is_(None), is_dj)
    return db.session.scalar(select(Person).where(*wanted))


def profile_of(person_id: int) -> DjProfile:
    """What the DJ said; the defaults where they said nothing yet. Not to be added to the session."""
    found = db.session.get(DjProfile, person_id)
    return found or DjProfile(
        person_id=person_id, headline="", plays="", links=[], shows_stats=True, shows_vibe=True, shows_gigs=True
    )


def upcoming_gigs(person_id: int, moment: datetime, limit: int = 20) -> list[Gig]:
    """Agreed gigs that are not over and not kept off the page. What a DJ wrote down alone is no booking, and private;
    a hidden event is not given away.
    """
    found = (
        select(Gig)
        .outerjoin(Event, Gig.event_id == Event.id)
        .options(joinedload(Gig.event))
        .where(
            Gig.person_id == person_id, Gig.state == "confirmed", Gig.role == "dj", Gig.is_listed, Gig.ends_at > moment,
            Gig.source != "own",
            (Gig.event_id.is_(None)) | (Event.published_at.is_not(None)),
        )
    )  # fmt: skip
    return list(db.session.scalars(found.order_by(Gig.starts_at).limit(limit)))


@dataclass(frozen=True, slots=True)
class PlayedGig:
    """A gig that both sides agreed on and that was really played: songs were heard in its set."""

    title: str
    city: str
    event: Event | None
    starts_at: datetime
    zone: str
    year: int
    songs: int


def played_gigs(person_id: int, moment: datetime) -> list[PlayedGig]:
    """Verified gigs, newest first. One evening with two sets in one event is one event."""
    songs = func.count(Play.id)
    heard = (Play.dj_set_id == DjSet.id) & Play.status.in_(HEARD_STATUSES)
    same = (DjSet.gig_id == Gig.id) | ((DjSet.gig_id.is_(None)) & (DjSet.slot_id == Gig.slot_id))
    found = (
        select(Gig, songs)
        .join(DjSet, same & (DjSet.person_id == Gig.person_id) & (DjSet.state == "ended"))
        .join(Play, heard)
        .outerjoin(Event, Gig.event_id == Event.id)
        .options(joinedload(Gig.event))
        .where(
            Gig.person_id == person_id, Gig.role == "dj", Gig.state.in_(AGREED_STATES), Gig.source != "own",
            Gig.starts_at <= moment, (Gig.event_id.is_(None)) | (Event.published_at.is_not(None)),
        )
        .group_by(Gig.id)
        .having(songs >= LEAST_HEARD)
        .order_by(Gig.starts_at.desc())
    )  # fmt: skip
    return _by_event(db.session.execute(found).unique().all())


def _by_event(rows: Iterable[Row[Gig, int]]) -> list[PlayedGig]:
    found: dict[tuple[str, int], PlayedGig] = {}
    for gig, songs in rows:
        key = ("event", gig.event_id) if gig.event_id else ("gig", gig.id)
        title = gig.event.name if gig.event else gig.title or gig.venue_name
        city = gig.event.city if gig.event else gig.city
        before = found.get(key)
        year = clock.event_day(gig.starts_at, gig.zone, 6).year
        total = songs + (before.songs if before else 0)
        found[key] = PlayedGig(title, city, gig.event, gig.starts_at, gig.zone, year, total)
    return list(found.values())


def tempos_and_genres(person_id: int) -> list[tuple[float | None, str | None]]:
    """(tempo, genre) of the DJ's newest heard plays."""
    found = (
        select(Play.bpm, Track.genre)
        .join(DjSet, Play.dj_set_id == DjSet.id)
        .outerjoin(Track, Play.track_id == Track.id)
        .where(DjSet.person_id == person_id, Play.status.in_(HEARD_STATUSES))
        .order_by(Play.id.desc())
        .limit(PLAYS_READ)
    )
    return [(bpm, genre) for bpm, genre in db.session.execute(found)]


def hearts_of(person_id: int) -> int:
    """How many hearts the DJ's plays got."""
    found = (
        select(func.count(Heart.id))
        .join(Play, Heart.play_id == Play.id)
        .join(DjSet, Play.dj_set_id == DjSet.id)
        .where(DjSet.person_id == person_id, Play.status.in_(HEARD_STATUSES))
    )
    return db.session.scalar(found) or 0


def public_playlists(person_id: int) -> list[tuple[Playlist, int]]:
    """(playlist, number of songs) of those that are public, the newest first."""
    count = select(func.count(PlaylistTrack.id)).where(PlaylistTrack.playlist_id == Playlist.id).scalar_subquery()
    found = select(Playlist, count).where(
        Playlist.person_id == person_id, Playlist.is_public, Playlist.removed_at.is_(None)
    )
    return [(playlist, songs) for playlist, songs in db.session.execute(found.order_by(Playlist.published_at.desc()))]


def public_playlist(person_id: int, public_id: str) -> Playlist | None:
    """One public playlist with its songs."""
    found = (
        select(Playlist)
        .options(selectinload(Playlist.entries).joinedload(PlaylistTrack.track))
        .where(
            Playlist.person_id == person_id, Playlist.public_id == public_id, Playlist.is_public,
            Playlist.removed_at.is_(None),
        )
    )  # fmt: skip
    return db.session.scalar(found)


def follows_dj(viewer: Viewer, dj_id: int) -> bool:
    """Whether the viewer, or a device they claimed, follows this DJ."""
    mine = held_by(DjFollow, viewer)
    if mine is None:
        return False
    return db.session.scalar(select(DjFollow.id).where(DjFollow.dj_id == dj_id, mine).limit(1)) is not None


def count_followers(dj_id: int) -> int:
    return db.session.scalar(select(func.count(DjFollow.id)).where(DjFollow.dj_id == dj_id)) or 0


def followers(dj_id: int) -> list[Holder]:
    """Who is told of a new playlist."""
    found = select(DjFollow.person_id, DjFollow.device_id).where(DjFollow.dj_id == dj_id)
    return [Holder(person, device) for person, device in db.session.execute(found)]
