"""The organizer's "Now": now and next per room, minutes off plan, what changed last, and how far it has come."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.events import queries as events
from app.events.places import team_places
from app.live import regions
from app.people.viewer import viewer
from app.schedule import live, queries
from app.web import access

bp = Blueprint("dashboard", __name__)


@bp.get("/app/organizer/events/<slug>")
@access.signed_in
def now(slug: str) -> ResponseReturnValue:
    topic = live.staff_topic(slug)
    position = regions.position(topic)
    event = events.event_organized_by(viewer(), slug)
    return render_template(
        "schedule/dashboard.html", event=event, regions=live.staff_regions(event),
        slots_count=len(queries.public_schedule(event).slots),
        places=team_places(event, "now"), nav_label="Organizer", area="organizer", live={topic: position},
    )  # fmt: skip


@bp.get("/app/organizer/events/<slug>/reach")
@access.signed_in
def reach(slug: str) -> ResponseReturnValue:
    """Which phones hold the newest version, who of the schedule does not, and what the MC may say."""
    topic = live.staff_topic(slug)
    position = regions.position(topic)
    event = events.event_organized_by(viewer(), slug)
    return render_template(
        "schedule/reach.html", event=event, regions=live.staff_regions(event), places=team_places(event, "now"),
        nav_label="Organizer", area="organizer", live={topic: position},
    )  # fmt: skip
