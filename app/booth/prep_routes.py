"""The page where a DJ prepares a gig: playlists meant for it, what was played there before, tempo curves."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from app.booth import prep
from app.booth.actions import prep as actions
from app.events.places import dj_places
from app.gigs.models import Gig
from app.people.viewer import me
from app.web import access
from app.web.htmx import back_to, say

bp = Blueprint("prep", __name__)


def _gig(gig_id: str) -> Gig:
    return prep.own_gig(me().id, gig_id) or abort(404)


@bp.get("/app/dj/gigs/<gig_id>/prepare")
@access.signed_in
def page(gig_id: str) -> ResponseReturnValue:
    gig = _gig(gig_id)
    return render_template(
        "booth/prep.html", gig=gig, lists=prep.lists_of(gig), others=prep.other_playlists(gig), area="dj",
        nav_label="DJ", places=dj_places("gigs"),
    )  # fmt: skip


@bp.post("/app/dj/gigs/<gig_id>/prepare")
@access.signed_in
def link(gig_id: str) -> ResponseReturnValue:
    """Mean a playlist for the gig, or no more."""
    gig = _gig(gig_id)
    on = request.form.get("on") == "1"
    if not actions.link(me().id, gig.id, request.form.get("playlist", ""), on=on):
        say("That playlist is not there any more.")
    return back_to("prep.page", gig_id=gig_id)
