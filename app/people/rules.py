"""Rules of people: which passwords and handles are good enough, and the reasons that the door gives.

Called by people's actions and forms. Decides on what it is given; must not read the clock, the database or a request.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from functools import cache
from itertools import count, pairwise
from pathlib import Path

from app.lib.refusal import Refusal
from app.lib.text import fold, slugify
from app.people.models import Person

PASSWORD_LEAST, PASSWORD_MOST = 10, 256
HANDLE = re.compile(r"[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*")
HANDLE_LEAST, HANDLE_MOST = 2, 30
RESERVED_HANDLES = frozenset({
    "about", "account", "admin", "administrator", "all", "api", "app", "billing", "dev", "dj", "everyone", "events",
    "hello", "help", "here", "home", "info", "legal", "mail", "me", "moderator", "news", "null", "official",
    "organizer", "owner", "photos", "pika", "pikaowner", "postmaster", "press", "privacy", "root", "security",
    "sign-in", "sign-up", "staff", "static", "status", "studio", "support", "system", "team", "terms", "undefined",
    "welcome",
})  # fmt: skip
_COMMON = Path(__file__).with_name("common_passwords.txt")
_TAIL = re.compile(r"[\W\d_]+$")
_NOT_A_LETTER = re.compile(r"[\W\d_]+")


class WrongPassword(Refusal):
    """Address and password do not open an account: one sentence for all reasons, so that it tells none."""

    field = "password"
    status = 422


class WeakPassword(Refusal):
    """Short, endless, or among the first that somebody would try."""

    field = "password"
    status = 422


class BadHandle(Refusal):
    """Not shaped like a handle, or not to be had."""

    field = "handle"
    status = 422


class LinkDead(Refusal):
    """A mailed link was used, is too old, belongs to something else, or never existed: nobody learns which."""

    status = 410


class SameEmail(Refusal):
    """The new address is the old one."""

    field = "email"
    status = 422


class EmailTaken(Refusal):
    """Said only to somebody who has proven that the address is theirs."""

    field = "email"


class PasskeyRefused(Refusal):
    """An answer of a passkey does not hold: one sentence for all reasons; `reason` is for the log."""

    status = 422

    def __init__(self, sentence: str = "", *, reason: str = "") -> None:
        super().__init__(sentence or NO_SUCH_PASSKEY)
        self.reason = reason


class CopiedPasskey(PasskeyRefused):
    """Its signature counter went back: somebody has a copy of the key, and nobody knows who of the two is here."""


class PasskeyKnown(Refusal):
    """The very same credential is here already."""


class TooManyPasskeys(Refusal):
    """More than anybody has devices for."""


class LastFactor(Refusal):
    """Without it nobody could sign in any more."""


class NotConfirmed(Refusal):
    """It is long ago that this browser showed who it is."""

    status = 403


NO_SUCH_PASSKEY = "This passkey does not open an account here. Use another one, or your password."
PASSKEYS_MOST = 20
CONFIRMED_FOR = timedelta(minutes=10)
NOT_TOGETHER = "This email and password do not go together."
NOT_YOURS = "This is not your present password."
DEAD_LINK = "This link was used already, or it is too old."


def refuse_weak_password(password: str, *, name: str, email: str, field: str = "password") -> None:
    """Raise WeakPassword, with what would help, for a password that is not good enough."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < PASSWORD_LEAST:
        raise WeakPassword(
            f"This password has {len(plain)} characters; it needs {PASSWORD_LEAST}. A short sentence is fine.", field
        )
    if len(plain) > PASSWORD_MOST:
        raise WeakPassword(f"This password has {len(plain):,} characters; {PASSWORD_MOST} are the most.", field)
    if len(plain) < 20 and not _letters(plain):
        raise WeakPassword("Digits and signs alone are soon guessed. Add a word or two.", field)
    if _is_common(plain):
        raise WeakPassword(
            "Many people use this password, so it is tried first. Take three words that only you would put together.",
            field,
        )
    if _is_ones_own(plain, name, email):
        raise WeakPassword(
            "This password is your own name or address, so it is tried first. Take three words that nobody expects.",
            field,
        )


