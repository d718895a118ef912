"""Forgetting: rows that nobody will ask for again, accounts that were never opened. Called hourly by jobs/people.py."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_

from app.db import transaction
from app.lib import clock
from app.people.models import Challenge, Device, Knock, MailedLink, Person, SignIn

KNOCK_LIVES = timedelta(days=1)
LINK_KEPT = timedelta(days=7)
SIGN_IN_KEPT = timedelta(days=30)
HALF_MADE_LIVES = timedelta(days=14)
DEVICE_LIVES = timedelta(days=400)  # as long as its cookie


def forget_the_old() -> None:
    """Delete what is over, by age. The stars of a device go with it."""
    moment = clock.now()
    ended = or_(SignIn.ended_at < moment - SIGN_IN_KEPT, SignIn.expires_at < moment - SIGN_IN_KEPT)
    with transaction() as session:
        session.execute(delete(Knock).where(Knock.created_at < moment - KNOCK_LIVES))
        session.execute(delete(Challenge).where(Challenge.expires_at < moment))
        session.execute(delete(MailedLink).where(MailedLink.expires_at < moment - LINK_KEPT))
        session.execute(delete(SignIn).where(ended))
        session.execute(delete(Device).where(Device.person_id.is_(None), Device.created_at < moment - DEVICE_LIVES))
        half_made = (Person.verified_at.is_(None), Person.created_at < moment - HALF_MADE_LIVES)
        session.execute(delete(Person).where(*half_made))
