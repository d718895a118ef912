"""Sessions within a transaction: begin one, renew its secret, end them. Called by people's actions only.

A session is a SignIn row; the signed cookie carries its secret. Ending the row ends it everywhere at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.db import db
from app.lib import clock, tokens
from app.live import debts, regions
from app.people.models import Device, Person, SignIn

STAYS = timedelta(days=60)
VISITS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Browser:
    """What a request tells of the browser that is about to be signed in."""

    user_agent: str = ""
    device_token: str | None = None  # a guest's stars, which come along
    former_token: str | None = None  # the session it had before, which ends
    stay: bool = True


def begin(session: Any, person: Person, browser: Browser) -> str:
    """Sign a browser in with a new secret (its old one was perhaps planted) and take the guest's stars along."""
    token = tokens.secret_token()
    moment = clock.now()
    if browser.former_token:
        _end_former(session, tokens.digest(browser.former_token), moment)
    row = SignIn(person_id=person.id, token_digest=tokens.digest(token), user_agent=browser.user_agent)
    row.confirmed_at = moment
    row.expires_at = moment + (STAYS if browser.stay else VISITS)
    session.add(row)
    if browser.device_token:
        unclaimed = (Device.token_digest == tokens.digest(browser.device_token), Device.person_id.is_(None))
        session.execute(update(Device).where(*unclaimed).values(person_id=person.id))
    return token


def _end_former(session: Any, digest: str, moment: datetime) -> None:
    row = session.scalar(select(SignIn).where(SignIn.token_digest == digest, SignIn.ended_at.is_(None)))
    if row is not None:
        row.ended_at = moment
        debts.owe_closing(row.person_id)  # whoever sets the new cookie hangs up


def hang_up(token: str) -> None:
    """After a browser went over to another session: sockets that it opened under the old one are closed."""
    person_id = db.session.scalar(select(SignIn.person_id).where(SignIn.token_digest == tokens.digest(token)))
    if person_id is not None:
        regions.disconnect(person_id)


def renew(row: SignIn) -> str:
    """A new secret for a session that goes on: a stolen copy of the old one is worth nothing from here."""
    token = tokens.secret_token()
    row.token_digest = tokens.digest(token)
    return token


def confirm(row: SignIn) -> str:
    """Note that the browser just proved who it is; returns the new secret that its session goes on under."""
    row.confirmed_at = clock.now()
    return renew(row)


def end_all(session: Any, person_id: int, *, but: int | None = None) -> None:
    """End every session of a person, or all but one."""
    living = [SignIn.person_id == person_id, SignIn.ended_at.is_(None)]
    if but is not None:
        living.append(SignIn.id != but)
    session.execute(update(SignIn).where(*living).values(ended_at=clock.now()))
