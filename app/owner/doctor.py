"""Looks at the whole configuration and at everything Pika! stands on, and says for each what to do about it.

Called by `flask --app wsgi doctor` (all of it) and by the owner's health page (`vitals`). Reads only, names variables
and never prints a secret's value.
"""

from __future__ import annotations

import base64
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app import outbox, redis
from app.config import Settings, UnsafeSettings, settings
from app.db import db
from app.people.models import RoleGrant
from app.web.health import LATE_AFTER_SECONDS

MARKS = {"ok": "Good", "warn": "Look at it", "missing": "Missing"}
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
SHOWN = (
    "PIKA_ENV", "PIKA_VAR", "PORT", "SECRET_KEY", "DATA_KEY", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "SMTP_URL",
    "MAIL_FROM", "VAPID_PRIVATE_KEY", "VAPID_SUBJECT", "SENTRY_DSN", "TRUSTED_PROXIES", "WEB_CONCURRENCY",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `state`: ok, warn (it runs, but look at it), missing (it does not work like this)."""

    state: str
    name: str
    sentence: str

    @property
    def word(self) -> str:
        return MARKS[self.state]


def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Everything, in the order in which one would mend it."""
    found = settings()
    outside = [*_address(found), *_processes(found, environ)]
    return [*_settings(found, environ), *_folder(found), *vitals(), *_owner(), *outside]


def vitals() -> list[Finding]:
    """What the health page shows: what Pika! stands on, as it is this second."""
    found = settings()
    return [_database(found), _migrations(), _redis(found), *_outbox(), _mail(found), _sentry(found)]


def headline(findings: list[Finding]) -> str:
    """One sentence over all: what is away, what to look at, or that all is well."""
    away = [finding.name for finding in findings if finding.state == "missing"]
    odd = [finding.name for finding in findings if finding.state == "warn"]
    if away:
        return f"{_listed(away)} {'needs' if len(away) == 1 else 'need'} you now."
    if odd:
        return f"Look at {_listed(odd)}. The rest is well."
    return "All is well."


def of_refusal(refusal: UnsafeSettings) -> list[Finding]:
    """Why production does not start, as findings: each line of the refusal names a variable."""
    lines = [line.strip() for line in str(refusal).splitlines()[1:]]
    return [Finding("missing", name, sentence.strip()) for name, _, sentence in (line.partition(":") for line in lines)]


def new_key() -> str:
    """A fresh DATA_KEY: 32 random bytes in base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# ---- settings ----


def _settings(found: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Each variable with where its value comes from. Secrets are named, never shown."""
    values = {
        "PIKA_ENV": found.environment,
        "PIKA_VAR": str(found.var),
        "PORT": str(found.port),
        "SECRET_KEY": f"{len(found.secret_key)} characters",
        "DATA_KEY": _keys(found),
        "DATABASE_URL": _without_password(found.database_url),
        "REDIS_URL": _without_password(found.redis_url),
        "PUBLIC_URL": found.public_url,
        "SMTP_URL": _without_password(found.smtp_url) or "empty",
        "MAIL_FROM": found.mail_from,
        "VAPID_PRIVATE_KEY": f"{len(found.vapid_private_key)} characters",
        "VAPID_SUBJECT": found.vapid_subject,
        "SENTRY_DSN": "set" if found.sentry_dsn else "empty",
        "TRUSTED_PROXIES": str(found.trusted_proxies),
        "WEB_CONCURRENCY": environ.get("WEB_CONCURRENCY", "1"),
    }
    for name in SHOWN:
        yield Finding("ok", name, f"{values[name]} ({_source(name, found, environ)})")


def _source(name: str, found: Settings, environ: Mapping[str, str]) -> str:
    if environ.get(name):
        return "from the environment"
    if name in {"SECRET_KEY", "DATA_KEY", "VAPID_PRIVATE_KEY"}:
        return f"made on first use, kept in {found.var / name.lower()}"
    return "default"


def _keys(found: Settings) -> str:
    count = found.data_key.count(",") + 1
    return "1 key" if count == 1 else f"{count} keys, the first one seals"


def _without_password(url: str) -> str:
    """The address without anything that opens it."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url.partition("?")[0]
    user = (parts.username or "") + "@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"


def _folder(found: Settings) -> Iterator[Finding]:
    """The data directory: ours alone. In it lie keys, and on SQLite everything."""
    if not found.var.is_dir():
        yield Finding("warn", "data directory", f"{found.var} does not exist yet; it is made on first use.")
        return
    yield _closed_to_others(found.var, "data directory", 0o700)
    for name in ("secret_key", "data_key", "vapid_private_key"):
        if (found.var / name).exists():
            yield _closed_to_others(found.var / name, name, 0o600)


def _closed_to_others(path: Path, name: str, mode: int) -> Finding:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("warn", name, f"Others on this machine may look into {path}. Close it: chmod {mode:o} {path}")
    return Finding("ok", name, f"{path} is readable by its owner only.")


# ---- what it stands on ----


def _database(found: Settings) -> Finding:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        db.session.rollback()
        reason = str(getattr(error, "orig", error)).splitlines()[0][:120]
        return Finding("missing", "database", f"Not reachable: {reason}. Check DATABASE_URL.")
    return Finding("ok", "database", f"{'SQLite' if found.is_sqlite else 'PostgreSQL'} answers.")


def _migrations() -> Finding:
    """Whether the tables are those that this code expects."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    folder = Path(current_app.root_path) / "migrations"
    head = ScriptDirectory(str(folder)).get_current_head()
    try:
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return Finding("missing", "migrations", "Unknown while the database is away.")
    if current != head:
        advice = "Run: flask --app wsgi db upgrade"
        return Finding("missing", "migrations", f"At {current or 'nothing'}, head is {head}. {advice}")
    return Finding("ok", "migrations", f"At {head}, which is head.")


def _redis(found: Settings) -> Finding:
    if redis.available():
        return Finding("ok", "Redis", "Answers.")
    if found.is_production:
        return Finding("missing", "Redis", "Not reachable. Check REDIS_URL. Until then pages poll and mail waits.")
    return Finding("warn", "Redis", "Not running. `make run` starts its own.")


def _outbox() -> Iterator[Finding]:
    """What is owed: how long the oldest waits, and what was given up."""
    try:
        oldest, dead = outbox.oldest_due_seconds(), len(outbox.dead_items(limit=1_000))
    except SQLAlchemyError:
        db.session.rollback()
        yield Finding("missing", "outbox", "Unknown while the database is away.")
        return
    if (oldest or 0) > LATE_AFTER_SECONDS:
        waits = f"The oldest item waits for {int((oldest or 0) / 60)} min."
        yield Finding("warn", "outbox", f"{waits} Is a worker running? python -m jobs.worker")
    else:
        waits = "Nothing waits." if oldest is None else f"The oldest item waits for {oldest:.0f} s."
        yield Finding("ok", "outbox", waits)
    if dead:
        items = "1 item was" if dead == 1 else f"{dead} items were"
        yield Finding("warn", "failed jobs", f"{items} tried too often and given up. The owner's health page has them.")


def _mail(found: Settings) -> Finding:
    if found.smtp_url:
        return Finding("ok", "mail", f"Goes out by {_without_password(found.smtp_url)}.")
    if found.is_production:
        return Finding("missing", "mail", "SMTP_URL is empty: nobody can prove an address or set a new password.")
    return Finding("ok", "mail", "Shown on /dev/mail instead of being sent.")


def _sentry(found: Settings) -> Finding:
    if found.sentry_dsn:
        return Finding("ok", "Sentry", "Errors are reported.")
    if found.is_production:
        return Finding("warn", "Sentry", "SENTRY_DSN is empty: errors are in the log only.")
    return Finding("ok", "Sentry", "Off: errors are in the log.")


def _owner() -> Iterator[Finding]:
    """Somebody has to own the platform; the first one is named at the command line."""
    held = select(func.count(RoleGrant.id)).where(RoleGrant.role == "owner")
    try:
        count = db.session.scalar(held) or 0
    except SQLAlchemyError:
        db.session.rollback()
        return  # the database has its own line
    if count:
        yield Finding("ok", "owners", f"{count} {'person owns' if count == 1 else 'people own'} the platform.")
    else:
        advice = "Name somebody: flask --app wsgi people grant ADDRESS owner"
        yield Finding("warn", "owners", f"Nobody owns the platform. {advice}")


# ---- how people reach it, and who serves them ----


def _address(found: Settings) -> Iterator[Finding]:
    """PUBLIC_URL decides which sockets are let in and what links in mail say."""
    parts = urlsplit(found.public_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield Finding("missing", "address", "PUBLIC_URL is no address. Like https://pika.example.org")
    elif parts.path or parts.query:
        yield Finding("warn", "address", "PUBLIC_URL has a path. Leave it out: Pika! lives at the root of its host.")
    elif parts.hostname not in LOCAL and parts.scheme == "http":
        yield Finding("warn", "address", f"{found.public_url} is not TLS: cookies and passwords travel in the clear.")
    elif parts.hostname in LOCAL and (parts.port or 80) != found.port:
        ports = f"PUBLIC_URL says port {parts.port or 80}, PORT says {found.port}"
        yield Finding("warn", "address", f"{ports}: links in mail lead nowhere.")
    else:
        yield Finding("ok", "address", f"People type {found.public_url}.")
    if found.is_production and not found.trusted_proxies:
        advice = "Behind a proxy set it to 1, or everybody shares one address and its limits."
        yield Finding("warn", "proxy", f"TRUSTED_PROXIES is 0. {advice}")


def _processes(found: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    workers = environ.get("WEB_CONCURRENCY", "1")
    if not workers.isdigit() or int(workers) < 1:
        yield Finding("missing", "web processes", f"WEB_CONCURRENCY is {workers!r}. A whole number from 1.")
    elif found.is_sqlite and int(workers) > 2:
        advice = "Use PostgreSQL, or 1 or 2."
        yield Finding("warn", "web processes", f"{workers} share one SQLite file and wait for each other. {advice}")
    else:
        yield Finding("ok", "web processes", f"{workers}, which suits {'SQLite' if found.is_sqlite else 'PostgreSQL'}.")
