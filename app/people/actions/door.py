"""The door: sign up, prove the address, sign in, sign out, set a forgotten password anew.

Called by people's routes, by jobs/people.py (answer_knock) and by the demo (open_account). Hashes are made before the
transaction begins, and what they were compared with is looked at again inside.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app import outbox
from app.db import db, transaction
from app.lib import clock, tokens
from app.live import regions
from app.people import passwords, queries, rules
from app.people.models import Device, Knock, MailedLink, Person, SignIn

STAYS = timedelta(days=60)
VISITS = timedelta(hours=24)
LINK_LIVES = {"verify": timedelta(hours=24), "reset": timedelta(hours=1), "email": timedelta(hours=24)}
HANDLES_TRIED = 200


@dataclass(frozen=True, slots=True)
class Browser:
    """What a request tells of the browser that is about to be signed in."""

    user_agent: str = ""
    device_token: str | None = None  # a guest's stars, which come along
    former_token: str | None = None  # the session it had before, which ends
    stay: bool = True


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be written: which template, to whom, with which secret in its link."""

    template: str
    to: str
    token: str = ""


# ---- sign up, and ask for a link: the request writes a Knock and looks nothing up ----


def ask_to_sign_up(name: str, email: str, password: str) -> str:
    """Note the wish for an account. Returns the proof that this browser asked: the mailed link opens here by one tap."""
    password_hash = passwords.make_hash(password)
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
        _spend_links(session, person, "verify")
    person.name, person.password_hash = note.name, note.password_hash
    session.flush()
    return Letter("verify", person.email, _new_link(session, person, "verify"))


def _answer_verify(session: Any, _note: Knock, person: Person | None) -> Letter | None:
    if person is None:
        return None
    if person.verified_at is not None:
        return Letter("already_registered", person.email)
    return Letter("verify", person.email, _new_link(session, person, "verify"))


def _answer_reset(session: Any, _note: Knock, person: Person | None) -> Letter | None:
    return Letter("reset", person.email, _new_link(session, person, "reset")) if person else None


_ANSWERS = {"sign_up": _answer_sign_up, "verify": _answer_verify, "reset": _answer_reset}


# ---- come in ----


def confirm_sign_up(key: str, *, proof: str, password: str, browser: Browser) -> str:
    """Prove the address and sign in; returns the session's token. Raises LinkDead, WrongPassword.

    In another browser than the one that signed up the password is asked for: whoever signs up with somebody else's
    address must not get an account that its owner opens for them by one careless tap.
    """
    with_hash = _hash_behind(key, "verify")
    if not is_own_sign_up(with_hash, proof) and not passwords.matches(with_hash, password):
        raise rules.WrongPassword("This is not the password of this sign-up. Type the one you chose a moment ago.")
    with transaction() as session:
        person = _use_link(session, key, "verify")
        if person.password_hash != with_hash:
            raise rules.LinkDead(rules.DEAD_LINK)
        person.verified_at = clock.now()
        return _open(session, person, browser)


def is_own_sign_up(password_hash: str, proof: str) -> bool:
    """Whether this browser made the sign-up: the digest of its salted hash is known to nobody else."""
    return bool(proof) and hmac.compare_digest(tokens.digest(password_hash), proof)


def reset_password(key: str, password: str, browser: Browser) -> str:
    """Set a password by a mailed link, end every session, sign in here; returns its token. Raises LinkDead, WeakPassword."""
    about = queries.living_link(key, "reset")
    if about is None:
        raise rules.LinkDead(rules.DEAD_LINK)
    rules.refuse_weak_password(password, name=about.person.name, email=about.person.email, field="new_password")
    new_hash = _hashed(password)
    with transaction() as session:
        person = _use_link(session, key, "reset")
        person.password_hash = new_hash
        person.verified_at = person.verified_at or clock.now()  # the mail arrived, so the address is theirs
        person.pending_email = None
        _spend_links(session, person, "verify", "email")
        _end_sessions(session, person.id)
        outbox.owe("people.password_changed", {"person": person.id}, f"people.password_changed:{tokens.public_id()}")
        token = _open(session, person, browser)
        person_id = person.id
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
        if person is None or not _may_enter(person) or person.password_hash != password_hash:
            raise rules.WrongPassword(rules.NOT_TOGETHER)
        person.password_hash = newer_hash or person.password_hash
        return _open(session, person, browser)


