"""Mailed links within a transaction: make one, use it up, spend those that are left. Called by people's actions only.

The mail carries the token, the table its digest and its purpose: a link opens exactly one kind of door, once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app.lib import clock, tokens
from app.people import rules
from app.people.models import MailedLink, Person

LIVES = {"verify": timedelta(hours=24), "reset": timedelta(hours=1), "email": timedelta(hours=24)}


def make(session: Any, person: Person, purpose: str) -> str:
    """A new link; returns its token, which only the mail will hold. Older ones stay good until one of them is used."""
    token = tokens.secret_token()
    expires_at = clock.now() + LIVES[purpose]
    session.add(
        MailedLink(person_id=person.id, purpose=purpose, token_digest=tokens.digest(token), expires_at=expires_at)
    )
    return token


def use(session: Any, key: str, purpose: str) -> Person:
    """Use a link up, with its siblings; returns whose it is. Two taps at once: the second raises LinkDead."""
    moment = clock.now()
    spent = session.execute(
        update(MailedLink)
        .where(
            MailedLink.token_digest == tokens.digest(key),
            MailedLink.purpose == purpose,
            MailedLink.used_at.is_(None),
            MailedLink.expires_at > moment,
        )
        .values(used_at=moment)
        .returning(MailedLink.person_id)
    ).scalar()
    person: Person | None = session.get(Person, spent) if spent else None
    if person is None or person.suspended_at is not None:
        raise rules.LinkDead(rules.DEAD_LINK)
    spend(session, person, purpose)
    return person


def spend(session: Any, person: Person, *purposes: str) -> None:
    """Make this person's links of these purposes worthless."""
    living = (MailedLink.person_id == person.id, MailedLink.purpose.in_(purposes), MailedLink.used_at.is_(None))
    session.execute(update(MailedLink).where(*living).values(used_at=clock.now()))
