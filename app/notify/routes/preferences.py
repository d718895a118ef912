"""What reaches me, and how: category by channel, lead time, quiet hours, the most in an hour."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.notify import actions, queries
from app.notify.forms import PreferencesForm, kept
from app.notify.routes.blueprint import WORDS, bp, places
from app.people.viewer import me, viewer
from app.web import access
from app.web.htmx import back_to, say

CHANNEL_WORDS = {"push": "Push", "mail": "Mail", "in_app": "App"}


def _page(form: PreferencesForm, status: int = 200) -> ResponseReturnValue:
    return render_template(
        "notify/preferences.html", form=form, words=WORDS, channels=CHANNEL_WORDS,
        phones=len(queries.subscriptions_held(viewer())), places=places("choose"), nav_label="Notices",
    ), status  # fmt: skip


@bp.get("/account/notices")
@access.signed_in
def preferences() -> ResponseReturnValue:
    return _page(kept(queries.preferences(me().id)))


@bp.post("/account/notices")
@access.signed_in
def choose() -> ResponseReturnValue:
    form = PreferencesForm(request.form)
    if not form.is_valid:
        return _page(form, 422)
    actions.choose(me().id, form.choices, **form.settings)
    say("Saved. It holds from now on.")
    return back_to("notify.preferences")
