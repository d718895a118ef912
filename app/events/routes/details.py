"""Pages of dance events for their organizers: the list and the form. The public page is app.discover's."""

from __future__ import annotations

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.events import actions, queries
from app.events.forms import EventForm, room_rows, values_of
from app.events.models import Event
from app.events.places import organizer_places, team_places
from app.events.routes.blueprint import bp
from app.lib import clock
from app.lib.refusal import Refusal
from app.people.viewer import me, viewer
from app.web import access
from app.web.htmx import back_to, say
from app.web.limits import limiter


@bp.get("/")
@access.signed_in
def organizer() -> ResponseReturnValue:
    """The events this person organizes, and the way to a new one."""
    return render_template(
        "events/organizer.html", events=queries.events_organized(me().id), moment=clock.now(),
        places=organizer_places("events"), nav_label="Organizer", area="organizer",
    )  # fmt: skip


@bp.get("/events/new")
@access.signed_in
def new() -> ResponseReturnValue:
    return _form_page(EventForm(initial={"day_change_hour": 6, "zone": "Europe/Budapest"}))


@bp.post("/events/new")
@access.signed_in
@limiter.limit("20 per hour")
def create() -> ResponseReturnValue:
    form = EventForm(request.form)
    if form.is_valid:
        try:
            slug = actions.create_event(form.clean, me())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say(f"{form.clean['name']} is made. Only you see it until you publish it.")
            return back_to("maker.schedule", slug=slug)
    return _form_page(form, status=422)


@bp.get("/events/<slug>/settings")
@access.signed_in
def settings(slug: str) -> ResponseReturnValue:
    event = queries.event_organized_by(viewer(), slug)
    return _form_page(EventForm(initial=values_of(event)), event)


@bp.post("/events/<slug>/settings")
@access.signed_in
def change(slug: str) -> ResponseReturnValue:
    event = queries.event_organized_by(viewer(), slug)
    form = EventForm(request.form)
    if form.is_valid:
        try:
            slug = actions.change_event(event.id, form.clean)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say("Saved.")
            return back_to("events.settings", slug=slug)
    return _form_page(form, queries.event_organized_by(viewer(), slug), status=422)


@bp.post("/events/<slug>/show")
@access.signed_in
def show(slug: str) -> ResponseReturnValue:
    actions.show(queries.event_organized_by(viewer(), slug).id)
    say("The public page is open.")
    return back_to("events.settings", slug=slug)


@bp.post("/events/<slug>/hide")
@access.signed_in
def hide(slug: str) -> ResponseReturnValue:
    actions.hide(queries.event_organized_by(viewer(), slug).id)
    say("Hidden. Only the team sees it now.")
    return back_to("events.settings", slug=slug)


def _form_page(form: EventForm, event: Event | None = None, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "events/event_form.html", form=form, event=event, rows=room_rows(form.values), zones=sorted(clock.zone_names()),
        places=team_places(event, "settings") if event else organizer_places("new"),
        nav_label="Organizer", area="organizer",
    )  # fmt: skip
    return make_response(html, status)
