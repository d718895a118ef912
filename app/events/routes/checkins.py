"""What a dancer sends from an event's page or timeline while it lasts: "I'm here". Open to guests."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.events import actions, queries
from app.events.models import Event
from app.lib import clock
from app.people import devices
from app.people.viewer import look_as_device, viewer
from app.waiting.limits import for_a_hall
from app.waiting.routes import once
from app.waiting.taps import new_device_token, tap_of_request, tapped_at
from app.web import access
from app.web.htmx import fragment, is_htmx, safe_next, see_other

bp = Blueprint("checkins", __name__)


@bp.app_context_processor
def _here() -> dict[str, object]:
    """`is_here(event)`: None while it is not on (nothing to say then), else whether this viewer said so today."""
    return {"is_here": is_here_today}


def is_here_today(event: Event) -> bool | None:
    moment = clock.now()
    if not event.is_published or not event.opens_at <= moment < event.closes_at:
        return None
    return queries.is_here(viewer(), event.id, clock.event_day(moment, event.zone, event.day_change_hour))


@bp.post("/e/<slug>/here")
@access.public
@for_a_hall
@once
def check_in(slug: str) -> ResponseReturnValue:
    """One tap, and one to take it back."""
    event = queries.event_for(viewer(), slug)
    on = request.form.get("on") == "1"
    token = new_device_token(wanted=on)
    actions.check_in(viewer(), event, tapped_at(), on=on, device_token=token, tap=tap_of_request())
    look_as_device(token)
    if is_htmx():
        response = fragment(render_template("events/_here_answer.html", event=event))
    else:
        response = make_response(see_other(safe_next(url_for("discover.event_page", slug=slug))))
    if token:
        devices.remember(response, token)
    return response
