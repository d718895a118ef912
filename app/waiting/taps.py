"""One tap as it arrives: its client id, when it was made, for whom; and what to answer so that the phone understands.

Used by the views and actions of every feature that works offline. Reads headers and form only; writes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, request

from app.lib import clock, tokens
from app.people.viewer import viewer

KEPT_ON_PHONES = timedelta(days=14)  # what static/js/waiting.js throws away by itself; nothing older is believed

_SECONDS = re.compile(r"\d{1,8}(\.\d{1,3})?", re.ASCII)  # to the millisecond: two taps of one second have an order
_CLIENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap with an id of its own. `at` is when the finger was on the glass, by the phone's count of seconds since."""

    client_id: str
    kind: str
    at: datetime


def tap_of_request() -> Tap | None:
    """The tap behind this request; None for a plain form, and for an id that no phone of ours would make."""
    client_id = request.headers.get("X-Client-Id") or request.form.get("client_id", "")
    if not _CLIENT_ID.fullmatch(client_id):
        return None
    return Tap(client_id, request.endpoint or "", clock.now() - _age())


def tapped_at() -> datetime:
    """When it was tapped: now, unless it waited on the phone."""
    tap = tap_of_request()
    return tap.at if tap else clock.now()


def _age() -> timedelta:
    seconds = request.headers.get("X-Tap-Age", "")
    age = timedelta(seconds=float(seconds)) if _SECONDS.fullmatch(seconds) else None
    return min(age or timedelta(), KEPT_ON_PHONES)


def new_device_token(*, wanted: bool) -> str | None:
    """The secret of the device that a guest's first star makes; None when there is a holder already or none is wanted.

    For a tap that may come twice it follows from the client id: if the answer with the cookie was lost, the second try
    gives the browser the same cookie, and not a second device.
    """
    if not wanted or viewer().is_signed_in or viewer().device is not None:
        return None
    tap = tap_of_request()
    if tap is None:
        return tokens.secret_token()
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"device of {tap.client_id}".encode(), hashlib.sha256).hexdigest()
