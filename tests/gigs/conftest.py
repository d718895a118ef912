"""A weekend far ahead with a social night to book, and the words that tests of bookings share."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.db import db
from app.gigs import queries
from app.gigs.actions import asking
from app.gigs.actions.asking import Offer
from app.gigs.models import Gig
from app.lib import clock
from app.people.queries import person_by_handle
from app.schedule import actions as schedule
from app.schedule import queries as schedule_queries
from tests import factories


class Night:
    """An event with one social slot (22:00 to 02:00 of its second day, on the venue's clock)."""

    def __init__(self, mode: str) -> None:
        first = (clock.now() + timedelta(days=40)).date()
        self.day = first + timedelta(days=1)
        self.olive = factories.person("olive")
        event = factories.event(starts_on=first, ends_on=first + timedelta(days=2), mode=mode)
        self.event_id, self.slug = event.id, event.slug
        edit = self.add("Saturday social", "22:00", "26:00")
        self.slot_id = edit.slot_id
        if mode == "planning":
            schedule.publish(self.event_id, self.olive)

    def at(self, text: str):
        return factories.at(text, self.day)

    @property
    def event(self):
        db.session.rollback()
        from app.events.models import Event

        return db.session.get(Event, self.event_id)

    def add(self, title: str, start: str, end: str, room: int = 0, kind: str = "social"):
        values = schedule.SlotValues(
            title=title,
            kind=kind,
            room=self.event.rooms[room].public_id,
            starts_at=self.at(start),
            ends_at=self.at(end),
        )
        return schedule.add_slot(self.event_id, values, self.olive)

    def slot(self):
        return schedule_queries.slot_of(self.event, self.slot_id)

    def ask(self, who: str = "jo", start: str = "22:00", end: str = "26:00", role: str = "dj", slot_id=None, **more):
        factories.person(who)
        terms = {name: more.pop(name) for name in ("fee_minor", "travel", "notes", "days") if name in more}
        return asking.ask(
            self.event_id, slot_id or self.slot_id, f"@{who}", role, Offer(self.at(start), self.at(end), **terms),
            person_by_handle("olive"), **more,
        )  # fmt: skip

    def gig(self, public_id: str) -> Gig:
        db.session.rollback()
        return db.session.query(Gig).filter_by(public_id=public_id).one()

    def of(self, handle: str) -> Gig:
        """The newest gig of somebody."""
        db.session.rollback()
        person = person_by_handle(handle)
        return db.session.query(Gig).filter_by(person_id=person.id).order_by(Gig.id.desc()).first()

    def move(self, start: str, end: str):
        slot = self.slot()
        return schedule.move_slot(
            self.event_id, self.slot_id, room=slot.room.public_id, starts_at=self.at(start), ends_at=self.at(end),
            expected_version=slot.version, actor=person_by_handle("olive"),
        )  # fmt: skip

    def names(self, slot_id=None) -> list[str]:
        """Whom the public schedule names on the slot."""
        return schedule_queries.public_schedule(self.event).by_id[slot_id or self.slot_id].names

    def turns(self) -> list[tuple[str, str, str]]:
        """Own times on the public slot, on the venue's clock."""
        local = lambda instant: f"{clock.to_local(instant, factories.BUDAPEST):%H:%M}"  # noqa: E731  (a local shorthand)
        shown = schedule_queries.public_schedule(self.event).by_id[self.slot_id]
        return [(local(part.starts_at), local(part.ends_at), part.label) for part in shown.turns]


@pytest.fixture
def night(session) -> Night:
    return Night("live")


@pytest.fixture
def planned(session) -> Night:
    return Night("planning")


def states(*gigs: str) -> list[str]:
    db.session.rollback()
    return [db.session.query(Gig.state).filter_by(public_id=public_id).scalar() for public_id in gigs]


def steps(gig: Gig) -> list[str]:
    return [step.verb for step in queries.steps_of(gig.id)]
