"""Tables of dance events: Event and Room. The team are RoleGrants of app.people."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Dated, Identified, db
from app.lib import clock


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
