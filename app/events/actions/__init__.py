"""What organizers and dancers do with an event, one function per intention; one module per noun."""

from app.events.actions.announcements import (
    announce,
    change_announcement,
    note_seen,
    note_told,
    pin,
    post,
    withdraw,
)
from app.events.actions.checkins import check_in
from app.events.actions.details import PLAIN_FIELDS, change_event, create_event, hide, show
from app.events.actions.follows import follow
from app.events.actions.team import add_organizer, remove_organizer

__all__ = [
    "PLAIN_FIELDS",
    "add_organizer",
    "announce",
    "change_announcement",
    "change_event",
    "check_in",
    "create_event",
    "follow",
    "hide",
    "note_seen",
    "note_told",
    "pin",
    "post",
    "remove_organizer",
    "show",
    "withdraw",
]
