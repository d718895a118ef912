"""What whoever asks does: ask, offer anew, take or refuse a counter-offer, withdraw, remind.

Called by organizers' pages and, for enquiries, by the page behind a mailed link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.exc import IntegrityError

from app import outbox
from app.db import transaction
from app.events import queries as events
from app.events.models import Event
from app.gigs import queries, rules
from app.gigs.actions import choices, moving
from app.gigs.models import Gig
from app.gigs.rules import Span
from app.lib import clock
from app.people import queries as people
from app.people.models import Person
from app.schedule import live
from app.schedule import queries as schedule


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered: times within the slot, the fee in minor units, and how long it stands."""

    starts_at: datetime
    ends_at: datetime
    fee_minor: int | None = None
    currency: str = "EUR"
    travel: str = ""
    notes: str = ""
    days: int = rules.DEFAULT_DAYS


def ask(
    event_id: int, slot_id: str, who: str, role: str, offer: Offer, actor: Person, *, next_choices: Sequence[str] = (),
    substitute_for: str = "",
) -> str:  # fmt: skip
    """Ask somebody for a part of a slot. Returns the gig's public id.

    `substitute_for` names a confirmed gig that this one takes the place of once it is confirmed.
    Raises NobodyThere, AskedAlready, BadTimes, TooManyChoices.
    """
    try:
        with transaction() as session:
            event = events.lock_event(event_id)
            slot = schedule.slot_of(event, slot_id)
            person = _somebody(who)
            rules.check_times(offer.starts_at, offer.ends_at, clock.now())
            rules.check_in_slot(slot, offer.starts_at, offer.ends_at, event.zone)
            if queries.has_living(slot.public_id, person.id, role, Span(offer.starts_at, offer.ends_at)):
                raise rules.AskedAlready(f"{person.name} is asked for that already.")
            gig = Gig(
                event_id=event.id, slot_id=slot.id, slot_public_id=slot.public_id, person_id=person.id, role=role,
                source="event", state="pending", title=slot.title, zone=event.zone, city=event.city,
                venue_name=event.venue, slot_starts_at=slot.starts_at, slot_ends_at=slot.ends_at, offer=1,
                asked_by_id=actor.id, asked_by_name=actor.name, changed_at=clock.now(), **_offered(offer),
            )  # fmt: skip
            if substitute_for:
                gig.substitute_for_id = queries.gig_in(event, substitute_for).id
            session.add(gig)
            session.flush()
            choices.set_list(gig, _list(next_choices, person))
            moving.tell(gig, moving.step(gig, "asked", **moving.by(actor)), "person")
            public_id = gig.public_id
    except IntegrityError as error:
        if "gig" not in str(error.orig):
            raise
        raise rules.AskedAlready("They were asked for that a moment ago.") from None
    outbox.hint()
    return public_id


def _somebody(who: str, field: str = "who") -> Person:
    """An account by @handle or address that stands. Raises NobodyThere."""
    person = people.person_by_email_or_handle(who)
    if person is None or person.verified_at is None or person.suspended_at is not None:
        raise rules.NobodyThere(f"Nobody here answers to {who}. Ask for the @handle, or let them sign up first.", field)
    return person


def _list(named: Sequence[str], first: Person) -> list[Person]:
    """Next choices by @handle, each once, without who is asked now. Raises NobodyThere, TooManyChoices."""
    if len(named) > rules.CHOICES_MAX:
        raise rules.TooManyChoices(f"{rules.CHOICES_MAX} are the most.")
    found = [_somebody(who, "next") for who in named]
    return list({person.id: person for person in found if person.id != first.id}.values())


def _offered(offer: Offer) -> dict[str, Any]:
    return {
        "starts_at": offer.starts_at, "ends_at": offer.ends_at, "fee_minor": offer.fee_minor,
        "currency": offer.currency, "travel": offer.travel, "notes": offer.notes,
        "expires_at": rules.expires_at(clock.now(), offer.days, offer.starts_at, offer.ends_at),
    }  # fmt: skip


# what every word of whoever asks clears: the counter-offer, and the mailed link that it was said by
NO_COUNTER: dict[str, Any] = {
    "answer_digest": None,
    "counter_starts_at": None, "counter_ends_at": None, "counter_fee_minor": None, "counter_note": ""
}  # fmt: skip


def offer_anew(gig_id: int, seen: int, offer: Offer, actor: Person | None, by: str = "") -> None:
    """Other times or terms, instead of the former offer or of a counter-offer. Raises AnsweredAlready, BadTimes."""
    with transaction():
        gig = moving.locked(gig_id, "offer")
        rules.check_times(offer.starts_at, offer.ends_at, clock.now())
        if gig.slot is not None:
            rules.check_in_slot(gig.slot, offer.starts_at, offer.ends_at, gig.zone)
        values = {**_offered(offer), **NO_COUNTER, "offer": seen + 1}
        if gig.slot is not None:
            values |= {"slot_starts_at": gig.slot.starts_at, "slot_ends_at": gig.slot.ends_at}
        made = moving.move(gig, "offer", offer=seen, values=values, **_actor(actor, by))
        moving.tell(gig, made, "person", *(("asker",) if gig.source == "enquiry" else ()))
    outbox.hint()


