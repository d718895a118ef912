"""Every view says who may enter: `@access.public`, `signed_in`, `owner` or `development`, under its route line.

Here the word is only written down and its presence enforced (deny by default); app.people.access holds the door.
Which *objects* a person may see is decided where they are loaded: through the viewer, and not yours is 404.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])
MARK = "__pika_access__"


class AccessNotStated(RuntimeError):
    """A route without a word on who may enter: the app refuses to start."""


def _marker(word: str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, MARK, word)
        return view

    return mark


public = _marker("public")
signed_in = _marker("signed_in")
owner = _marker("owner")
development = _marker("development")


def of(app: Flask, endpoint: str | None) -> str | None:
    """The word of an endpoint, or None."""
    return getattr(app.view_functions.get(endpoint or ""), MARK, None)


def require_everywhere(app: Flask) -> None:
    """Refuse to start while any route is silent. Raises AccessNotStated with the list."""
    silent = sorted({rule.endpoint for rule in app.url_map.iter_rules() if of(app, rule.endpoint) is None})
    if silent:
        raise AccessNotStated(", ".join(silent))
