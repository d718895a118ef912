"""Bring music in: choose a file, look at what is in it, import it in the background, take it back.

The preview's form is posted for both "look again" and "import", so what is shown is what is done. Without JavaScript
the page of a running import loads itself anew.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.events.places import dj_places
from app.lib import clock
from app.lib.heavy import in_thread
from app.lib.refusal import Refusal
from app.live import regions
from app.music import live, queries, readers
from app.music.actions import imports
from app.music.forms import FileForm, ImportForm
from app.music.models import ImportRun
from app.music.readers import tables, texts
from app.music.readers.items import BYTES_MAX, Library
from app.music.routes import only_djs
from app.people.viewer import me
from app.web import access
from app.web.htmx import back_to, say
from app.web.limits import limiter
from app.web.security import takes_at_most

bp = Blueprint("imports", __name__, url_prefix="/app/dj/crate/import")
bp.before_request(only_djs)
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Kept:
    """A preview: the run's own id and choices, and the file that waits."""

    run_id: int
    public_id: str
    name: str
    raw: bytes


@bp.get("")
@access.signed_in
def new() -> ResponseReturnValue:
    return _upload_page(FileForm())


@bp.post("")
@access.signed_in
@takes_at_most(BYTES_MAX + 256 * 1024)  # the form around the file
@limiter.limit("120 per hour")
def upload() -> ResponseReturnValue:
    """Keep a file that can be read, and lead to its preview."""
    form, file = FileForm(request.form), request.files.get("file")
    raw = file.read(BYTES_MAX + 1) if file else b""
    name = (file.filename or "")[:200] if file else ""
    if file:
        file.close()
    if not name:
        form.error("file", "Choose a file.")
        return _upload_page(form, 422)
    try:
        library = in_thread(readers.read, raw, name)
    except Refusal as refusal:
        form.error("file", refusal.sentence)
        return _upload_page(form, 413 if len(raw) > BYTES_MAX else 422)
    return back_to("imports.show", import_id=imports.keep(me().id, name, raw, library))


@bp.get("/<import_id>")
@access.signed_in
def show(import_id: str) -> ResponseReturnValue:
    """A preview, or how far the import is and what it brought."""
    position = regions.position(live.topic(import_id))
    run = _run(import_id)
    if run.state == "previewed":
        kept = _kept(run)
        return _preview(kept, ImportForm(None, _initial(run)), run) if kept else _gone()
    return render_template(
        "music/import.html", run=run, progress=live.progress_html(run), live={live.topic(import_id): position},
        places=dj_places("crate"), nav_label="DJ", area="dj",
    )  # fmt: skip


@bp.post("/<import_id>")
@access.signed_in
@limiter.limit("240 per hour")
def choose(import_id: str) -> ResponseReturnValue:
    """Look again with other choices, or import."""
    run = _run(import_id)
    kept = _kept(run) if run.state == "previewed" else None
    if kept is None:
        return back_to("imports.show", import_id=import_id) if run.state != "previewed" else _gone()
    form = ImportForm(request.form)
    if request.form.get("do") != "import" or not form.is_valid:
        return _preview(kept, form, run)
    try:
        library = _library(kept, form)
        imports.choose(kept.run_id, form.clean | {"format": library.format})
        imports.start(kept.run_id)
    except Refusal as refusal:
        return _preview(kept, form, _run(import_id), refusal)
    return back_to("imports.show", import_id=import_id)


@bp.post("/<import_id>/undo")
@access.signed_in
def undo(import_id: str) -> ResponseReturnValue:
    """Take an import back."""
    _run(import_id)
    try:
        run = imports.take_back(me().id, import_id)
        say(f"What {run.file_name} brought is taken back. Import it again to have it back.")
    except Refusal as refusal:
        say(refusal.sentence)
    return back_to("imports.show", import_id=import_id)


# ---- pages ----


def _run(import_id: str) -> ImportRun:
    return queries.import_run(me().id, import_id) or abort(404)


def _kept(run: ImportRun) -> Kept | None:
    packed = queries.import_bytes(run.id)
    return Kept(run.id, run.public_id, run.file_name, in_thread(gzip.decompress, packed)) if packed else None


def _gone() -> ResponseReturnValue:
    say("That file is no longer here. Choose it again.")
    return back_to("imports.new")


def _initial(run: ImportRun) -> dict[str, Any]:
    return {"encoding": run.encoding, "zone": run.zone, "into_playlist": run.into_playlist}


def _library(kept: Kept, form: ImportForm) -> Library:
    return in_thread(_read, kept.raw, kept.name, form.clean.get("encoding") or "", form.mapping)


def _read(raw: bytes, name: str, encoding: str, mapping: dict[int, str] | None) -> Library:
    return readers.read(raw, name, encoding=encoding, mapping=mapping)


def _upload_page(form: FileForm, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "music/upload.html", form=form, runs=queries.imports_of(me().id), most_mb=BYTES_MAX // 1024**2,
        formats=readers.FORMATS, places=dj_places("crate"), nav_label="DJ", area="dj",
    )  # fmt: skip
    return make_response(html, status)


def _preview(kept: Kept, form: ImportForm, run: ImportRun, refusal: Refusal | None = None) -> ResponseReturnValue:
    """What is in the file, read with these choices; without it where they do not fit."""
    library = None
    earlier = queries.earlier_import(me().id, run.file_digest, run.id)
    lists = queries.playlists_of(me().id)
    try:
        library = _library(kept, form)
        form.show(library.columns)
    except Refusal as raised:
        refusal = refusal or raised
    html = render_template(
        "music/preview.html", run_id=kept.public_id, name=kept.name, form=form, library=library, refusal=refusal,
        formats=readers.FORMATS, encodings=list(texts.ENCODINGS.items()), fields=list(tables.FIELDS.items()),
        zones=sorted(clock.zone_names()), list_options=[(p.public_id, p.name) for p in lists],
        earlier=earlier, shown=SHOWN,
        needs_zone=bool(library and any(play.at is not None and play.at.tzinfo is None for play in library.plays)),
        sounds=sum(item.is_sound for item in library.tracks) if library else 0,
        is_odd=bool(library and library.columns and not any(column.field for column in library.columns)),
        places=dj_places("crate"), nav_label="DJ", area="dj", back=url_for("imports.new"),
    )  # fmt: skip
    return make_response(html, refusal.status if refusal else 422 if form.errors else 200)
