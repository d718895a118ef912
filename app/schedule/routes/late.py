"""Running late: preview what a shift does, apply it, or say "started now". Organizers of the event only."""

from __future__ import annotations

from datetime import UTC, timedelta

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.events import audience
from app.events import queries as events
from app.events.models import Event
from app.events.places import team_places
from app.lib.refusal import Refusal
from app.lib.text import clean_line
from app.people.viewer import me, viewer
from app.schedule import actions, queries, snapshot, telling
from app.schedule.delays import Plan
from app.schedule.models import Slot
from app.web import access
from app.web.forms import whole
from app.web.htmx import back_to, is_htmx, say, see_other

bp = Blueprint("late", __name__, url_prefix="/app/organizer/events/<slug>/slots/<slot_id>")
OFFERED_MINUTES = (5, 10, 15)


@bp.get("/late")
@access.signed_in
def preview(slug: str, slot_id: str) -> ResponseReturnValue:
    """What would happen, before anything does."""
    event = events.event_organized_by(viewer(), slug)
    return _page(event, queries.slot_of(event, slot_id), request.args.get("minutes", "15"))


@bp.post("/late")
@access.signed_in
def apply(slug: str, slot_id: str) -> ResponseReturnValue:
    event = events.event_organized_by(viewer(), slug)
    slot = queries.slot_of(event, slot_id)
    minutes = _minutes(request.form.get("minutes", ""))
    words = clean_line(request.form.get("message", "")) or _sentence(event, slot, minutes)
    tell = words[: telling.LIMIT] if request.form.get("tell") else ""
    try:
        edit = actions.shift_from(
            event.id, slot_id, minutes, actor=me(), tell=tell,
            expected_revision=request.form.get("revision", -1, type=whole),
        )  # fmt: skip
    except Refusal as refusal:
        event = events.event_organized_by(viewer(), slug)
        slot = queries.slot_of(event, slot_id)
        return _page(event, slot, request.form.get("minutes", ""), refusal, request.form.get("message"))
    return _done(slug, edit)


@bp.post("/started")
@access.signed_in
def started(slug: str, slot_id: str) -> ResponseReturnValue:
    """It begins this minute, whatever the plan said: the truth for those behind it."""
    event = events.event_organized_by(viewer(), slug)
    slot = queries.slot_of(event, slot_id)
    minutes = actions.minutes_until_now(slot)
    if minutes == 0:
        say(f"{slot.title} starts on time.")
        return back_to("dashboard.now", slug=slug)
    try:
        edit = actions.shift_from(event.id, slot_id, minutes, expected_revision=event.revision, actor=me())
    except Refusal as refusal:
        say(refusal.sentence)
        return see_other(url_for("late.preview", slug=slug, slot_id=slot_id, minutes=minutes))
    return _done(slug, edit)


def _done(slug: str, edit: actions.Edit) -> ResponseReturnValue:
    say(edit.sentence, undo=url_for("maker.undo", slug=slug, batch=edit.batch))
    return back_to("maker.schedule", slug=slug)


def _page(
    event: Event, slot: Slot, typed: str, refusal: Refusal | None = None, message: str | None = None
) -> ResponseReturnValue:
    """The preview, whole or as the sheet. Bad minutes come back with a sentence and no plan."""
    slots = [other for other in queries.slots_of(event.id) if not other.is_cancelled]
    made, minutes = None, _minutes(typed)
    try:
        made = actions.plan_for(event, slots, slot.public_id, minutes)
    except Refusal as problem:
        refusal = refusal or problem
    html = render_template(
        "schedule/maker/_late.html" if is_htmx() else "schedule/maker/late.html",
        event=event, slot=slot, plan=made, minutes=minutes, typed=typed, offered=OFFERED_MINUTES, refusal=refusal,
        message=message if message is not None else _sentence(event, slot, minutes),
        reach=_reach(event, slot, made), rooms={room.public_id: room.name for room in event.rooms},
        blocked=bool(made and made.room_conflicts), places=team_places(event, "schedule"),
        nav_label="Organizer", area="organizer",
    )  # fmt: skip
    return make_response(html, refusal.status if refusal else 200)


def _minutes(typed: str) -> int:
    try:
        return max(-10_000, min(10_000, int(typed)))
    except ValueError:
        return 0


def _sentence(event: Event, slot: Slot, minutes: int) -> str:
    """What people would be told, prefilled: old time, new time."""
    before = snapshot.state_of(slot)
    span = timedelta(minutes=minutes)
    after = before | {
        name: (getattr(slot, name) + span).astimezone(UTC).isoformat() for name in ("starts_at", "ends_at")
    }
    return telling.sentence(before, after, event.zone, {})


def _reach(event: Event, slot: Slot, made: Plan | None) -> audience.Reach:
    """Who starred any slot that would move."""
    moved = [effect.before.id for effect in made.changes] if made else [slot.public_id]
    return audience.reach(event.id, "starred", moved, is_change=True)
