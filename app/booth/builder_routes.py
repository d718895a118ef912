"""The set builder's page: wishes in, a suggestion out, songs to keep, another one, and the way into a playlist."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from app.booth import builder
from app.booth.actions import drafts
from app.booth.models import SetDraft
from app.events.places import dj_places
from app.lib.refusal import Refusal
from app.people.viewer import me, viewer
from app.web import access
from app.web.forms import Form
from app.web.htmx import back_to, is_htmx, say
from app.web.limits import limiter

bp = Blueprint("builder", __name__)


def _only_djs() -> None:
    if not viewer().has("dj"):
        abort(404)


def _draft(draft_id: str) -> SetDraft:
    _only_djs()
    return builder.draft_of(me().id, draft_id) or abort(404)


@bp.get("/app/dj/builder")
@access.signed_in
def new() -> ResponseReturnValue:
    """What is asked: the last wishes, or sensible ones."""
    _only_djs()
    initial = builder.DEFAULTS | {"playlist": request.args.get("playlist", "")}
    return _page(builder.WishesForm(initial=initial))


@bp.post("/app/dj/builder")
@access.signed_in
@limiter.limit("10 per minute")
def ask() -> ResponseReturnValue:
    _only_djs()
    form = builder.WishesForm(request.form)
    if not form.is_valid:
        return _page(form, status=422)
    return back_to("builder.draft", draft_id=drafts.ask(me().id, form.clean))


@bp.get("/app/dj/builder/<draft_id>")
@access.signed_in
def draft(draft_id: str) -> ResponseReturnValue:
    """The suggestion, or that it is being made: then the page asks again by itself."""
    found = _draft(draft_id)
    if is_htmx():
        return render_template("booth/builder/_found.html", draft=found, found=builder.found_of(found))
    return _page(builder.WishesForm(initial=found.wishes), found)


@bp.post("/app/dj/builder/<draft_id>/keep")
@access.signed_in
def keep(draft_id: str) -> ResponseReturnValue:
    """The suggestion as a playlist."""
    found = _draft(draft_id)
    name = " ".join(request.form.get("name", "").split())[:120] or f"Suggestion of {found.created_at:%d %B}"
    try:
        playlist = drafts.keep(me().id, draft_id, name)
    except Refusal as refusal:
        say(refusal.sentence)
        return back_to("builder.draft", draft_id=draft_id)
    say(f"Kept as the playlist “{name}”.")
    return back_to("playlists.show", list_id=playlist)


def _page(form: Form, draft: SetDraft | None = None, status: int = 200) -> ResponseReturnValue:
    person_id = me().id
    return render_template(
        "booth/builder/builder.html", form=form, draft=draft, found=builder.found_of(draft) if draft else None,
        playlists=[(one.public_id, one.name) for one in builder.playlists_of(person_id)],
        events=[(one.slug, one.name) for one in builder.events_of(person_id)],
        drafts=builder.newest_drafts(person_id), area="dj", nav_label="DJ", places=dj_places("crate"),
        has_music=builder.has_music(person_id),
    ), status  # fmt: skip
