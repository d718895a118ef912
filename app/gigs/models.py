"""Tables of bookings: gigs and their steps, next choices, availability, and how one may be booked.

A gig is one person's turn at something from-to: at a slot of an event, somewhere that asked by "book me" (an enquiry),
or written down by that person (their own). The exact states and who may move them stand in rules.py.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Dated, Identified, Sealed, db
from app.events.models import Event
from app.people.models import Person
from app.schedule.models import Slot

ROLES = ("dj", "teacher", "judge", "mc", "helper")
STATES = ("pending", "countered", "confirmed", "declined", "expired", "withdrawn", "cancelled", "ended")
OPEN_STATES = ("pending", "countered")
LIVING_STATES = ("pending", "countered", "confirmed")
AGREED_STATES = ("confirmed", "ended")
SOURCES = ("event", "enquiry", "own")


class Gig(Identified, Dated, db.Model):
    """Somebody is asked to play, teach, judge, lead through or help, from-to. Instants are UTC, `zone` the venue's.

    `offer` rises with every change of what is on the table: an answer names the offer that it saw. `slot_starts_at` and
    `slot_ends_at` are the slot's times that this gig's times were set against, so that a move of the slot is noticed.
    `frozen_terms` is the last agreement; it stays for reading when a change of time asks again. Money is minor units.
    """

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"), index=True)
    slot_public_id: Mapped[str | None] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(8), default="event")
    role: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="pending")
    title: Mapped[str] = mapped_column(String(120), default="")  # of the slot, or what a gig elsewhere is called
    venue_name: Mapped[str] = mapped_column(String(120), default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    zone: Mapped[str] = mapped_column(String(60))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    slot_starts_at: Mapped[datetime | None]
    slot_ends_at: Mapped[datetime | None]
    offer: Mapped[int] = mapped_column(default=1)
    expires_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="")  # why it was declined, withdrawn or cancelled
    fee_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    travel: Mapped[str] = mapped_column(String(300), default="")
    notes: Mapped[str] = mapped_column(String(1000), default="")
    counter_starts_at: Mapped[datetime | None]
    counter_ends_at: Mapped[datetime | None]
    counter_fee_minor: Mapped[int | None]
    counter_note: Mapped[str] = mapped_column(String(300), default="")
    frozen_terms: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    confirmed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    asked_by_name: Mapped[str] = mapped_column(String(80), default="")
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("gig.id", ondelete="SET NULL"))  # asked before this one
    substitute_for_id: Mapped[int | None] = mapped_column(ForeignKey("gig.id", ondelete="SET NULL"))
    is_listed: Mapped[bool] = mapped_column(default=True)  # on the public profile, once confirmed
    enquirer_email: Mapped[str | None] = mapped_column(Sealed("gig.enquirer_email"))
    answer_digest: Mapped[str | None] = mapped_column(String(64))  # of the link that an enquirer answers by, once
    answer_expires_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    event: Mapped[Event | None] = relationship()
    slot: Mapped[Slot | None] = relationship()

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("role IN ('dj', 'teacher', 'judge', 'mc', 'helper')", name="role_known"),
        CheckConstraint(
            "state IN ('pending', 'countered', 'confirmed', 'declined', 'expired', 'withdrawn', 'cancelled', 'ended')",
            name="state_known",
        ),
        CheckConstraint("source IN ('event', 'enquiry', 'own')", name="source_known"),
        CheckConstraint("(source = 'event') = (event_id IS NOT NULL)", name="source_fits"),
        CheckConstraint("state NOT IN ('confirmed', 'ended') OR frozen_terms IS NOT NULL", name="agreed_is_frozen"),
        CheckConstraint("state <> 'countered' OR counter_starts_at IS NOT NULL", name="counter_has_times"),
        CheckConstraint("fee_minor IS NULL OR fee_minor >= 0", name="fee_not_negative"),
        CheckConstraint("counter_fee_minor IS NULL OR counter_fee_minor >= 0", name="counter_fee_not_negative"),
        UniqueConstraint("previous_id"),  # one next choice is asked after one gig, whoever finds out first
        UniqueConstraint("answer_digest"),
        Index("ix_gig_person_id_starts_at", "person_id", "starts_at"),
        Index("ix_gig_event_id_starts_at", "event_id", "starts_at"),
        Index("ix_gig_state_expires_at", "state", "expires_at"),
        Index(
            "uq_gig_living",
            "slot_public_id",
            "person_id",
            "role",
            "starts_at",
            unique=True,
            sqlite_where=text("state IN ('pending', 'countered', 'confirmed')"),
            postgresql_where=text("state IN ('pending', 'countered', 'confirmed')"),
        ),
    )

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_living(self) -> bool:
        return self.state in LIVING_STATES


class GigStep(Dated, db.Model):
    """What happened to a gig, in order; never changed. An agreement's step holds the terms that both agreed to."""

    id: Mapped[int] = mapped_column(primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gig.id", ondelete="CASCADE"), index=True)
    verb: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(300), default="")
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class NextChoice(db.Model):
    """Who is asked when this gig does not come about, in order. The list moves on to the gig that takes its place."""

    id: Mapped[int] = mapped_column(primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gig.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]

    person: Mapped[Person] = relationship()

    __table_args__ = (UniqueConstraint("gig_id", "person_id"),)


class Availability(Identified, Dated, db.Model):
    """Days on which somebody is free or blocked: once (from-to) or on weekdays within them. The note is private.

    `weekdays` holds ISO digits ("56" = Fridays and Saturdays); empty means every day. Without `ends_on` it goes on.
    """

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    weekdays: Mapped[str] = mapped_column(String(7), default="")
    note: Mapped[str] = mapped_column(String(120), default="")

    __table_args__ = (
        CheckConstraint("kind IN ('free', 'blocked')", name="kind_known"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
    )


class BookingSettings(db.Model):
    """How somebody may be booked from outside: whether the form is open, and what it hints at about the fee."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    takes_enquiries: Mapped[bool] = mapped_column(default=False)
    fee_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    fee_note: Mapped[str] = mapped_column(String(120), default="")

    __table_args__ = (CheckConstraint("fee_minor IS NULL OR fee_minor >= 0", name="fee_not_negative"),)
