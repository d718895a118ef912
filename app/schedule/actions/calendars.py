"""The secret calendar address of a person: made (which makes the former one worthless at once), removed, read."""

from __future__ import annotations

from datetime import timedelta

from app.db import transaction
from app.lib import clock, tokens
from app.people import queries as people
from app.people.models import CalendarKey, Person

NOTED_EVERY = timedelta(minutes=10)  # calendars read often: a write per read would be a lock per read


def make_calendar_key(person_id: int) -> str:
    """A new secret for this person's calendar. Returns it: it is shown once, only its digest is kept."""
    token = tokens.secret_token()
    with transaction() as session:
        session.get_one(Person, person_id, with_for_update=True)  # two taps at once follow one another
        key = people.calendar_key_of(person_id)
        if key is not None:
            session.delete(key)
            session.flush()
        session.add(CalendarKey(person_id=person_id, token_digest=tokens.digest(token)))
    return token


def remove_calendar_key(person_id: int) -> None:
    """The address leads nowhere from now on. Removing what is not there changes nothing."""
    with transaction() as session:
        session.get_one(Person, person_id, with_for_update=True)  # two taps at once follow one another
        key = people.calendar_key_of(person_id)
        if key is not None:
            session.delete(key)


def note_calendar_read(person_id: int) -> None:
    """A calendar fetched it: written down so that its owner sees whether the address is in use."""
    with transaction():
        key = people.calendar_key_of(person_id)
        if key is not None:
            key.last_read_at = clock.now()