def refuse_bad_handle(handle: str) -> None:
    """Raise BadHandle unless it reads well after an “@” and is nobody's official name."""
    if not HANDLE_LEAST <= len(handle) <= HANDLE_MOST:
        raise BadHandle(f"A handle has {HANDLE_LEAST} to {HANDLE_MOST} characters.")
    if not HANDLE.fullmatch(handle):
        suggestion = slugify(handle, HANDLE_MOST)
        proposal = f" Did you mean “{suggestion}”?" if HANDLE.fullmatch(suggestion) else ""
        raise BadHandle(f"A handle starts with a letter and has only a to z, 0 to 9, dot and hyphen.{proposal}")
    if handle in RESERVED_HANDLES:
        raise BadHandle(f"“{handle}” is kept for Pika! itself. Choose another one.")


def refuse_unconfirmed(confirmed_at: datetime | None, moment: datetime) -> None:
    """Raise NotConfirmed when this browser did not show a factor lately: asked before what could lock somebody out."""
    if not is_confirmed(confirmed_at, moment):
        raise NotConfirmed("Show that it is you first.")


def is_confirmed(confirmed_at: datetime | None, moment: datetime) -> bool:
    """Whether a session proved who it is within the last ten minutes."""
    return confirmed_at is not None and moment - confirmed_at < CONFIRMED_FOR


def refuse_last_factor(*, has_password: bool, passkeys: int) -> None:
    """Raise LastFactor unless a password, or a passkey besides the one that goes, is left."""
    if not has_password and passkeys <= 1:
        raise LastFactor("This passkey is your only way in. Set a password first, or add another passkey.")


def refuse_another_passkey(passkeys: int) -> None:
    """Raise TooManyPasskeys when there are as many as one may have."""
    if passkeys >= PASSKEYS_MOST:
        raise TooManyPasskeys(f"You have {PASSKEYS_MOST} passkeys already. Remove one that you do not use.")


def refuse_copied_passkey(kept: int, sent: int) -> None:
    """Raise CopiedPasskey unless the signature counter rose. Keys kept in a cloud do not count: always 0."""
    if (kept or sent) and sent <= kept:
        raise CopiedPasskey(reason=f"counter {sent} after {kept}")


def unlike(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken: "Safari on iPhone (2)"."""
    numbered = (name if number == 1 else f"{name} ({number})" for number in count(1))
    return next(wanted for wanted in numbered if wanted not in taken)


def may_enter(person: Person) -> bool:
    """Whether an account opens at all: its address is proven and nobody closed it."""
    return person.verified_at is not None and person.suspended_at is None


def handle_from(name: str, number: int) -> str:
    """The n-th handle to try for somebody new: "tess-aubert", "tess-aubert-2", …"""
    base = slugify(name, HANDLE_MOST - 8)
    if len(base) < HANDLE_LEAST or not HANDLE.fullmatch(base) or base in RESERVED_HANDLES:
        base = f"dancer-{base}" if base else "dancer"
    return base if number == 1 else f"{base}-{number}"


def _is_common(password: str) -> bool:
    folded = fold(password)
    return len(set(folded)) <= 3 or _is_run(folded) or folded in _common() or _TAIL.sub("", folded) in _stems()


def _is_run(text: str) -> bool:
    """abcdefghij, 9876543210: each character the neighbor of the one before."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})


def _is_ones_own(password: str, name: str, email: str) -> bool:
    """dana.kovacs1987, Dana_Kovacs!!, dana@pika.example: digits and signs hide nothing."""
    bare = _letters(password)
    local, _, domain = email.partition("@")
    own = {_letters(name), _letters(local), _letters(email), _letters(local + domain.partition(".")[0])}
    own |= {_letters("".join(reversed(name.split())))}
    return bool(bare) and bare in own


def _letters(text: str) -> str:
    return _NOT_A_LETTER.sub("", fold(text))


@cache
def _common() -> frozenset[str]:
    """Our own short list of what people really use, from ten characters on."""
    return frozenset(line for line in _COMMON.read_text().splitlines() if line and not line.startswith("#"))


@cache
def _stems() -> frozenset[str]:
    """The words of that list without their digits at the end: "password123" also stands for "password2026!"."""
    return frozenset(stem for entry in _common() if len(stem := _TAIL.sub("", entry)) >= 5)
