"""Random identifiers and the hashes we keep of secrets. Uses `secrets` only: a UUID is not a secret."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: people read these aloud


def public_id(length: int = 12) -> str:
    """An identifier for links and element ids: unguessable (about 59 bits), safe in URLs and CSS selectors."""
    return secrets.choice("abcdefghjkmnpqrstuvwxyz") + "".join(secrets.choice(ALPHABET) for _ in range(length - 1))


def secret_token() -> str:
    """A secret of 256 bits for links, sessions and devices."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What we store of a secret token: SHA-256 in hex. Fine for random secrets, never for passwords."""
    return hashlib.sha256(token.encode()).hexdigest()
