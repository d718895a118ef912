"""What people do with passkeys: sign in, make an account's first one, add, rename, remove, and show that it is them.

Called by people's routes. A challenge is a row that belongs to one browser (its `ceremony`, a secret in the cookie), to
one purpose and, but for sign-in, to one person; it is spent in a transaction of its own, so that a wrong answer spends
it too.
"""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import outbox
from app.config import settings
from app.db import db, transaction
from app.lib import clock, tokens
from app.people import passkeys, passwords, queries, rules
from app.people.actions import links, sessions
from app.people.actions.door import is_own_sign_up
from app.people.actions.sessions import Browser
from app.people.models import Challenge, MailedLink, Passkey, Person, SignIn
from app.people.passkeys import Answer, NewKey, RelyingParty
from app.people.rules import PasskeyRefused

LIVES = timedelta(minutes=5)

log = logging.getLogger(__name__)


# ---- ask: each gives the options for the browser, with a fresh challenge in them ----


def ask_to_sign_in(ceremony: str) -> dict[str, Any]:
    """The same question for everybody: whose passkey it is, only the answer tells."""
    return passkeys.request_options(_party(), _challenge("sign_in", ceremony))


def ask_to_confirm(person_id: int, ceremony: str) -> dict[str, Any]:
    """Show that it is you, with any of your passkeys."""
    return passkeys.request_options(_party(), _challenge("confirm", ceremony, person_id))


def ask_to_add(person_id: int, sign_in_id: int, ceremony: str) -> dict[str, Any]:
    """Make one more passkey. Raises NotConfirmed, TooManyPasskeys."""
    rules.refuse_unconfirmed(db.session.get_one(SignIn, sign_in_id).confirmed_at, clock.now())
    rules.refuse_another_passkey(len(queries.passkeys_of(person_id)))
    challenge = _challenge("register", ceremony, person_id)
    person = db.session.get_one(Person, person_id)
    return passkeys.creation_options(_party(), person, challenge, queries.passkeys_of(person_id))


def ask_to_sign_up(key: str, ceremony: str) -> dict[str, Any]:
    """Make the first passkey of an account whose mailed link is open. Raises LinkDead."""
    person_id = _link(key).person_id
    challenge = _challenge("sign_up", ceremony, person_id)
    return passkeys.creation_options(_party(), db.session.get_one(Person, person_id), challenge, ())


# ---- answer ----


def sign_in(answer: Answer, ceremony: str, browser: Browser) -> str:
    """Open a session for whomever the passkey belongs to; returns its token. Raises PasskeyRefused for every reason."""
    challenge = _spend("sign_in", ceremony, answer)
    with transaction() as session:
        key = _proven(session, answer, challenge)
        if not rules.may_enter(key.person):
            raise _noted(PasskeyRefused(reason="the account does not open"), key)
        return sessions.begin(session, key.person, browser)


def confirm_with_passkey(person_id: int, sign_in_id: int, answer: Answer, ceremony: str) -> str:
    """The session is still its person's; returns its new token. Raises PasskeyRefused."""
    challenge = _spend("confirm", ceremony, answer, person_id)
    with transaction() as session:
        key = _proven(session, answer, challenge)
        if key.person_id != person_id:
            raise _noted(PasskeyRefused(reason="somebody else's passkey"), key)
        return sessions.confirm(session.get_one(SignIn, sign_in_id))


def confirm_with_password(person_id: int, sign_in_id: int, password: str) -> str:
    """The same by the password; returns the session's new token. Raises WrongPassword."""
    seen_hash = db.session.get_one(Person, person_id).password_hash
    db.session.rollback()  # comparing is slow: hold no connection meanwhile
    if not passwords.matches(seen_hash, password):
        raise rules.WrongPassword(rules.NOT_YOURS, "current_password")
    with transaction() as session:
        if session.get_one(Person, person_id).password_hash != seen_hash:
            raise rules.WrongPassword(rules.NOT_YOURS, "current_password")
        return sessions.confirm(session.get_one(SignIn, sign_in_id))


def add(person_id: int, sign_in_id: int, answer: Answer, ceremony: str, name: str) -> str:
    """One more passkey; returns its name, which is made unlike the others. The person is told by mail.

    Raises PasskeyRefused, NotConfirmed, PasskeyKnown, TooManyPasskeys.
    """
    made = _made("register", ceremony, answer, person_id)
    try:
        with transaction() as session:
            _lock(session, person_id)
            rules.refuse_unconfirmed(session.get_one(SignIn, sign_in_id).confirmed_at, clock.now())
            known = queries.passkeys_of(person_id)
            rules.refuse_another_passkey(len(known))
            row = _keep(session, person_id, made, rules.unlike(name, {key.name for key in known}))
            outbox.owe("people.passkey_added", {"person": person_id}, f"people.passkey_added:{row.public_id}")
            kept_name: str = row.name
    except IntegrityError as error:
        raise rules.PasskeyKnown("This passkey is here already.") from error
    outbox.hint()
    return kept_name


