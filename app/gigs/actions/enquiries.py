"""Book me: somebody outside asks a DJ, and answers by links that arrive by mail, each good for one answer.

Called by the public form, by the page behind a link, and by jobs/gigs.py, which writes the mails. The DJ's address is
in none of them, and the enquirer's is seen by the DJ only once both agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app import outbox
from app.db import transaction
from app.gigs import queries, rules
from app.gigs.actions import asking, moving
from app.gigs.actions.asking import Offer
from app.gigs.models import Gig
from app.lib import clock, tokens
from app.people.models import Person

LINK_LIVES = timedelta(days=14)
WAITS_DAYS = 14


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What the public form says."""

    name: str
    email: str
    title: str
    venue_name: str
    city: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    fee_minor: int | None
    currency: str
    notes: str


def enquire(person_id: int, values: Enquiry) -> None:
    """Ask a DJ from outside. The DJ is told, the enquirer gets a mail that says so. Raises NoEnquiries, BadTimes."""
    moment = clock.now()
    with transaction() as session:
        person = session.get_one(Person, person_id)
        if not queries.settings_of(person.id).takes_enquiries:
            raise rules.NoEnquiries(f"{person.name} takes no enquiries at the moment.")
        rules.check_times(values.starts_at, values.ends_at, moment)
        gig = Gig(
            person_id=person.id, source="enquiry", role="dj", state="pending", title=values.title,
            venue_name=values.venue_name, city=values.city, zone=values.zone, starts_at=values.starts_at,
            ends_at=values.ends_at, fee_minor=values.fee_minor, currency=values.currency, notes=values.notes, offer=1,
            asked_by_name=values.name, enquirer_email=values.email, changed_at=moment,
            expires_at=rules.expires_at(moment, WAITS_DAYS, values.starts_at, values.ends_at),
        )  # fmt: skip
        session.add(gig)
        session.flush()
        made = moving.step(gig, "asked", actor=values.name)
        moving.tell(gig, made, "person", "asker")
    outbox.hint()


@dataclass(frozen=True, slots=True)
class Letter:
    """What an enquirer is written, decided from the rows as they are now. `token` opens the page where one answers."""

    to: str
    gig: Gig
    token: str


def letter(gig_id: int) -> Letter | None:
    """A fresh link for whoever asked; the former one leads nowhere. None where nobody is to be written to."""
    token = tokens.secret_token()
    with transaction():
        gig = queries.lock(gig_id)
        if gig is None or gig.enquirer_email is None:
            return None
        if gig.is_living:
            gig.answer_digest, gig.answer_expires_at = tokens.digest(token), clock.now() + LINK_LIVES
        else:
            gig.answer_digest = None
        return Letter(gig.enquirer_email, gig, token if gig.is_living else "")


def take(token: str, seen: int) -> None:
    """The enquirer takes the DJ's offer: agreed. Raises AnsweredAlready, OfferChanged."""
    gig = queries.gig_by_answer(token)
    asking.accept(gig.id, seen, None, by=gig.asked_by_name)


def offer(token: str, seen: int, made: Offer) -> None:
    """Another offer instead. Raises AnsweredAlready, OfferChanged, BadTimes."""
    gig = queries.gig_by_answer(token)
    asking.offer_anew(gig.id, seen, made, None, by=gig.asked_by_name)


def take_back(token: str, reason: str) -> None:
    """No, or not any more. Raises AnsweredAlready."""
    gig = queries.gig_by_answer(token)
    asking.withdraw(gig.id, reason, None, by=gig.asked_by_name)
