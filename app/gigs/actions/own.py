"""What somebody keeps for themselves: gigs outside of Pika!, days that are free or blocked, how they may be booked.

Called by the person's own pages. A blocked day that meets a booking is told to those who booked (jobs/gigs.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete

from app import outbox
from app.db import transaction
from app.gigs import queries, rules
from app.gigs.actions import moving
from app.gigs.models import Availability, BookingSettings, Gig
from app.lib import clock
from app.people.models import Person


@dataclass(frozen=True, slots=True)
class OwnGig:
    """A gig as its person writes it down."""

    title: str
    role: str
    venue_name: str
    city: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    fee_minor: int | None
    currency: str
    notes: str


def add_own(values: OwnGig, person: Person) -> str:
    """A gig outside of Pika!, only for this person's eyes. Returns its public id. Raises BadTimes."""
    moment = clock.now()
    with transaction() as session:
        gig = Gig(person_id=person.id, source="own", state="confirmed", asked_by_name="", changed_at=moment)
        gig.person = session.get_one(Person, person.id)
        _fill(gig, values, moment)
        session.add(gig)
        session.flush()
        moving.step(gig, "own", **moving.by(gig.person))
        return gig.public_id


def change_own(gig_id: int, values: OwnGig) -> None:
    """Raises BadTimes, AnsweredAlready when it is not one's own to change."""
    with transaction():
        gig = moving.locked(gig_id, "confirm")
        if gig.source != "own":
            raise rules.AnsweredAlready("What two agreed to is not changed by one.")
        _fill(gig, values, clock.now())


def _fill(gig: Gig, values: OwnGig, moment: datetime) -> None:
    rules.check_length(values.starts_at, values.ends_at)
    for name in OwnGig.__slots__:
        setattr(gig, name, getattr(values, name))
    gig.offer, gig.travel, gig.changed_at = (gig.offer or 0) + 1, "", moment
    gig.event = None
    for name, value in moving.agreed(gig, moment).items():
        setattr(gig, name, value)


def remove_own(gig_id: int) -> None:
    """Written down by oneself, taken off by oneself. Raises AnsweredAlready for any other gig."""
    with transaction() as session:
        gig = moving.locked(gig_id, "confirm")
        if gig.source != "own":
            raise rules.AnsweredAlready("What two agreed to is called off, not removed.")
        session.delete(gig)


def say_days(person_id: int, kind: str, starts_on: date, ends_on: date | None, weekdays: str, note: str) -> str:
    """Free or blocked days, once or on weekdays. Returns the entry's public id. Raises TooManyDays."""
    with transaction() as session:
        rules.check_days(len(queries.availability_of(person_id)), starts_on, ends_on)
        entry = Availability(
            person_id=person_id, kind=kind, starts_on=starts_on, ends_on=ends_on, weekdays=weekdays, note=note
        )
        session.add(entry)
        session.flush()
        public_id = entry.public_id
        if kind == "blocked":
            outbox.owe("gigs.blocked", {"entry": entry.id}, f"blocked:{public_id}")
    outbox.hint()
    return public_id


def forget_days(person_id: int, public_id: str) -> None:
    """Take an entry back. Removing what is not there changes nothing."""
    with transaction() as session:
        mine = (Availability.person_id == person_id, Availability.public_id == public_id)
        session.execute(delete(Availability).where(*mine))


def choose(person_id: int, **values: Any) -> None:
    """How one may be booked from outside."""
    with transaction() as session:
        session.merge(BookingSettings(person_id=person_id, **values))
