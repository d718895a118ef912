"""The blueprint of people, and what its route modules share. Imported by them only."""

from __future__ import annotations

from flask import Blueprint, abort, g, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.lib import tokens
from app.lib.text import clean_line
from app.people import devices, queries
from app.people.access import SESSION_KEY
from app.people.actions import sessions
from app.people.actions.sessions import Browser
from app.people.models import SignIn
from app.people.viewer import Viewer, forget_viewer
from app.web.htmx import safe_next, see_other

bp = Blueprint("people", __name__)
CEREMONY = "ceremony"


def this_browser(*, stay: bool = True) -> Browser:
    """What an action needs to know of the browser that it signs in."""
    return Browser(
        user_agent=clean_line(request.user_agent.string)[:200],
        device_token=devices.token_in(request.cookies),
        former_token=session.get(SESSION_KEY),
        stay=stay,
    )


def let_in(token: str, *, stay: bool) -> BaseResponse:
    """Give the browser its new session, nothing of the old one, and lead it where it was going or where work is."""
    response = see_other(admit(token, stay=stay))
    devices.forget(response)
    return response


def admit(token: str, *, stay: bool) -> str:
    """The new session without the answer; returns where the way leads. The caller takes the device's cookie away."""
    former = session.get(SESSION_KEY)
    session.clear()
    keep_token(token, stay=stay)
    forget_viewer()
    g.pop("_login_user", None)  # flask-login remembers per request who was there before
    if former:
        sessions.hang_up(former)
    row = queries.sign_in_by_token(token)
    return safe_next(Viewer(row.person if row else None).home.href)


def ceremony() -> str:
    """The browser's secret of its passkey ceremonies: a challenge that was given to another one is worth nothing here.

    Made with the page, so that two questions at once carry the same one.
    """
    secret: str = session.setdefault(CEREMONY, tokens.secret_token())
    return secret


def this_sign_in() -> SignIn:
    """The session of this request. Only behind `@access.signed_in`."""
    found = queries.sign_in_by_token(session[SESSION_KEY])
    if found is None:  # it ended between the door and here
        abort(see_other(url_for("people.sign_in")))
    return found


def keep_token(token: str, *, stay: bool) -> None:
    """The secret of this session: until the browser closes, or for as long as the SignIn row lives."""
    session[SESSION_KEY] = token
    session.permanent = stay
