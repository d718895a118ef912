"""What happens by itself: slots that moved ask again, offers run out, gigs end. Called by jobs/gigs.py, one by one.

Each decides from the rows as they are under the lock, so running it twice, or too often, changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app import outbox
from app.db import transaction
from app.events.models import Event
from app.gigs import queries, rules
from app.gigs.actions import choices, moving
from app.gigs.actions.asking import NO_COUNTER, owe
from app.gigs.models import Gig
from app.gigs.rules import Span
from app.lib import clock
from app.people.models import Person
from app.schedule import live
from app.schedule import queries as schedule
from app.schedule.models import Slot

GRACE = timedelta(minutes=2)  # a slot that was cancelled or deleted by mistake is back by then


def follow_slot(gig_id: int, actor: Person | None = None) -> bool:
    """Bring a gig's offer in line with its slot: ask again where the time changed, take it back where the slot is off.

    Returns whether anything changed. Running late is no other time (the part moved along), so nobody is asked again.
    """
    seen = queries.find(gig_id)
    if seen is None or seen.event_id is None or not _needs(seen, _slot_of(seen)):
        return False
    with transaction():
        event = moving.lock_event_of(seen)
        gig = queries.lock(gig_id)
        slot = _slot_of(gig) if gig else None
        if gig is None or event is None or not gig.is_living or not _needs(gig, slot):
            return False
        if slot is None or slot.is_cancelled:
            _slot_is_off(event, gig)
        else:
            gig.slot_id = slot.id
            _slot_moved(event, gig, slot, actor)
        slug = owe(event)
    outbox.hint()
    live.schedule_changed(slug)
    return True


def _slot_of(gig: Gig) -> Slot | None:
    """The slot, also when an undo brought it back as another row."""
    if gig.slot is not None:
        return gig.slot
    return schedule.find_slot(gig.event_id or 0, gig.slot_public_id or "")


def _needs(gig: Gig, slot: Slot | None) -> bool:
    """Whether the slot is not as it was when this gig's times were set, and that is no mere delay."""
    if slot is None or slot.is_cancelled:
        change = schedule.last_change_of_slot(gig.event_id or 0, gig.slot_public_id or "")
        return change is None or change.created_at <= clock.now() - GRACE
    if gig.slot_id != slot.id:
        return True
    if (slot.starts_at, slot.ends_at) == (gig.slot_starts_at, gig.slot_ends_at):
        return False
    late = timedelta(minutes=queries.late_minutes(gig)) if gig.state == "confirmed" else timedelta()
    return not late or gig.slot_starts_at is None or slot.starts_at != gig.slot_starts_at + late


def _slot_is_off(event: Event, gig: Gig) -> None:
    verb = "cancel" if gig.state == "confirmed" else "withdraw"
    reason = f"{gig.title} does not take place."
    made = moving.move(gig, verb, note=reason, values={"reason": reason, "closed_at": clock.now()})
    moving.unname(event, gig)
    moving.tell(gig, made, "person")


def _slot_moved(event: Event, gig: Gig, slot: Slot, actor: Person | None) -> None:
    basis = {"slot_starts_at": slot.starts_at, "slot_ends_at": slot.ends_at}
    old = Span(gig.slot_starts_at or gig.starts_at, gig.slot_ends_at or gig.ends_at)
    own = Span(gig.starts_at, gig.ends_at)
    new = rules.moved(own, old, Span(slot.starts_at, slot.ends_at))
    if new == own:
        _set(gig, basis)
        moving.name(event, gig) if gig.state == "confirmed" else None
    elif _is_as_agreed(gig, new):
        _stands_again(event, gig, new, basis)
    elif gig.state == "countered" and _counter_fits(gig, slot):
        _set(gig, basis | {"starts_at": new.starts_at, "ends_at": new.ends_at})  # that is what was asked for
    else:
        _ask_again(event, gig, new, basis, actor)


def _ask_again(event: Event, gig: Gig, new: Span, basis: dict[str, Any], actor: Person | None) -> None:
    """Yellow again, for this person only; the page does not claim what nobody confirmed."""
    verb = "ask_again" if gig.state == "confirmed" else "retime"
    until = rules.expires_at(clock.now(), rules.DEFAULT_DAYS, new.starts_at, new.ends_at)
    values = {
        "starts_at": new.starts_at, "ends_at": new.ends_at, "offer": gig.offer + 1, "expires_at": until,
        "confirmed_at": None, **basis, **NO_COUNTER,
    }  # fmt: skip
    made = moving.move(gig, verb, values=values, **moving.by(actor))
    moving.unname(event, gig)
    moving.tell(gig, made, "person")


def _is_as_agreed(gig: Gig, new: Span) -> bool:
    """The slot came back to what was agreed, and nothing else changed since."""
    terms = gig.frozen_terms
    if gig.state != "pending" or terms is None:
        return False
    now = rules.terms_of(gig, terms["event"], terms["place"], terms["asked_by"], terms["person"], clock.now())
    same = all(now[name] == terms[name] for name in ("fee_minor", "currency", "travel", "notes", "role"))
    back = {"starts_at": new.starts_at, "ends_at": new.ends_at}
    return same and all(rules.iso(at) == terms[name] for name, at in back.items())


def _stands_again(event: Event, gig: Gig, new: Span, basis: dict[str, Any]) -> None:
    values = {
        "starts_at": new.starts_at, "ends_at": new.ends_at, "offer": gig.offer + 1, "expires_at": None,
        "confirmed_at": clock.now(), **basis,
    }  # fmt: skip
    made = moving.move(gig, "restore", values=values)
    moving.name(event, gig)
    moving.tell(gig, made, "person")


def _counter_fits(gig: Gig, slot: Slot) -> bool:
    if gig.counter_starts_at is None or gig.counter_ends_at is None:
        return False
    return slot.starts_at <= gig.counter_starts_at and gig.counter_ends_at <= slot.ends_at


def _set(gig: Gig, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(gig, name, value)


def run_out(gig_id: int) -> None:
    """Nobody answered in time: the next on the list is asked, both sides are told. Answered meanwhile: nothing."""
    try:
        with transaction():
            gig = queries.lock(gig_id)
            if gig is None:
                return
            made = moving.move(gig, "expire", values={"closed_at": clock.now(), "answer_digest": None})
            choices.ask_next(gig)
            moving.tell(gig, made, "person", "asker")
    except rules.AnsweredAlready:
        return
    outbox.hint()


def end(gig_id: int) -> None:
    """It took place. Called off meanwhile: nothing."""
    try:
        with transaction():
            gig = queries.lock(gig_id)
            if gig is not None:
                moving.move(gig, "end")
    except rules.AnsweredAlready:
        return
