"""Tables of the schedule: slots and who is on them, the log, public versions, stars, bells, last looks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Dated, Identified, db
from app.events.models import Event, Room
from app.people.models import Held, Person, one_holder

KINDS = ("workshop", "competition", "social", "break", "other")
FLEXIBILITIES = ("flexible", "fixed", "buffer")
PART_ROLES = ("teacher", "dj", "judge")
BOOKED_ROLES = (*PART_ROLES, "mc")


class Slot(Identified, Dated, db.Model):
    """Something in a room from-to. `starts_at` is the time expected; `planned_starts_at` what the plan promised.

    While planning the two are moved together; in live mode a move leaves the plan where it was, so a delay shows.
    `version` rises with every edit and catches two organizers at one slot.
    """

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    flexibility: Mapped[str] = mapped_column(String(10), default="flexible")
    level: Mapped[str] = mapped_column(String(40), default="")
    description: Mapped[str] = mapped_column(String(2000), default="")
    capacity_hint: Mapped[int | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    planned_starts_at: Mapped[datetime]
    planned_ends_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    marshal_minutes: Mapped[int | None]  # competitions: how long before the start competitors line up
    import_key: Mapped[str | None] = mapped_column(String(120))  # the id in the file it came from: twice is no double
    version: Mapped[int] = mapped_column(default=1)

    event: Mapped[Event] = relationship()
    room: Mapped[Room] = relationship()
    people: Mapped[list[SlotPerson]] = relationship(
        back_populates="slot", order_by="SlotPerson.position", cascade="all, delete-orphan"
    )
    booked: Mapped[list[BookedPart]] = relationship(
        back_populates="slot", order_by="BookedPart.starts_at", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("kind IN ('workshop', 'competition', 'social', 'break', 'other')", name="kind_known"),
        CheckConstraint("flexibility IN ('flexible', 'fixed', 'buffer')", name="flexibility_known"),
        Index("uq_slot_event_id_import_key", "event_id", "import_key", unique=True),
        Index("ix_slot_event_id_starts_at", "event_id", "starts_at"),
    )

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None


class SlotPerson(db.Model):
    """Who teaches, plays or judges a slot: a name, and the account behind it where there is one."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(default=0)

    slot: Mapped[Slot] = relationship(back_populates="people")
    person: Mapped[Person | None] = relationship()

    __table_args__ = (CheckConstraint("role IN ('teacher', 'dj', 'judge')", name="role_known"),)


class BookedPart(db.Model):
    """Somebody who confirmed a part of this slot, from-to: written by bookings (app.gigs), named by public versions.

    `late_minutes` is how far running late has moved it along with its slot since. Edits of the slot leave it alone: a
    part whose slot was moved away from its time is not shown until its person confirmed anew.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    booking: Mapped[str] = mapped_column(String(16), unique=True)  # the public id of the booking
    role: Mapped[str] = mapped_column(String(10))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    late_minutes: Mapped[int] = mapped_column(default=0)

    slot: Mapped[Slot] = relationship(back_populates="booked")
    person: Mapped[Person] = relationship()

    __table_args__ = (
        CheckConstraint("role IN ('teacher', 'dj', 'judge', 'mc')", name="role_known"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )


class SlotChange(Dated, db.Model):
    """One edit: the slot before and after, who did it, and whether it was taken back.

    `before` is None for a new slot, `after` is None for one that was deleted. Edits made by one tap share a `batch`.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    slot_public_id: Mapped[str] = mapped_column(String(16))
    batch: Mapped[str] = mapped_column(String(16), index=True)
    # added | moved | shifted (by running late) | edited | cancelled | restored | deleted | undone
    verb: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(80))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    version: Mapped[int]  # the schedule version that was public after it
    undone_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_slot_change_event_id_id", "event_id", "id"),)


class ScheduleVersion(Dated, db.Model):
    """What the public sees: a numbered, immutable state {"rooms": […], "slots": […]} (shape: app.schedule.snapshot)."""

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[int]
    actor_name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(200), default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (UniqueConstraint("event_id", "number"),)


class Star(Held, Dated, db.Model):
    """Somebody wants to be there."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"))

    __table_args__ = (
        UniqueConstraint("slot_id", "person_id"),
        UniqueConstraint("slot_id", "device_id"),
        one_holder(),
    )


class Bell(Held, Dated, db.Model):
    """Somebody wants to be told before it: not the same as wanting to be there. `moment`: its start, or marshalling."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"))
    moment: Mapped[str] = mapped_column(String(8), default="start")

    __table_args__ = (
        UniqueConstraint("slot_id", "person_id"),
        UniqueConstraint("slot_id", "device_id"),
        CheckConstraint("moment IN ('start', 'marshal')", name="moment_known"),
        one_holder(),
    )


class LastLook(Held, db.Model):
    """Which version somebody saw last: "3 changes since you last looked"."""

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    version: Mapped[int]
    looked_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        UniqueConstraint("event_id", "device_id"),
        one_holder(),
    )
