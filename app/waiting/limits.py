"""How often one may tap: what a thumb can do, counted per account or device, and what a hall behind one address can.

Used by views that dancers tap. In a hall all phones share one address, and return to the network together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, session

from app.lib import tokens
from app.people.viewer import viewer
from app.web.limits import limiter

View = TypeVar("View", bound=Callable[..., Any])

PER_HOLDER = "90 per minute"
NEW_PER_ADDRESS = "1200 per minute;6000 per hour"  # guests whose first tap makes a device
NEW_PER_BROWSER = "30 per hour"  # whoever throws that device away to be somebody new; lost answers count too
PER_ADDRESS = "6000 per minute"
AT_ONCE = 3  # taps that one process works on; the others wait before they ask anything, and hold no connection
WAIT_SECONDS = 20.0

_turns = threading.BoundedSemaphore(AT_ONCE)


def for_a_hall(view: View) -> View:
    """The limits of a tap. Over them is 429 with Retry-After, and the phone waits."""
    limited = limiter.limit(PER_HOLDER, key_func=_holder, exempt_when=is_new)(view)
    limited = limiter.limit(NEW_PER_ADDRESS, exempt_when=lambda: not is_new())(limited)
    limited = limiter.limit(NEW_PER_BROWSER, key_func=_browser, exempt_when=lambda: not is_new())(limited)
    return cast(View, _in_turn(limiter.limit(PER_ADDRESS)(limited)))


def _in_turn(view: Callable[..., Any]) -> Callable[..., Any]:
    """A few at a time: a hall that taps all at once does not crowd out the DJ's console and everybody's pages."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        if not _turns.acquire(timeout=WAIT_SECONDS):
            abort(503)
        try:
            return view(*args, **kwargs)
        finally:
            _turns.release()

    return answer


def _holder() -> str:
    who = viewer()
    return f"person:{who.person.id}" if who.person else f"device:{who.device_id}"


def _browser() -> str:
    """By the secret behind its form tokens, which every tap needs."""
    return f"browser:{tokens.digest(session.get('csrf_token', ''))}"


def is_new() -> bool:
    """Whether a guest looks who holds nothing yet: a tap makes their device."""
    return not viewer().is_signed_in and viewer().device_id is None
