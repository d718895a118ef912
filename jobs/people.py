"""The mail that people are owed, and the sweeping of what nobody needs any more. Called by jobs.outbox and the clock.

Each handler decides from the rows as they are now. The secret of a link is made here and lives only in the mail.
"""

from __future__ import annotations

import logging
from typing import Any

from app.config import settings
from app.db import db
from app.notify import mail
from app.people.actions import account, door, sweep
from app.people.actions.door import Letter
from app.people.models import Person

# Which page each kind of link opens; app/people/routes reads the key.
PAGES = {"verify": "/welcome", "reset": "/reset", "confirm_new_email": "/account/email/confirm"}

log = logging.getLogger(__name__)


def answer_knock(subject: dict[str, Any], key: str) -> None:
    """Somebody typed an address at the door: write to it, or stay silent."""
    _post(door.answer_knock(subject["knock"]), key)


def confirm_new_email(subject: dict[str, Any], key: str) -> None:
    """A link to the address that an account is to have."""
    _post(account.letter_for_new_email(subject["person"]), key)


def email_changed(subject: dict[str, Any], key: str) -> None:
    """A note to the address that an account had."""
    person = db.session.get(Person, subject["person"])
    if person is not None and person.former_email is not None:
        _send("email_changed", person.former_email, key, new_email=masked(person.email))


def password_changed(subject: dict[str, Any], key: str) -> None:
    """A note to the address of an account."""
    _note("password_changed", subject, key)


def passkey_added(subject: dict[str, Any], key: str) -> None:
    """A note to the address of an account that got one more way in."""
    _note("passkey_added", subject, key)


def passkey_removed(subject: dict[str, Any], key: str) -> None:
    """A note to the address of an account that lost one."""
    _note("passkey_removed", subject, key)


def _note(template: str, subject: dict[str, Any], key: str) -> None:
    person = db.session.get(Person, subject["person"])
    if person is not None:
        _send(template, person.email, key)


def sweep_old_rows() -> None:
    """Links, sessions, devices and half-made accounts that nobody will ask for again."""
    sweep.forget_the_old()


def masked(email: str) -> str:
    """d…@pika.example: enough to recognize, too little to write to."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _post(letter: Letter | None, key: str) -> None:
    if letter is None:
        return
    page = PAGES.get(letter.template)
    link = f"{settings().public_url}{page}?key={letter.token}" if page else ""
    _send(letter.template, letter.to, key, link=link)


def _send(template: str, to: str, key: str, **values: str) -> None:
    message = mail.compose(template, to, key, **values)
    db.session.rollback()  # sending is slow: hold no snapshot meanwhile
    try:
        mail.send(message)
    except mail.Undeliverable as error:  # nothing we could do again would change that
        log.info("a mail (%s) cannot be delivered: %s", template, error)
