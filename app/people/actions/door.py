"""The door: sign up, prove the address, sign in, sign out, set a forgotten password anew.

Called by people's routes, by jobs/people.py (answer_knock) and by the demo (open_account). Hashes are made before the
transaction begins, and what they were compared with is looked at again inside.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from itertools import count
from typing import Any

from app import outbox
from app.db import db, transaction
from app.lib import clock, tokens
from app.live import debts, regions
from app.people import passwords, queries, rules
from app.people.actions import links, sessions
from app.people.actions.sessions import Browser
from app.people.models import Knock, Person


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be written: which template, to whom, with which secret in its link."""

    template: str
    to: str
    token: str = ""


# ---- sign up, and ask for a link: the request writes a Knock and looks nothing up ----


def ask_to_sign_up(name: str, email: str, password: str) -> str:
    """Note the wish for an account, without a password for one that is to have a passkey.

    Returns the proof that this browser asked: here the link opens by one tap.
    """
    password_hash = passwords.make_hash(password) if password else passwords.no_password()
    _knock("sign_up", email, name=name, password_hash=password_hash)
    return tokens.digest(password_hash)


def ask_for_link(purpose: str, email: str) -> None:
    """Note the wish for a `verify` or `reset` mail."""
    _knock(purpose, email)


def _knock(purpose: str, email: str, **values: str) -> None:
    with transaction() as session:
        note = Knock(purpose=purpose, email=email, **values)
        session.add(note)
        session.flush()
        outbox.owe("people.knock", {"knock": note.id}, f"people.knock:{tokens.public_id()}")
    outbox.hint()


def answer_knock(knock_id: int) -> Letter | None:
    """Decide, when the mail is written, what an address gets; None is silence. May run twice for one knock."""
    with transaction() as session:
        note = session.get(Knock, knock_id)
        if note is None:
            return None
        person = queries.person_by_email(note.email)
        if person is not None and person.suspended_at is not None:
            return None
        return _ANSWERS[note.purpose](session, note, person)


def _answer_sign_up(session: Any, note: Knock, person: Person | None) -> Letter | None:
    """Until an address is proven its newest sign-up counts: nobody can hold an address that is not theirs."""
    if person is not None and person.verified_at is not None:
        return None if person.password_hash == note.password_hash else Letter("already_registered", person.email)
    if person is None:
        person = Person(name=note.name, handle=_free_handle(note.name), email=note.email)
        person.email_index = queries.email_index(note.email)
        session.add(person)
    elif person.password_hash != note.password_hash:
        links.spend(session, person, "verify")
    person.name, person.password_hash = note.name, note.password_hash
    session.flush()
    return Letter("verify", person.email, links.make(session, person, "verify"))


def _answer_verify(session: Any, _note: Knock, person: Person | None) -> Letter | None:
    if person is None:
        return None
    if person.verified_at is not None:
        return Letter("already_registered", person.email)
    return Letter("verify", person.email, links.make(session, person, "verify"))


def _answer_reset(session: Any, _note: Knock, person: Person | None) -> Letter | None:
    return Letter("reset", person.email, links.make(session, person, "reset")) if person else None


_ANSWERS = {"sign_up": _answer_sign_up, "verify": _answer_verify, "reset": _answer_reset}


# ---- come in ----


def confirm_sign_up(key: str, *, proof: str, password: str, new_password: str = "", browser: Browser) -> str:
    """Prove the address and sign in; returns the session's token. Raises LinkDead, WrongPassword, WeakPassword.

    A sign-up without a password gets its first one here, from whoever reads the mail (or a passkey: actions.passkeys).
    In another browser than the one that signed up the password is asked for: whoever signs up with somebody else's
    address must not get an account that its owner opens for them by one careless tap.
    """
    about = _living(key, "verify")
    password_hash, has_password = about.password_hash, about.has_password
    if not has_password:
        rules.refuse_weak_password(new_password, name=about.name, email=about.email, field="new_password")
    elif not is_own_sign_up(password_hash, proof) and not passwords.matches(password_hash, password):
        raise rules.WrongPassword("This is not the password of this sign-up. Type the one you chose a moment ago.")
    new_hash = password_hash if has_password else _hashed(new_password)
    with transaction() as session:
        person = links.use(session, key, "verify")
        if person.password_hash != password_hash:
            raise rules.LinkDead(rules.DEAD_LINK)
        person.password_hash = new_hash
        person.verified_at = clock.now()
        return sessions.begin(session, person, browser)


