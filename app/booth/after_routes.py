"""After a set: figures, the review with a history file, sharing, publishing. Its DJ's own but for what is shared."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.booth.actions import publishing, reviews
from app.booth.after import figures, review
from app.events.places import dj_places
from app.floor import queries
from app.floor.models import DjSet
from app.lib import clock
from app.lib.refusal import Refusal
from app.people.viewer import viewer
from app.web import access
from app.web.forms import Form
from app.web.htmx import back_to, say
from app.web.limits import limiter

bp = Blueprint("after", __name__)


class PublishForm(Form):
    """What a published list is called, and a word about it."""

    def read(self) -> None:
        self.clean["name"] = self.line("name", "The name", limit=120)
        self.clean["about"] = self.block("about", "The text", limit=1000)


def _own(set_id: str) -> DjSet:
    return queries.own_set(viewer(), set_id)


@bp.get("/app/dj/sets/<set_id>")
@access.signed_in
def page(set_id: str) -> ResponseReturnValue:
    """Everything about one set, for its DJ."""
    dj_set = _own(set_id)
    return _page(dj_set, PublishForm(initial={"name": dj_set.title}))


def _page(dj_set: DjSet, form: Form, status: int = 200) -> ResponseReturnValue:
    return render_template(
        "booth/after/set.html", dj_set=dj_set, figures=figures.of(dj_set, clock.now()), form=form,
        playlist=review.published(dj_set), parts=figures.PARTS, area="dj", nav_label="DJ", places=dj_places("booth"),
    ), status  # fmt: skip


@bp.post("/app/dj/sets/<set_id>/share")
@access.signed_in
def share(set_id: str) -> ResponseReturnValue:
    dj_set = _own(set_id)
    publishing.share(dj_set.id, request.form.getlist("part"))
    shared = bool(request.form.getlist("part"))
    say("Whoever has the address sees what you ticked." if shared else "Nobody but you sees these figures.")
    return back_to("after.page", set_id=set_id, _anchor="share")


@bp.post("/app/dj/sets/<set_id>/publish")
@access.signed_in
def publish(set_id: str) -> ResponseReturnValue:
    dj_set = _own(set_id)
    form = PublishForm(request.form)
    if not form.is_valid:
        return _page(dj_set, form, 422)
    try:
        publishing.publish(dj_set.id, form.clean["name"], form.clean["about"])
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(_own(set_id), form, refusal.status)
    undo = url_for("after.unpublish", set_id=set_id)
    say("Published. Your followers hear of it in ten minutes.", undo=undo)
    return back_to("after.page", set_id=set_id, _anchor="publish")


@bp.post("/app/dj/sets/<set_id>/unpublish")
@access.signed_in
def unpublish(set_id: str) -> ResponseReturnValue:
    publishing.unpublish(_own(set_id).id)
    say("The list is not public any more.")
    return back_to("after.page", set_id=set_id, _anchor="publish")


@bp.get("/sets/<set_id>")
@access.public
def shared(set_id: str) -> ResponseReturnValue:
    """What the DJ shares of a set; nothing shared is nothing here."""
    dj_set = review.set_of(set_id)
    if dj_set is None or not dj_set.is_over or not dj_set.shared_parts or not queries.open_to(viewer(), dj_set):
        abort(404)
    return render_template(
        "booth/after/shared.html", dj_set=dj_set, figures=figures.of(dj_set, clock.now()), parts=dj_set.shared_parts
    )


# ---- the review ----


@bp.get("/app/dj/sets/<set_id>/review")
@access.signed_in
@limiter.limit("60 per minute")
def look(set_id: str) -> ResponseReturnValue:
    """Without a file: which ones there are. With one: both lists, lined up."""
    dj_set = _own(set_id)
    found = request.args.get("file", "")
    run = review.run_of(dj_set, found) if found else None
    if found and run is None:
        abort(404)
    try:
        lines = review.lines(dj_set, run) if run else []
    except Refusal as refusal:
        say(refusal.sentence)
        return back_to("after.look", set_id=set_id)
    return render_template(
        "booth/after/review.html", dj_set=dj_set, run=run, lines=lines, stretches=review.stretches(lines),
        taken=review.is_taken_by_default,
        candidates=[] if run else review.candidates(dj_set), last=review.last_review(dj_set.id),
        area="dj", nav_label="DJ", places=dj_places("booth"),
    )  # fmt: skip


@bp.post("/app/dj/sets/<set_id>/review")
@access.signed_in
def take(set_id: str) -> ResponseReturnValue:
    """Take the ticked lines over."""
    dj_set = _own(set_id)
    run = review.run_of(dj_set, request.form.get("file", "")) or abort(404)
    run_id = run.public_id
    try:
        changed = reviews.apply(dj_set.id, run.id, set(request.form.getlist("take")))
    except Refusal as refusal:
        say(refusal.sentence)
        return back_to("after.look", set_id=set_id)
    if not changed:
        say("Nothing was ticked, so nothing changed.")
        return back_to("after.look", set_id=set_id, file=run_id)
    say(f"{changed} line{'s' * (changed != 1)} of your list changed.", undo=url_for("after.undo", set_id=set_id))
    return back_to("after.page", set_id=set_id)


@bp.post("/app/dj/sets/<set_id>/review/undo")
@access.signed_in
def undo(set_id: str) -> ResponseReturnValue:
    """The list as it was before the last review."""
    try:
        reviews.undo(_own(set_id).id)
    except Refusal as refusal:
        say(refusal.sentence)
    else:
        say("The list is as it was before the review.")
    return back_to("after.page", set_id=set_id)
