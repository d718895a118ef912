"""What dancers send from an event's page: following it, and having seen its announcements. Open to guests."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request, url_for
from flask.typing import ResponseReturnValue

from app.events import actions, queries
from app.lib import tokens
from app.people import devices
from app.people.viewer import viewer
from app.waiting.limits import for_a_hall
from app.web import access
from app.web.htmx import say, see_other

bp = Blueprint("follows", __name__)
SEEN_MAX = 20


@bp.post("/e/<slug>/follow")
@access.public
@for_a_hall
def follow(slug: str) -> ResponseReturnValue:
    """One tap, and one to stop."""
    event = queries.event_for(viewer(), slug)
    on = request.form.get("on") == "1"
    needs_device = on and not viewer().is_signed_in and viewer().device is None
    token = tokens.secret_token() if needs_device else None
    actions.follow(viewer(), event, on=on, device_token=token)
    say("You hear of it when there is news." if on else "You do not follow it any more.")
    response = make_response(see_other(url_for("discover.event_page", slug=slug)))
    if token:
        devices.remember(response, token)
    return response


@bp.post("/e/<slug>/seen")
@access.public
@for_a_hall
def seen(slug: str) -> ResponseReturnValue:
    """Sent by static/js/seen.js, once for each announcement that was on the screen for a second."""
    event = queries.event_for(viewer(), slug)
    actions.note_seen(viewer(), event, request.form.getlist("id")[:SEEN_MAX])
    return Response(status=204)
