"""The team of an event: who organizes it, joining and leaving. Organizers of the event only."""

from __future__ import annotations

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.events import actions, queries, rules
from app.events.forms import MemberForm
from app.events.models import Event
from app.events.places import team_places
from app.events.routes.blueprint import bp
from app.lib.refusal import Refusal
from app.people import queries as people
from app.people.viewer import me, viewer
from app.web import access
from app.web.htmx import back_to, say
from app.web.limits import limiter


@bp.get("/events/<slug>/team")
@access.signed_in
def team(slug: str) -> ResponseReturnValue:
    return _team_page(queries.event_organized_by(viewer(), slug), MemberForm())


@bp.post("/events/<slug>/team")
@access.signed_in
@limiter.limit("30 per hour")
def add_organizer(slug: str) -> ResponseReturnValue:
    event = queries.event_organized_by(viewer(), slug)
    form = MemberForm(request.form)
    if form.is_valid:
        try:
            name = actions.add_organizer(event.id, form.clean["who"], me())
        except rules.NobodyThere as refusal:
            form.error("who", refusal.sentence)
        else:
            say(f"{name} organizes with you now.")
            return back_to("events.team", slug=slug)
    return _team_page(queries.event_organized_by(viewer(), slug), form, status=422)


@bp.post("/events/<slug>/team/<handle>/remove")
@access.signed_in
def remove_organizer(slug: str, handle: str) -> ResponseReturnValue:
    event = queries.event_organized_by(viewer(), slug)
    leaves = me().handle == handle
    try:
        name = actions.remove_organizer(event.id, handle)
    except Refusal as refusal:
        say(refusal.sentence)
        return back_to("events.team", slug=slug)
    say(f"{name} is off the team.")
    return back_to("events.organizer") if leaves else back_to("events.team", slug=slug)


def _team_page(event: Event, form: MemberForm, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "events/team.html", event=event, form=form, team=people.team_of_event(event.id),
        places=team_places(event, "team"), nav_label="Organizer", area="organizer",
    )  # fmt: skip
    return make_response(html, status)
