"""What dancers see: the timeline `/e/<slug>/schedule`, one slot, and the star. Open to guests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.events import live as events_live
from app.events import queries as events
from app.events.models import Event
from app.events.places import event_places
from app.lib import clock
from app.live import regions
from app.people import devices
from app.people.viewer import look_as_device, viewer
from app.schedule import actions, alerts, changes, live, queries, snapshot
from app.schedule.alerts import LEAD_MINUTES
from app.schedule.changes import Change
from app.schedule.models import KINDS
from app.schedule.snapshot import Schedule, SlotView
from app.waiting.limits import for_a_hall
from app.waiting.routes import once
from app.waiting.taps import new_device_token, tap_of_request
from app.web import access
from app.web.htmx import fragment, is_htmx, see_other

bp = Blueprint("timeline", __name__)
GONE = "This slot is not in the schedule any more."


@dataclass(frozen=True, slots=True)
class Row:
    """A slot on a page: the neutral html, and what only this viewer and this moment add around it."""

    slot: SlotView
    html: str
    phase: str  # past | now | next
    starred: bool
    clashes: list[SlotView]
    news: Change | None = None  # since this viewer last looked


@dataclass(frozen=True, slots=True)
class DayTab:
    """A day of the event with its number of slots."""

    day: date
    count: int
    is_shown: bool
    is_today: bool
    href: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the chips say. Empty sets mean everything."""

    kinds: frozenset[str]
    rooms: frozenset[str]
    levels: frozenset[str]
    mine: bool

    @classmethod
    def of_request(cls) -> Filters:
        many = request.args.getlist
        kinds = frozenset(many("kind")) & frozenset(KINDS)
        return cls(kinds, frozenset(many("room")), frozenset(many("level")), bool(request.args.get("mine")))

    def allow(self, slot: SlotView, starred: Collection[str]) -> bool:
        return (
            (not self.kinds or slot.kind in self.kinds)
            and (not self.rooms or slot.room.id in self.rooms)
            and (not self.levels or slot.level in self.levels)
            and (not self.mine or slot.id in starred)
        )

    @property
    def any(self) -> bool:
        return bool(self.kinds or self.rooms or self.levels or self.mine)


@bp.get("/e/<slug>/schedule")
@access.public
def schedule(slug: str) -> ResponseReturnValue:
    topic = live.public_topic(slug)
    position = regions.position(topic)  # before the state is read: what changes in between is sent again, never missed
    event = events.event_for(viewer(), slug)
    shown, filters = queries.public_schedule(event), Filters.of_request()
    moment, starred = clock.now(), queries.stars_of(viewer(), event.id)
    day, look = _day_shown(event, moment), queries.last_look(viewer(), event.id)
    news = changes.between(queries.version_of(event, look.version), shown) if look and look.version else []
    rows = _rows(event, shown, day, filters, starred, moment, {change.slot.id: change for change in news})
    return render_template(
        "schedule/timeline.html", event=event, follows=events.follows(viewer(), event.id), schedule=shown,
        day=day, tabs=_tabs(event, shown, day, moment),
        rows=rows, groups=_clash_groups(rows) if filters.mine else [[row] for row in rows], filters=filters,
        moment=moment,
        is_today=clock.event_day(moment, event.zone, event.day_change_hour) == day,
        levels=sorted({slot.level for slot in shown.slots if slot.level}), kinds=KINDS,
        now_html=live.now_html(event), asof_html=live.asof_html(event), banner_html=events_live.banner_html(event),
        places=event_places(event, viewer(), "mine" if filters.mine else "schedule"), live={topic: position},
        look=look, news=news,
    )  # fmt: skip


@bp.get("/e/<slug>/slots/<slot_id>")
@access.public
def slot(slug: str, slot_id: str) -> ResponseReturnValue:
    topic = live.public_topic(slug)
    position = regions.position(topic)
    event = events.event_for(viewer(), slug)
    shown = queries.public_schedule(event)
    found = shown.by_id.get(slot_id) or abort(404)
    return render_template(
        "schedule/_slot_sheet.html" if is_htmx() else "schedule/slot.html", **_facts(event, shown, found),
        asof_html=live.asof_html(event), slot_html=live.slot_html(event, found),
        places=event_places(event, viewer(), "schedule"), live=None if is_htmx() else {topic: position},
    )  # fmt: skip


def _facts(event: Event, shown: Schedule, found: SlotView) -> dict[str, Any]:
    """What there is to know about a slot, for this viewer: the inputs of _slot_facts.html."""
    starred = queries.stars_of(viewer(), event.id)
    clashing = snapshot.clashes([shown.by_id[i] for i in starred | {found.id} if i in shown.by_id])
    row = queries.find_slot(event.id, found.id)
    return {
        "event": event, "slot": found, "starred": found.id in starred, "clashes": clashing.get(found.id, []),
        "stars": queries.star_count(row.id) if row else 0, "bell": queries.bell_of(viewer(), row.id) if row else None,
        "lead_minutes": LEAD_MINUTES, "moment_of": alerts.moment_of, "main_room": shown.rooms[0],
        "day": _day_of(event, found),
    }  # fmt: skip


