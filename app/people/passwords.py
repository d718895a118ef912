"""Passwords: argon2id hashes, made and compared off the event loop. Called by people's actions; reads settings only.

For an unknown account, and for one without a password, a hash of the same cost is compared too, so that the time tells
nothing.
"""

from __future__ import annotations

import base64
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.config import settings
from app.lib import tokens
from app.lib.heavy import in_thread

MEMORY_KIB = 46 * 1024  # OWASP's first choice for argon2id, with more than its one round (settings.password_time_cost)
NONE = "!"  # no hash begins like this
SALT_BYTES, HASH_BYTES = 16, 32


def make_hash(password: str) -> str:
    """A fresh hash of a password."""
    return in_thread(_hasher().hash, _normal(password))


def no_password() -> str:
    """What stands in the place of the hash of an account that has passkeys only.

    Random, because the digest of what stands there proves who made a sign-up (actions.door).
    """
    return NONE + tokens.secret_token()


def is_set(password_hash: str) -> bool:
    """Whether there is a password behind this."""
    return not password_hash.startswith(NONE)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to this hash. None (no such account) takes as long and is never true."""
    usable = password_hash if password_hash is not None and is_set(password_hash) else None
    return in_thread(_verify, _hasher(), usable or _nobodys_hash(), _normal(password)) and usable is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(password_hash)


def _hasher() -> PasswordHasher:
    return PasswordHasher(
        time_cost=settings().password_time_cost,
        memory_cost=MEMORY_KIB,
        parallelism=1,
        hash_len=HASH_BYTES,
        salt_len=SALT_BYTES,
    )


def _verify(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _nobodys_hash() -> str:
    """A hash that no password has, of today's cost; random, so it need not be computed."""
    salt, tail = (base64.b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (SALT_BYTES, HASH_BYTES))
    return f"$argon2id$v=19$m={MEMORY_KIB},t={settings().password_time_cost},p=1${salt}${tail}"


def _normal(password: str) -> str:
    """Keyboards compose letters differently: one form for all (NIST SP 800-63B asks for NFKC)."""
    return unicodedata.normalize("NFKC", password)
