"""Import and export in the organizer's screens: a file, its preview with every slot's fate, then the import.

The preview's form is posted for both "look again" and "import": what is ticked is what is done, and nothing is done
that was not shown (the event's revision travels with it).
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.config import settings
from app.events import queries as events
from app.events import rules as event_rules
from app.events.models import Event
from app.events.places import organizer_places, team_places
from app.interchange import actions, kept, plan, reading, tables, writing
from app.interchange.forms import FileForm, ImportForm, NewEventForm
from app.interchange.items import Frame, Source
from app.interchange.plan import Plan
from app.interchange.reading import Opened
from app.lib import clock
from app.lib.heavy import in_thread
from app.lib.refusal import Refusal
from app.people.viewer import me, viewer
from app.schedule import queries
from app.web import access, filters
from app.web.forms import whole
from app.web.htmx import back_to, say
from app.web.limits import limiter

bp = Blueprint("interchange", __name__, url_prefix="/app/organizer")
RELEASE = "1"
GONE = "That file is no longer here. Choose it again."


@bp.get("/import")
@access.signed_in
def new() -> ResponseReturnValue:
    return _upload_page(None, FileForm())


@bp.post("/import")
@access.signed_in
@limiter.limit("60 per hour")
def upload_new() -> ResponseReturnValue:
    return _uploaded(None)


@bp.get("/import/<token>")
@access.signed_in
def preview_new(token: str) -> ResponseReturnValue:
    return _new_event(token, is_posted=False)


@bp.post("/import/<token>")
@access.signed_in
@limiter.limit("120 per hour")
def apply_new(token: str) -> ResponseReturnValue:
    return _new_event(token, is_posted=True)


@bp.get("/events/<slug>/import")
@access.signed_in
def upload(slug: str) -> ResponseReturnValue:
    return _upload_page(events.event_organized_by(viewer(), slug), FileForm())


@bp.post("/events/<slug>/import")
@access.signed_in
@limiter.limit("60 per hour")
def upload_into(slug: str) -> ResponseReturnValue:
    return _uploaded(events.event_organized_by(viewer(), slug))


@bp.get("/events/<slug>/import/<token>")
@access.signed_in
def preview(slug: str, token: str) -> ResponseReturnValue:
    event = events.event_organized_by(viewer(), slug)
    file = _kept(token)
    if file is None:
        return _gone(event)
    return _preview_page(event, file, token, ImportForm(file.table, None))


@bp.post("/events/<slug>/import/<token>")
@access.signed_in
@limiter.limit("120 per hour")
def apply(slug: str, token: str) -> ResponseReturnValue:
    """Look again with other ticks, or import."""
    event = events.event_organized_by(viewer(), slug)
    file = _kept(token)
    if file is None:
        return _gone(event)
    form = ImportForm(file.table, request.form)
    if request.form.get("do") != "import":
        return _preview_page(event, file, token, form)
    source = _read(file, actions.frame_of(event), form)
    try:
        revision = request.form.get("revision", -1, type=whole)
        done = actions.import_into(event.id, source, form.choices, me(), expected_revision=revision)
    except Refusal as refusal:
        return _preview_page(events.event_organized_by(viewer(), slug), file, token, form, refusal)
    kept.forget(me().id, token)
    say(done.sentence, undo=url_for("maker.undo", slug=slug, batch=done.batch) if done.batch else None)
    return back_to("maker.schedule", slug=slug)


@bp.get("/events/<slug>/export.json")
@access.signed_in
def export_json(slug: str) -> ResponseReturnValue:
    event = events.event_organized_by(viewer(), slug)
    body = json.dumps(exported(event), indent=1, ensure_ascii=False)
    return _download(body.encode(), "application/json", f"{slug}.json")


@bp.get("/events/<slug>/export.csv")
@access.signed_in
def export_csv(slug: str) -> ResponseReturnValue:
    event = events.event_organized_by(viewer(), slug)
    return _download(exported_csv(event), "text/csv; charset=utf-8", f"{slug}.csv")


def exported(event: Event) -> dict[str, Any]:
    """The event as conference JSON: the schedule as its team sees it, draft included."""
    return writing.document(event, queries.slots_of(event.id), settings().public_url, RELEASE)


def exported_csv(event: Event) -> bytes:
    """The same as a table."""
    slots = [slot for slot in queries.slots_of(event.id) if not slot.is_cancelled]
    return tables.write(event, slots, {slot.public_id: plan.guid_of(slot) for slot in slots})


# ---- pages ----


def _uploaded(event: Event | None) -> ResponseReturnValue:
    """Keep a file that can be read, and lead to its preview."""
    form, file = FileForm(request.form), request.files.get("file")
    raw = file.read(reading.BYTES_MAX + 1) if file else b""
    if file:
        file.close()
    if not file or not file.filename:
        form.error("file", "Choose a file.")
        return _upload_page(event, form, 422)
    found = in_thread(reading.opened, raw, file.filename)
    if found.problem:
        form.error(
            "file", " ".join([found.problem[1], f"({found.problem[0]})" if found.problem[0] != "$" else ""]).strip()
        )
        return _upload_page(event, form, 413 if len(raw) > reading.BYTES_MAX else 422)
    token = kept.keep(me().id, file.filename[:120], raw)
    if token is None:
        form.error("file", "We cannot keep the file for its preview right now. Try again in a minute.")
        return _upload_page(event, form, 503)
    if event is None:
        return back_to("interchange.preview_new", token=token)
    return back_to("interchange.preview", slug=event.slug, token=token)


def _upload_page(event: Event | None, form: FileForm, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "interchange/upload.html", event=event, form=form, places=_places(event), nav_label="Organizer",
        area="organizer", most_mb=reading.BYTES_MAX // 1024**2,
    )  # fmt: skip
    return make_response(html, status)


def _new_event(token: str, *, is_posted: bool) -> ResponseReturnValue:
    """Preview or make an event of a file. A file of an event that is already mine goes into that one."""
    file = _kept(token)
    if file is None:
        return _gone(None)
    form = NewEventForm(file.table, request.form if is_posted else None)
    zone, starts_on = form.clean.get("zone") if not form.errors.get("zone") else None, form.clean.get("starts_on")
    source = _read(file, Frame(zone=zone, starts_on=starts_on), form)
    known = events.event_by_slug(source.slug)
    if not is_posted and known is not None and viewer().organizes(known):
        say(f"{known.name} is there already: this is what the file would change.")
        return back_to("interchange.preview", slug=known.slug, token=token)
    if not is_posted:
        form.values |= {"name": source.name, "slug": _free_slug(source), "zone": source.zone}
        form.values |= {"starts_on": ""}
    refusal: Refusal | None = None
    if is_posted and request.form.get("do") == "import" and form.is_valid:
        try:
            values = {name: form.clean[name] for name in ("name", "slug", "zone")}
            values["day_change_hour"] = source.day_change_hour
            done = actions.import_as_event(values, source, form.choices, me(), me())
        except Refusal as raised:
            refusal = raised
            if raised.field:
                form.refuse(raised)
        else:
            kept.forget(me().id, token)
            say(f"{form.clean['name']} is made. {done.sentence} Only you see it until you publish it.")
            return back_to("maker.schedule", slug=done.slug)
    return _preview_page(None, file, token, form, refusal, source)


def _preview_page(
    event: Event | None, file: Opened, token: str, form: ImportForm, refusal: Refusal | None = None,
    source: Source | None = None,
) -> ResponseReturnValue:  # fmt: skip
    source = source or _read(file, actions.frame_of(event) if event else Frame(), form)
    slots = queries.slots_of(event.id) if event else []
    made = plan.make(source, event, slots, form.choices)
    status = refusal.status if refusal else 422 if form.errors else 200
    html = render_template(
        "interchange/preview.html", event=event, form=form, plan=made, source=source, file=file, token=token,
        refusal=refusal, days=_by_day(made), columns=_columns(file), places=_places(event), nav_label="Organizer",
        area="organizer", zones=sorted(clock.zone_names()) if event is None else [],
        revision=event.revision if event else 0, names_weekdays=event is None and _names_weekdays(source),
        labels=list(tables.LABELS.items()), headline=_headline(source),
    )  # fmt: skip
    return make_response(html, status)


def _by_day(made: Plan) -> list[tuple[Any, list[plan.Fate]]]:
    """The fates by dance day, in order of time."""
    source = made.source
    days: dict[Any, list[plan.Fate]] = {}
    for fate in sorted(made.fates, key=lambda fate: (fate.item.starts_at, fate.room)):
        day = clock.event_day(fate.item.starts_at, source.zone, source.day_change_hour)
        days.setdefault(day, []).append(fate)
    return list(days.items())


def _columns(file: Opened) -> list[tuple[str, str, str]]:
    """(field name in the form, the column's title, what stands in it) for the mapping."""
    if file.table is None:
        return []
    rows = file.table.rows[:3]
    found = []
    for number, title in enumerate(file.table.header):
        cells = [cells[number].strip()[:40] for _, cells in rows if number < len(cells) and cells[number].strip()]
        found.append((f"col-{number}", title or f"Column {number + 1}", ", ".join(dict.fromkeys(cells))))
    return found


def _read(file: Opened, frame: Frame, form: ImportForm) -> Source:
    return reading.read(file, frame, clock.now().date(), form.mapping)


def _headline(source: Source) -> str:
    """The counts as a title: "1 slot in 2 rooms over 1 day"."""
    slots, rooms, days = len(source.items), len(source.rooms), source.days
    return f"{filters.plural(slots, 'slot')} in {filters.plural(rooms, 'room')} over {filters.plural(days, 'day')}"


def _names_weekdays(source: Source) -> bool:
    return any("weekdays only" in note.sentence for note in source.warnings) or source.frame.starts_on is not None


def _free_slug(source: Source) -> str:
    """The file's slug, or the next one that is free."""
    tries = [source.slug, f"{source.slug}-{clock.now().year}", *(f"{source.slug}-{n}" for n in range(2, 20))]
    return next((s for s in tries if s not in event_rules.RESERVED_SLUGS and not events.slug_taken(s)), source.slug)


def _kept(token: str) -> Opened | None:
    found = kept.take(me().id, token)
    return in_thread(reading.opened, found[1], found[0]) if found else None


def _gone(event: Event | None) -> ResponseReturnValue:
    say(GONE)
    return back_to("interchange.upload", slug=event.slug) if event else back_to("interchange.new")


def _places(event: Event | None) -> list[Any]:
    return team_places(event, "settings") if event else organizer_places("import")


def _download(body: bytes, content_type: str, filename: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
