"""Pages of studios: the public page, opening one, its profile and its teachers. `/app/studio` itself is app.discover's,
because it also reads the schedule.
"""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.lib import clock
from app.lib.refusal import Refusal
from app.people.viewer import me, viewer
from app.studios import actions, queries
from app.studios.forms import StudioForm, TeacherForm, values_of
from app.studios.models import Studio
from app.studios.places import studio_places
from app.web import access
from app.web.htmx import back_to, say
from app.web.limits import limiter

bp = Blueprint("studios", __name__)


@bp.get("/s/<studio_slug>")
@access.public
def page(studio_slug: str) -> ResponseReturnValue:
    studio = queries.studio_by_slug(studio_slug)
    return render_template("studios/page.html", studio=studio, teachers=queries.teachers_of(studio))


@bp.get("/app/studio/new")
@access.signed_in
def new() -> ResponseReturnValue:
    return _form_page(StudioForm(initial={"zone": "Europe/Budapest", "city": me().city}))


@bp.post("/app/studio/new")
@access.signed_in
@limiter.limit("10 per hour")
def open_studio() -> ResponseReturnValue:
    form = StudioForm(request.form)
    if form.is_valid:
        try:
            studio_slug = actions.open_studio(form.clean, me())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say(f"{form.clean['name']} is open. Now say who teaches there.")
            return back_to("studios.team", studio_slug=studio_slug)
    return _form_page(form, status=422)


@bp.get("/app/studio/<studio_slug>/settings")
@access.signed_in
def settings(studio_slug: str) -> ResponseReturnValue:
    studio = queries.studio_run_by(viewer(), studio_slug)
    return _form_page(StudioForm(initial=values_of(studio)), studio)


@bp.post("/app/studio/<studio_slug>/settings")
@access.signed_in
def change(studio_slug: str) -> ResponseReturnValue:
    studio = queries.studio_run_by(viewer(), studio_slug)
    form = StudioForm(request.form)
    if form.is_valid:
        try:
            studio_slug = actions.change_studio(studio.slug, form.clean)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say("Saved.")
            return back_to("studios.settings", studio_slug=studio_slug)
    return _form_page(form, queries.studio_run_by(viewer(), studio_slug), status=422)


@bp.get("/app/studio/<studio_slug>/team")
@access.signed_in
def team(studio_slug: str) -> ResponseReturnValue:
    return _team_page(queries.studio_run_by(viewer(), studio_slug), TeacherForm())


@bp.post("/app/studio/<studio_slug>/team")
@access.signed_in
@limiter.limit("30 per hour")
def add_teacher(studio_slug: str) -> ResponseReturnValue:
    studio = queries.studio_run_by(viewer(), studio_slug)
    form = TeacherForm(request.form)
    if form.is_valid:
        try:
            name = actions.add_teacher(studio.slug, form.clean["who"], me())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say(f"{name} teaches here now.")
            return back_to("studios.team", studio_slug=studio_slug)
    return _team_page(queries.studio_run_by(viewer(), studio_slug), form, status=422)


@bp.post("/app/studio/<studio_slug>/leave")
@access.signed_in
def leave(studio_slug: str) -> ResponseReturnValue:
    """A teacher takes their own name off; nobody stands on a public page against their will."""
    studio = queries.studio_taught_at_by(viewer(), studio_slug)
    actions.remove_teacher(studio.slug, me().handle)
    say(f"You do not teach at {studio.name} any more.")
    return back_to("discover.studio")


@bp.post("/app/studio/<studio_slug>/team/<handle>/remove")
@access.signed_in
def remove_teacher(studio_slug: str, handle: str) -> ResponseReturnValue:
    studio = queries.studio_run_by(viewer(), studio_slug)
    try:
        name = actions.remove_teacher(studio.slug, handle)
    except Refusal as refusal:
        say(refusal.sentence)
    else:
        say(f"{name} does not teach here any more.")
    return back_to("studios.team", studio_slug=studio_slug)


def _form_page(form: StudioForm, studio: Studio | None = None, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "studios/studio_form.html", form=form, studio=studio, zones=sorted(clock.zone_names()),
        places=studio_places(studio, "settings" if studio else "new"), nav_label="Studio", area="studio",
    )  # fmt: skip
    return make_response(html, status)


def _team_page(studio: Studio, form: TeacherForm, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "studios/team.html", studio=studio, form=form, teachers=queries.teachers_of(studio),
        places=studio_places(studio, "team"), nav_label="Studio", area="studio",
    )  # fmt: skip
    return make_response(html, status)
