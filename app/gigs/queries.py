"""Named reads of bookings, through whoever may see them. No writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.events.models import Event
from app.gigs import rules
from app.gigs.models import (
    AGREED_STATES,
    LIVING_STATES,
    OPEN_STATES,
    Availability,
    BookingSettings,
    Gig,
    GigStep,
    NextChoice,
)
from app.gigs.rules import Span
from app.lib import clock, tokens
from app.people.models import Person, RoleGrant
from app.people.viewer import Viewer
from app.schedule.models import BookedPart, Slot


def find(gig_id: int) -> Gig | None:
    return db.session.get(Gig, gig_id)


def find_public(public_id: str) -> int:
    """The key of a gig by its public id. Raises NoResultFound."""
    return db.session.scalars(select(Gig.id).where(Gig.public_id == public_id)).one()


def lock(gig_id: int) -> Gig | None:
    """A gig as it is in the database now, under a row lock."""
    found = select(Gig).where(Gig.id == gig_id).with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(found)


def _with_all() -> tuple[Any, ...]:
    """The event, the slot with its room, and the person: what every page shows."""
    return joinedload(Gig.event), joinedload(Gig.slot).joinedload(Slot.room), joinedload(Gig.person)


def gig_for(viewer: Viewer, public_id: str) -> Gig:
    """A gig of this viewer's own. Somebody else's: 404."""
    if viewer.person is None:
        abort(404)
    found = select(Gig).options(*_with_all()).where(Gig.public_id == public_id, Gig.person_id == viewer.person.id)
    gig: Gig = db.session.scalar(found) or abort(404)
    return gig


def own_gig_for(viewer: Viewer, public_id: str) -> Gig:
    """A gig that this viewer wrote down. Any other: 404."""
    gig = gig_for(viewer, public_id)
    if gig.source != "own":
        abort(404)
    return gig


def neighbors(gig: Gig) -> list[BookedPart]:
    """Who confirmed the parts just before and after, in the same slot."""
    if gig.slot_id is None:
        return []
    found = (
        select(BookedPart)
        .options(joinedload(BookedPart.person))
        .where(
            BookedPart.slot_id == gig.slot_id,
            BookedPart.booking != gig.public_id,
            or_(BookedPart.ends_at == gig.starts_at, BookedPart.starts_at == gig.ends_at),
        )
    )
    return list(db.session.scalars(found.order_by(BookedPart.starts_at)))


def last_zone(person_id: int) -> str:
    """Where somebody was booked last: a good guess for the next one."""
    found = select(Gig.zone).where(Gig.person_id == person_id).order_by(Gig.starts_at.desc()).limit(1)
    return db.session.scalar(found) or "Europe/Berlin"


def gig_in(event: Event, public_id: str) -> Gig:
    """A gig of this event. Not there: 404."""
    found = select(Gig).options(*_with_all()).where(Gig.public_id == public_id, Gig.event_id == event.id)
    gig: Gig = db.session.scalar(found) or abort(404)
    return gig


def gig_by_answer(token: str) -> Gig:
    """The enquiry that this mailed link answers. Used, replaced or too old: 404."""
    found = select(Gig).where(Gig.answer_digest == tokens.digest(token), Gig.answer_expires_at > clock.now())
    gig: Gig = db.session.scalar(found) or abort(404)
    return gig


def gigs_of(person_id: int, since: datetime | None = None, until: datetime | None = None) -> list[Gig]:
    """Everything somebody is or was asked for, in order of time."""
    found = select(Gig).options(*_with_all()).where(Gig.person_id == person_id)
    if since is not None:
        found = found.where(Gig.ends_at > since)
    if until is not None:
        found = found.where(Gig.starts_at < until)
    return list(db.session.scalars(found.order_by(Gig.starts_at, Gig.id)))


def waiting_count(person_id: int) -> int:
    """How many offers wait for this person's word."""
    found = select(Gig.id).where(
        Gig.person_id == person_id, Gig.state == "pending", Gig.source != "own", Gig.ends_at > clock.now()
    )
    return len(list(db.session.scalars(found)))


def public_gigs(person_id: int, moment: datetime) -> list[Gig]:
    """What a profile lists: agreed by two, to come, not hidden by its person, at events whose page is open."""
    found = (
        select(Gig)
        .options(joinedload(Gig.event), joinedload(Gig.slot).joinedload(Slot.room))
        .outerjoin(Event, Event.id == Gig.event_id)
        .where(
            Gig.person_id == person_id, Gig.state == "confirmed", Gig.is_listed, Gig.ends_at > moment,
            Gig.source != "own", Gig.role != "helper", or_(Gig.event_id.is_(None), Event.published_at.is_not(None)),
        )
    )  # fmt: skip
    return list(db.session.scalars(found.order_by(Gig.starts_at)))


