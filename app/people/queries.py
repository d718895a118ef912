"""Named reads about people. No writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from app.db import db, sealer
from app.lib import clock, tokens
from app.lib.text import fold
from app.people.models import CalendarKey, Device, Held, MailedLink, Passkey, Person, Photo, RoleGrant, SignIn

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ColumnElement

    from app.people.viewer import Viewer


def email_index(email: str) -> str:
    """Where an address is found: a keyed hash of its lower-cased form."""
    return sealer().blind_index(email.strip().lower(), "person.email")


def person_by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email_index == email_index(email)))


def person_by_handle(handle: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.handle == handle.lstrip("@").lower()))


def persons_by_handle(handles: Iterable[str]) -> dict[str, Person]:
    """Those of the handles that exist, in one query."""
    wanted = {handle.lstrip("@").lower() for handle in handles}
    if not wanted:
        return {}
    found = db.session.scalars(select(Person).where(Person.handle.in_(wanted)))
    return {person.handle: person for person in found}


def person_by_email_or_handle(text: str) -> Person | None:
    """The account somebody names in a form: an address or @handle."""
    return person_by_email(text) if "@" in text[1:] else person_by_handle(text)


def person_by_name(name: str) -> Person | None:
    """The only account of exactly this name; None when there is none, or several."""
    found = db.session.scalars(select(Person).where(Person.name == name).limit(2)).all()
    return found[0] if len(found) == 1 else None


def handle_taken(handle: str) -> bool:
    return db.session.scalar(select(Person.id).where(Person.handle == handle)) is not None


def handles_beginning(text: str) -> set[str]:
    """Every handle that begins like this one."""
    return set(db.session.scalars(select(Person.handle).where(Person.handle.startswith(text, autoescape=True))))


def sign_in_by_token(token: str) -> SignIn | None:
    """The living session behind a cookie's token, with its person, in one query."""
    found = (
        select(SignIn)
        .options(joinedload(SignIn.person))
        .where(SignIn.token_digest == tokens.digest(token), SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
    )
    return db.session.scalar(found)


def person_id_by_sign_in(token: str) -> int | None:
    """Whose living session this is, unless they are suspended: one column, for the door of every socket."""
    with db.engine.connect() as connection:
        return connection.scalar(_PERSON_ID_BY_SIGN_IN, {"digest": tokens.digest(token), "now": clock.now()})


# Built once, and asked past the session, which takes as long again: a hall that comes back asks this for every phone.
_PERSON_ID_BY_SIGN_IN = (
    select(SignIn.person_id)
    .join(Person, Person.id == SignIn.person_id)
    .where(SignIn.token_digest == bindparam("digest"), SignIn.expires_at > bindparam("now"))
    .where(SignIn.ended_at.is_(None), Person.suspended_at.is_(None))
)


def open_sign_ins(person_id: int) -> list[SignIn]:
    """The browsers somebody is signed in with, newest first."""
    living = (SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
    return list(db.session.scalars(select(SignIn).where(*living).order_by(SignIn.id.desc())))


def sign_in_of(person_id: int, public_id: str) -> SignIn | None:
    """One of a person's own sessions, open or over."""
    return db.session.scalar(select(SignIn).where(SignIn.person_id == person_id, SignIn.public_id == public_id))


def device_by_token(token: str) -> Device | None:
    """A guest's device; one that was claimed by an account is no longer a guest's."""
    return db.session.scalar(
        select(Device).where(Device.token_digest == tokens.digest(token), Device.person_id.is_(None))
    )


def device_id_by_token(token: str) -> int | None:
    """The key of `device_by_token`, for the door of every guest's socket."""
    found = select(Device.id).where(Device.token_digest == tokens.digest(token), Device.person_id.is_(None))
    return db.session.scalar(found)


def grants_of(person_id: int) -> list[RoleGrant]:
    """All roles of a person, with their event or studio."""
    found = (
        select(RoleGrant)
        .options(joinedload(RoleGrant.event), joinedload(RoleGrant.studio))
        .where(RoleGrant.person_id == person_id)
        .order_by(RoleGrant.id)
    )
    return list(db.session.scalars(found))


def team_of_event(event_id: int) -> list[RoleGrant]:
    """Who organizes an event."""
    found = select(RoleGrant).options(joinedload(RoleGrant.person)).where(RoleGrant.event_id == event_id)
    return list(db.session.scalars(found.order_by(RoleGrant.id)))


def team_of_studio(studio_id: int) -> list[RoleGrant]:
    """Who runs and who teaches at a studio."""
    found = select(RoleGrant).options(joinedload(RoleGrant.person)).where(RoleGrant.studio_id == studio_id)
    return list(db.session.scalars(found.order_by(RoleGrant.id)))


def living_link(token: str, purpose: str) -> MailedLink | None:
    """An unused, unexpired mailed link of exactly this purpose."""
    found = select(MailedLink).where(
        MailedLink.token_digest == tokens.digest(token),
        MailedLink.purpose == purpose,
        MailedLink.used_at.is_(None),
        MailedLink.expires_at > clock.now(),
    )
    return db.session.scalar(found)


def calendar_key_of(person_id: int) -> CalendarKey | None:
    """The secret calendar address of this person, if there is one."""
    return db.session.scalar(select(CalendarKey).where(CalendarKey.person_id == person_id))


def person_by_calendar_token(token: str) -> Person | None:
    """Whose calendar this secret opens. A suspended account opens nothing."""
    found = select(Person).join(CalendarKey, CalendarKey.person_id == Person.id)
    living = (CalendarKey.token_digest == tokens.digest(token), Person.suspended_at.is_(None))
    return db.session.scalar(found.where(*living))


def photo(token: str) -> bytes | None:
    return db.session.scalar(select(Photo.webp).where(Photo.token == token))


def search_people(text: str, limit: int = 50, offset: int = 0) -> list[Person]:
    """People by part of name or handle, newest first; for the platform owner."""
    found = select(Person).order_by(Person.id.desc()).limit(limit).offset(offset)
    if text:
        needle = f"%{fold(text).replace('%', '').replace('_', '')}%"
        found = found.where(or_(func.lower(Person.name).like(f"%{text.lower()}%"), Person.handle.like(needle)))
    return list(db.session.scalars(found))


def count_people() -> int:
    return db.session.scalar(select(func.count(Person.id))) or 0


def held_by(model: type[Held], viewer: Viewer) -> ColumnElement[bool] | None:
    """The condition "this is the viewer's": by the account, by a device it claimed, or by the guest's device.

    None for a guest without a device, who holds nothing.
    """
    if viewer.person is not None:
        claimed = select(Device.id).where(Device.person_id == viewer.person.id)
        return or_(model.person_id == viewer.person.id, model.device_id.in_(claimed))
    return model.device_id == viewer.device.id if viewer.device else None


def passkeys_of(person_id: int) -> list[Passkey]:
    """A person's passkeys, oldest first."""
    return list(db.session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)))


def passkey_of(person_id: int, public_id: str) -> Passkey | None:
    """One of a person's own passkeys."""
    return db.session.scalar(select(Passkey).where(Passkey.person_id == person_id, Passkey.public_id == public_id))
