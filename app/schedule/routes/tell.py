"""Notify attendees: what the last edit of a slot means, prefilled, who hears it, and one button. Organizers only.

The maker offers it after a single edit; it works as a page and in the sheet.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.events import audience
from app.events import queries as events
from app.events.models import Event
from app.events.places import team_places
from app.lib.refusal import Refusal
from app.people.viewer import me, viewer
from app.schedule import actions, queries, telling
from app.schedule.forms import TellForm
from app.schedule.models import Slot, SlotChange
from app.web import access
from app.web.htmx import back_to, is_htmx, say
from app.web.limits import limiter

bp = Blueprint("tell", __name__, url_prefix="/app/organizer/events/<slug>/slots/<slot_id>/tell")


@bp.get("")
@access.signed_in
def page(slug: str, slot_id: str) -> ResponseReturnValue:
    event = events.event_organized_by(viewer(), slug)
    slot = queries.slot_of(event, slot_id)
    change = queries.last_standing_change(event.id, slot_id)
    form = TellForm(initial={"message": _sentence(event, change), "audience": "starred"})
    return _page(event, slot, change, form)


@bp.post("")
@access.signed_in
@limiter.limit("60 per hour")
def tell(slug: str, slot_id: str) -> ResponseReturnValue:
    event = events.event_organized_by(viewer(), slug)
    slot = queries.slot_of(event, slot_id)
    form, status = TellForm(request.form), 422
    if form.is_valid:
        said = form.clean
        try:
            actions.tell(event.id, slot_id, said["message"], said["batch"], said["audience"], me())
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            say("They are being told.")
            return back_to("maker.schedule", slug=slug)
    event = events.event_organized_by(viewer(), slug)
    slot = queries.slot_of(event, slot_id)
    return _page(event, slot, queries.last_standing_change(event.id, slot_id), form, status)


def offer(event: Event, slot_id: str) -> dict[str, Any] | None:
    """What a toast offers after a single edit: how many starred it, and where to tell them.

    None when nobody starred it, or nobody sees the edit yet.
    """
    if not (event.is_live and event.is_published and queries.was_public(event.id, slot_id)):
        return None
    people = audience.reach(event.id, "starred", [slot_id], is_change=True).people
    return {"people": people, "url": url_for("tell.page", slug=event.slug, slot_id=slot_id)} if people else None


def _sentence(event: Event, change: SlotChange | None) -> str:
    if change is None:
        return ""
    rooms = {room.public_id: room.name for room in event.rooms}
    return telling.sentence(change.before, change.after, event.zone, rooms)


def _page(
    event: Event, slot: Slot, change: SlotChange | None, form: TellForm, status: int = 200
) -> ResponseReturnValue:
    starred = [slot.public_id]
    html = render_template(
        "schedule/maker/_tell.html" if is_htmx() else "schedule/maker/tell.html", event=event, slot=slot,
        change=change, form=form, is_told=bool(change and queries.was_told(event.id, change.batch)),
        starred=audience.reach(event.id, "starred", starred, is_change=True),
        everybody=audience.reach(event.id, "everybody", is_change=True),
        places=team_places(event, "schedule"), nav_label="Organizer", area="organizer",
    )  # fmt: skip
    return make_response(html, status)
