"""The notice center: what one was told, by day, whatever the phone made of it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app.lib import clock
from app.notify import actions, queries
from app.notify.models import Notice
from app.notify.routes.blueprint import WORDS, bp, places
from app.people.viewer import me
from app.web import access
from app.web.filters import day_long
from app.web.forms import whole
from app.web.htmx import back_to, say, see_other


@bp.get("/app/notices")
@access.signed_in
def notices() -> ResponseReturnValue:
    category = request.args.get("kind", "")
    if category not in WORDS:
        category = ""
    page = queries.notices_of(me().id, category, page=request.args.get("page", 1, type=whole))
    return render_template(
        "notify/notices.html", page=page, days=_by_day(page.items), category=category, words=WORDS,
        unread=queries.unread_count(me().id), preferences=queries.preferences(me().id), places=places("notices"),
        nav_label="Notices",
    )  # fmt: skip


@bp.post("/app/notices/read")
@access.signed_in
def mark_all_read() -> ResponseReturnValue:
    actions.mark_all_read(me().id)
    say("All read.")
    return back_to("notify.notices")


@bp.post("/app/notices/<notice_id>/open")
@access.signed_in
def open_notice(notice_id: str) -> ResponseReturnValue:
    """Read it, and go where it leads."""
    notice = queries.notice_of(me().id, notice_id) or abort(404)
    href = notice.href
    actions.mark_read(me().id, notice_id)
    return see_other(href)


def _by_day(items: list[Notice]) -> list[tuple[str, list[Notice]]]:
    """Notices under the day they came, each on the wall clock of its event."""
    return [(label, list(group)) for label, group in groupby(items, key=_day_label)]


def _day_label(notice: Any) -> str:
    day = clock.to_local(notice.created_at, notice.zone).date()
    passed = (clock.to_local(clock.now(), notice.zone).date() - day).days
    return {0: "Today", 1: "Yesterday"}.get(passed, day_long(day))
