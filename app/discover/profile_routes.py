"""A DJ's public page /dj/<name>, what it links to, and the form behind it. Works without account and scripts."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.discover import actions, profile, share_card
from app.discover import profile_queries as queries
from app.discover.forms import LINKS_MAX, DjProfileForm
from app.events.places import dj_places
from app.lib import clock, tokens
from app.people import devices
from app.people.models import Person
from app.people.queries import photo
from app.people.viewer import me, viewer
from app.waiting.limits import for_a_hall
from app.web import access
from app.web.htmx import back_to, say, see_other
from app.web.limits import limiter

bp = Blueprint("profiles", __name__)


def _dj(name: str) -> Person:
    """The DJ of this address, or 404."""
    return queries.dj_by_handle(name) or abort(404)


@bp.get("/dj/<name>")
@access.public
def page(name: str) -> ResponseReturnValue:
    dj = _dj(name)
    return render_template(
        "profiles/page.html", dj=dj, shown=profile.of(dj, clock.now()), follows=queries.follows_dj(viewer(), dj.id),
        is_mine=viewer().person is not None and me().id == dj.id, moment=clock.now(),
    )  # fmt: skip


@bp.get("/dj/<name>/played")
@access.public
def played(name: str) -> ResponseReturnValue:
    """The list behind the figure "14 events in 2026"."""
    dj = _dj(name)
    if not queries.profile_of(dj.id).shows_stats:
        abort(404)
    years = profile.by_year(queries.played_gigs(dj.id, clock.now()))
    return render_template("profiles/played.html", dj=dj, years=years)


@bp.get("/dj/<name>/playlists/<list_id>")
@access.public
def playlist(name: str, list_id: str) -> ResponseReturnValue:
    dj = _dj(name)
    found = queries.public_playlist(dj.id, list_id) or abort(404)
    return render_template("profiles/playlist.html", dj=dj, playlist=found)


@bp.get("/dj/<name>/card.png")
@access.public
@limiter.limit("60 per minute")
def card(name: str) -> ResponseReturnValue:
    """What a link to the page shows in a chat. The same bytes until the page says something else."""
    dj = _dj(name)
    shown = profile.of(dj, clock.now())
    image = share_card.kept(profile.card_of(dj, shown, photo(dj.photo_token) if dj.photo_token else None))
    response = Response(image, mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    return response.make_conditional(request)


@bp.post("/dj/<name>/follow")
@access.public
@for_a_hall
def follow(name: str) -> ResponseReturnValue:
    """One tap, and one to stop."""
    dj = _dj(name)
    on = request.form.get("on") == "1"
    needs_device = on and not viewer().is_signed_in and viewer().device is None
    token = tokens.secret_token() if needs_device else None
    actions.follow_dj(viewer(), dj.id, on=on, device_token=token)
    say(f"You hear of {dj.name}’s new playlists." if on else f"You do not follow {dj.name} any more.")
    response = make_response(see_other(url_for("profiles.page", name=dj.handle)))
    if token:
        devices.remember(response, token)
    return response


# ---- one's own ----


@bp.get("/app/dj/profile")
@access.signed_in
def edit() -> ResponseReturnValue:
    return _edit_page(DjProfileForm(initial=profile.form_values(queries.profile_of(me().id))))


@bp.post("/app/dj/profile")
@access.signed_in
def save() -> ResponseReturnValue:
    if not viewer().has("dj"):
        abort(404)
    form = DjProfileForm(request.form)
    if not form.is_valid:
        return _edit_page(form, 422)
    actions.save_profile(me().id, form.clean)
    say("Your public page is saved.")
    return back_to("profiles.edit")


def _edit_page(form: DjProfileForm, status: int = 200) -> ResponseReturnValue:
    """Only DJs have a public page; anybody else's is not there."""
    if not viewer().has("dj"):
        abort(404)
    return render_template(
        "profiles/edit.html", form=form, links=range(LINKS_MAX), area="dj", nav_label="DJ",
        followers=queries.count_followers(me().id),
        places=dj_places("page"),
    ), status  # fmt: skip
