"""Paper: door sheets, the MC's running order, the poster with the code, and what a sheet's code leads to: whether it is
still right. All open to guests, all from the newest public version. The team finds them under "Screens and paper".
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.config import settings
from app.events import queries as events
from app.events.models import Event
from app.events.places import event_places, team_places
from app.lib import clock, qr
from app.live import regions
from app.people.viewer import viewer
from app.schedule import changes, live, paper, queries
from app.schedule.changes import Change
from app.schedule.snapshot import RoomView, Schedule
from app.web import access
from app.web.forms import whole

bp = Blueprint("paper", __name__)


@bp.get("/e/<slug>/paper")
@access.public
def doors(slug: str) -> ResponseReturnValue:
    """Door sheets: all, those of a day, of a room, or one. `since` marks what changed since an older sheet."""
    event = events.event_for(viewer(), slug)
    shown = queries.public_schedule(event)
    room, day, since = _room(shown), _day(event), request.args.get("since", 0, type=whole)
    found = paper.sheets(
        shown, event.zone, event.day_change_hour, days=[day] if day else event.days,
        rooms=[room] if room else shown.rooms, changed=_changes(event, shown, since),
    )  # fmt: skip
    codes = {(sheet.room.id, sheet.day): _code(event, sheet.room.id, sheet.day) for sheet in found}
    return render_template(
        "schedule/paper/doors.html", event=event, sheets=found, codes=codes, room=room, day=day, since=since,
        version=shown.number, moment=clock.now(),
    )  # fmt: skip


@bp.get("/e/<slug>/paper/order")
@access.public
def order(slug: str) -> ResponseReturnValue:
    """The MC's running order, by time over all rooms."""
    event = events.event_for(viewer(), slug)
    shown, day = queries.public_schedule(event), _day(event)
    days = paper.running_order(shown, event.zone, event.day_change_hour, [day] if day else event.days)
    return render_template(
        "schedule/paper/order.html", event=event, days=days, day=day, version=shown.number, moment=clock.now(),
        codes={each: _code(event, None, each) for each, _groups in days},
    )  # fmt: skip


@bp.get("/e/<slug>/poster")
@access.public
def poster(slug: str) -> ResponseReturnValue:
    """One sheet for the wall: the way to the schedule. It never grows old."""
    event = events.event_for(viewer(), slug)
    address = settings().public_url + url_for("timeline.schedule", slug=slug)
    return render_template(
        "schedule/paper/poster.html", event=event, code=qr.svg(address, "Code that opens the schedule"),
        address=_shown(slug),
    )  # fmt: skip


@bp.get("/e/<slug>/v/<int:number>")
@access.public
def version(slug: str, number: int) -> ResponseReturnValue:
    """What the code on a sheet says when somebody scans it: current, or what changed since."""
    event = events.event_for(viewer(), slug)
    shown = queries.public_schedule(event)
    if not 1 <= number <= shown.number:
        abort(404)
    room, day = _room(shown, lost=True), _day(event)
    found = _changes(event, shown, number)
    here = paper.about(found, request.args.get("room"), day, event.zone, event.day_change_hour)
    return render_template(
        "schedule/paper/version.html", event=event, number=number, newest=shown.number, room=room, day=day, here=here,
        elsewhere=len(found) - len(here), moment=clock.now(), places=event_places(event, viewer(), "schedule"),
    )  # fmt: skip


@bp.get("/app/organizer/events/<slug>/screens")
@access.signed_in
def screens(slug: str) -> ResponseReturnValue:
    """Everything that shows the schedule without a phone: links, and how many screens are on."""
    topic = live.staff_topic(slug)
    position = regions.position(topic)
    event = events.event_organized_by(viewer(), slug)
    shown = queries.public_schedule(event)
    sheets = paper.sheets(shown, event.zone, event.day_change_hour, days=event.days, rooms=shown.rooms)
    return render_template(
        "schedule/paper/screens.html", event=event, version=shown.number, rooms=shown.rooms,
        planned={(sheet.room.id, sheet.day) for sheet in sheets}, regions={"screens-on": live.screens_on_html(event)},
        places=team_places(event, "screens"), nav_label="Organizer", area="organizer", live={topic: position},
    )  # fmt: skip


def _changes(event: Event, shown: Schedule, since: int) -> list[Change]:
    return changes.between(queries.version_of(event, since), shown) if 0 < since < shown.number else []


def _room(shown: Schedule, *, lost: bool = False) -> RoomView | None:
    """The room asked for. One that is not there is nothing, or (lost) a room that was there when the sheet was made."""
    asked = request.args.get("room")
    found = next((room for room in shown.rooms if room.id == asked), None)
    if asked and found is None and not lost:
        abort(404)
    return found


def _day(event: Event) -> date | None:
    """The day asked for. Nonsense, and days that the event does not have, are nothing."""
    asked = request.args.get("day")
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        abort(404)
    return day if day in event.days else abort(404)


def _code(event: Event, room_id: str | None, day: date) -> str:
    address = url_for("paper.version", slug=event.slug, number=max(event.schedule_version, 1), room=room_id, day=day)
    return qr.svg(settings().public_url + address, "Code that says whether this sheet is still right")


def _shown(slug: str) -> str:
    """The address as one would type it."""
    return f"{urlsplit(settings().public_url).netloc}{url_for('discover.event_page', slug=slug)}"