def accept(gig_id: int, seen: int, actor: Person | None, by: str = "") -> None:
    """Take a counter-offer: agreed, at its times and fee. Raises AnsweredAlready, OfferChanged, DoesNotFit."""
    with transaction():
        event = moving.lock_event_of(moving.there(gig_id, "accept"))
        gig = moving.locked(gig_id, "accept")
        if gig.state != "countered" or gig.counter_starts_at is None:
            raise rules.refusal_for(gig, "accept", seen, clock.now())
        rules.check_fits(gig, gig.slot)
        fee = gig.fee_minor if gig.counter_fee_minor is None else gig.counter_fee_minor
        values = moving.agreed(
            gig, clock.now(), starts_at=gig.counter_starts_at, ends_at=gig.counter_ends_at, fee_minor=fee,
            offer=seen + 1,
        )  # fmt: skip
        made = moving.move(gig, "accept", offer=seen, values=values | NO_COUNTER, **_actor(actor, by))
        moving.name(event, gig)
        stand_in(event, gig)
        moving.tell(gig, made, "person", *(("asker",) if gig.source == "enquiry" else ()))
        slug = owe(event)
    outbox.hint()
    if slug:
        live.schedule_changed(slug)


def keep(gig_id: int, seen: int, actor: Person | None, by: str = "") -> None:
    """Refuse a counter-offer: the first offer stands again and waits. Raises AnsweredAlready, OfferChanged."""
    with transaction():
        gig = moving.locked(gig_id, "keep")
        until = rules.expires_at(clock.now(), rules.DEFAULT_DAYS, gig.starts_at, gig.ends_at)
        values = {**NO_COUNTER, "offer": seen + 1, "expires_at": until}
        made = moving.move(gig, "keep", offer=seen, values=values, **_actor(actor, by))
        moving.tell(gig, made, "person")
    outbox.hint()


def withdraw(gig_id: int, reason: str, actor: Person | None, by: str = "") -> None:
    """Take an offer back, or call off what was agreed; the person is told why. Raises AnsweredAlready."""
    with transaction():
        event = moving.lock_event_of(moving.there(gig_id, "withdraw"))
        gig = moving.locked(gig_id, "withdraw")
        verb = "cancel" if gig.state == "confirmed" else "withdraw"
        values = {"reason": reason, "closed_at": clock.now(), "answer_digest": None}
        made = moving.move(gig, verb, note=reason, values=values, **_actor(actor, by))
        moving.unname(event, gig)
        moving.tell(gig, made, "person")
        slug = owe(event) if verb == "cancel" else ""
    outbox.hint()
    if slug:
        live.schedule_changed(slug)


def remind(gig_id: int, actor: Person) -> None:
    """Tell somebody again that an offer waits, at most twice a day. Raises AnsweredAlready, TooSoon."""
    moment = clock.now()
    with transaction() as session:
        quiet = or_(Gig.reminded_at.is_(None), Gig.reminded_at <= moment - rules.REMIND_EVERY)
        done = session.execute(
            update(Gig).where(Gig.id == gig_id, Gig.state == "pending", quiet).values(reminded_at=moment)
        )
        gig = moving.locked(gig_id, "decline")
        if done.rowcount != 1:
            if gig.state != "pending":
                raise rules.refusal_for(gig, "confirm", None, moment)
            raise rules.TooSoon("They were reminded a short while ago. Twice a day is the most.")
        moving.tell(gig, moving.step(gig, "remind", **moving.by(actor)), "person")
    outbox.hint()


def set_choices(gig_id: int, named: Sequence[str]) -> None:
    """Replace who is asked next. Raises NobodyThere, TooManyChoices, AnsweredAlready."""
    with transaction():
        gig = moving.locked(gig_id, "offer")
        if not gig.is_living:
            raise rules.refusal_for(gig, "offer", None, clock.now())
        choices.set_list(gig, _list(named, gig.person))


def owe(event: Event | None) -> str:
    """Inside the transaction: phones will be told of this event's schedule. Gives its slug, "" where there is none."""
    if event is None:
        return ""
    live.owe(event)
    return event.slug


def stand_in(event: Event | None, gig: Gig) -> None:
    """A stand-in confirmed: whom they stand in for is off, and told. In the caller's transaction."""
    if gig.substitute_for_id is None:
        return
    former = queries.lock(gig.substitute_for_id)
    if former is not None and former.state == "confirmed":
        reason = f"{gig.person.name} stands in."
        made = moving.move(
            former, "cancel", note=reason, values={"reason": reason, "closed_at": clock.now()}, actor=gig.asked_by_name
        )
        moving.unname(event, former)
        moving.tell(former, made, "person")


def _actor(actor: Person | None, by: str) -> dict[str, Any]:
    return moving.by(actor) if actor else {"actor": by} if by else {}
