"""What changed: since this viewer last looked, and per published version for everybody. Open to guests."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.events import queries as events
from app.events.models import Event
from app.events.places import event_places
from app.lib import clock
from app.live import regions
from app.people.viewer import viewer
from app.schedule import actions, changes, live, queries, snapshot
from app.schedule.models import ScheduleVersion
from app.waiting.limits import for_a_hall
from app.web import access
from app.web.forms import whole

bp = Blueprint("changes", __name__)
PAGE = 12


@bp.get("/e/<slug>/changes")
@access.public
def since(slug: str) -> ResponseReturnValue:
    """The changes since a version (by default the one seen last), and the versions one by one."""
    topic = live.public_topic(slug)
    position = regions.position(topic)
    event = events.event_for(viewer(), slug)
    look = queries.last_look(viewer(), event.id)
    seen = request.args.get("since", look.version if look else 0, type=whole)
    shown = queries.public_schedule(event)
    newest = min(request.args.get("before", event.schedule_version + 1, type=whole) - 1, event.schedule_version)
    return render_template(
        "schedule/changes.html", event=event, seen=seen, look=look, moment=clock.now(),
        news=changes.between(queries.version_of(event, seen), shown) if 0 < seen < shown.number else [],
        steps=_steps(event, newest), newest=newest, older=newest - PAGE if newest > PAGE else None,
        asof_html=live.asof_html(event), places=event_places(event, viewer(), "schedule"), live={topic: position},
    )  # fmt: skip


@bp.post("/e/<slug>/looked")
@access.public
@for_a_hall
def looked(slug: str) -> ResponseReturnValue:
    """The page was on a screen, at this version."""
    event = events.event_for(viewer(), slug)
    actions.looked(viewer(), event, request.form.get("version", 0, type=whole))
    return Response(status=204)


def _steps(event: Event, newest: int) -> list[tuple[ScheduleVersion, list[changes.Change]]]:
    """(version, what it changed) from the newest downwards; the very first one is listed without its slots."""
    rows = queries.versions_of(event, newest, PAGE + 1)
    shown = [snapshot.read(row.number, row.content) for row in rows]
    earlier = [*shown[1:], None][: len(shown)]
    pairs = list(zip(rows, shown, earlier, strict=True))[:PAGE]
    return [(row, changes.between(before, now) if before else []) for row, now, before in pairs]
