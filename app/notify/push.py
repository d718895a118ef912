"""One web push: encrypt, sign, send, and say what came of it. Called by jobs/notify.py from several threads at once.

Must not touch the database or the app: it gets all it needs. Retries are the outbox's.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pywebpush import WebPushException, webpush

from app.config import Settings
from app.notify import dial
from app.notify.messages import Message

GONE = frozenset({404, 410})
FOR_NOW = frozenset({408, 425, 429})
TTL_SECONDS_MAX = 24 * 3600
RETRY_AFTER_SECONDS_MAX = 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    """state: sent, gone (the subscription is over) or failed; then whether and after how many seconds to try again."""

    state: str
    wait_seconds: int = 0
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """Who we are to push services."""

    key: Vapid02
    subject: str
    allow: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> Sender:
        return cls(Vapid02(_key(settings.vapid_private_key)), settings.vapid_subject, settings.push_allow_hosts)

    def send(self, message: Message, endpoint: str, p256dh: str, auth: str, moment: datetime) -> Outcome:
        """Send one. Never raises for what a push service or a subscription can do to us."""
        ttl = int((message.until - moment).total_seconds()) if message.until else TTL_SECONDS_MAX
        try:
            webpush(
                {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}},
                message.payload(),
                vapid_private_key=self.key,
                vapid_claims={"sub": self.subject},  # a fresh one each time: the library writes into it
                ttl=min(max(ttl, 1), TTL_SECONDS_MAX),
                headers={"Topic": message.tag, "Urgency": "high" if _is_pressing(message) else "normal"},
                requests_session=dial.Courier(self.allow),
                timeout=dial.SECONDS_MAX,
            )
        except WebPushException as error:
            return _refused(error)
        except dial.CallFailed:
            return Outcome("failed")
        except dial.BadEndpoint:  # not deleted: a resolver that lies for an hour must not cost every subscription
            return Outcome("failed", is_final=True)
        except (ValueError, IndexError):  # keys that can never work
            return Outcome("gone")
        return Outcome("sent")


def public_key(settings: Settings) -> str:
    """What browsers subscribe with: our public key in base64url."""
    point = _key(settings.vapid_private_key).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


@cache
def _key(text: str) -> ec.EllipticCurvePrivateKey:
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def _is_pressing(message: Message) -> bool:
    return message.is_urgent or message.category in {"alert", "change"}


def _refused(error: WebPushException) -> Outcome:
    """An answer that is no yes: 404 and 410 end the subscription, 429 and 5xx are for now, the rest is not repeated."""
    reply = error.response
    if reply is None or reply.status_code in GONE:
        return Outcome("gone")
    wait = str(reply.headers.get("retry-after", ""))
    seconds = min(int(wait), RETRY_AFTER_SECONDS_MAX) if wait.isdigit() else 0
    return Outcome("failed", seconds, is_final=reply.status_code < 500 and reply.status_code not in FOR_NOW)
