"""Published partials, rendered without the request: the same bytes for page, route, job and hub.

`render_region` uses the app's templates and filters, but none of its context processors and none of the globals that
know a request: `request`, `session`, `g`, `viewer`, `csrf_field` and their like are undefined and raise.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from jinja2 import Environment, StrictUndefined
from jinja2.defaults import DEFAULT_NAMESPACE
from markupsafe import Markup

# Globals of the app that are the same for everybody, at any time.
NEUTRAL_GLOBALS = ("asset",)
_EXTENSION = "pika_regions"


def init_app(app: Flask) -> None:
    """Give pages `region(template, **inputs)`: a published partial, in its place on the page."""
    app.jinja_env.globals["region"] = render_region


def render_region(template: str, **inputs: Any) -> Markup:
    """The html of one region from its declared inputs. Anything undeclared raises UndefinedError."""
    html = _environment().get_template(template).render(**inputs).strip()
    return Markup(html)  # noqa: S704  (escaped by the template it comes from; pages embed it as it is)


def _environment() -> Environment:
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  (Flask's documented way)
    made: Environment | None = app.extensions.get(_EXTENSION)
    if made is None:
        made = app.extensions[_EXTENSION] = _make(app)
    return made


def _make(app: Flask) -> Environment:
    environment = app.jinja_env.overlay(undefined=StrictUndefined)
    neutral = {name: app.jinja_env.globals[name] for name in NEUTRAL_GLOBALS if name in app.jinja_env.globals}
    environment.globals = {**DEFAULT_NAMESPACE, **neutral, "url_for": _path_builder(app)}
    return environment


def _path_builder(app: Flask) -> Any:
    """`url_for` without a request: always the path, never the host, so that the bytes are the same everywhere."""
    adapter = app.url_map.bind("localhost", script_name=app.config["APPLICATION_ROOT"])

    def path_for(endpoint: str, **values: Any) -> str:
        return adapter.build(endpoint, values)

    return path_for
