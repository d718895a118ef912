"""Running late: apply a shift to a slot and all that it moves, in one batch that one tap undoes. Called by the maker.

The plan is made anew under the lock from the rows as they are; a preview of an older revision is refused, so that
nobody applies something else than what was shown.
"""

from __future__ import annotations

from datetime import timedelta

from app import outbox
from app.db import db, transaction
from app.events import queries as events
from app.events.models import Event
from app.lib import clock, tokens
from app.people.models import Person
from app.schedule import delays, live, queries, rules, snapshot, telling
from app.schedule.actions.edits import Edit
from app.schedule.actions.record import after_edit, log_edit
from app.schedule.actions.telling import announce_change
from app.schedule.delays import Plan
from app.schedule.models import Slot


def shift_from(
    event_id: int, slot_id: str, minutes: int, *, expected_revision: int, actor: Person | None, tell: str = ""
) -> Edit:
    """Shift a slot and those behind it. `tell` is the sentence for everybody who starred a moved slot; "" tells nobody.

    Raises SlotNotThere, ShiftedSince (the preview is old), ShiftTooLarge, RoomTaken (a conflict must be solved first).
    """
    batch = tokens.public_id()
    with transaction():
        event = events.lock_event(event_id)
        if event.revision != expected_revision:
            raise rules.ShiftedSince("The schedule changed since you looked. Look at the new effects, then apply.")
        slots = [slot for slot in queries.slots_of(event.id) if not slot.is_cancelled]
        made = plan_for(event, slots, slot_id, minutes)
        rules.check_plan(made, event)
        _apply(event, made, {slot.public_id: slot for slot in slots}, batch, actor)
        after_edit(event, actor)
        if tell:
            announce_change(event, slot_id, tell, batch, actor, also=telling.also(made, slot_id, event.zone))
        edit = Edit(slot_id, rules.shift_sentence(made, minutes), batch, event.schedule_version)
    outbox.hint()
    live.schedule_changed(event.slug)
    return edit


def plan_for(event: Event, slots: list[Slot], slot_id: str, minutes: int) -> Plan:
    """The effects for the slots given: what a preview shows and what is applied. Raises SlotNotThere, ShiftTooLarge."""
    rules.check_shift(minutes, is_there=slot_id in {slot.public_id for slot in slots})
    return delays.plan([delays.piece_of(slot, event) for slot in slots], slot_id, minutes)


def minutes_until_now(slot: Slot) -> int:
    """For "started now": how far this moment is from the time on the schedule."""
    began = clock.now().replace(second=0, microsecond=0)
    return round((began - slot.starts_at) / timedelta(minutes=1))


def _apply(event: Event, made: Plan, slots: dict[str, Slot], batch: str, actor: Person | None) -> None:
    for effect in made.changes:
        slot = slots[effect.before.id]
        before = snapshot.state_of(slot)
        if effect.after is None:
            slot.cancelled_at = clock.now()  # a buffer that is used up whole
        else:
            late = clock.minutes(effect.after.starts_at - slot.starts_at)
            slot.starts_at, slot.ends_at = effect.after.starts_at, effect.after.ends_at
            snapshot.run_late(slot, late)
            rules.check_times(event, slot.starts_at, slot.ends_at)
        if not event.is_live:
            slot.planned_starts_at, slot.planned_ends_at = slot.starts_at, slot.ends_at
        slot.version += 1
        db.session.flush()
        log_edit(event, slot.public_id, batch, "shifted", actor, before, snapshot.state_of(slot))
