"""Playlists: all of them, one with its tracks in order, made and named, put in order, removed, exported."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.events.places import dj_places
from app.lib.refusal import Refusal
from app.lib.text import slugify
from app.music import queries, search, tempo, writing
from app.music.actions import playlists as actions
from app.music.forms import PlaylistForm
from app.music.models import Playlist
from app.music.routes import only_djs
from app.music.routes.tracks import download
from app.people.viewer import me
from app.web import access
from app.web.forms import whole
from app.web.htmx import back_to, say
from app.web.limits import limiter

bp = Blueprint("playlists", __name__, url_prefix="/app/dj/playlists")
bp.before_request(only_djs)
OFFERED = 8


@bp.get("")
@access.signed_in
def index() -> ResponseReturnValue:
    return _index_page(PlaylistForm())


@bp.post("")
@access.signed_in
@limiter.limit("240 per hour")
def create() -> ResponseReturnValue:
    form = PlaylistForm(request.form)
    if form.is_valid:
        try:
            return back_to("playlists.show", list_id=actions.create(me().id, form.clean))
        except Refusal as refusal:
            form.error("name", refusal.sentence)
    return _index_page(form)


@bp.get("/<list_id>")
@access.signed_in
def show(list_id: str) -> ResponseReturnValue:
    playlist = _mine(list_id)
    return _page(playlist, PlaylistForm(None, {name: getattr(playlist, name) for name in ("name", "folder", "about")}))


@bp.post("/<list_id>")
@access.signed_in
def rename(list_id: str) -> ResponseReturnValue:
    playlist, form = _mine(list_id), PlaylistForm(request.form)
    if not form.is_valid:
        return _page(playlist, form)
    try:
        actions.rename(me().id, list_id, form.clean)
        say("Saved.")
    except Refusal as refusal:
        say(refusal.sentence)
    return back_to("playlists.show", list_id=list_id)


@bp.post("/<list_id>/entries")
@access.signed_in
@limiter.limit("1200 per hour")
def change(list_id: str) -> ResponseReturnValue:
    """Add a track, or move or take out an entry. `do`: add, take_out, put_back (from a toast), up or down."""
    _mine(list_id)
    how, person_id = request.values.get("do", ""), me().id
    entry, place = (request.values.get(name, 0, type=whole) for name in ("entry", "place"))
    try:
        if how == "add":
            actions.add(person_id, list_id, request.form.getlist("track"))
        elif how == "take_out":
            track, title, was = actions.take_out(person_id, list_id, entry)
            back = url_for("playlists.change", list_id=list_id, do="put_back", track=track, place=was)
            say(f"{title} is out of the playlist.", undo=back)
        elif how == "put_back":
            actions.put_back(person_id, list_id, request.values.get("track", ""), place)
        else:
            actions.move(person_id, list_id, entry, place + {"up": -1, "down": 1}.get(how, 0))
    except Refusal as refusal:
        say(refusal.sentence)
    query = request.form.get("q", "")[:120]
    anchor = f"entry-{entry}" if how in {"up", "down"} else "add-h" if how == "add" else None
    return back_to("playlists.show", list_id=list_id, q=query or None, _anchor=anchor)


@bp.post("/<gone_id>/remove")
@access.signed_in
def remove(gone_id: str) -> ResponseReturnValue:
    _mine(gone_id)
    try:
        name = actions.remove(me().id, gone_id)
        say(f"{name} is removed. Its tracks stay in the crate.", undo=url_for("playlists.bring_back", gone_id=gone_id))
    except Refusal as refusal:
        say(refusal.sentence)
    return back_to("playlists.index")


@bp.post("/<gone_id>/back")
@access.signed_in
def bring_back(gone_id: str) -> ResponseReturnValue:
    """Undo of removing it."""
    try:
        say(f"{actions.bring_back(me().id, gone_id)} is back.")
    except Refusal:
        abort(404)
    return back_to("playlists.index")


@bp.get("/<list_id>/export.<kind>")
@access.signed_in
@limiter.limit("120 per hour")
def export(list_id: str, kind: str) -> ResponseReturnValue:
    playlist = _mine(list_id)
    if kind not in writing.KINDS:
        abort(404)
    tracks = [entry.track for entry in queries.entries_of(playlist.id)]
    if kind == "xml":
        different = list({track.id: track for track in tracks}.values())
        body = writing.rekordbox(different, [(playlist.folder, playlist.name, tracks)])
    else:
        body = writing.table(tracks) if kind == "csv" else writing.m3u8(tracks, playlist.name)
    return download(body, kind, slugify(playlist.name) or "playlist")


def _mine(list_id: str) -> Playlist:
    return queries.playlist_for(me().id, list_id) or abort(404)


def _index_page(form: PlaylistForm) -> ResponseReturnValue:
    html = render_template(
        "music/playlists.html", form=form, playlists=queries.playlists_of(me().id),
        counts=queries.playlist_counts(me().id), places=dj_places("crate"), nav_label="DJ", area="dj",
    )  # fmt: skip
    return make_response(html, 422 if form.errors else 200)


def _page(playlist: Playlist, form: PlaylistForm) -> ResponseReturnValue:
    person_id, query = me().id, request.args.get("q", "")[:120]
    view = queries.settings_of(person_id)
    dance = tempo.dance_of(view.dance)
    offered: Any = search.find(person_id, search.Wanted(text=query), dance, OFFERED) if query.strip() else None
    entries = queries.entries_of(playlist.id)
    html = render_template(
        "music/playlist.html", playlist=playlist, form=form, entries=entries, view=view, dance=dance, offered=offered,
        q=query, seconds=sum(entry.track.duration_seconds or 0 for entry in entries),
        unknown=sum(entry.track.duration_seconds is None for entry in entries), places=dj_places("crate"),
        nav_label="DJ", area="dj",
    )  # fmt: skip
    return make_response(html, 422 if form.errors else 200)
