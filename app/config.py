"""Every setting: its variable, its default, and what production refuses.

Read once by `create_app`; everything else asks `settings()`. Nothing else in the product reads the environment.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

ENVIRONMENTS = ("development", "test", "production")


class UnsafeSettings(RuntimeError):
    """Production was asked to start with settings that would hurt somebody. Names variables, never values."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One frozen set of settings. Field comments name the variable where it is not the upper-cased field name."""

    environment: str  # PIKA_ENV
    var: Path  # PIKA_VAR: database, keys, sockets, mail of a development checkout
    secret_key: str  # signs cookies and forms
    data_key: str  # seals personal data at rest; several, comma separated, newest first
    database_url: str
    redis_url: str
    public_url: str  # the address people type: origin checks and links in mail
    port: int
    smtp_url: str  # smtp://user:password@host:587 or smtps://…; empty = the outbox page (development) or mail is off
    mail_from: str
    sentry_dsn: str
    trusted_proxies: int  # how many proxies in front set X-Forwarded-*
    password_time_cost: int  # argon2 rounds; tests lower it
    sockets_per_process: int
    sockets_per_person: int
    sockets_per_address: int
    presence_lease_seconds: int
    rate_limits: bool
    vapid_private_key: str  # the key of our web pushes: 32 bytes in base64url; another one loses every subscription
    vapid_subject: str  # mailto: or https: where push services reach whoever runs this
    crash_file: Path | None  # where a test names the place at which to be killed (app.lib.crash); of no use elsewhere
    push_allow_hosts: frozenset[str]  # host:port of push services on this machine, for tests; refused in production
    photo_bytes_max: int = 8 * 1024 * 1024
    form_bytes_max: int = 256 * 1024

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @property
    def is_secure(self) -> bool:
        """Whether people reach us by TLS; then cookies are __Host- and Secure."""
        return self.public_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def settings() -> Settings:
    """The settings of the running app."""
    loaded: Settings = current_app.config["PIKA"]
    return loaded


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises UnsafeSettings in production, ValueError for nonsense."""
    env = os.environ if environ is None else environ
    environment = env.get("PIKA_ENV", "development")
    if environment not in ENVIRONMENTS:
        message = f"PIKA_ENV must be one of {', '.join(ENVIRONMENTS)}"
        raise ValueError(message)
    if environment == "production":
        _refuse_unsafe(env)
    var = Path(env.get("PIKA_VAR") or "var").resolve()
    port = int(env.get("PORT") or 8000)
    return Settings(
        environment=environment,
        var=var,
        secret_key=env.get("SECRET_KEY") or _kept(var, "secret_key"),
        data_key=env.get("DATA_KEY") or _kept(var, "data_key"),
        database_url=_driver(env.get("DATABASE_URL") or f"sqlite:///{var / 'pika.sqlite3'}"),
        redis_url=env.get("REDIS_URL") or _embedded_redis_url(var),
        public_url=(env.get("PUBLIC_URL") or f"http://localhost:{port}").rstrip("/"),
        port=port,
        smtp_url=env.get("SMTP_URL", ""),
        mail_from=env.get("MAIL_FROM", "Pika! <hello@localhost>"),
        sentry_dsn=env.get("SENTRY_DSN", ""),
        trusted_proxies=int(env.get("TRUSTED_PROXIES") or 0),
        password_time_cost=int(env.get("PASSWORD_TIME_COST") or 3),
        sockets_per_process=int(env.get("SOCKETS_PER_PROCESS") or 20_000),
        sockets_per_person=int(env.get("SOCKETS_PER_PERSON") or 10),
        sockets_per_address=int(env.get("SOCKETS_PER_ADDRESS") or 2_000),
        presence_lease_seconds=int(env.get("PRESENCE_LEASE_SECONDS") or 45),
        rate_limits=env.get("RATE_LIMITS", "on") != "off",
        vapid_private_key=env.get("VAPID_PRIVATE_KEY") or _kept(var, "vapid_private_key"),
        vapid_subject=env.get("VAPID_SUBJECT") or "mailto:hello@localhost",
        crash_file=Path(env["CRASH_FILE"]) if environment == "test" and env.get("CRASH_FILE") else None,
        push_allow_hosts=frozenset(filter(None, env.get("PUSH_ALLOW_HOSTS", "").split(","))),
    )


def _driver(url: str) -> str:
    """Hosts hand out postgres:// and postgresql://; SQLAlchemy wants the driver named."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _embedded_redis_url(var: Path) -> str:
    from app import redis_server  # the embedded server decides where its socket lies

    return redis_server.url(var)


def _kept(var: Path, name: str) -> str:
    """A key made on first use and kept in var/, readable by its owner only (development and tests)."""
    path = var / name
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return path.read_text().strip()


def _refuse_unsafe(env: Mapping[str, str]) -> None:
    problems = [sentence for broken, sentence in _production_rules(env) if broken]
    if problems:
        message = "Pika! does not start like this:\n  " + "\n  ".join(problems)
        raise UnsafeSettings(message)


def _production_rules(env: Mapping[str, str]) -> list[tuple[bool, str]]:
    """(is broken, sentence) for each rule of RELIABILITY S18 that this stage of the product can meet."""
    secret, redis_url = env.get("SECRET_KEY", ""), env.get("REDIS_URL", "")
    return [
        (len(secret) < 32, "SECRET_KEY: set a random one of at least 32 characters."),
        (bool(secret) and len(set(secret)) < 12, "SECRET_KEY: this one is guessable."),
        (
            not _is_data_key(env.get("DATA_KEY", "")),
            "DATA_KEY: set 32 random bytes in base64 (flask --app wsgi doctor prints one).",
        ),
        (bool(secret) and secret == env.get("DATA_KEY"), "DATA_KEY: must differ from SECRET_KEY."),
        (not env.get("DATABASE_URL"), "DATABASE_URL: name the database; production does not guess."),
        (not redis_url, "REDIS_URL: name the Redis; production does not start its own."),
        (redis_url.startswith("redis://") and "@" not in redis_url, "REDIS_URL: a Redis on TCP needs a password."),
        (not env.get("PUBLIC_URL", "").startswith("https://"), "PUBLIC_URL: must be the https:// address people use."),
        (env.get("FLASK_DEBUG", "0") not in {"", "0"}, "FLASK_DEBUG: must be off."),
        (env.get("RATE_LIMITS") == "off", "RATE_LIMITS: must be on."),
        (
            not _is_vapid_key(env.get("VAPID_PRIVATE_KEY", "")),
            "VAPID_PRIVATE_KEY: set 32 bytes in base64url (flask --app wsgi doctor --new-push-key prints one).",
        ),
        (
            not env.get("VAPID_SUBJECT", "").startswith(("mailto:", "https://")),
            "VAPID_SUBJECT: mailto: or https:// where push services reach you.",
        ),
        (bool(env.get("PUSH_ALLOW_HOSTS")), "PUSH_ALLOW_HOSTS: is for tests only; it lets pushes go to this machine."),
        (int(env.get("PASSWORD_TIME_COST") or 3) < 2, "PASSWORD_TIME_COST: must be 2 or more."),
    ]


def _is_data_key(value: str) -> bool:
    try:
        return all(len(base64.urlsafe_b64decode(part)) == 32 for part in value.split(","))
    except ValueError:
        return False


def _is_vapid_key(value: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))) == 32
    except ValueError:
        return False
