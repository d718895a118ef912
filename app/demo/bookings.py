"""Bookings of the demo: Jo is asked, confirmed, moved, refused and booked from outside, so that every state is there.

Called by load, by the actions that users call. What is over by the time the demo is loaded is left out.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta

from app.db import db
from app.events import queries as events
from app.gigs import queries as gigs
from app.gigs import rules
from app.gigs.actions import answering, asking, enquiries, own
from app.gigs.actions.asking import Offer
from app.gigs.actions.enquiries import Enquiry
from app.gigs.actions.own import OwnGig
from app.lib import clock
from app.lib.refusal import Refusal
from app.people import queries as people
from app.people.models import Person
from app.schedule import queries as schedule

# slot, who, role, fee in minor units, travel, what they answered
WEEKEND = (
    ("The big social", "@jo", "dj", 18_000, "Train from Hamburg, two nights", "confirm"),
    ("Farewell social", "@jo", "dj", 15_000, "", ""),
    ("Sunset tea dance", "@jo", "dj", 9_000, "", "counter"),
    ("Farewell social", "@dana", "helper", None, "", ""),
    ("Farewell social", "@zsofia", "mc", None, "", "confirm"),
)
HARBOR = (
    ("Harbor social", "@jo", "dj", 22_000, "Flight, three nights", "confirm"),
    ("Quay social", "@jo", "dj", 16_000, "", "decline"),
    ("Tide goes out", "@jo", "dj", 12_000, "", "call_off"),
    ("Land legs", "@tess", "teacher", 20_000, "Flight, three nights", ""),
)


def bring(weekend: str, harbor: str) -> None:
    """All of it, for the weekend that runs and the one in Porto."""
    own.choose(
        _id("jo"), takes_enquiries=True, fee_minor=25_000, currency="EUR", fee_note="for four hours, travel on top"
    )
    for row in WEEKEND:
        _book(weekend, "olive", *row)
    for row in HARBOR:
        _book(harbor, "rui", *row)
    _elsewhere(clock.now().date())


def _book(slug: str, asker: str, title: str, who: str, role: str, fee: int | None, travel: str, answer: str) -> None:
    event = events.event_by_slug(slug)
    if event is None:
        return
    slot = next(slot for slot in schedule.slots_of(event.id) if slot.title == title)
    offer = Offer(slot.starts_at, slot.ends_at, fee, "EUR", travel, "")
    next_choices = ("@zsofia",) if (role, answer) == ("dj", "") else ()
    with suppress(Refusal):  # over already, at this hour of the night
        public_id = asking.ask(event.id, slot.public_id, who, role, offer, _person(asker), next_choices=next_choices)
        _answer(gigs.find_public(public_id), answer, _person(who.lstrip("@")))


def _answer(gig_id: int, answer: str, person: Person) -> None:
    gig = gigs.find(gig_id)
    if gig is None:
        return
    if answer in {"confirm", "call_off"}:
        answering.confirm(gig_id, gig.offer, person)
    if answer == "decline":
        answering.decline(gig_id, "My sister marries that night.", person)
    if answer == "call_off":
        answering.call_off(gig_id, "The last train leaves before it ends.", _person(person.handle))
    if answer == "counter":
        later = timedelta(minutes=30)
        answering.counter(gig_id, gig.offer, gig.starts_at + later, gig.ends_at, None, "I teach until then.", person)


def _elsewhere(today: date) -> None:
    """Outside of our events: one gig of Jo's own, one enquiry, and days that Jo said something about."""
    night = _at(today + timedelta(days=20), "20:00")
    own.add_own(
        OwnGig("Autumn ball", "dj", "Altes Kesselhaus", "Hamburg", "Europe/Berlin", night, night + timedelta(hours=5),
               60_000, "EUR", "Sound check at six."),
        _person("jo"),
    )  # fmt: skip
    asked = _at(today + timedelta(days=34), "21:00")
    enquiries.enquire(
        _id("jo"),
        Enquiry("Marta Lindqvist", "marta@pika.example", "Winter party of the rowing club", "Boathouse", "Lübeck",
                "Europe/Berlin", asked, asked + timedelta(hours=4), 28_000, "EUR", "Eighty people, half dance."),
    )  # fmt: skip
    own.say_days(_id("jo"), "blocked", today + timedelta(days=26), today + timedelta(days=28), "", "The sea")
    own.say_days(_id("jo"), "free", today, today + timedelta(days=180), "56", "")


def _at(day: date, wall: str) -> datetime:
    return clock.resolve_local(datetime.combine(day, time.fromisoformat(wall)), "Europe/Berlin").instant


def _person(handle: str) -> Person:
    db.session.rollback()
    person = people.person_by_handle(handle)
    if person is None:
        raise rules.NobodyThere(f"the demo has no {handle}")
    return person


def _id(handle: str) -> int:
    return _person(handle).id
