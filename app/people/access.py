"""The door: enforces each route's stated access (app.web.access) before the view runs, and loads who is signed in."""

from __future__ import annotations

from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_login import LoginManager
from itsdangerous import BadSignature
from werkzeug.http import parse_cookie

from app.config import settings
from app.live import holding
from app.people import queries
from app.people.devices import token_in
from app.people.models import Person
from app.people.viewer import viewer
from app.web import access
from app.web.htmx import is_htmx, see_other

SESSION_KEY = "sign_in"  # the browser session's secret token lives in the signed cookie under this name


def init_app(app: Flask) -> None:
    """Load people from their session token, hold the door, and give templates the viewer."""
    manager = LoginManager(app)
    manager.session_protection = None  # ours is the SignIn row: it ends everywhere at once
    manager.request_loader(lambda _request: _person_of_session())
    app.before_request(_hold)
    app.context_processor(lambda: {"viewer": viewer()})


def who_of(cookies: str) -> tuple[int | None, str]:
    """Whom a Cookie header speaks for: a person's key or None, and how app.live.holding counts them.

    What `viewer()` finds out about a request, in one small query at most: for the short way in, which has no request.
    """
    found = parse_cookie(cookies)
    token = _sign_in_token(found.get(current_app.config["SESSION_COOKIE_NAME"]))
    person_id = queries.person_id_by_sign_in(token) if token else None
    device = None if person_id else token_in(found)
    return person_id, holding.key_of(person_id, queries.device_id_by_token(device) if device else None)


def _sign_in_token(session_cookie: str | None) -> str | None:
    interface = SecureCookieSessionInterface()
    serializer = interface.get_signing_serializer(current_app)
    if not session_cookie or serializer is None:
        return None
    seconds = int(current_app.permanent_session_lifetime.total_seconds())
    try:
        token: str | None = serializer.loads(session_cookie, max_age=seconds).get(SESSION_KEY)
    except BadSignature:
        return None
    return token


def _person_of_session() -> Person | None:
    token = session.get(SESSION_KEY)
    found = queries.sign_in_by_token(token) if token else None
    if found is None or found.person.suspended_at is not None:
        return None
    return found.person


def _hold() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # 404 or 405: nothing to guard
    word = access.of(current_app, request.endpoint)
    if word == "public" or (word == "development" and settings().is_development):
        return None
    if word == "signed_in":
        return None if viewer().is_signed_in else _to_the_door()
    if word == "owner" and viewer().is_owner:
        return None
    if word == "owner" and not viewer().is_signed_in:
        return _to_the_door()
    return abort(404)


def _to_the_door() -> ResponseReturnValue:
    if request.method == "GET" and not is_htmx():
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")), code=303)
    flash({"sentence": "Sign in first, then try that again.", "undo": None})  # type: ignore[arg-type]  # any JSON value
    return see_other(url_for("people.sign_in"))