def confirm_sign_up(key: str, answer: Answer, ceremony: str, *, proof: str, name: str, browser: Browser) -> str:
    """Prove the address, keep the account's first passkey and sign in; returns the session's token.

    In another browser than the one that signed up the password of the sign-up is forgotten: whoever chose it may not
    be the one who reads the mail. Raises LinkDead, PasskeyRefused, PasskeyKnown.
    """
    person = _link(key).person
    seen_hash, person_id = person.password_hash, person.id
    made = _made("sign_up", ceremony, answer, person_id)
    try:
        with transaction() as session:
            person = links.use(session, key, "verify")
            if person.id != person_id or person.password_hash != seen_hash:  # signed up once more meanwhile
                raise rules.LinkDead(rules.DEAD_LINK)
            if person.has_password and not is_own_sign_up(person.password_hash, proof):
                person.password_hash = passwords.no_password()
            person.verified_at = clock.now()
            _keep(session, person.id, made, name)
            return sessions.begin(session, person, browser)
    except IntegrityError as error:
        raise rules.PasskeyKnown("This passkey is here already.") from error


def rename(person_id: int, public_id: str, name: str) -> None:
    """Call a passkey something else; one that is gone already is no news."""
    with transaction():
        row = queries.passkey_of(person_id, public_id)
        if row is not None:
            row.name = name


def remove(person_id: int, sign_in_id: int, public_id: str) -> None:
    """Forget a passkey; one that is gone already is no news. The person is told by mail.

    Locks the person, so that of two passkeys removed at once the last one stays. Raises NotConfirmed, LastFactor.
    """
    with transaction() as session:
        person = _lock(session, person_id)
        rules.refuse_unconfirmed(session.get_one(SignIn, sign_in_id).confirmed_at, clock.now())
        row = queries.passkey_of(person_id, public_id)
        if row is None:
            return
        rules.refuse_last_factor(has_password=person.has_password, passkeys=len(queries.passkeys_of(person_id)))
        session.delete(row)
        outbox.owe("people.passkey_removed", {"person": person_id}, f"people.passkey_removed:{public_id}")
    outbox.hint()


# ---- challenges ----


def _challenge(purpose: str, ceremony: str, person_id: int | None = None) -> bytes:
    """A fresh challenge. The row knows a digest over the browser's secret too: elsewhere it is worth nothing."""
    challenge = secrets.token_bytes(32)
    row = Challenge(challenge_digest=_digest(ceremony, challenge), purpose=purpose, person_id=person_id)
    row.expires_at = clock.now() + LIVES
    with transaction() as session:
        session.add(row)
    return challenge


def _spend(purpose: str, ceremony: str, answer: Answer, person_id: int | None = None) -> bytes:
    """The challenge behind an answer, used up whatever comes of it. Raises PasskeyRefused."""
    challenge: bytes = _logged(lambda: passkeys.challenge_in(answer))
    with transaction() as session:
        found = session.execute(
            delete(Challenge)
            .where(Challenge.challenge_digest == _digest(ceremony, challenge))
            .returning(Challenge.purpose, Challenge.person_id, Challenge.expires_at)
        ).first()
    if found is None or (found.purpose, found.person_id) != (purpose, person_id) or found.expires_at <= clock.now():
        raise _noted(PasskeyRefused("That took too long, or it was sent twice. Try once more.", reason="challenge"))
    return challenge


def _digest(ceremony: str, challenge: bytes) -> str:
    return tokens.digest(f"{ceremony}:{challenge.hex()}")


# ---- what answers prove ----


def _made(purpose: str, ceremony: str, answer: Answer, person_id: int) -> NewKey:
    challenge = _spend(purpose, ceremony, answer, person_id)
    made: NewKey = _logged(lambda: passkeys.new_key(_party(), answer, challenge))
    return made


def _proven(session: Any, answer: Answer, challenge: bytes) -> Passkey:
    """The passkey that gave this answer, its counter moved on, its row locked. Raises PasskeyRefused."""
    credential_id = _logged(lambda: passkeys.credential_id_in(answer))
    key: Passkey | None = session.scalar(
        select(Passkey).where(Passkey.credential_id == credential_id).with_for_update(of=Passkey)
    )
    if key is None:
        raise _noted(PasskeyRefused(reason="nobody's passkey"))
    try:
        sent = passkeys.proven_count(_party(), answer, challenge, key, key.person)
        rules.refuse_copied_passkey(key.sign_count, sent)
    except PasskeyRefused as refusal:
        raise _noted(refusal, key) from refusal
    key.sign_count, key.last_used_at = sent, clock.now()
    return key


def _keep(session: Any, person_id: int, made: NewKey, name: str) -> Passkey:
    row = Passkey(person_id=person_id, name=name, credential_id=made.credential_id, public_key=made.public_key)
    row.sign_count, row.transports = made.sign_count, made.transports
    session.add(row)
    session.flush()
    return row


def _lock(session: Any, person_id: int) -> Person:
    person: Person = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()
    return person


def _link(key: str) -> MailedLink:
    link = queries.living_link(key, "verify")
    if link is None or link.person.suspended_at is not None:
        raise rules.LinkDead(rules.DEAD_LINK)
    return link


def _logged(check: Any) -> Any:
    try:
        return check()
    except PasskeyRefused as refusal:
        raise _noted(refusal) from refusal


def _noted(refusal: PasskeyRefused, key: Passkey | None = None) -> PasskeyRefused:
    """Write the reason down, which the browser is not told. A copied key is worth somebody's look."""
    is_copy = isinstance(refusal, rules.CopiedPasskey)
    log.log(
        logging.ERROR if is_copy else logging.WARNING,
        "passkey %s refused: %r",
        key.public_id if key else "(unknown)",
        refusal.reason,
    )
    return refusal


def _party() -> RelyingParty:
    return RelyingParty.at(settings().public_url)