def is_own_sign_up(password_hash: str, proof: str) -> bool:
    """Whether this browser made the sign-up: the digest of its salted hash is known to nobody else."""
    return bool(proof) and hmac.compare_digest(tokens.digest(password_hash), proof)


def reset_password(key: str, password: str, browser: Browser) -> str:
    """Set a password by a mailed link, end every session, sign in here; returns its token.

    Raises LinkDead, WeakPassword.
    """
    about = _living(key, "reset")
    rules.refuse_weak_password(password, name=about.name, email=about.email, field="new_password")
    new_hash = _hashed(password)
    with transaction() as session:
        person = links.use(session, key, "reset")
        person.password_hash = new_hash
        person.verified_at = person.verified_at or clock.now()  # the mail arrived, so the address is theirs
        person.pending_email = None
        links.spend(session, person, "verify", "email")
        sessions.end_all(session, person.id)
        outbox.owe("people.password_changed", {"person": person.id}, f"people.password_changed:{tokens.public_id()}")
        token = sessions.begin(session, person, browser)
        person_id = person.id
        debts.owe_closing(person_id)
    outbox.hint()
    regions.disconnect(person_id)
    return token


def sign_in(email: str, password: str, browser: Browser) -> str:
    """Open a session; returns its token. Raises WrongPassword for every reason there is, in the same time."""
    found = queries.person_by_email(email)
    password_hash = found.password_hash if found else None
    person_id = found.id if found else None
    db.session.rollback()  # hashing is slow: hold no connection meanwhile
    right = passwords.matches(password_hash, password)
    newer_hash = passwords.make_hash(password) if right and passwords.is_outdated(password_hash or "") else None
    if not right:
        raise rules.WrongPassword(rules.NOT_TOGETHER)
    with transaction() as session:
        person = session.get(Person, person_id)
        if person is None or not rules.may_enter(person) or person.password_hash != password_hash:
            raise rules.WrongPassword(rules.NOT_TOGETHER)
        person.password_hash = newer_hash or person.password_hash
        return sessions.begin(session, person, browser)


def sign_in_without_password(handle: str, browser: Browser) -> str:
    """Open a session for one of the demo's people (development only, see app/demo). Raises WrongPassword."""
    with transaction() as session:
        person = queries.person_by_handle(handle)
        if person is None or not rules.may_enter(person):
            raise rules.WrongPassword(rules.NOT_TOGETHER)
        return sessions.begin(session, person, browser)


def sign_out(token: str) -> None:
    """End the session behind a token, if it is still open."""
    with transaction():
        row = queries.sign_in_by_token(token)
        if row is None:
            return
        row.ended_at = clock.now()
        person_id = row.person_id
        debts.owe_closing(person_id)
    regions.disconnect(person_id)


def open_account(name: str, handle: str, email: str, password: str, *, city: str = "", about: str = "") -> int:
    """An account whose address needs no proof, for the demo, tests and the command line; returns its id.

    Raises BadHandle, EmailTaken.
    """
    rules.refuse_bad_handle(handle)
    password_hash = passwords.make_hash(password)
    with transaction() as session:
        if queries.person_by_email(email) is not None:
            raise rules.EmailTaken("There is an account with this address already.")
        if queries.handle_taken(handle):
            raise rules.BadHandle(f"“{handle}” is taken.")
        person = Person(name=name, handle=handle, email=email, email_index=queries.email_index(email))
        person.password_hash, person.verified_at = password_hash, clock.now()
        person.city, person.about = city, about
        session.add(person)
        session.flush()
        return int(person.id)


def _living(key: str, purpose: str) -> Person:
    """The account that a link belongs to. Raises LinkDead."""
    link = queries.living_link(key, purpose)
    if link is None:
        raise rules.LinkDead(rules.DEAD_LINK)
    return link.person


def _hashed(password: str) -> str:
    db.session.rollback()  # hashing is slow: hold no connection meanwhile
    return passwords.make_hash(password)


def _free_handle(name: str) -> str:
    """The first free one of tess, tess-2, tess-3, …"""
    first = rules.handle_from(name, 1)
    taken = queries.handles_beginning(first)
    return next(handle for n in count(1) if (handle := rules.handle_from(name, n)) not in taken)
