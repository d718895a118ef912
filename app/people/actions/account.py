"""What people change about their own account: profile, photo, password, address, open sessions, where they work.

Called by people's routes and jobs/people.py (letter_for_new_email). Whatever could lock somebody out asks for the
password again, or for a session that showed within ten minutes who it is (rules.refuse_unconfirmed).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app import outbox
from app.config import settings
from app.db import db, transaction
from app.lib import clock, tokens
from app.live import debts, regions
from app.people import passwords, photos, queries, rules
from app.people.actions import links, sessions
from app.people.actions.door import Letter
from app.people.models import Person, Photo, SignIn


def edit_profile(person_id: int, *, name: str, handle: str, city: str, about: str) -> None:
    """Name, handle, city and about. Raises BadHandle."""
    rules.refuse_bad_handle(handle)
    try:
        with transaction() as session:
            person = session.get_one(Person, person_id)
            person.name, person.handle, person.city, person.about = name, handle, city, about
    except IntegrityError as error:  # the unique index decides between two who want the same
        raise rules.BadHandle(f"“{handle}” is taken. Choose another one.") from error


def set_photo(person_id: int, raw: bytes) -> None:
    """A new photo in the old one's place. Raises PhotoRefused."""
    webp = photos.square_webp(raw, settings().photo_bytes_max)
    _replace_photo(person_id, webp)


def remove_photo(person_id: int) -> None:
    """No photo: initials again."""
    _replace_photo(person_id, None)


def _replace_photo(person_id: int, webp: bytes | None) -> None:
    with transaction() as session:
        person = session.get_one(Person, person_id)
        session.execute(delete(Photo).where(Photo.person_id == person_id))
        person.photo_token = None
        if webp is not None:
            person.photo_token = tokens.public_id(16)
            session.add(Photo(token=person.photo_token, person_id=person_id, webp=webp))


def change_password(person_id: int, sign_in_id: int, current: str, new: str) -> str:
    """Another password; every other session ends, this one gets a new secret, which is returned.

    Raises WrongPassword, WeakPassword. A change of address that waits is dropped: an intruder may have asked for it.
    """
    seen_hash = _require_password(person_id, current)
    person = db.session.get_one(Person, person_id)
    rules.refuse_weak_password(new, name=person.name, email=person.email, field="new_password")
    db.session.rollback()
    new_hash = passwords.make_hash(new)
    with transaction() as session:
        person = _unchanged(session.get_one(Person, person_id), seen_hash)
        token = _put_password(session, person, sign_in_id, new_hash)
    outbox.hint()
    regions.disconnect(person_id)
    return token


def set_password(person_id: int, sign_in_id: int, new: str) -> str:
    """The first password of somebody who has passkeys only; otherwise as change_password.

    Raises NotConfirmed, WeakPassword, WrongPassword (there is one meanwhile).
    """
    person = db.session.get_one(Person, person_id)
    rules.refuse_weak_password(new, name=person.name, email=person.email, field="new_password")
    db.session.rollback()
    new_hash = passwords.make_hash(new)
    with transaction() as session:
        person, here = session.get_one(Person, person_id), session.get_one(SignIn, sign_in_id)
        rules.refuse_unconfirmed(here.confirmed_at, clock.now())
        if person.has_password:
            raise rules.WrongPassword(rules.NOT_YOURS, "current_password")
        token = _put_password(session, person, sign_in_id, new_hash)
    outbox.hint()
    regions.disconnect(person_id)
    return token


def _put_password(session: Any, person: Person, sign_in_id: int, new_hash: str) -> str:
    """The new hash, and all that hangs on the old one; returns the new secret of the session that goes on."""
    person.password_hash, person.pending_email = new_hash, None
    links.spend(session, person, "reset", "email")
    sessions.end_all(session, person.id, but=sign_in_id)
    debts.owe_closing(person.id)
    outbox.owe("people.password_changed", {"person": person.id}, f"people.password_changed:{tokens.public_id()}")
    return sessions.confirm(session.get_one(SignIn, sign_in_id))


