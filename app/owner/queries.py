"""Named reads for the platform owner: figures, pages of people and events. The door is the route's. No writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask import abort
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from app.db import db
from app.events import queries as events
from app.events.models import Event
from app.lib import clock
from app.live import presence
from app.people.models import Person, RoleGrant, SignIn
from app.people.queries import email_index
from app.schedule import live
from app.schedule.models import Slot, Star
from app.studios.models import Studio

PER_PAGE = 25
PAGE_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is. `phones` counts open public pages of the weekends that are on."""

    people: int
    people_new: int
    suspended: int
    signed_in: int
    events: int
    published: int
    under_way: int
    studios: int
    slots: int
    stars: int
    phones: int


def figures() -> Figures:
    """All figures of the health page, each one count."""
    moment = clock.now()
    shown = events.under_way()
    return Figures(
        people=_count(select(func.count(Person.id))),
        people_new=_count(select(func.count(Person.id)).where(Person.created_at > moment - timedelta(days=7))),
        suspended=_count(select(func.count(Person.id)).where(Person.suspended_at.is_not(None))),
        signed_in=_count(select(func.count(SignIn.id)).where(SignIn.ended_at.is_(None), SignIn.expires_at > moment)),
        events=_count(select(func.count(Event.id))),
        published=_count(select(func.count(Event.id)).where(Event.published_at.is_not(None))),
        under_way=sum(1 for event in shown if event.opens_at <= moment < event.closes_at),
        studios=_count(select(func.count(Studio.id))),
        slots=_count(select(func.count(Slot.id))),
        stars=_count(select(func.count(Star.id))),
        phones=sum(presence.count(live.public_topic(event.slug)) for event in shown),
    )


def people_page(text: str, page: int) -> Pagination:
    """People by part of name or handle, or by a whole address (addresses are sealed); newest first."""
    found = select(Person).options(selectinload(Person.grants)).order_by(Person.id.desc())
    if text:
        handle = text.removeprefix("@")
        found = found.where(
            or_(
                Person.name.icontains(text, autoescape=True),
                Person.handle.icontains(handle, autoescape=True),
                Person.email_index == email_index(text),
            )
        )
    return _page(found, page)


def events_page(text: str, page: int) -> Pagination:
    """Events by part of name, address or city, those that begin last first."""
    found = select(Event).order_by(Event.starts_on.desc(), Event.id.desc())
    if text:
        parts = (Event.name, Event.slug, Event.city)
        found = found.where(or_(*(part.icontains(text, autoescape=True) for part in parts)))
    return _page(found, page)


def slot_counts(event_ids: Iterable[int]) -> dict[int, int]:
    """How many slots each of these events has."""
    counted = select(Slot.event_id, func.count().label("slots")).where(Slot.event_id.in_(list(event_ids)))
    return {row.event_id: row.slots for row in db.session.execute(counted.group_by(Slot.event_id))}


def organizers(event_ids: Iterable[int]) -> dict[int, list[Person]]:
    """Who organizes each of these events, in one query."""
    found = (
        select(RoleGrant.event_id, Person)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.event_id.in_(list(event_ids)), RoleGrant.role == "organizer")
        .order_by(RoleGrant.id)
    )
    teams: dict[int, list[Person]] = {}
    for event_id, person in db.session.execute(found):
        teams.setdefault(event_id or 0, []).append(person)
    return teams


def person_of(account: str) -> Person:
    """One account by its public id, which stays when the handle changes. Not there: 404."""
    found: Person | None = db.session.scalar(select(Person).where(Person.public_id == account))
    return found if found is not None else abort(404)


def lock_person(person_id: int) -> Person:
    """The account under a row lock."""
    return db.session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()


def lock_active_owners() -> set[int]:
    """Ids of the owners who can sign in.

    Takes the lock of all owner grants first, so that two owners cannot unmake each other at the same moment; the second
    statement then reads what the first one waited for.
    """
    held = select(RoleGrant.id).where(RoleGrant.role == "owner").order_by(RoleGrant.id)
    db.session.execute(held.with_for_update()).all()
    active = (
        select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == "owner", Person.suspended_at.is_(None), Person.verified_at.is_not(None))
    )
    return set(db.session.scalars(active))


def stars_held(person_id: int) -> int:
    """How many stars this account made itself."""
    return _count(select(func.count(Star.id)).where(Star.person_id == person_id))


def _count(statement: object) -> int:
    return db.session.scalar(statement) or 0  # type: ignore[call-overload]  # any count


def _page(found: object, page: int) -> Pagination:
    """A page that exists or is empty; never a 404 for a number too high."""
    wanted = min(max(page, 1), PAGE_MAX)
    return db.paginate(found, page=wanted, per_page=PER_PAGE, error_out=False)  # type: ignore[arg-type]  # any select
