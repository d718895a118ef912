"""Around the views that phones tap offline: whose tap it is, whether it was answered before, and a fresh token.

`once` goes under the access line of a view. The header X-Tap of an answer is what the phone goes by; without it the
answer is not ours (a hotel's sign-in page, a proxy's error), and the tap waits on: done, again, refused, other, stale,
failed, later. The last four and refusals by status come from app.web.errors and from `_of_somebody_else`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, Response, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from app.lib.refusal import Refusal
from app.people.viewer import viewer
from app.waiting import actions, queries
from app.waiting.taps import Tap, tap_of_request
from app.web import access

View = TypeVar("View", bound=Callable[..., Any])

bp = Blueprint("waiting", __name__)


def init_app(app: Flask) -> None:
    """Before the door of people.access: a tap of somebody who signed out meanwhile is kept, not led to sign in."""
    app.before_request(_of_somebody_else)
    app.register_blueprint(bp)


def once(view: View) -> View:
    """The view acts once per client id, however often the phone has to send it. Its action calls `first_time`."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        tap = tap_of_request()
        if tap is None:
            return cast(ResponseReturnValue, view(*args, **kwargs))
        before = queries.answered(tap.client_id)
        if before is not None and before.refusal:
            return _told(before.refusal, 409, "refused")
        try:
            response = make_response(view(*args, **kwargs))
        except Refusal as refusal:
            return _refused(tap, refusal)
        response.headers["X-Tap"] = "again" if before is not None else "done"
        return response

    return cast(View, answer)


@bp.get("/waiting/token")
@access.public
def token() -> ResponseReturnValue:
    """For a saved page that is back: who looks, and a token that holds."""
    response = jsonify(who=_who(), token=generate_csrf())
    response.headers["Cache-Control"] = "no-store"
    return response


def _of_somebody_else() -> ResponseReturnValue | None:
    """A tap says for whom it was made ("" for a guest); it is never sent as somebody else."""
    if request.method != "POST" or "X-Client-For" not in request.headers:
        return None
    if request.headers["X-Client-For"] == _who():
        return None
    return _told("This was tapped by somebody else on this phone.", 409, "other")


def _who() -> str:
    person = viewer().person
    return person.public_id if person else ""


def _refused(tap: Tap, refusal: Refusal) -> Response:
    actions.note_refusal(tap, viewer(), refusal.sentence)
    return _told(refusal.sentence, refusal.status, "refused")


def _told(sentence: str, status: int, outcome: str) -> Response:
    response = jsonify(error=sentence, code=g.get("request_id", ""))
    response.status_code = status
    response.headers["X-Tap"] = outcome
    response.headers["Cache-Control"] = "no-store"
    return response
