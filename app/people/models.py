"""Tables of people: accounts, sessions, passkeys, devices, roles, secret links and calendar keys."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Dated, Identified, Sealed, db
from app.lib.text import initials

if TYPE_CHECKING:
    from app.events.models import Event
    from app.studios.models import Studio

ROLES = ("dj", "organizer", "teacher", "studio_admin", "owner")


class Person(Identified, Dated, db.Model):
    """Somebody with an account. The address is sealed; `email_index` (a keyed hash of it in lower case) finds it."""

    name: Mapped[str] = mapped_column(String(80))
    handle: Mapped[str] = mapped_column(String(40), unique=True)  # @tess: how others name this account
    email: Mapped[str] = mapped_column(Sealed("person.email"))
    email_index: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))  # or "!…": none, this person has passkeys only
    pending_email: Mapped[str | None] = mapped_column(Sealed("person.pending_email"))  # asked for, not proven yet
    former_email: Mapped[str | None] = mapped_column(Sealed("person.former_email"))  # is told about the change
    verified_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    city: Mapped[str] = mapped_column(String(80), default="")
    about: Mapped[str] = mapped_column(String(1000), default="")
    photo_token: Mapped[str | None] = mapped_column(String(16))
    last_area: Mapped[str | None] = mapped_column(String(20))  # where this person worked last: sign-in lands there

    grants: Mapped[list[RoleGrant]] = relationship(
        back_populates="person", cascade="all, delete-orphan", foreign_keys="RoleGrant.person_id"
    )

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def photo_url(self) -> str | None:
        """Where the photo is served; the token changes with the picture, so caches may keep it for ever."""
        return f"/photos/{self.photo_token}" if self.photo_token else None

    @property
    def has_password(self) -> bool:
        return not self.password_hash.startswith("!")

    # what flask-login asks of a user object
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.suspended_at is None

    def get_id(self) -> str:
        return self.public_id


class Photo(Dated, db.Model):
    """A profile photo: re-encoded WebP, kept in the database so that every web process and backup has it."""

    token: Mapped[str] = mapped_column(String(16), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    webp: Mapped[bytes] = mapped_column(LargeBinary)


class SignIn(Identified, Dated, db.Model):
    """One signed-in browser. The cookie carries the token, the row its digest; ending the row ends the session."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # when this browser last proved who it is: asked anew before what matters
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Device(Dated, db.Model):
    """A browser that starred something before anybody signed in. Claimed once: then its stars are that person's."""

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


def one_holder() -> CheckConstraint:
    """For a table of things that are Held: exactly one of the two."""
    return CheckConstraint("(person_id IS NULL) <> (device_id IS NULL)", name="one_holder")


class Held:
    """Something that belongs to a person, or to a guest's device until somebody signs in on it. Never to both."""

    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), index=True)


class Passkey(Identified, Dated, db.Model):
    """A WebAuthn credential. `sign_count` must never go back (a copied key); the name is what its owner calls it."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)  # base64url; the standard allows 1023 bytes
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)  # 32 bits without a sign
    transports: Mapped[str] = mapped_column(String(80), default="")
    last_used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Challenge(Dated, db.Model):
    """A WebAuthn challenge that was given out: answered once, within minutes, for the purpose it was made for."""

    id: Mapped[int] = mapped_column(primary_key=True)
    challenge_digest: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(10))  # register | sign_up | sign_in | confirm
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]


class CalendarKey(Identified, Dated, db.Model):
    """A secret calendar address of a person. Only the digest is kept; a new one makes the old one worthless at once."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    last_read_at: Mapped[datetime | None]


class RoleGrant(Dated, db.Model):
    """A role a person holds, everywhere or in one event or studio."""

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    studio_id: Mapped[int | None] = mapped_column(ForeignKey("studio.id", ondelete="CASCADE"), index=True)
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    person: Mapped[Person] = relationship(back_populates="grants", foreign_keys=[person_id])
    event: Mapped[Event | None] = relationship()
    studio: Mapped[Studio | None] = relationship()

    __table_args__ = (
        CheckConstraint("role IN ('dj', 'organizer', 'teacher', 'studio_admin', 'owner')", name="role_known"),
        CheckConstraint("(role = 'organizer') = (event_id IS NOT NULL)", name="organizer_has_event"),
        CheckConstraint(
            "(role IN ('teacher', 'studio_admin')) = (studio_id IS NOT NULL)", name="studio_role_has_studio"
        ),
        # NULLs are distinct in unique indexes, hence the coalesce
        Index(
            "uq_role_grant_once",
            "person_id",
            "role",
            text("coalesce(event_id, 0)"),
            text("coalesce(studio_id, 0)"),
            unique=True,
        ),
    )


class Knock(Dated, db.Model):
    """Somebody typed an address at the door. Whether it is known is looked up when the mail is written, never in the
    request: that is why known and unknown addresses get the same answer in the same time.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(8))  # sign_up | verify | reset
    email: Mapped[str] = mapped_column(Sealed("knock.email"))
    name: Mapped[str] = mapped_column(String(80), default="")
    password_hash: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (CheckConstraint("purpose IN ('sign_up', 'verify', 'reset')", name="purpose_known"),)


class MailedLink(Dated, db.Model):
    """A single-use secret that went out by mail. Only its digest is kept; the purpose binds it to one action."""

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(8))  # verify | reset | email
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    __table_args__ = (CheckConstraint("purpose IN ('verify', 'reset', 'email')", name="purpose_known"),)
