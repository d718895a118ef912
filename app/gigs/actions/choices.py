"""Who is asked next: when an offer comes to nothing, the next on its list gets the same one, by itself.

Called by the other modules of this package inside their transaction, after the move that ended the former offer: that
move has exactly one winner, so nobody is asked twice (and `previous_id` is unique besides).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, update

from app.db import db
from app.gigs import queries, rules
from app.gigs.actions import moving
from app.gigs.models import Gig, NextChoice
from app.gigs.rules import Span
from app.lib import clock
from app.people.models import Person

COPIED = (
    "event_id", "slot_id", "slot_public_id", "source", "role", "title", "venue_name", "city", "zone", "starts_at",
    "ends_at", "slot_starts_at", "slot_ends_at", "fee_minor", "currency", "travel", "notes", "asked_by_id",
    "asked_by_name", "substitute_for_id",
)  # fmt: skip


def set_list(gig: Gig, people: Sequence[Person]) -> None:
    """Replace who is asked next, in this order."""
    db.session.execute(delete(NextChoice).where(NextChoice.gig_id == gig.id))
    for position, person in enumerate(people):
        db.session.add(NextChoice(gig_id=gig.id, person_id=person.id, position=position))


def ask_next(gig: Gig) -> Gig | None:
    """The next on the list who is not asked or booked already; None when there is nobody, or it is too late."""
    moment = clock.now()
    slot_is_off = gig.event_id is not None and (gig.slot is None or gig.slot.is_cancelled)
    if gig.ends_at <= moment or slot_is_off:
        return None
    for choice in queries.choices_of([gig.id]).get(gig.id, []):
        person_id = choice.person_id
        db.session.delete(choice)
        if not queries.has_living(gig.slot_public_id, person_id, gig.role, Span(gig.starts_at, gig.ends_at)):
            return _ask(gig, person_id)
    return None


def _ask(gig: Gig, person_id: int) -> Gig:
    moment = clock.now()
    after = Gig(**{name: getattr(gig, name) for name in COPIED}, person_id=person_id, previous_id=gig.id)
    after.changed_at, after.offer = moment, 1
    after.expires_at = rules.expires_at(moment, _days(gig), gig.starts_at, gig.ends_at)
    db.session.add(after)
    db.session.flush()
    db.session.execute(update(NextChoice).where(NextChoice.gig_id == gig.id).values(gig_id=after.id))
    made = moving.step(after, "asked", actor=gig.asked_by_name, actor_id=gig.asked_by_id, note="The next on the list")
    moving.tell(after, made, "person")
    return after


def _days(gig: Gig) -> int:
    """How long the former one had, in whole days."""
    if gig.expires_at is None:
        return rules.DEFAULT_DAYS
    days = math.ceil((gig.expires_at - gig.created_at) / timedelta(days=1))
    return min(max(days, rules.EXPIRES_IN_DAYS[0]), rules.EXPIRES_IN_DAYS[-1])