def agreed_of(person_id: int, roles: Collection[str] = ("dj",)) -> list[Gig]:
    """All that somebody agreed to, past and to come, in order of time."""
    found = (
        select(Gig)
        .options(*_with_all())
        .where(Gig.person_id == person_id, Gig.state.in_(AGREED_STATES), Gig.role.in_(roles))
    )
    return list(db.session.scalars(found.order_by(Gig.starts_at, Gig.id)))


def gigs_at(event_id: int, slot_public_id: str | None = None) -> list[Gig]:
    """All bookings of an event, or of one of its slots, in order of time."""
    found = select(Gig).options(*_with_all()).where(Gig.event_id == event_id)
    if slot_public_id is not None:
        found = found.where(Gig.slot_public_id == slot_public_id)
    return list(db.session.scalars(found.order_by(Gig.starts_at, Gig.id)))


def steps_of(gig_id: int) -> list[GigStep]:
    return list(db.session.scalars(select(GigStep).where(GigStep.gig_id == gig_id).order_by(GigStep.id)))


def step(step_id: int) -> GigStep | None:
    return db.session.get(GigStep, step_id)


def asked_after(gig_id: int) -> Gig | None:
    """Who was asked when this one came to nothing."""
    return db.session.scalar(select(Gig).options(joinedload(Gig.person)).where(Gig.previous_id == gig_id))


def asked_meanwhile(gig: Gig) -> list[Gig]:
    """What other events ask this person for, or agreed with them, at the same time."""
    found = (
        select(Gig)
        .options(*_with_all())
        .where(
            Gig.person_id == gig.person_id,
            Gig.id != gig.id,
            Gig.source == "event",
            Gig.event_id != gig.event_id,
            Gig.state.in_(LIVING_STATES),
            Gig.starts_at < gig.ends_at,
            Gig.ends_at > gig.starts_at,
        )
    )
    return list(db.session.scalars(found.order_by(Gig.id)))


def find_days(entry_id: int) -> Availability | None:
    return db.session.get(Availability, entry_id)


def choices_of(gig_ids: Iterable[int]) -> dict[int, list[NextChoice]]:
    """Who is asked next, by gig, in order."""
    found = select(NextChoice).options(joinedload(NextChoice.person)).where(NextChoice.gig_id.in_(list(gig_ids)))
    by_gig: dict[int, list[NextChoice]] = {}
    for choice in db.session.scalars(found.order_by(NextChoice.position, NextChoice.id)):
        by_gig.setdefault(choice.gig_id, []).append(choice)
    return by_gig


def has_living(slot_public_id: str | None, person_id: int, role: str, span: Span) -> bool:
    """Whether somebody is asked or booked for this part of this slot already."""
    found = select(Gig.id).where(
        Gig.slot_public_id == slot_public_id, Gig.person_id == person_id, Gig.role == role,
        Gig.state.in_(LIVING_STATES), Gig.starts_at < span.ends_at, Gig.ends_at > span.starts_at,
    )  # fmt: skip
    return db.session.scalar(found.limit(1)) is not None


# ---- what a person's calendar says ----


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to a time: busy (agreed to something else then), blocked, free, or "" (nothing said)."""

    kind: str
    busy: tuple[Span, ...] = ()


def availability_of(person_id: int) -> list[Availability]:
    """What somebody said about their days, the soonest first."""
    found = select(Availability).where(Availability.person_id == person_id)
    return list(db.session.scalars(found.order_by(Availability.starts_on, Availability.id)))


def standings(person_ids: Iterable[int], span: Span, day: date, *, but: int | None = None) -> dict[int, Standing]:
    """How several people stand to a time, in two queries. Says that somebody is busy, never with what."""
    wanted = list(person_ids)
    said: dict[int, list[Availability]] = {}
    for entry in db.session.scalars(select(Availability).where(Availability.person_id.in_(wanted))):
        said.setdefault(entry.person_id, []).append(entry)
    taken: dict[int, list[Span]] = {}
    for gig_id, person_id, starts_at, ends_at in db.session.execute(_agreed_in(wanted, span)):
        if gig_id != but:
            taken.setdefault(person_id, []).append(Span(starts_at, ends_at))
    return {who: _standing(taken.get(who, []), said.get(who, []), day) for who in wanted}


def _agreed_in(person_ids: list[int], span: Span) -> Select[int, int, datetime, datetime]:
    return select(Gig.id, Gig.person_id, Gig.starts_at, Gig.ends_at).where(
        Gig.person_id.in_(person_ids), Gig.state == "confirmed", Gig.starts_at < span.ends_at,
        Gig.ends_at > span.starts_at,
    )  # fmt: skip


def _standing(busy: list[Span], said: list[Availability], day: date) -> Standing:
    return Standing("busy", tuple(busy)) if busy else Standing(rules.standing(said, day))


def standings_of(gigs: Iterable[Gig], day_change_hour: int) -> dict[int, Standing]:
    """How each gig's person stands to it, by gig, in two queries for all."""
    rows = list(gigs)
    people = list({gig.person_id for gig in rows})
    said: dict[int, list[Availability]] = {}
    for entry in db.session.scalars(select(Availability).where(Availability.person_id.in_(people))):
        said.setdefault(entry.person_id, []).append(entry)
    agreed = select(Gig).where(Gig.person_id.in_(people), Gig.state == "confirmed")
    taken: dict[int, list[Gig]] = {}
    for other in db.session.scalars(agreed):
        taken.setdefault(other.person_id, []).append(other)
    found = {}
    for gig in rows:
        own = Span(gig.starts_at, gig.ends_at)
        spans = [Span(other.starts_at, other.ends_at) for other in taken.get(gig.person_id, []) if other.id != gig.id]
        day = rules.gig_day(gig.starts_at, gig.zone, day_change_hour)
        found[gig.id] = _standing([s for s in spans if rules.meet(s, own)], said.get(gig.person_id, []), day)
    return found