def ask_to_change_email(person_id: int, sign_in_id: int, new_email: str) -> None:
    """Note the new address and send it a link; the old one stays until then. Raises NotConfirmed, SameEmail.

    Whether the new address has an account already is looked up when the mail is written.
    """
    with transaction() as session:
        person = session.get_one(Person, person_id)
        rules.refuse_unconfirmed(session.get_one(SignIn, sign_in_id).confirmed_at, clock.now())
        if queries.email_index(new_email) == person.email_index:
            raise rules.SameEmail("This is your address already.")
        person.pending_email = new_email
        links.spend(session, person, "email")
        outbox.owe("people.confirm_new_email", {"person": person_id}, f"people.confirm_new_email:{tokens.public_id()}")
    outbox.hint()


def forget_email_change(person_id: int) -> None:
    """Stay with the address there is."""
    with transaction() as session:
        person = session.get_one(Person, person_id)
        person.pending_email = None
        links.spend(session, person, "email")


def letter_for_new_email(person_id: int) -> Letter | None:
    """Decide, when the mail is written, what the new address gets."""
    with transaction() as session:
        person = session.get(Person, person_id)
        if person is None or person.pending_email is None or person.suspended_at is not None:
            return None
        if queries.person_by_email(person.pending_email) is not None:
            return Letter("already_registered", person.pending_email)
        return Letter("confirm_new_email", person.pending_email, links.make(session, person, "email"))


def confirm_new_email(person_id: int, key: str) -> None:
    """The mail arrived there, so the address changes; the old one is told. Raises LinkDead, EmailTaken.

    Only for the account's own person: a mistyped address must not hand the account to whoever reads the mail there.
    """
    try:
        with transaction() as session:
            person = links.use(session, key, "email")
            if person.id != person_id or person.pending_email is None:
                raise rules.LinkDead(rules.DEAD_LINK)
            person.former_email, person.email, person.pending_email = person.email, person.pending_email, None
            person.email_index = queries.email_index(person.email)
            links.spend(session, person, "reset")  # those went to the old address
            outbox.owe("people.email_changed", {"person": person.id}, f"people.email_changed:{tokens.public_id()}")
    except IntegrityError as error:
        raise rules.EmailTaken(
            "Another account has this address meanwhile. Sign in with it, or choose another."
        ) from error
    outbox.hint()


def end_sign_in(person_id: int, public_id: str) -> None:
    """End one of one's own sessions; one that is gone already is no news."""
    with transaction() as session:
        mine = (SignIn.person_id == person_id, SignIn.public_id == public_id, SignIn.ended_at.is_(None))
        session.execute(update(SignIn).where(*mine).values(ended_at=clock.now()))
        debts.owe_closing(person_id)
    regions.disconnect(person_id)


def end_other_sign_ins(person_id: int, sign_in_id: int) -> None:
    """End every session but this one."""
    with transaction() as session:
        sessions.end_all(session, person_id, but=sign_in_id)
        debts.owe_closing(person_id)
    regions.disconnect(person_id)


def remember_area(person_id: int, area: str) -> None:
    """Where somebody works now: the next sign-in lands there. The caller has seen that the area is theirs."""
    with transaction() as session:
        session.get_one(Person, person_id).last_area = area


def _require_password(person_id: int, password: str) -> str:
    """The hash that the password was found right for. Raises WrongPassword."""
    password_hash: str = db.session.get_one(Person, person_id).password_hash
    db.session.rollback()  # comparing is slow: hold no connection meanwhile
    if not passwords.matches(password_hash, password):
        raise rules.WrongPassword(rules.NOT_YOURS, "current_password")
    return password_hash


def _unchanged(person: Person, seen_hash: str) -> Person:
    """The person, if the password is still the one that was compared. Raises WrongPassword."""
    if person.password_hash != seen_hash:
        raise rules.WrongPassword(rules.NOT_YOURS, "current_password")
    return person
