"""What the booth reads beside the floor: the DJ's crate, tonight's slots, what a song looked like before. No writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.events.models import Event
from app.floor import queries as floor
from app.floor.hints import Repeat
from app.floor.models import DjSet
from app.gigs.models import Gig
from app.music import queries as music
from app.music import search
from app.music.models import Track
from app.music.names import search_text
from app.music.tempo import DANCES, Band
from app.people.models import Person
from app.schedule.models import Slot, SlotPerson

FOUND_MOST = 40
KEPT_TRACKS = 20_000
EARLY = timedelta(hours=4)  # how long before its slot a set may be started


@dataclass(frozen=True, slots=True)
class Row:
    """A track of the crate with where its song was played before at this event."""

    track: Track
    repeat: Repeat | None


def rows(dj_set: DjSet, text: str, playlist_id: str = "", band: Band | None = None) -> list[Row]:
    """Tracks of the DJ's crate that fit what is typed, or of a playlist in its order; with their repeats."""
    if playlist_id:
        found = _of_playlist(dj_set, text, playlist_id, band)
    else:
        wanted = search.Wanted(text, band, sort="new")
        found = search.find(dj_set.person_id, wanted, DANCES[dj_set.dance], FOUND_MOST).tracks
    shown = found[:FOUND_MOST]
    before = floor.repeats(dj_set, (track.work_key for track in shown))
    return [Row(track, next(iter(before.get(track.work_key, [])), None)) for track in shown]


def _of_playlist(dj_set: DjSet, text: str, playlist_id: str, band: Band | None) -> Sequence[Track]:
    playlist = music.playlist_for(dj_set.person_id, playlist_id)
    tracks = [entry.track for entry in music.entries_of(playlist.id)] if playlist else []
    words = search_text(text).split()
    dance = DANCES[dj_set.dance]
    return [
        track
        for track in tracks
        if all(word in track.search_text for word in words)
        and (band is None or band.low <= (track.bpm_for(dance) or 0) < band.high)
    ]


def crate(person_id: int) -> Sequence[Track]:
    """All of it, for a booth that may lose its network."""
    found = select(Track).where(Track.person_id == person_id, Track.removed_at.is_(None)).order_by(Track.id.desc())
    return db.session.scalars(found.limit(KEPT_TRACKS)).all()


def slots_to_start(person_id: int, moment: datetime) -> list[Slot]:
    """Slots in which this DJ may begin now: named as DJ, or confirmed, and the slot is on or near."""
    named = select(SlotPerson.slot_id).where(SlotPerson.person_id == person_id, SlotPerson.role == "dj")
    booked = select(Gig.slot_id).where(Gig.person_id == person_id, Gig.role == "dj", Gig.state == "confirmed")
    found = (
        select(Slot)
        .join(Event, Event.id == Slot.event_id)
        .options(joinedload(Slot.event), joinedload(Slot.room))
        .where(or_(Slot.id.in_(named), Slot.id.in_(booked.where(Gig.slot_id.is_not(None)))))
        .where(Slot.cancelled_at.is_(None), Slot.starts_at < moment + EARLY, Slot.ends_at > moment - timedelta(hours=1))
    )
    return list(db.session.scalars(found.order_by(Slot.starts_at)).unique())


def gig_of_slot(person_id: int, slot_id: int) -> Gig | None:
    """The confirmed booking behind a set, by which it counts as played."""
    found = select(Gig).where(
        Gig.person_id == person_id, Gig.slot_id == slot_id, Gig.role == "dj", Gig.state == "confirmed"
    )
    return db.session.scalar(found.order_by(Gig.starts_at).limit(1))


def offer_for(person_id: int, public_id: str) -> DjSet | None:
    """A live set that is being handed over to this person."""
    found = select(DjSet).options(joinedload(DjSet.person), joinedload(DjSet.event))
    offered = (DjSet.public_id == public_id, DjSet.state == "live", DjSet.offered_at.is_not(None))
    return db.session.scalar(found.where(*offered, DjSet.offered_to_id == person_id))


def person(person_id: int | None) -> Person | None:
    """Whom a set is handed over to."""
    return db.session.get(Person, person_id) if person_id else None


def next_djs(dj_set: DjSet) -> Iterable[str]:
    """Handles of the other DJs of the slot and the event, for the handover form."""
    if dj_set.event_id is None:
        return []
    others = (
        select(Person.handle)
        .join(SlotPerson, SlotPerson.person_id == Person.id)
        .join(Slot, Slot.id == SlotPerson.slot_id)
        .where(Slot.event_id == dj_set.event_id, SlotPerson.role == "dj", Person.id != dj_set.person_id)
    )
    return list(db.session.scalars(others.distinct().order_by(Person.handle).limit(12)))
