"""What the person asked does: confirm, decline, make another offer, and call off what was confirmed.

Each names the offer that was seen: what changed meanwhile is not confirmed by accident. Called by the person's pages.
"""

from __future__ import annotations

from datetime import datetime

from app import outbox
from app.db import transaction
from app.gigs import rules
from app.gigs.actions import choices, moving
from app.gigs.actions.asking import owe, stand_in
from app.gigs.models import Gig
from app.lib import clock
from app.people.models import Person
from app.schedule import live


def confirm(gig_id: int, seen: int, actor: Person) -> None:
    """Yes, to this very offer. From now on the public schedule names this person, and the terms are frozen.

    Raises AnsweredAlready, OfferChanged, TooLate.
    """
    with transaction():
        event = moving.lock_event_of(moving.there(gig_id, "confirm"))
        gig = moving.locked(gig_id, "confirm")
        if gig.state != "pending":
            raise rules.refusal_for(gig, "confirm", seen, clock.now())
        values = moving.agreed(gig, clock.now(), offer=seen)
        made = moving.move(gig, "confirm", offer=seen, values=values, **moving.by(actor))
        moving.name(event, gig)
        stand_in(event, gig)
        moving.tell(gig, made, "asker")
        slug = owe(event)
    outbox.hint()
    if slug:
        live.schedule_changed(slug)


def decline(gig_id: int, reason: str, actor: Person) -> Gig | None:
    """No. Whoever is next on the list is asked at once, and returned. Raises AnsweredAlready."""
    with transaction():
        gig = moving.locked(gig_id, "confirm")
        values = {"reason": reason, "closed_at": clock.now(), "answer_digest": None}
        made = moving.move(gig, "decline", note=reason, values=values, **moving.by(actor))
        after = choices.ask_next(gig)
        moving.tell(gig, made, "asker")
    outbox.hint()
    return after


def counter(
    gig_id: int, seen: int, starts_at: datetime, ends_at: datetime, fee_minor: int | None, note: str, actor: Person
) -> None:
    """Not 22:00, but 23:00. Whoever asked has the word then.

    Raises AnsweredAlready, OfferChanged, TooLate, BadTimes.
    """
    with transaction():
        gig = moving.locked(gig_id, "confirm")
        rules.check_times(starts_at, ends_at, clock.now())
        values = {
            "counter_starts_at": starts_at, "counter_ends_at": ends_at, "counter_fee_minor": fee_minor,
            "counter_note": note, "offer": seen + 1, "answer_digest": None,
            "expires_at": rules.expires_at(clock.now(), rules.DEFAULT_DAYS, gig.starts_at, gig.ends_at),
        }  # fmt: skip
        made = moving.move(gig, "counter", offer=seen, note=note, values=values, **moving.by(actor))
        moving.tell(gig, made, "asker")
    outbox.hint()


def call_off(gig_id: int, reason: str, actor: Person) -> Gig | None:
    """What was confirmed does not happen after all; the next on the list is asked. Raises AnsweredAlready."""
    with transaction():
        event = moving.lock_event_of(moving.there(gig_id, "confirm"))
        gig = moving.locked(gig_id, "confirm")
        values = {"reason": reason, "closed_at": clock.now()}
        made = moving.move(gig, "cancel", note=reason, values=values, **moving.by(actor))
        moving.unname(event, gig)
        after = choices.ask_next(gig)
        moving.tell(gig, made, "asker")
        slug = owe(event)
    outbox.hint()
    if slug:
        live.schedule_changed(slug)
    return after


def set_listed(gig_id: int, *, is_listed: bool) -> None:
    """Whether the public profile lists it."""
    with transaction():
        moving.locked(gig_id, "confirm").is_listed = is_listed
