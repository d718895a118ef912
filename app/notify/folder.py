"""Mail of a development machine: one .eml file each in <var>/mail, shown at /dev/mail. Never used in production.

Written by app.notify.mail, read by app.demo. A file's name holds its time and its key, so the same mail twice is one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from app.lib import clock

_NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{12}\.eml")
_STAMP = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the outbox page shows it."""

    name: str
    sent_at: datetime
    to: str
    subject: str
    text: str


def put(var: Path, letter: EmailMessage, key: str) -> None:
    """Keep a mail; one with the same key is replaced. Appears at once, never half."""
    folder = var / "mail"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    draft = folder / f".{digest}.draft"
    draft.write_bytes(letter.as_bytes(policy=policy.SMTPUTF8))
    for older in folder.glob(f"*-{digest}.eml"):
        older.unlink()
    draft.rename(folder / f"{clock.now():{_STAMP}}-{digest}.eml")


def newest(var: Path, limit: int = 100) -> list[Letter]:
    """The newest mails, newest first."""
    names = sorted((path.name for path in (var / "mail").glob("*.eml") if _NAME.fullmatch(path.name)), reverse=True)
    return [letter for name in names[:limit] if (letter := read(var, name))]


def read(var: Path, name: str) -> Letter | None:
    """One mail by its file name, or None. Nothing but a name that we made is ever looked for."""
    if not _NAME.fullmatch(name):
        return None
    try:
        raw = (var / "mail" / name).read_bytes()
    except FileNotFoundError:
        return None
    letter = message_from_bytes(raw, policy=policy.default)
    body = letter.get_body(("plain",))
    sent_at = datetime.strptime(name.partition("-")[0], _STAMP).replace(tzinfo=UTC)
    text = body.get_content().replace("\r\n", "\n") if body else ""
    return Letter(name, sent_at, str(letter["To"]), str(letter["Subject"]), text)
