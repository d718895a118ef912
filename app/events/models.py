"""Tables of dance events: Event, Room, Announcement, Follow, CheckIn. The team are RoleGrants of app.people."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Dated, Identified, db
from app.lib import clock
from app.people.models import Held, one_holder


class Event(Identified, Dated, db.Model):
    """A dance event. Days are dance days: before `day_change_hour` the clock still belongs to the evening before."""

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    about: Mapped[str] = mapped_column(String(4000), default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    venue: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    zone: Mapped[str] = mapped_column(String(60))
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date] = mapped_column(index=True)
    day_change_hour: Mapped[int] = mapped_column(default=6)
    published_at: Mapped[datetime | None]
    registration_opens_at: Mapped[datetime | None]  # followers are told once, when it is due
    registration_url: Mapped[str] = mapped_column(String(300), default="", server_default="")
    schedule_mode: Mapped[str] = mapped_column(String(10), default="planning")
    schedule_version: Mapped[int] = mapped_column(default=0)  # newest published version; 0 = none yet
    revision: Mapped[int] = mapped_column(default=0)  # counts every edit, published or not
    published_revision: Mapped[int] = mapped_column(default=0)  # the revision that the newest version shows

    rooms: Mapped[list[Room]] = relationship(
        back_populates="event", order_by="Room.position", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("day_change_hour BETWEEN 0 AND 12", name="day_change_in_morning"),
        CheckConstraint("schedule_mode IN ('planning', 'live')", name="mode_known"),
    )

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_live(self) -> bool:
        return self.schedule_mode == "live"

    @property
    def has_draft(self) -> bool:
        """Whether there are edits that the public does not see yet."""
        return self.revision > self.published_revision

    @property
    def days(self) -> list[date]:
        return clock.days_between(self.starts_on, self.ends_on)

    @property
    def opens_at(self) -> datetime:
        """First instant of the first dance day (UTC)."""
        return clock.day_bounds(self.starts_on, self.zone, self.day_change_hour)[0]

    @property
    def closes_at(self) -> datetime:
        """First instant after the last dance day (UTC)."""
        return clock.day_bounds(self.ends_on, self.zone, self.day_change_hour)[1]


class Room(Identified, db.Model):
    """A floor of the venue. `walk_minutes` is the way from the main hall: between two rooms one walks the sum."""

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(80), default="")  # "2nd floor", "sprung floor"
    capacity: Mapped[int | None]
    walk_minutes: Mapped[int] = mapped_column(default=0)

    event: Mapped[Event] = relationship(back_populates="rooms")

    __table_args__ = (
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_positive"),
        CheckConstraint("walk_minutes BETWEEN 0 AND 120", name="walk_sensible"),
    )


class Announcement(Identified, Dated, db.Model):
    """Something the team tells people. States: scheduled (post_at lies ahead), posted, withdrawn."""

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(String(1000), default="")
    slot_public_id: Mapped[str | None] = mapped_column(String(16))  # what it is about; its page is where it leads
    batch: Mapped[str | None] = mapped_column(
        String(16)
    )  # the edit it tells of: whoever starred what that moved hears it
    audience: Mapped[str] = mapped_column(String(10), default="everybody")
    is_urgent: Mapped[bool] = mapped_column(default=False)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    post_at: Mapped[datetime]
    posted_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    rounds: Mapped[int] = mapped_column(default=1)  # how often it is to be sent: once, and again when asked
    told_rounds: Mapped[int] = mapped_column(
        default=0
    )  # how often it was; behind `rounds` means a worker still owes it

    __table_args__ = (
        CheckConstraint("audience IN ('everybody', 'starred', 'nobody')", name="audience_known"),
        Index("ix_announcement_event_id_posted_at", "event_id", "posted_at"),
    )

    @property
    def state(self) -> str:
        """`scheduled`, `posted` or `withdrawn`."""
        return "withdrawn" if self.withdrawn_at else "posted" if self.posted_at else "scheduled"

    @property
    def is_change(self) -> bool:
        """Whether it tells of an edit of the schedule."""
        return self.batch is not None

    @property
    def key(self) -> str:
        """What makes telling its present round twice the same as once."""
        return self.key_of(self.rounds)

    @property
    def keys(self) -> list[str]:
        """The keys of all its rounds."""
        return [self.key_of(number) for number in range(1, self.rounds + 1)]

    def key_of(self, number: int) -> str:
        return f"announce:{self.public_id}" + (f":{number}" if number > 1 else "")


class AnnouncementSeen(Held, Dated, db.Model):
    """Somebody had it on the screen: the seen count."""

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"))

    __table_args__ = (
        UniqueConstraint("announcement_id", "person_id"),
        UniqueConstraint("announcement_id", "device_id"),
        one_holder(),
    )


class Follow(Held, Dated, db.Model):
    """Somebody wants to hear about an event: its registration, its announcements."""

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)

    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        UniqueConstraint("event_id", "device_id"),
        one_holder(),
    )


class CheckIn(Held, db.Model):
    """A dancer's "I'm here" on one dance day of an event. The dancer's own; the team sees how many."""

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    day: Mapped[date]
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("event_id", "day", "person_id"),
        UniqueConstraint("event_id", "day", "device_id"),
        one_holder(),
    )
