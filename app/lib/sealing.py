"""Sealing: authenticated encryption of single fields, and blind indexes to find them again.

Used by app.db's Sealed column type. AES-256-GCM with a key id in front, so that keys can be rotated; the column's name
is bound as associated data, so a sealed value moved to another column does not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class CannotOpen(ValueError):
    """The key is not ours, or the value was altered."""


class Sealer:
    """Seals with the first key, opens with any. Keys are 32 random bytes, base64; several are separated by commas."""

    def __init__(self, keys: str) -> None:
        raw = [base64.urlsafe_b64decode(part) for part in keys.split(",")]
        if any(len(key) != 32 for key in raw):
            message = "a data key is 32 bytes in base64"
            raise ValueError(message)
        self._keys = {hashlib.sha256(key).hexdigest()[:8]: key for key in raw}
        self._newest = hashlib.sha256(raw[0]).hexdigest()[:8]
        self._index_key = hashlib.sha256(b"pika blind index" + raw[-1]).digest()  # the oldest: indexes outlive rotation

    def seal(self, text: str, purpose: str) -> str:
        """Encrypt: "keyid.base64(nonce + ciphertext)"."""
        nonce = os.urandom(12)
        box = AESGCM(self._keys[self._newest]).encrypt(nonce, text.encode(), purpose.encode())
        return f"{self._newest}.{base64.urlsafe_b64encode(nonce + box).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """Decrypt. Raises CannotOpen."""
        key_id, _, body = sealed.partition(".")
        try:
            raw = base64.urlsafe_b64decode(body)
            return AESGCM(self._keys[key_id]).decrypt(raw[:12], raw[12:], purpose.encode()).decode()
        except (KeyError, ValueError, InvalidTag) as error:
            raise CannotOpen(purpose) from error

    def blind_index(self, text: str, purpose: str) -> str:
        """A keyed hash under which an exact value can be found without being readable (HMAC-SHA-256)."""
        return hmac.new(self._index_key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
