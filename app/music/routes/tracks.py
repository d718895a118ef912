"""The crate: search as one types, filters, tempo repair for one or many, a track's own page, tempo bands, export."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.events.places import dj_places
from app.lib.refusal import Refusal
from app.music import keys, queries, search, tempo, writing
from app.music.actions import playlists as lists
from app.music.actions import tracks as actions
from app.music.forms import BANDS_MAX, BandsForm, TrackForm
from app.music.models import Track
from app.music.readers import values
from app.music.routes import only_djs
from app.people.viewer import me
from app.web import access
from app.web.htmx import back_to, safe_next, say, see_other
from app.web.limits import limiter

bp = Blueprint("crate", __name__, url_prefix="/app/dj/crate")
bp.before_request(only_djs)
SORTS = {"artist": "Artist", "title": "Title", "bpm": "Tempo", "-bpm": "Tempo, fast first", "key": "Key",
         "length": "Length", "-new": "Newest first"}  # fmt: skip


@bp.get("")
@access.signed_in
def tracks() -> ResponseReturnValue:
    """A page of the crate, found by words and filters."""
    person_id = me().id
    view = queries.settings_of(person_id)
    dance = tempo.dance_of(view.dance)
    bands = queries.bands_for(person_id, dance.slug)
    wanted = _wanted(bands)
    found = search.find(person_id, wanted, dance)
    total = search.count(person_id) if wanted.is_filtered else found.total
    return render_template(
        "music/crate.html", found=found, wanted=wanted, total=total, bands=bands, view=view, dance=dance, sorts=SORTS,
        genres=search.genres(person_id), query=_query(), pages=-(-found.total // search.PAGE), size=search.PAGE,
        keys=_key_options(view.key_notation), notations=keys.NOTATIONS, dances=tempo.DANCES,
        playlists=queries.playlists_of(person_id), here=request.full_path, places=dj_places("crate"),
        nav_label="DJ", area="dj",
    )  # fmt: skip


@bp.post("/do")
@access.signed_in
@limiter.limit("600 per hour")
def do() -> ResponseReturnValue:
    """One tap for all tracks that are ticked, or for everything found: repair, lock, remove, into a playlist."""
    person_id, how = me().id, request.form.get("do", "")
    dance = tempo.dance_of(queries.settings_of(person_id).dance)
    chosen = request.form.getlist("track")
    if request.form.get("scope") == "found":
        chosen = search.ids(
            person_id, _wanted(queries.bands_for(person_id, dance.slug), request.form), dance, actions.MANY
        )
    try:
        if how in actions.SENTENCES:
            _told(actions.repair(person_id, chosen, how, dance))
        elif how == "remove":
            _told(actions.remove(person_id, chosen))
        elif how.startswith("list:"):
            count = lists.add(person_id, how.removeprefix("list:"), chosen)
            say(f"{count} track{'' if count == 1 else 's'} put into the playlist.")
        else:
            say("Choose what to do.")
    except Refusal as refusal:
        say(refusal.sentence)
    return see_other(safe_next(url_for("crate.tracks")))


@bp.post("/changes/<change_id>/undo")
@access.signed_in
def undo(change_id: str) -> ResponseReturnValue:
    try:
        say(actions.undo(me().id, change_id))
    except Refusal as refusal:
        say(refusal.sentence)
    return see_other(safe_next(url_for("crate.tracks")))


@bp.post("/view")
@access.signed_in
def choose_view() -> ResponseReturnValue:
    """Key notation and dance."""
    notation, dance = request.form.get("key_notation", ""), request.form.get("dance", "")
    if notation in keys.NOTATIONS and dance in tempo.DANCES:
        actions.choose_view(me().id, notation, dance)
    return see_other(safe_next(url_for("crate.tracks")))


# ---- one track ----


@bp.get("/new")
@access.signed_in
def new() -> ResponseReturnValue:
    return _track_page(None, TrackForm())


@bp.post("/new")
@access.signed_in
@limiter.limit("600 per hour")
def add() -> ResponseReturnValue:
    form = TrackForm(request.form)
    if form.is_valid:
        try:
            _told(actions.add(me().id, form.clean))
            return back_to("crate.tracks")
        except Refusal as refusal:
            form.refuse(refusal)
    return _track_page(None, form)


@bp.get("/tracks/<track_id>")
@access.signed_in
def track(track_id: str) -> ResponseReturnValue:
    found = _track(track_id)
    return _track_page(found, TrackForm(None, _values(found)))


@bp.post("/tracks/<track_id>")
@access.signed_in
def save(track_id: str) -> ResponseReturnValue:
    found, form = _track(track_id), TrackForm(request.form)
    if not form.is_valid:
        return _track_page(found, form)
    try:
        _told(actions.edit(me().id, track_id, form.clean))
    except Refusal as refusal:
        form.refuse(refusal)
        return _track_page(_track(track_id), form)
    return back_to("crate.track", track_id=track_id)


# ---- tempo bands ----


@bp.get("/tempos")
@access.signed_in
def tempos() -> ResponseReturnValue:
    dance = tempo.dance_of(request.args.get("dance") or queries.settings_of(me().id).dance)
    bands = queries.bands_for(me().id, dance.slug)
    initial: dict[str, Any] = {"dance": dance.slug}
    for number, band in enumerate(bands):
        initial |= {f"name-{number}": band.name, f"low-{number}": f"{band.low:g}", f"high-{number}": f"{band.high:g}"}
    return _bands_page(BandsForm(None, initial), dance)


@bp.post("/tempos")
@access.signed_in
def save_tempos() -> ResponseReturnValue:
    form = BandsForm(request.form)
    dance = tempo.dance_of(request.form.get("dance", ""))
    if request.form.get("do") == "defaults":
        lists.set_bands(me().id, dance.slug, [])
        say(f"{dance.name} has the usual bands again.")
    elif form.is_valid:
        lists.set_bands(me().id, dance.slug, form.clean["bands"])
        say(f"The tempo bands of {dance.name} are yours now.")
    else:
        return _bands_page(form, dance)
    return see_other(url_for("crate.tempos", dance=dance.slug))


@bp.get("/export.<kind>")
@access.signed_in
@limiter.limit("60 per hour")
def export(kind: str) -> ResponseReturnValue:
    """The whole crate; as rekordbox XML with its playlists."""
    if kind not in writing.KINDS:
        abort(404)
    found = queries.all_tracks(me().id)
    if kind == "xml":
        named = [(playlist.folder, playlist.name, members) for playlist, members in queries.all_entries(me().id)]
        body = writing.rekordbox(found, named)
    else:
        body = writing.table(found) if kind == "csv" else writing.m3u8(found, "Crate")
    return download(body, kind, "crate")


def download(body: bytes, kind: str, name: str) -> Response:
    """A file for one's own disk, never for a cache."""
    response = Response(body, content_type=writing.KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


# ---- pieces ----


def _told(done: actions.Changed) -> None:
    say(done.sentence, undo=url_for("crate.undo", change_id=done.change, next=_next()) if done.change else None)


def _next() -> str:
    return safe_next(url_for("crate.tracks"))


def _track(track_id: str) -> Track:
    return queries.track_for(me().id, track_id) or abort(404)


def _wanted(bands: list[tempo.Band], given: Any = None) -> search.Wanted:
    given = request.args if given is None else given
    band = next((band for band in bands if band.name == given.get("band")), None)
    sort = given.get("sort", "artist")
    return search.Wanted(
        text=(given.get("q") or "")[:120], band=band, key=keys.parse(given.get("key") or ""),
        genre=(given.get("genre") or "")[:120], has_no_bpm=given.get("band") == "?",
        sort=sort if sort in SORTS else "artist",
        page=max(1, min(10_000, given.get("page", 1, type=int) or 1)),
    )  # fmt: skip


def _query() -> dict[str, str]:
    """The filters as they stand, for links and hidden fields; no page."""
    return {name: value for name in ("q", "band", "key", "genre", "sort") if (value := request.args.get(name))}


def _key_options(notation: str) -> list[tuple[str, str]]:
    every = [keys.from_camelot(number, is_major=is_major) for number in range(1, 13) for is_major in (False, True)]
    return [(key.camelot, keys.show(key, notation)) for key in every]


def _values(found: Track) -> dict[str, Any]:
    shown = {
        name: getattr(found, name) or ""
        for name in ("title", "artist", "album", "genre", "comment", "energy", "familiarity")
    }
    fixed, seconds = found.bpm_fixed, found.duration_seconds
    return shown | {
        "bpm_fixed": f"{fixed:g}" if fixed else "", "bpm_locked": "1" if found.bpm_locked else "",
        "key": found.key_as(queries.settings_of(me().id).key_notation) or found.key_raw,
        "duration": f"{int(round(seconds) // 60)}:{round(seconds) % 60:02d}" if seconds else "",
    }  # fmt: skip


def _track_page(found: Track | None, form: TrackForm) -> ResponseReturnValue:
    view = queries.settings_of(me().id)
    html = render_template(
        "music/track.html", track=found, form=form, view=view, dance=tempo.dance_of(view.dance),
        lists=queries.lists_with(found.id) if found else [], places=dj_places("crate"), nav_label="DJ", area="dj",
        usual=values.bpm(found.bpm) if found else None,
    )  # fmt: skip
    return make_response(html, 422 if form.errors else 200)


def _bands_page(form: BandsForm, dance: tempo.Dance) -> ResponseReturnValue:
    html = render_template(
        "music/tempos.html", form=form, dance=dance, dances=tempo.DANCES, count=BANDS_MAX,
        is_own=queries.own_bands(me().id, dance.slug), places=dj_places("crate"), nav_label="DJ", area="dj",
    )  # fmt: skip
    return make_response(html, 422 if form.errors else 200)
