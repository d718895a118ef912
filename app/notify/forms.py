"""What the settings page sends, and what a browser says of its push subscription, as clean values."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from app.notify.models import CATEGORIES, CHANNELS, LEADS
from app.notify.rules import NoSuchPushService, Preferences
from app.web.forms import Form


class PreferencesForm(Form):
    """How somebody wants to be reached. Boxes are named "<category>-<channel>"."""

    def read(self) -> None:
        self.choice("lead_minutes", "Alerts", [str(lead) for lead in LEADS])
        self.whole("pushes_per_hour", "The most in an hour", least=1, most=60)
        self.flag("is_quiet")
        self.wall_time("quiet_from", "Quiet from")
        self.wall_time("quiet_to", "Quiet until")
        self.choices = {(a, b): self.flag(f"{a}-{b}") for a in CATEGORIES for b in CHANNELS}

    @property
    def settings(self) -> dict[str, Any]:
        """The values of NotifySettings. Only for a valid form."""
        return {
            "lead_minutes": int(self.clean["lead_minutes"]),
            "pushes_per_hour": self.clean["pushes_per_hour"],
            "is_quiet": self.clean["is_quiet"],
            "quiet_from_minute": _minute(self.clean["quiet_from"]),
            "quiet_to_minute": _minute(self.clean["quiet_to"]),
        }


def kept(preferences: Preferences) -> PreferencesForm:
    """The form as somebody left it."""
    boxes = {f"{a}-{b}": "1" if preferences.wants(a, b) else "" for a in CATEGORIES for b in CHANNELS}
    return PreferencesForm(
        initial=boxes
        | {
            "lead_minutes": str(preferences.lead_minutes),
            "pushes_per_hour": str(preferences.pushes_per_hour),
            "is_quiet": "1" if preferences.is_quiet else "",
            "quiet_from": _wall(preferences.quiet_from_minute),
            "quiet_to": _wall(preferences.quiet_to_minute),
        }
    )


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _wall(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a browser's PushSubscription says of itself, its form checked."""

    endpoint: str
    p256dh: str
    auth: str

    @classmethod
    def of(cls, sent: Any) -> Subscription:
        """Raises NoSuchPushService."""
        try:
            endpoint, keys = sent["endpoint"], sent["keys"]
            p256dh, auth = keys["p256dh"].rstrip("="), keys["auth"].rstrip("=")
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _raw(p256dh, 65))
            _raw(auth, 16)
        except (TypeError, KeyError, AttributeError, ValueError):
            raise NoSuchPushService("This is not a push subscription.") from None
        if not isinstance(endpoint, str):
            raise NoSuchPushService("This is not a push subscription.")
        return cls(endpoint, p256dh, auth)


def _raw(text: str, length: int) -> bytes:
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if len(raw) != length:
        raise ValueError("wrong length")
    return raw