def living_on(person_id: int, first: date) -> list[Gig]:
    """What somebody is asked for or agreed to from a day on, at events: what a blocked day may collide with."""
    start = clock.day_bounds(first, "UTC", 0)[0]
    found = (
        select(Gig)
        .options(joinedload(Gig.event))
        .where(Gig.person_id == person_id, Gig.source == "event", Gig.state.in_(LIVING_STATES), Gig.ends_at > start)
    )
    return list(db.session.scalars(found.order_by(Gig.starts_at)))


def settings_of(person_id: int) -> BookingSettings:
    """How somebody may be booked; closed where nothing was chosen."""
    found = db.session.get(BookingSettings, person_id)
    return found or BookingSettings(
        person_id=person_id, takes_enquiries=False, fee_minor=None, currency="EUR", fee_note=""
    )


GRANTS = {"dj": ("dj",), "teacher": ("teacher",), "judge": ("teacher",), "mc": ("dj", "teacher"), "helper": ()}


def candidates(role: str, event_id: int, limit: int = 8) -> list[Person]:
    """Who may be thought of for a role: those who did it at this event before, and those who hold such a role here."""
    did = select(Gig.person_id).where(Gig.event_id == event_id, Gig.role == role)
    held = select(RoleGrant.person_id).where(RoleGrant.role.in_(GRANTS[role]))
    living = and_(Person.verified_at.is_not(None), Person.suspended_at.is_(None))
    found = select(Person).where(or_(Person.id.in_(did), Person.id.in_(held)), living)
    return list(db.session.scalars(found.order_by(Person.name, Person.id).limit(limit)))


def dj_by_handle(handle: str) -> Person:
    """Somebody who may be booked as a DJ: the account exists and stands. Anybody else: 404."""
    found = select(Person).where(
        Person.handle == handle.lower(), Person.verified_at.is_not(None), Person.suspended_at.is_(None)
    )
    person: Person = db.session.scalar(found) or abort(404)
    return person


# ---- what a sweep looks for ----


def run_out(moment: datetime) -> list[int]:
    """Offers that nobody answered in time."""
    due = (Gig.state.in_(OPEN_STATES), Gig.source != "own", Gig.expires_at <= moment)
    return list(db.session.scalars(select(Gig.id).where(*due).order_by(Gig.expires_at)))


def over(moment: datetime) -> list[int]:
    """Agreed ones that took place."""
    return list(db.session.scalars(select(Gig.id).where(Gig.state == "confirmed", Gig.ends_at <= moment)))


def drifted() -> list[int]:
    """Living gigs whose slot is not as it was when their times were set, where the public knows the slot as it is.

    While drafts wait, nobody is asked again: the move may never be published.
    """
    found = (
        select(Gig.id)
        .join(Event, Event.id == Gig.event_id)
        .outerjoin(Slot, Slot.id == Gig.slot_id)
        .where(Gig.state.in_(LIVING_STATES), Event.revision == Event.published_revision, _is_elsewhere())
    )
    return list(db.session.scalars(found.order_by(Gig.id)))


def _is_elsewhere() -> ColumnElement[bool]:
    moved = or_(Slot.starts_at != Gig.slot_starts_at, Slot.ends_at != Gig.slot_ends_at)
    return or_(Slot.id.is_(None), Slot.cancelled_at.is_not(None), moved)


def late_minutes(gig: Gig) -> int:
    """How far running late has moved a confirmed part along."""
    return db.session.scalar(select(BookedPart.late_minutes).where(BookedPart.booking == gig.public_id)) or 0
