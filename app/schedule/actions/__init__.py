"""What organizers and dancers do with the schedule, one function per intention.

Each locks the event (edits of one schedule follow one another on both engines), checks the rules on rows as they are
under the lock, writes slot, log and (in live mode) the next public version in one transaction, then tells phones.
"""

from app.schedule.actions.bells import bell
from app.schedule.actions.delays import minutes_until_now, plan_for, shift_from
from app.schedule.actions.edits import (
    Edit,
    SlotValues,
    add_slot,
    cancel_slot,
    delete_slot,
    edit_slot,
    move_slot,
    restore_slot,
    shift_slot,
)
from app.schedule.actions.history import undo
from app.schedule.actions.looks import looked
from app.schedule.actions.publishing import publish, republish, set_mode
from app.schedule.actions.stars import star
from app.schedule.actions.telling import tell

__all__ = [
    "Edit",
    "SlotValues",
    "add_slot",
    "bell",
    "cancel_slot",
    "delete_slot",
    "edit_slot",
    "looked",
    "minutes_until_now",
    "move_slot",
    "plan_for",
    "publish",
    "republish",
    "restore_slot",
    "set_mode",
    "shift_from",
    "shift_slot",
    "star",
    "tell",
    "undo",
]
