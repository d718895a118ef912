"""How often one may knock (RELIABILITY S13), and the answer to more: the same page, with all that was typed.

Per account means per typed address, known or not, so that a limit tells nobody which. Per network means per client
address, and a hall's Wi-Fi is one: hundreds may stand behind it, so the sentence says what helps.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import make_response, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded

from app.people import queries
from app.people.viewer import me
from app.web.forms import Form
from app.web.limits import limiter

View = Callable[..., ResponseReturnValue]

OF_ACCOUNT = "That was too often for one address."
OF_NETWORK = (
    "Many people on this network just did the same (a hall’s Wi-Fi counts as one). Your own mobile data works at once."
)
OF_PERSON = "That was too often in a short time."


def limited(
    page: Callable[[Any, int], ResponseReturnValue], form: Callable[[Any], Form],
    *, account: str = "", network: str = "", person: str = "",
) -> Callable[[View], View]:  # fmt: skip
    """At most so many posts ("5 per minute") per typed address, per client address, and per signed-in person."""
    rules = [
        limiter.limit(account, key_func=_typed_account, error_message=OF_ACCOUNT) if account else None,
        limiter.limit(network, error_message=OF_NETWORK) if network else None,
        limiter.limit(person, key_func=_signed_in, error_message=OF_PERSON) if person else None,
    ]

    def decorate(view: View) -> View:
        counted = view
        for rule in filter(None, rules):
            counted = rule(counted)

        @wraps(view)
        def guarded(**values: Any) -> ResponseReturnValue:
            try:
                return counted(**values)
            except RateLimitExceeded as refused:
                return _too_often(page, form(request.form), refused)

        return guarded

    return decorate


def _too_often(
    page: Callable[[Any, int], ResponseReturnValue], form: Form, refused: RateLimitExceeded
) -> ResponseReturnValue:
    seconds = _seconds_to_wait()
    form.errors.clear()
    form.error("", f"{refused.description} Try again in {_in_words(seconds)}.")
    response = make_response(page(form, 429))
    response.headers["Retry-After"] = str(seconds)
    return response


def _seconds_to_wait() -> int:
    limit = limiter.current_limit
    return max(1, math.ceil(limit.reset_at - time.time())) if limit else 60


def _in_words(seconds: int) -> str:
    if seconds < 100:
        return f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"


def _typed_account() -> str:
    return "account:" + queries.email_index(request.form.get("email", ""))


def _signed_in() -> str:
    return f"person:{me().id}"
