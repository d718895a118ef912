"""Rows for tests, made straight in the tables: people of the cast, events with rooms, slots, signed-in clients.

The named cast plays in all tests: Dana dances, Jo DJs, Tess teaches, Sam owns a studio, Olive organizes, Petra owns the
platform, and Nina is nobody here (she must get 404).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from app.db import db
from app.events.models import Event, Room
from app.lib import clock, tokens
from app.people.models import Person, RoleGrant, SignIn
from app.people.queries import email_index
from app.schedule.models import Slot
from app.studios.models import Studio

CAST = {
    "dana": "Dana Kovács", "jo": "Jo Brandt", "tess": "Tess Aubert", "sam": "Sam Whitfield",
    "olive": "Olive Szabó", "petra": "Petra Lang", "nina": "Nina Holt",
}  # fmt: skip
DAY = date(2026, 6, 13)
FIRST_DAY, LAST_DAY = date(2026, 6, 12), date(2026, 6, 14)
BUDAPEST = "Europe/Budapest"


def person(handle: str = "dana", name: str | None = None, **more: Any) -> Person:
    """An account of the cast (or anybody), verified; made once per test."""
    found = db.session.query(Person).filter_by(handle=handle).one_or_none()
    if found:
        return found
    email = f"{handle}@pika.example"
    made = Person(
        handle=handle, name=name or CAST.get(handle, handle.title()), email=email, email_index=email_index(email),
        password_hash="!", verified_at=clock.now(), **more,
    )  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made


def dj(handle: str = "jo") -> Person:
    """Somebody who may enter the DJ's house."""
    who = person(handle)
    grant(who, "dj")
    return who


def grant(who: Person, role: str, *, event: Event | None = None, studio: Studio | None = None) -> RoleGrant:
    """A role for somebody."""
    made = RoleGrant(person=who, role=role, event=event, studio=studio)
    db.session.add(made)
    db.session.commit()
    return made


def event(slug: str = "swing", *, organizer: Person | None = None, mode: str = "live", **more: Any) -> Event:
    """A published three-day event in Budapest with two rooms, organized by Olive."""
    values: dict[str, Any] = {
        "name": "Swing Weekend", "zone": BUDAPEST, "starts_on": FIRST_DAY, "ends_on": LAST_DAY,
        "published_at": clock.now(), "schedule_mode": mode,
    }  # fmt: skip
    made = Event(slug=slug, **(values | more))
    made.rooms = [
        Room(name="Danube Hall", position=0, capacity=400),
        Room(name="Margit Room", position=1, capacity=120, walk_minutes=4),
    ]
    db.session.add(made)
    db.session.commit()
    grant(organizer or person("olive"), "organizer", event=made)
    return made


def at(text: str, day: date = DAY) -> datetime:
    """ "14:30" on the venue's clock of that calendar date, as an instant."""
    hour, minute = map(int, text.split(":"))
    wall = datetime.combine(day + timedelta(days=hour // 24), datetime.min.time()).replace(
        hour=hour % 24, minute=minute
    )
    return clock.resolve_local(wall, BUDAPEST).instant


def slot(
    of: Event, title: str = "Swivels", start: str = "14:00", end: str = "15:00", room: int = 0, **more: Any
) -> Slot:
    """A slot row, not yet in any public version: use schedule.actions to publish it."""
    values = {"kind": "workshop", "planned_starts_at": at(start), "planned_ends_at": at(end)} | more
    made = Slot(event_id=of.id, room=of.rooms[room], title=title, starts_at=at(start), ends_at=at(end), **values)
    db.session.add(made)
    of.revision += 1
    db.session.commit()
    return made


def signed_in(client: FlaskClient, who: Person) -> FlaskClient:
    """The client with a session of that person, as sign-in leaves it."""
    token = tokens.secret_token()
    row = SignIn(person_id=who.id, token_digest=tokens.digest(token), expires_at=datetime.now(UTC) + timedelta(days=1))
    row.confirmed_at = clock.now()
    db.session.add(row)
    db.session.commit()
    with client.session_transaction() as browser:
        browser["sign_in"] = token
    return client
