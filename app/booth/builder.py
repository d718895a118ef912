"""What the set builder is asked for and what it found: wishes read from a form, a crate as songs, results for a page.

Reads only. The search itself runs in a worker (jobs/booth.py), because it takes seconds of pure arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.booth.models import SetDraft
from app.db import db
from app.events.models import Event
from app.floor.models import HEARD_STATUSES, DjSet, Play
from app.music.models import Playlist, PlaylistTrack, Track
from app.music.setbuilder.build import Suggestion, suggest, wished_tempos
from app.music.setbuilder.objective import Plan, Song, Weights
from app.web import charts
from app.web.charts import Curve
from app.web.forms import Form

PART_WORDS = {
    "wave": "Tempo wave", "step": "Jumps in tempo", "energy": "Energy", "fast": "Two fast in a row",
    "genre": "Same style in a row", "artist": "Same artist soon again", "familiar": "Well-known share",
    "length": "Length", "harmony": "Keys",
}  # fmt: skip
DEFAULTS = {"minutes": 90, "low_bpm": 80, "high_bpm": 115, "familiar": 50, "seed": 1, "playlist": "", "event": ""}


class WishesForm(Form):
    """What is asked of the builder."""

    def read(self) -> None:
        self.whole("minutes", "The length in minutes", least=10, most=480)
        low = self.whole("low_bpm", "The slowest tempo", least=40, most=250)
        high = self.whole("high_bpm", "The fastest tempo", least=41, most=260)
        self.whole("familiar", "The share of well-known songs", least=0, most=100)
        self.whole("seed", "The number of the suggestion", least=1, most=9999)
        if low is not None and high is not None and low >= high:
            self.error("high_bpm", "The fastest tempo lies above the slowest one.")
        self.clean["playlist"] = str(self._typed.get("playlist", ""))[:16]
        self.clean["event"] = str(self._typed.get("event", ""))[:60]
        self.clean["harmony"] = self.values["harmony"] = bool(self._typed.get("harmony"))
        self.clean["kept"] = _kept(self._typed)


def _kept(typed: Mapping[str, Any]) -> dict[str, str]:
    """Songs that stay on their places: "keep-<place>" -> public id of the track."""
    found = {name[5:]: str(typed[name])[:16] for name in typed if name.startswith("keep-")}
    return {place: track for place, track in found.items() if place.isdigit() and int(place) < 500}


def plan_of(wishes: Mapping[str, Any]) -> Plan:
    """The builder's plan for a form's clean values."""
    weights = Weights(harmony=1.0 if wishes["harmony"] else 0.0)
    return Plan(
        minutes=float(wishes["minutes"]), low_bpm=float(wishes["low_bpm"]), high_bpm=float(wishes["high_bpm"]),
        familiar_share=wishes["familiar"] / 100, seed=int(wishes["seed"]), weights=weights,
    )  # fmt: skip


# ---- what is in the crate, and what was played ----


def has_music(person_id: int) -> bool:
    """Whether there is anything in the crate to build from."""
    found = select(Track.id).where(Track.person_id == person_id, Track.removed_at.is_(None)).limit(1)
    return db.session.scalar(found) is not None


def playlists_of(person_id: int) -> list[Playlist]:
    """The DJ's playlists by name."""
    mine = (Playlist.person_id == person_id, Playlist.removed_at.is_(None))
    return list(db.session.scalars(select(Playlist).where(*mine).order_by(Playlist.name)))


def events_of(person_id: int) -> list[Event]:
    """Events at which this DJ has a set: where no song should come twice."""
    played = select(DjSet.event_id).where(DjSet.person_id == person_id)
    found = select(Event).where(Event.id.in_(played)).order_by(Event.starts_on.desc()).limit(20)
    return list(db.session.scalars(found))


def pool(person_id: int, playlist: str) -> list[Song]:
    """The songs to choose from: a playlist's, or all of the crate, in the order they came."""
    found = select(Track).where(Track.person_id == person_id, Track.removed_at.is_(None))
    if playlist:
        entries = select(PlaylistTrack.track_id).join(Playlist).where(
            Playlist.person_id == person_id, Playlist.public_id == playlist
        )  # fmt: skip
        found = found.where(Track.id.in_(entries))
    return [song_of(track) for track in db.session.scalars(found.order_by(Track.id))]


def song_of(track: Track) -> Song:
    """What the builder knows of a track."""
    return Song(
        track.public_id, track.work_key or track.public_id, track.artist.partition(",")[0].casefold(),
        track.working_bpm, track.duration_seconds, track.energy, track.familiarity,
        track.genre.partition(",")[0].strip().casefold(), track.key,
    )  # fmt: skip


def played_works(person_id: int, event_slug: str) -> set[str]:
    """What was played at an event by any of its DJs, as work keys. A hidden one tells only those who played there."""
    if not event_slug:
        return set()
    own = select(DjSet.event_id).where(DjSet.person_id == person_id)
    open_to = Event.published_at.is_not(None) | Event.id.in_(own)
    heard = (Event.slug == event_slug, open_to, Play.status.in_(HEARD_STATUSES))
    found = select(Play.work_key).join(DjSet, Play.dj_set_id == DjSet.id).join(Event, DjSet.event_id == Event.id)
    return set(db.session.scalars(found.where(*heard).distinct()))


def search(person_id: int, wishes: Mapping[str, Any]) -> Suggestion:
    """The suggestion. Takes seconds: for workers. Raises NothingToBuild."""
    fixed = {int(place): track for place, track in wishes["kept"].items()}
    return suggest(
        pool(person_id, wishes["playlist"]),
        plan_of(wishes),
        played=played_works(person_id, wishes["event"]),
        fixed=fixed,
    )


# ---- what was found ----


def draft_of(person_id: int, public_id: str) -> SetDraft | None:
    """One of the DJ's own drafts."""
    mine = (SetDraft.person_id == person_id, SetDraft.public_id == public_id)
    return db.session.scalar(select(SetDraft).where(*mine))


@dataclass(frozen=True, slots=True)
class Found:
    """A finished draft for its page."""

    tracks: list[Track]
    parts: list[tuple[str, float]]  # (words, cost), dearest first, without those that cost nothing
    cost: float
    left_out: dict[str, int]
    minutes: int
    tempo: Curve
    wished: Curve
    kept: frozenset[int]  # places


def found_of(draft: SetDraft) -> Found | None:
    """The tracks as they are now; one that left the crate since is not shown."""
    if draft.found is None:
        return None
    ids: Sequence[str] = draft.found["tracks"]
    rows = {track.public_id: track for track in db.session.scalars(select(Track).where(Track.public_id.in_(ids)))}
    tracks = [rows[one] for one in ids if one in rows]
    parts = {PART_WORDS[name]: cost for name, cost in draft.found["parts"].items() if round(cost, 1)}
    plan = plan_of(draft.wishes)
    scale = {"low": plan.low_bpm, "high": plan.high_bpm}
    return Found(
        tracks, sorted(parts.items(), key=lambda part: -part[1]), sum(draft.found["parts"].values()),
        draft.found["left_out"], round(draft.found["minutes"]),
        charts.curve([track.working_bpm for track in tracks], **scale),
        charts.curve(list(wished_tempos(plan, len(tracks))), **scale),
        frozenset(int(place) for place in draft.wishes["kept"]),
    )  # fmt: skip


def newest_drafts(person_id: int, limit: int = 8) -> list[SetDraft]:
    """The DJ's last drafts."""
    found = select(SetDraft).where(SetDraft.person_id == person_id).order_by(SetDraft.id.desc()).limit(limit)
    return list(db.session.scalars(found))
