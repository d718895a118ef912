"""A set in figures: hearts by song, the tempo line and what the floor said of it, polls, dancers. Reads only.

Votes are shown from five voters on (floor.rules), as totals; no dancer is ever named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import func, select

from app.db import db
from app.floor import queries
from app.floor.models import HEARD_STATUSES, DjSet, FloorVisit, Play, Poll, TempoReading
from app.people.models import Device
from app.web import charts
from app.web.charts import Curve

PARTS = ("songs", "hearts", "tempo", "polls")  # what a DJ may share, each for itself


@dataclass(frozen=True, slots=True)
class Mood:
    """Tempo votes while a song was on, as the sum of half-minute totals."""

    slower: int = 0
    perfect: int = 0
    faster: int = 0

    @property
    def total(self) -> int:
        return self.slower + self.perfect + self.faster

    @property
    def word(self) -> str:
        """What most said."""
        if not self.total:
            return ""
        return max(("perfect", self.perfect), ("slower", self.slower), ("faster", self.faster), key=lambda one: one[1])[
            0
        ]


@dataclass(frozen=True, slots=True)
class SongFigures:
    """One song of the set."""

    play: Play
    hearts: int
    mood: Mood


@dataclass(frozen=True, slots=True)
class PollFigures:
    """A poll that is over: (answer, votes, share 0-1) in the order asked."""

    question: str
    answers: list[tuple[str, int, float]]
    votes: int


@dataclass(frozen=True, slots=True)
class SetFigures:
    """All of a set. `tempo` and `wish` are curves over the songs and over time; None where nothing is known."""

    songs: list[SongFigures]
    hearts: int
    dancers: int
    usual_bpm: int | None
    minutes: int
    tempo: Curve | None
    wish: Curve | None
    polls: list[PollFigures]

    @property
    def favorites(self) -> list[SongFigures]:
        """The most hearted songs."""
        liked = [song for song in self.songs if song.hearts]
        return sorted(liked, key=lambda song: (-song.hearts, song.play.played_at))[:5]


def of(dj_set: DjSet, moment: datetime) -> SetFigures:
    """Everything there is to tell, for the DJ; the page shows others only what is shared."""
    plays = queries.plays_of(dj_set.id, HEARD_STATUSES)
    hearts = queries.heart_counts([play.id for play in plays])
    readings = _readings(dj_set.id)
    songs = [SongFigures(play, hearts.get(play.id, 0), mood_during(play, readings)) for play in plays]
    bpms = [play.bpm for play in plays if play.bpm]
    starts, ends = dj_set.started_at or moment, dj_set.ended_at or moment
    return SetFigures(
        songs, sum(hearts.values()), _dancers(dj_set.id), round(median(bpms)) if bpms else None,
        max(0, round((ends - starts).total_seconds() / 60)),
        charts.curve([play.bpm for play in plays]) if len(bpms) > 1 else None,
        charts.curve([wish_of(reading) for reading in readings], low=-1, high=1) if len(readings) > 1 else None,
        _polls(dj_set.id, moment),
    )  # fmt: skip


def _readings(set_id: int) -> list[TempoReading]:
    found = select(TempoReading).where(TempoReading.dj_set_id == set_id).order_by(TempoReading.read_at)
    return list(db.session.scalars(found))


def mood_during(play: Play, readings: Sequence[TempoReading]) -> Mood:
    """The readings between a play's start and end."""
    ends = play.ended_at
    inside = [one for one in readings if one.read_at >= play.played_at and (ends is None or one.read_at < ends)]
    return Mood(
        sum(one.slower for one in inside), sum(one.perfect for one in inside), sum(one.faster for one in inside)
    )


def wish_of(reading: TempoReading) -> float:
    """What the floor wished for: -1 all slower, 0 perfect or divided, 1 all faster."""
    total = reading.slower + reading.perfect + reading.faster
    return (reading.faster - reading.slower) / total if total else 0.0


def _dancers(set_id: int) -> int:
    """How many danced to this set, whether they have an account or not."""
    who = func.coalesce(FloorVisit.person_id, Device.person_id, -FloorVisit.device_id)
    found = select(func.count(func.distinct(who))).outerjoin(Device, Device.id == FloorVisit.device_id)
    return db.session.scalar(found.where(FloorVisit.dj_set_id == set_id)) or 0


def _polls(set_id: int, moment: datetime) -> list[PollFigures]:
    closed = [poll for poll in queries.polls_of(set_id) if poll.is_closed(moment)]
    return [_poll(poll, queries.poll_counts(poll.id)) for poll in closed]


def _poll(poll: Poll, counts: Mapping[int, int]) -> PollFigures:
    votes = sum(counts.values())
    answers = [
        (one.label, counts.get(one.id, 0), counts.get(one.id, 0) / votes if votes else 0.0) for one in poll.options
    ]
    return PollFigures(poll.question, answers, votes)