@bp.post("/e/<slug>/slots/<slot_id>/star")
@access.public
@for_a_hall
@once
def star(slug: str, slot_id: str) -> ResponseReturnValue:
    """One tap, which says what is wanted. Without JavaScript the page comes back where it was."""
    event = events.event_for(viewer(), slug)
    shown = queries.public_schedule(event)
    found = shown.by_id.get(slot_id) or abort(404, GONE)
    on = request.form.get("on") == "1"
    token = new_device_token(wanted=on)
    before = queries.stars_of(viewer(), event.id)
    actions.star(viewer(), event, slot_id, on=on, device_token=token, tap=tap_of_request())
    look_as_device(token)
    if not is_htmx():
        return _remembered(_back(event, found), token)
    if request.form.get("from") == "slot":
        return _remembered(fragment(_facts_answer(event, shown, found)), token)
    after = queries.stars_of(viewer(), event.id)
    return _remembered(fragment(_star_answer(event, shown, found, before, after)), token)


@bp.post("/e/<slug>/slots/<slot_id>/bell")
@access.public
@for_a_hall
@once
def bell(slug: str, slot_id: str) -> ResponseReturnValue:
    """Told before it, or not. Comes back to the slot, as the page or in its sheet."""
    event = events.event_for(viewer(), slug)
    shown = queries.public_schedule(event)
    found = shown.by_id.get(slot_id) or abort(404, GONE)
    on = request.form.get("on") == "1"
    moment = "marshal" if request.form.get("moment") == "marshal" and found.marshal_minutes else "start"
    token = new_device_token(wanted=on)
    actions.bell(viewer(), event, slot_id, on=on, moment=moment, device_token=token, tap=tap_of_request())
    look_as_device(token)
    if is_htmx():
        return _remembered(fragment(_facts_answer(event, shown, found)), token)
    return _remembered(make_response(see_other(url_for("timeline.slot", slug=slug, slot_id=slot_id))), token)


def _back(event: Event, slot: SlotView) -> Response:
    """To the row in its day."""
    day = _day_of(event, slot)
    return make_response(see_other(url_for("timeline.schedule", slug=event.slug, day=day) + f"#at-{slot.id}"))


def _facts_answer(event: Event, shown: Schedule, slot: SlotView) -> str:
    """The slot's page or sheet as it is after a tap, and its star in the timeline beneath."""
    return render_template("schedule/_facts_answer.html", **_facts(event, shown, slot))


def _remembered(response: Response, token: str | None) -> Response:
    if token:
        devices.remember(response, token)
    return response


def _star_answer(event: Event, shown: Schedule, slot: SlotView, before: set[str], after: set[str]) -> str:
    """The star as it is now, and the clash notes of every slot whose clashes this tap may have changed."""
    touched = {other.id for other in shown.slots if other.id in before | after and other.overlaps(slot)} | {slot.id}
    found = snapshot.clashes([shown.by_id[slot_id] for slot_id in after if slot_id in shown.by_id])
    notes = {slot_id: found.get(slot_id, []) for slot_id in touched}
    return render_template("schedule/_star_answer.html", event=event, slot=slot, starred=slot.id in after, notes=notes)


def _day_of(event: Event, slot: SlotView) -> date:
    return slot.day(event.zone, event.day_change_hour)


def _day_shown(event: Event, moment: datetime) -> date:
    """The day asked for, else today while the event runs, else its first day."""
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        asked = clock.event_day(moment, event.zone, event.day_change_hour)
    return min(max(asked, event.starts_on), event.ends_on)


def _tabs(event: Event, shown: Schedule, day: date, moment: datetime) -> list[DayTab]:
    today = clock.event_day(moment, event.zone, event.day_change_hour)
    kept: dict[str, Any] = {
        name: request.args.getlist(name) for name in ("kind", "room", "level", "mine") if request.args.getlist(name)
    }
    counts = dict.fromkeys(event.days, 0)
    for slot in shown.slots:
        counts[_day_of(event, slot)] = counts.get(_day_of(event, slot), 0) + 1
    return [
        DayTab(d, counts[d], d == day, d == today, url_for("timeline.schedule", slug=event.slug, day=d, **kept))
        for d in event.days
    ]


def _rows(
    event: Event,
    shown: Schedule,
    day: date,
    filters: Filters,
    starred: set[str],
    moment: datetime,
    news: dict[str, Change],
) -> list[Row]:
    found = snapshot.clashes([slot for slot in shown.slots if slot.id in starred])
    return [
        Row(
            slot,
            live.slot_html(event, slot),
            _phase(slot, moment),
            slot.id in starred,
            found.get(slot.id, []),
            news.get(slot.id),
        )
        for slot in shown.on_day(day, event.zone, event.day_change_hour)
        if filters.allow(slot, starred)
    ]


def _phase(slot: SlotView, moment: datetime) -> str:
    if slot.ends_at <= moment:
        return "past"
    return "now" if slot.is_on(moment) else "next"


def _clash_groups(rows: list[Row]) -> list[list[Row]]:
    """Rows in order, with those that overlap their neighbours taken together: shown side by side in "Mine"."""
    groups: list[list[Row]] = []
    for row in rows:
        if groups and row.clashes and any(row.slot.overlaps(other.slot) for other in groups[-1]):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups
