"""Pages of dance events for their organizers: the list, the form, the team. The public page is app.discover's."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.events import actions, queries, rules
from app.events.forms import EventForm, MemberForm, room_rows, values_of
from app.events.models import Event
from app.events.places import organizer_places, team_places
from app.lib import clock
from app.lib.refusal import Refusal
from app.people import queries as people
from app.people.viewer import me, viewer
from app.web import access
from app.web.htmx import back_to, say
from app.web.limits import limiter

bp = Blueprint("events", __name__, url_prefix="/app/organizer")


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


def _form_page(form: EventForm, event: Event | None = None, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "events/event_form.html", form=form, event=event, rows=room_rows(form.values), zones=sorted(clock.zone_names()),
        places=team_places(event, "settings") if event else organizer_places("new"),
        nav_label="Organizer", area="organizer",
    )  # fmt: skip
    return make_response(html, status)


def _team_page(event: Event, form: MemberForm, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "events/team.html", event=event, form=form, team=people.team_of_event(event.id),
        places=team_places(event, "team"), nav_label="Organizer", area="organizer",
    )  # fmt: skip
    return make_response(html, status)
