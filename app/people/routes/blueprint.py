"""The blueprint of people, and what its route modules share. Imported by them only."""

from __future__ import annotations

from flask import Blueprint, g, request, session
from werkzeug.wrappers import Response as BaseResponse

from app.lib.text import clean_line
from app.people import devices, queries
from app.people.access import SESSION_KEY
from app.people.actions.sessions import Browser
from app.people.viewer import Viewer, forget_viewer
from app.web.htmx import safe_next, see_other

bp = Blueprint("people", __name__)


def this_browser(*, stay: bool = True) -> Browser:
    """What an action needs to know of the browser that it signs in."""
    return Browser(
        user_agent=clean_line(request.user_agent.string)[:200],
        device_token=devices.token_of_request(),
        former_token=session.get(SESSION_KEY),
        stay=stay,
    )


def let_in(token: str, *, stay: bool) -> BaseResponse:
    """Give the browser its new session, nothing of the old one, and lead it where it was going or where work is."""
    session.clear()
    keep_token(token, stay=stay)
    forget_viewer()
    g.pop("_login_user", None)  # flask-login remembers per request who was there before
    row = queries.sign_in_by_token(token)
    response = see_other(safe_next(Viewer(row.person if row else None).home.href))
    devices.forget(response)
    return response


def keep_token(token: str, *, stay: bool) -> None:
    """The secret of this session: until the browser closes, or for as long as the SignIn row lives."""
    session[SESSION_KEY] = token
    session.permanent = stay
