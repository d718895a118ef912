"""Tables of the floor: sets, plays, what comes next, hearts, tempo votes, polls, saved minutes, visits, feed tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Dated, Identified, db
from app.events.models import Event
from app.gigs.models import Gig
from app.lib import clock
from app.music.models import Track
from app.people.models import Held, Person, one_holder
from app.schedule.models import Slot

SET_STATES = ("planned", "live", "ended")
SOURCES = ("tap", "search", "text", "feed", "import", "review")
PLAY_STATUSES = ("playing", "played", "unheard", "removed", "asked")
HEARD_STATUSES = ("playing", "played")  # what the room danced to: the ledger, repeats, figures
CHOICES = ("slower", "perfect", "faster")


class DjSet(Identified, Dated, db.Model):
    """A DJ's turn at the decks. `code` is what dancers type or scan; `zone` the clock on the wall.

    Handing over takes two taps: the DJ offers (`offered_at`, to `offered_to_id` or whoever plays next), the next one
    takes it, which ends this set and begins theirs (`handed_over_from_id`).
    """

    code: Mapped[str] = mapped_column(String(6), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"), index=True)
    gig_id: Mapped[int | None] = mapped_column(ForeignKey("gig.id", ondelete="SET NULL"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(80), default="")
    zone: Mapped[str] = mapped_column(String(60))
    dance: Mapped[str] = mapped_column(String(20), default="wcs")  # whose tempo bands count: app.music.tempo
    state: Mapped[str] = mapped_column(String(8), default="live")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    offered_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    handed_over_from_id: Mapped[int | None] = mapped_column(ForeignKey("dj_set.id", ondelete="SET NULL"))
    handover_note: Mapped[str] = mapped_column(String(1000), default="")
    do_not_play: Mapped[str] = mapped_column(String(1000), default="")
    shared_parts: Mapped[list[str]] = mapped_column(JSON, default=list)  # which parts of the analytics others may see

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    event: Mapped[Event | None] = relationship()
    slot: Mapped[Slot | None] = relationship()
    gig: Mapped[Gig | None] = relationship()

    __table_args__ = (
        CheckConstraint("state IN ('planned', 'live', 'ended')", name="state_known"),
        CheckConstraint("state = 'planned' OR started_at IS NOT NULL", name="started_when_live"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_when_over"),
        UniqueConstraint("handed_over_from_id"),  # a set is taken over once, whoever taps first
        Index("ix_dj_set_person_id_state", "person_id", "state"),
        Index("ix_dj_set_event_id_state", "event_id", "state"),
        Index("ix_dj_set_state", "state"),
    )

    @property
    def is_live(self) -> bool:
        return self.state == "live"

    @property
    def is_over(self) -> bool:
        return self.state == "ended"


class SongFacts:
    """What a play and something lined up both say of a song, as it was known then."""

    title: Mapped[str] = mapped_column(String(300))
    artist: Mapped[str] = mapped_column(String(300), default="")
    song_key: Mapped[str] = mapped_column(String(300), default="")
    work_key: Mapped[str] = mapped_column(String(300), default="")
    bpm: Mapped[float | None] = mapped_column(Float)
    key_pitch: Mapped[int | None]
    key_mode: Mapped[str | None] = mapped_column(String(5))
    duration_seconds: Mapped[float | None] = mapped_column(Float)


class Play(SongFacts, Identified, Dated, db.Model):
    """One time a song was played. `rival_id`: the play that an asked one contradicts. `corrected_from`: text before."""

    dj_set_id: Mapped[int] = mapped_column(ForeignKey("dj_set.id", ondelete="CASCADE"))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id", ondelete="SET NULL"), index=True)
    played_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    heard_seconds: Mapped[float | None] = mapped_column(Float)
    source: Mapped[str] = mapped_column(String(6), default="tap")
    position: Mapped[int] = mapped_column(default=0)
    client_id: Mapped[str | None] = mapped_column(String(64), unique=True)  # one tap of one device counts once
    status: Mapped[str] = mapped_column(String(8), default="playing")
    rival_id: Mapped[int | None] = mapped_column(ForeignKey("play.id", ondelete="SET NULL"))
    corrected_from: Mapped[str] = mapped_column(String(620), default="")

    dj_set: Mapped[DjSet] = relationship()
    track: Mapped[Track | None] = relationship()
    rival: Mapped[Play | None] = relationship(remote_side="Play.id")

    __table_args__ = (
        CheckConstraint("source IN ('tap', 'search', 'text', 'feed', 'import', 'review')", name="source_known"),
        CheckConstraint("status IN ('playing', 'played', 'unheard', 'removed', 'asked')", name="status_known"),
        CheckConstraint("ended_at IS NULL OR ended_at >= played_at", name="ends_after_start"),
        CheckConstraint("(status = 'playing') = (ended_at IS NULL)", name="ended_unless_playing"),
        Index("ix_play_dj_set_id_played_at", "dj_set_id", "played_at"),
        Index("ix_play_work_key", "work_key"),
        Index(
            "uq_play_playing", "dj_set_id", unique=True,
            sqlite_where=text("status = 'playing'"), postgresql_where=text("status = 'playing'"),
        ),
    )  # fmt: skip


class NextUp(SongFacts, Identified, Dated, db.Model):
    """Something lined up in a set. The lowest position is next."""

    dj_set_id: Mapped[int] = mapped_column(ForeignKey("dj_set.id", ondelete="CASCADE"), index=True)
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id", ondelete="SET NULL"), index=True)
    position: Mapped[int] = mapped_column(default=0)


class Heart(Held, Dated, db.Model):
    """Somebody likes this play: not the song, not the evening."""

    id: Mapped[int] = mapped_column(primary_key=True)
    play_id: Mapped[int] = mapped_column(ForeignKey("play.id", ondelete="CASCADE"))

    __table_args__ = (
        UniqueConstraint("play_id", "person_id"),
        UniqueConstraint("play_id", "device_id"),
        one_holder(),
    )


class TempoVote(Held, db.Model):
    """How the tempo is, for one dancer, now. It fades after 90 seconds; only totals are ever shown."""

    id: Mapped[int] = mapped_column(primary_key=True)
    dj_set_id: Mapped[int] = mapped_column(ForeignKey("dj_set.id", ondelete="CASCADE"))
    choice: Mapped[str] = mapped_column(String(7))
    voted_at: Mapped[datetime] = mapped_column(default=clock.now)

    __table_args__ = (
        UniqueConstraint("dj_set_id", "person_id"),
        UniqueConstraint("dj_set_id", "device_id"),
        CheckConstraint("choice IN ('slower', 'perfect', 'faster')", name="choice_known"),
        Index("ix_tempo_vote_dj_set_id_voted_at", "dj_set_id", "voted_at"),
        one_holder(),
    )


class TempoReading(db.Model):
    """The totals of one half minute, kept for the energy curve; only where at least five had voted."""

    dj_set_id: Mapped[int] = mapped_column(ForeignKey("dj_set.id", ondelete="CASCADE"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(primary_key=True)
    slower: Mapped[int]
    perfect: Mapped[int]
    faster: Mapped[int]


class Poll(Identified, Dated, db.Model):
    """A question to the floor. Open from `opened_at` until `closes_at`, whatever the screens say."""

    dj_set_id: Mapped[int] = mapped_column(ForeignKey("dj_set.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(String(120))
    seconds: Mapped[int] = mapped_column(default=60)
    opened_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # when the server noted that it was over, or the DJ ended it
    position: Mapped[int] = mapped_column(default=0)

    options: Mapped[list[PollOption]] = relationship(
        back_populates="poll", order_by="PollOption.position", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint("(opened_at IS NULL) = (closes_at IS NULL)", name="opened_with_an_end"),
        CheckConstraint("closes_at IS NULL OR closes_at >= opened_at", name="closes_after_opening"),
        CheckConstraint("seconds BETWEEN 10 AND 600", name="seconds_sensible"),
        Index(
            "uq_poll_open", "dj_set_id", unique=True,
            sqlite_where=text("opened_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=text("opened_at IS NOT NULL AND closed_at IS NULL"),
        ),
    )  # fmt: skip

    def is_open(self, moment: datetime) -> bool:
        """Whether votes count at this moment."""
        return self.closed_at is None and self.closes_at is not None and moment < self.closes_at

    def is_closed(self, moment: datetime) -> bool:
        """Whether it was open and is over."""
        return self.closes_at is not None and not self.is_open(moment)


class PollOption(Identified, db.Model):
    """One answer."""

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(default=0)

    poll: Mapped[Poll] = relationship(back_populates="options")


class PollVote(Held, Dated, db.Model):
    """One dancer's answer. It may be changed while the poll is open, and is counted once."""

    id: Mapped[int] = mapped_column(primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"))
    option_id: Mapped[int] = mapped_column(ForeignKey("poll_option.id", ondelete="CASCADE"), index=True)

    __table_args__ = (
        UniqueConstraint("poll_id", "person_id"),
        UniqueConstraint("poll_id", "device_id"),
        one_holder(),
    )


class SavedMinute(Held, Identified, Dated, db.Model):
    """The minute of "that one!", to be found again. It becomes a song when the ledger knows what was played."""

    dj_set_id: Mapped[int] = mapped_column(ForeignKey("dj_set.id", ondelete="CASCADE"), index=True)
    minute_at: Mapped[datetime]
    play_id: Mapped[int | None] = mapped_column(ForeignKey("play.id", ondelete="SET NULL"), index=True)

    dj_set: Mapped[DjSet] = relationship()
    play: Mapped[Play | None] = relationship()

    __table_args__ = (
        UniqueConstraint("dj_set_id", "person_id", "minute_at"),
        UniqueConstraint("dj_set_id", "device_id", "minute_at"),
        one_holder(),
    )


class FloorVisit(Held, Identified, Dated, db.Model):
    """Somebody danced to this set from-to: presence while it is open, the private dance log afterwards."""

    dj_set_id: Mapped[int] = mapped_column(ForeignKey("dj_set.id", ondelete="CASCADE"))
    joined_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    dj_set: Mapped[DjSet] = relationship()

    __table_args__ = (
        one_holder(),
        Index("ix_floor_visit_dj_set_id_left_at", "dj_set_id", "left_at"),
        Index(
            "uq_floor_visit_person", "dj_set_id", "person_id", unique=True,
            sqlite_where=text("left_at IS NULL"), postgresql_where=text("left_at IS NULL"),
        ),
        Index(
            "uq_floor_visit_device", "dj_set_id", "device_id", unique=True,
            sqlite_where=text("left_at IS NULL"), postgresql_where=text("left_at IS NULL"),
        ),
    )  # fmt: skip


class FeedToken(Identified, Dated, db.Model):
    """A secret by which a DJ's program says what plays. Only its digest is kept."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(60), default="")
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


def facts_of(song: SongFacts) -> dict[str, Any]:
    """The song's facts, to be carried from something lined up to a play."""
    names = ("title", "artist", "song_key", "work_key", "bpm", "key_pitch", "key_mode", "duration_seconds")
    return {name: getattr(song, name) for name in names}