def sign_in_without_password(handle: str, browser: Browser) -> str:
    """Open a session for one of the demo's people (development only, see app/demo). Raises WrongPassword."""
    with transaction() as session:
        person = queries.person_by_handle(handle)
        if person is None or not _may_enter(person):
            raise rules.WrongPassword(rules.NOT_TOGETHER)
        return _open(session, person, browser)


def sign_out(token: str) -> None:
    """End the session behind a token, if it is still open."""
    with transaction() as session:
        row = queries.sign_in_by_token(token)
        if row is None:
            return
        row.ended_at = clock.now()
        person_id = row.person_id
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


# ---- within a transaction ----


def _open(session: Any, person: Person, browser: Browser) -> str:
    """A new session with a new secret (what the browser had before was perhaps planted), and the guest's stars along."""
    token = tokens.secret_token()
    lives = STAYS if browser.stay else VISITS
    moment = clock.now()
    if browser.former_token:
        digest = tokens.digest(browser.former_token)
        session.execute(update(SignIn).where(SignIn.token_digest == digest, SignIn.ended_at.is_(None)).values(ended_at=moment))
    session.add(
        SignIn(person_id=person.id, token_digest=tokens.digest(token), user_agent=browser.user_agent, expires_at=moment + lives)
    )
    if browser.device_token:
        unclaimed = (Device.token_digest == tokens.digest(browser.device_token), Device.person_id.is_(None))
        session.execute(update(Device).where(*unclaimed).values(person_id=person.id))
    return token


def _may_enter(person: Person) -> bool:
    return person.verified_at is not None and person.suspended_at is None


def _hash_behind(key: str, purpose: str) -> str:
    """The password hash of the account that a link belongs to. Raises LinkDead."""
    link = queries.living_link(key, purpose)
    if link is None:
        raise rules.LinkDead(rules.DEAD_LINK)
    return link.person.password_hash


def _hashed(password: str) -> str:
    db.session.rollback()  # hashing is slow: hold no connection meanwhile
    return passwords.make_hash(password)


def _new_link(session: Any, person: Person, purpose: str) -> str:
    token = tokens.secret_token()
    expires_at = clock.now() + LINK_LIVES[purpose]
    session.add(MailedLink(person_id=person.id, purpose=purpose, token_digest=tokens.digest(token), expires_at=expires_at))
    return token


def _use_link(session: Any, key: str, purpose: str) -> Person:
    """Spend a link and its older siblings; returns whose it is. Two taps at once: the second finds nothing."""
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
    person = session.get(Person, spent) if spent else None
    if person is None or person.suspended_at is not None:
        raise rules.LinkDead(rules.DEAD_LINK)
    _spend_links(session, person, purpose)
    return person  # type: ignore[no-any-return]  # the session is untyped here


def _spend_links(session: Any, person: Person, *purposes: str) -> None:
    living = (MailedLink.person_id == person.id, MailedLink.purpose.in_(purposes), MailedLink.used_at.is_(None))
    session.execute(update(MailedLink).where(*living).values(used_at=clock.now()))


def _end_sessions(session: Any, person_id: int, *, but: int | None = None) -> None:
    living = [SignIn.person_id == person_id, SignIn.ended_at.is_(None)]
    if but is not None:
        living.append(SignIn.id != but)
    session.execute(update(SignIn).where(*living).values(ended_at=clock.now()))


def _free_handle(name: str) -> str:
    for number in range(1, HANDLES_TRIED):
        handle = rules.handle_from(name, number)
        if not queries.handle_taken(handle):
            return handle
    return f"dancer-{tokens.public_id(8)}"
