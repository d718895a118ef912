"""The one way a gig changes its state: a conditional UPDATE, a step that is never changed, and what is owed of it.

Called by the other modules of this package inside their transaction. Of two moves that race, the second one finds no
row in the state that it leads from, and is refused with how things stand now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, update

from app import outbox
from app.db import db
from app.events import queries as events
from app.events.models import Event
from app.gigs import queries, rules
from app.gigs.models import Gig, GigStep
from app.lib import clock
from app.people.models import Person
from app.schedule import parts
from app.schedule.models import BOOKED_ROLES

NOBODY = "Pika!"


def move(
    gig: Gig, verb: str, *, offer: int | None = None, actor: str = NOBODY, actor_id: int | None = None, note: str = "",
    values: Mapping[str, Any] | None = None,
) -> GigStep:  # fmt: skip
    """Lead a gig from one state to the next. Raises AnsweredAlready, OfferChanged, TooLate."""
    moment, gig_id = clock.now(), gig.id
    changed = {"state": rules.MOVES[verb][1], "changed_at": moment, **(values or {})}
    done: Any = db.session.execute(
        update(Gig)
        .where(Gig.id == gig_id, *_guard(verb, offer, moment))
        .values(**changed)
        .execution_options(synchronize_session=False)
    )
    fresh = queries.lock(gig_id)
    if done.rowcount != 1 or fresh is None:
        raise rules.refusal_for(fresh, verb, offer, moment)
    return step(fresh, verb, actor=actor, actor_id=actor_id, note=note)


def _guard(verb: str, offer: int | None, moment: datetime) -> list[ColumnElement[bool]]:
    """What must still be so for a move to happen."""
    found: list[ColumnElement[bool]] = [Gig.state.in_(rules.MOVES[verb][0])]
    if offer is not None:
        found.append(Gig.offer == offer)
    if verb in rules.ANSWERS:
        found.append(or_(Gig.expires_at.is_(None), Gig.expires_at > moment))
    if verb == "expire":
        found.append(Gig.expires_at <= moment)
    if verb == "end":
        found.append(Gig.ends_at <= moment)
    return found


def step(gig: Gig, verb: str, *, actor: str = NOBODY, actor_id: int | None = None, note: str = "") -> GigStep:
    """Write down what happened; an agreement with its terms."""
    made = GigStep(gig_id=gig.id, verb=verb, actor_name=actor, actor_id=actor_id, note=note[:300])
    if gig.state == "confirmed":
        made.terms = gig.frozen_terms
    db.session.add(made)
    db.session.flush()
    return made


def tell(gig: Gig, what: GigStep, *sides: str) -> None:
    """Owe the news to the person asked ("person"), to those who ask ("asker"), or both."""
    for side in sides:
        subject = {"gig": gig.id, "verb": what.verb, "offer": gig.offer, "step": what.id, "to": side}
        outbox.owe("gigs.tell", subject, f"gig:{gig.public_id}:{what.id}:{side}")


def agreed(gig: Gig, moment: datetime, **changed: Any) -> dict[str, Any]:
    """The values of an agreement: frozen terms and when. `changed` are values that the same move sets."""
    draft = Gig(**{name: getattr(gig, name) for name in _TERMS} | changed)
    event = gig.event
    place = f"{event.venue or event.city}" if event else ", ".join(filter(None, (gig.venue_name, gig.city)))
    terms = rules.terms_of(draft, event.name if event else "", place, gig.asked_by_name, gig.person.name, moment)
    return {"frozen_terms": terms, "confirmed_at": moment, "expires_at": None, "reason": "", **changed}


_TERMS = ("title", "role", "zone", "starts_at", "ends_at", "fee_minor", "currency", "travel", "notes", "offer")


def there(gig_id: int, verb: str) -> Gig:
    """A gig to be moved. Raises AnsweredAlready when it is gone."""
    gig = queries.find(gig_id)
    if gig is None:
        raise rules.refusal_for(None, verb, None, clock.now())
    return gig


def locked(gig_id: int, verb: str) -> Gig:
    """The same, as it is now, under its lock."""
    gig = queries.lock(gig_id)
    if gig is None:
        raise rules.refusal_for(None, verb, None, clock.now())
    return gig


def lock_event_of(gig: Gig) -> Event | None:
    """The event under its lock, always before the gig's: whoever changes names must take them in this order."""
    return events.lock_event(gig.event_id) if gig.event_id is not None else None


def name(event: Event | None, gig: Gig) -> None:
    """The public schedule names a confirmed person from now on; helpers are not named."""
    if event is not None and gig.slot is not None and gig.role in BOOKED_ROLES:
        parts.name(event, gig.slot, gig.public_id, gig.person, gig.role, gig.starts_at, gig.ends_at)


def unname(event: Event | None, gig: Gig) -> None:
    if event is not None:
        parts.unname(event, gig.public_id)


def by(person: Person | None) -> dict[str, Any]:
    """Who moves it, for `move` and `step`."""
    return {"actor": person.name, "actor_id": person.id} if person else {}
