"""The hall screen `/e/<slug>/screen`: now and next per room, unattended for days. Open to guests: a television signs in
nowhere. Whatever goes wrong, its browser is told to try again by itself.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.config import settings
from app.events import queries as events
from app.lib import clock, qr, tokens
from app.live import regions
from app.people.viewer import viewer
from app.schedule import live
from app.web import access
from app.web.forms import whole

bp = Blueprint("hall", __name__)
RETRY_SECONDS = 30
MADE_OF = ("css/app.css", "css/screen.css", "js/live.js", "js/screen.js", "icons/sprite.svg")


@bp.after_request
def come_back(response: Response) -> Response:
    """Nobody stands at a screen to press "again": an error page loads itself anew."""
    if response.status_code >= 400:
        response.headers["Refresh"] = str(RETRY_SECONDS)
    return response


@bp.get("/e/<slug>/screen")
@access.public
def screen(slug: str) -> ResponseReturnValue:
    """All rooms, a few per page, or one of them (`?room=`)."""
    topic = live.screen_topic(slug)
    position = regions.position(topic)  # before the state is read
    event = events.event_for(viewer(), slug)
    rows = live.hall_rows(event)
    if room_id := request.args.get("room"):
        rows = [row for row in rows if row.room.id == room_id] or abort(404)
    only = rows[0].room if room_id else None
    pages = 1 if only else max((row.page for row in rows), default=1)
    address = settings().public_url + url_for("timeline.schedule", slug=slug, room=only.id if only else None)
    return render_template(
        "schedule/hall/screen.html", event=event, rows=rows, regions=live.screen_regions(event), only=only,
        page=min(max(request.args.get("page", 1, type=whole), 1), pages), pages=pages, moment=clock.now(),
        code=qr.svg(address, "Code that opens the schedule"), address=_shown(slug), build=_build(),
        live={topic: position},
    )  # fmt: skip


def _shown(slug: str) -> str:
    """The address as one would type it."""
    parts = urlsplit(settings().public_url)
    return f"{parts.netloc}{url_for('discover.event_page', slug=slug)}"


def _build() -> str:
    """What this page is made of: another build makes open screens load anew."""
    assets = current_app.extensions["assets"]
    return tokens.digest(" ".join(assets.url(path) for path in MADE_OF))[:12]
