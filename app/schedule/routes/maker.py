"""The schedule maker: the grid's page and feed, the slot form, moves, undo, publishing. Organizers of the event only.

The grid's script asks for JSON (Accept: application/json), dialogs ask by htmx, and without JavaScript every one of
these is a plain form that answers 303.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.events import queries as events
from app.events.models import Event
from app.events.places import team_places
from app.lib import clock
from app.lib.refusal import Refusal
from app.live import regions
from app.people.viewer import viewer
from app.schedule import actions, live, log, queries, rules
from app.schedule.forms import MoveForm, SlotForm, fresh_values, values_of
from app.schedule.models import FLEXIBILITIES, KINDS, Slot
from app.schedule.routes import tell
from app.web import access
from app.web.forms import whole
from app.web.htmx import back_to, is_htmx, say, see_other

bp = Blueprint("maker", __name__, url_prefix="/app/organizer/events/<slug>")
LOG_PAGE = 40


@bp.get("/schedule")
@access.signed_in
def schedule(slug: str) -> ResponseReturnValue:
    topics = [live.staff_topic(slug)]
    positions = {topic: regions.position(topic) for topic in topics}
    event = _event(slug)
    day, slots = _day(event), queries.slots_of(event.id)
    feed = _feed(event, slots)
    changes = log.entries(event, queries.changes_of(event.id, limit=8))
    view = "week" if request.args.get("view") == "week" else "day"
    return render_template(
        "schedule/maker/maker.html", event=event, places=team_places(event, "schedule"), nav_label="Organizer",
        area="organizer", days=_day_tabs(event, slots, day), view=view, day=day,
        rooms=[_room_json(room) for room in event.rooms], feed=feed, urls=_urls(event),
        slots=[s for s in feed["slots"] if s["day"] == day.isoformat()], mode=event.schedule_mode,
        version=event.schedule_version, has_draft=event.has_draft, draft_edits=queries.draft_edits(event),
        last_change=next((entry for entry in changes if entry.can_undo), None), entries=changes,
        zone=event.zone, slug=slug, publish_preview=_publish_preview(event, slots), live=positions,
        change_hour=event.day_change_hour,
    )  # fmt: skip


@bp.get("/schedule/slots.json")
@access.signed_in
def feed(slug: str) -> ResponseReturnValue:
    event = _event(slug)
    return jsonify(_feed(event, queries.slots_of(event.id)))


@bp.post("/slots/<slot_id>/move")
@access.signed_in
def move(slug: str, slot_id: str) -> ResponseReturnValue:
    event = _event(slug)
    form = MoveForm(event, request.form)
    if form.errors:
        return _move_refused(event, slot_id, "times", next(iter(form.errors.values())), 422)
    try:
        edit = actions.move_slot(
            event.id, slot_id, room=form.clean["room"], starts_at=form.clean["starts_at"],
            ends_at=form.clean["ends_at"], expected_version=form.clean["version"], actor=viewer().person,
        )  # fmt: skip
    except Refusal as refusal:
        reasons = {rules.RoomTaken: "taken", rules.ChangedMeanwhile: "stale", rules.BadTimes: "times"}
        return _move_refused(event, slot_id, reasons.get(type(refusal), "refused"), refusal.sentence, refusal.status)
    return _done(event, edit)


@bp.get("/slots/new")
@access.signed_in
def new_slot(slug: str) -> ResponseReturnValue:
    event = _event(slug)
    asked = request.args.get
    initial = fresh_values(event, asked("day", ""), asked("start", ""), asked("room", ""), asked("end", ""))
    return _form_page(event, SlotForm(event, initial=initial))


@bp.post("/slots/new")
@access.signed_in
def add_slot(slug: str) -> ResponseReturnValue:
    event = _event(slug)
    form = SlotForm(event, request.form)
    if form.is_valid:
        try:
            return _done(event, actions.add_slot(event.id, form.slot_values, viewer().person))
        except Refusal as refusal:
            form.refuse(refusal)
    return _form_page(_event(slug), form, status=422)


@bp.get("/slots/<slot_id>")
@access.signed_in
def slot(slug: str, slot_id: str) -> ResponseReturnValue:
    event = _event(slug)
    found = queries.slot_of(event, slot_id)
    return _form_page(event, SlotForm(event, initial=values_of(found, event)), found)


@bp.post("/slots/<slot_id>")
@access.signed_in
def edit_slot(slug: str, slot_id: str) -> ResponseReturnValue:
    event = _event(slug)
    queries.slot_of(event, slot_id)
    form = SlotForm(event, request.form)
    status = 422
    if form.is_valid:
        try:
            version = form.clean["version"] or 0
            return _done(event, actions.edit_slot(event.id, slot_id, form.slot_values, version, viewer().person))
        except rules.ChangedMeanwhile as refusal:
            form.refuse(refusal)
            status = 409
        except Refusal as refusal:
            form.refuse(refusal)
    event = _event(slug)
    return _form_page(event, form, queries.slot_of(event, slot_id), status=status)


@bp.post("/slots/<slot_id>/cancel")
@access.signed_in
def cancel(slug: str, slot_id: str) -> ResponseReturnValue:
    return _slot_verb(slug, slot_id, actions.cancel_slot)


@bp.post("/slots/<slot_id>/restore")
@access.signed_in
def restore(slug: str, slot_id: str) -> ResponseReturnValue:
    return _slot_verb(slug, slot_id, actions.restore_slot)


@bp.post("/slots/<slot_id>/delete")
@access.signed_in
def delete(slug: str, slot_id: str) -> ResponseReturnValue:
    return _slot_verb(slug, slot_id, actions.delete_slot)


@bp.post("/undo")
@access.signed_in
def undo(slug: str) -> ResponseReturnValue:
    """Take back the batch named, or the newest edit that still can be."""
    event = _event(slug)
    newest = queries.last_undoable(event.id)
    batch = request.values.get("batch") or (newest.batch if newest else "")
    try:
        edit = actions.undo(event.id, batch, viewer().person)
    except Refusal as refusal:
        return _refused(event, refusal)
    if _wants_json():
        return jsonify(sentence=edit.sentence, version=edit.version)
    say(edit.sentence)
    return _back(slug)


@bp.post("/publish")
@access.signed_in
def publish(slug: str) -> ResponseReturnValue:
    event = _event(slug)
    try:
        number = actions.publish(event.id, viewer().person, request.form.get("note", "")[:200])
    except Refusal as refusal:
        return _refused(event, refusal)
    say(f"Version {number} is public.")
    return _back(slug)


@bp.post("/mode")
@access.signed_in
def mode(slug: str) -> ResponseReturnValue:
    event = _event(slug)
    wanted = request.form.get("mode", "")
    if wanted not in {"planning", "live"}:
        abort(400)
    actions.set_mode(event.id, wanted, viewer().person)
    say("Live: each edit is public at once." if wanted == "live" else "Planning: edits wait until you publish them.")
    return _back(slug)


@bp.get("/changes")
@access.signed_in
def changes(slug: str) -> ResponseReturnValue:
    topic = live.staff_topic(slug)
    position = regions.position(topic)
    event = _event(slug)
    before = request.args.get("before", type=whole)
    found = queries.changes_of(event.id, limit=LOG_PAGE, before_id=before)
    older = found[-1].id if len(found) == LOG_PAGE else None
    return render_template(
        "schedule/maker/changes.html", event=event, entries=log.entries(event, found), older=older, zone=event.zone,
        slug=slug, places=team_places(event, "changes"), nav_label="Organizer", area="organizer",
        live=None if before else {topic: position},
    )  # fmt: skip


# ---- answers ----


def _event(slug: str) -> Event:
    return events.event_organized_by(viewer(), slug)


def _back(slug: str) -> ResponseReturnValue:
    """To the grid as it was: the same day, the same view."""
    day, view = request.form.get("day") or None, request.form.get("view") or None
    return back_to("maker.schedule", slug=slug, day=day, view=view)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _done(event: Event, edit: actions.Edit) -> ResponseReturnValue:
    undo_url = url_for("maker.undo", slug=event.slug, batch=edit.batch)
    offered = tell.offer(event, edit.slot_id)
    if _wants_json():
        slots = queries.slots_of(event.id)
        slot_json = next((_slot_json(event, s, slots) for s in slots if s.public_id == edit.slot_id), None)
        return jsonify(
            slot=slot_json, warnings=edit.warnings, sentence=edit.sentence, undo=edit.batch, version=edit.version,
            tell=offered,
        )  # fmt: skip
    if is_htmx():
        saved = {
            "sentence": edit.sentence, "undo": edit.batch, "warnings": edit.warnings, "id": edit.slot_id,
            "tell": offered,
        }  # fmt: skip
        response = Response(status=204)
        response.headers["HX-Trigger"] = json.dumps({"pika:slot-saved": saved})
        return response
    say(" ".join([edit.sentence, *edit.warnings]), undo=undo_url, tell=offered)
    return _back(event.slug)


def _slot_verb(slug: str, slot_id: str, action: Any) -> ResponseReturnValue:
    event = _event(slug)
    queries.slot_of(event, slot_id)
    try:
        return _done(event, action(event.id, slot_id, request.form.get("version", 0, type=whole), viewer().person))
    except Refusal as refusal:
        return _refused(event, refusal)


def _refused(event: Event, refusal: Refusal) -> ResponseReturnValue:
    if _wants_json():
        return jsonify(reason="refused", sentence=refusal.sentence), refusal.status
    if is_htmx():
        raise refusal
    say(refusal.sentence)
    return see_other(request.referrer if _ours(request.referrer) else url_for("maker.schedule", slug=event.slug))


def _ours(address: str | None) -> bool:
    return bool(address) and str(address).startswith(request.host_url)


def _move_refused(event: Event, slot_id: str, reason: str, sentence: str, status: int) -> ResponseReturnValue:
    if not _wants_json():
        say(sentence)
        return back_to("maker.slot", slug=event.slug, slot_id=slot_id)
    event = _event(event.slug)
    slots = queries.slots_of(event.id)
    truth = next((_slot_json(event, s, slots) for s in slots if s.public_id == slot_id), None)
    return jsonify(reason=reason, sentence=sentence, slot=truth), status if truth else 404


def _form_page(event: Event, form: SlotForm, slot: Slot | None = None, status: int = 200) -> Response:
    template = "schedule/maker/_slot_form.html" if is_htmx() else "schedule/maker/slot_page.html"
    html = render_template(
        template, event=event, form=form, slot=slot, kinds=KINDS, flexibilities=FLEXIBILITIES,
        rooms=event.rooms, days=event.days, is_stale=status == 409,
        now_values=values_of(slot, event) if slot else None,
        deletable=slot is not None and not queries.was_public(event.id, slot.public_id),
        places=team_places(event, "schedule"), nav_label="Organizer", area="organizer",
    )  # fmt: skip
    return make_response(html, status)


# ---- what the grid reads ----


def _feed(event: Event, slots: list[Slot]) -> dict[str, Any]:
    return {
        "version": event.schedule_version,
        "revision": event.revision,
        "mode": event.schedule_mode,
        "slots": [_slot_json(event, slot, slots) for slot in slots],
    }


def _slot_json(event: Event, slot: Slot, slots: list[Slot]) -> dict[str, Any]:
    """A slot with naive wall times of the venue, as the grid wants them."""
    local = lambda instant: clock.to_local(instant, event.zone).strftime("%Y-%m-%dT%H:%M")  # noqa: E731  (a local shorthand)
    return {
        "id": slot.public_id, "title": slot.title, "kind": slot.kind, "flexibility": slot.flexibility,
        "room": slot.room.public_id, "start": local(slot.starts_at), "end": local(slot.ends_at),
        "day": clock.event_day(slot.starts_at, event.zone, event.day_change_hour).isoformat(),
        "planned_start": local(slot.planned_starts_at), "level": slot.level, "version": slot.version,
        "late_minutes": clock.minutes(slot.starts_at - slot.planned_starts_at), "cancelled": slot.is_cancelled,
        "people": ", ".join(person.name for person in slot.people),
        "warnings": rules.warnings(slot, slots, event.zone),
    }  # fmt: skip


def _room_json(room: Any) -> dict[str, Any]:
    return {"id": room.public_id, "name": room.name, "note": room.note, "capacity": room.capacity}


def _day(event: Event) -> date:
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        asked = clock.event_day(clock.now(), event.zone, event.day_change_hour)
    return min(max(asked, event.starts_on), event.ends_on)


def _day_tabs(event: Event, slots: list[Slot], day: date) -> list[dict[str, Any]]:
    of_day = [clock.event_day(slot.starts_at, event.zone, event.day_change_hour) for slot in slots]
    return [
        {"date": d, "label": f"{d:%a} {d.day}", "href": url_for("maker.schedule", slug=event.slug, day=d),
         "current": d == day, "count": of_day.count(d)}
        for d in event.days
    ]  # fmt: skip


def _urls(event: Event) -> dict[str, str]:
    to = lambda endpoint, **values: url_for(f"maker.{endpoint}", slug=event.slug, **values)  # noqa: E731  (a local shorthand)
    return {
        "feed": to("feed"), "move": to("move", slot_id="SLOT"), "edit": to("slot", slot_id="SLOT"),
        "new": to("new_slot"),
        "undo": to("undo"), "publish": to("publish"), "mode": to("mode"), "changes": to("changes"),
        "public": url_for("timeline.schedule", slug=event.slug),
    }  # fmt: skip


def _publish_preview(event: Event, slots: list[Slot]) -> dict[str, int]:
    """How many slots the next version would add, move and drop, against what is public now."""
    public = queries.public_schedule(event).by_id
    drafts = {slot.public_id: slot for slot in slots}
    moved = [
        s for i, s in drafts.items()
        if i in public and (s.starts_at, s.ends_at, s.room.public_id)
        != (public[i].starts_at, public[i].ends_at, public[i].room.id)
    ]  # fmt: skip
    return {"new": len(drafts.keys() - public.keys()), "moved": len(moved), "gone": len(public.keys() - drafts.keys())}
