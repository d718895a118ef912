"""The booth, `/app/dj/booth/…`. Every tap is a plain form; with scripts it is answered by the panels of the deck.

A tap on "Play" may come late, after a Wi-Fi gap: it carries its own moment and a client id (app.waiting).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.booth import queries
from app.booth.forms import HandoverForm, PollForm, StartForm
from app.config import settings
from app.events.places import Place, dj_places
from app.floor import actions, hints, live, rules
from app.floor import queries as floor
from app.floor.actions import SetPlan, Song
from app.floor.models import DjSet, Play
from app.lib import clock, qr
from app.lib.refusal import Refusal
from app.lib.text import clean_line
from app.live import regions
from app.music import queries as music
from app.music.keys import Key, show
from app.music.tempo import DANCES
from app.people import queries as people
from app.people.viewer import me, viewer
from app.waiting.routes import once
from app.waiting.taps import tap_of_request
from app.web import access, charts
from app.web.htmx import back_to, fragment, is_htmx, say, see_other
from app.web.limits import limiter

bp = Blueprint("booth", __name__, url_prefix="/app/dj/booth")
HANDED_SONGS = 20
PLAYED_SHOWN = 60


# ---- before a set: start one, take one over ----


@bp.get("")
@access.signed_in
def sets() -> ResponseReturnValue:
    """Sets that run, sets to begin, a set that another DJ hands over."""
    return _sets_page(StartForm(initial={"zone": _zone(), "dance": "wcs"}))


def _zone() -> str:
    last = floor.sets_of(me().id, 1)
    return last[0].zone if last else "Europe/Budapest"


def _sets_page(form: StartForm, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "booth/sets.html", form=form, sets=floor.sets_of(me().id), offers=floor.offered_to(me()), area="dj",
        slots=queries.slots_to_start(me().id, clock.now()), nav_label="DJ", moment=clock.now(),
        dances=[(dance.slug, dance.name) for dance in DANCES.values()], zones=sorted(clock.zone_names()),
        tokens=floor.feed_tokens_of(me().id), places=dj_places("booth"),
    )  # fmt: skip
    return make_response(html, status)


@bp.post("")
@access.signed_in
@limiter.limit("20 per hour")
def start() -> ResponseReturnValue:
    """Begin: in a slot one is booked for, or anywhere."""
    if slot_id := request.form.get("slot", ""):
        return _start_slot(slot_id)
    form = StartForm(request.form)
    if not form.is_valid:
        return _sets_page(form, 422)
    plan = SetPlan(form.clean["title"], form.clean["zone"], form.clean["place"], form.clean["dance"])
    return back_to("booth.deck", set_id=actions.start(me(), plan))


def _start_slot(slot_id: str) -> ResponseReturnValue:
    mine = queries.slots_to_start(me().id, clock.now())
    slot = next((slot for slot in mine if slot.public_id == slot_id), None) or abort(404)
    gig = queries.gig_of_slot(me().id, slot.id)
    plan = SetPlan(
        slot.title, slot.event.zone, slot.room.name, event_id=slot.event_id, slot_id=slot.id,
        gig_id=gig.id if gig else None,
    )  # fmt: skip
    return back_to("booth.deck", set_id=actions.start(me(), plan))


@bp.post("/tokens")
@access.signed_in
@limiter.limit("20 per hour")
def tokens() -> ResponseReturnValue:
    """Make a token for a program, which is shown this once; or take one away."""
    if gone := request.form.get("gone", ""):
        actions.revoke_token(me().id, gone[:16])
        say("That token opens nothing any more.")
        return back_to("booth.sets")
    label = clean_line(request.form.get("label", ""))[:60] or "My program"
    try:
        secret = actions.make_token(me().id, label)
    except Refusal as refusal:
        say(refusal.sentence)
        return back_to("booth.sets")
    html = render_template(
        "booth/token.html", secret=secret, label=label, area="dj", nav_label="DJ", places=dj_places("booth"),
        url=f"{settings().public_url}{url_for('feed.now_playing')}",
    )  # fmt: skip
    return make_response(html)


# ---- the deck ----


@bp.get("/<set_id>")
@access.signed_in
def deck(set_id: str) -> ResponseReturnValue:
    """The console. Works on a phone under one thumb and on a laptop, with and without scripts."""
    dj_set = floor.own_set(viewer(), set_id)
    topic = live.booth_topic(dj_set.code)
    position = regions.position(topic)
    dj_set = floor.own_set(viewer(), set_id)
    return _deck_page(dj_set, PollForm(initial={"seconds": "60"}), {topic: position})


def _deck_page(dj_set: DjSet, form: PollForm, positions: Any, status: int = 200) -> ResponseReturnValue:
    address = f"{settings().public_url}{url_for('floor.floor', code=dj_set.code)}"
    html = render_template(
        "booth/deck.html", live=positions, form=form, address=address, nav_label="Booth",
        qr=qr.svg(address, f"Code that opens {address}"), places=_deck_places(), **_panels(dj_set), **_crate(dj_set),
    )  # fmt: skip
    return make_response(html, status)


def _deck_places() -> list[Place]:
    return [
        Place("#deck", "disc-3", "Deck", True), Place("#crate", "library", "Crate"),
        Place("#polls", "chart-bar", "Poll"), Place("#played", "history", "Played"),
    ]  # fmt: skip


def _panels(dj_set: DjSet) -> dict[str, Any]:
    """All that changes by a tap at the decks."""
    moment = clock.now()
    played = floor.newest_plays(dj_set.id, PLAYED_SHOWN)
    play = floor.now_playing(dj_set, moment)
    coming = floor.next_up(dj_set.id)
    bands = music.bands_for(dj_set.person_id, dj_set.dance)
    before = floor.repeats(dj_set, [entry.work_key for entry in coming])
    return {
        "dj_set": dj_set, "moment": moment, "play": play, "played": played, "coming": coming,
        "hearts": floor.heart_counts(row.id for row in played), "html": live.booth_regions(dj_set, moment),
        "repeats": {key: found[0].words(dj_set.zone, moment) for key, found in before.items()},
        "hint": _hint(dj_set, played, coming, bands, moment), "questions": floor.questions_of(dj_set.id),
        "polls": floor.polls_of(dj_set.id), "key_words": _keys(dj_set), "max_played": max(1, len(played)),
    }  # fmt: skip


def _hint(dj_set: DjSet, played: list[Play], coming: list[Any], bands: list[Any], moment: datetime) -> str:
    since = moment - (dj_set.started_at or moment)
    tempos = [row.bpm for row in reversed(played)]
    ahead = hints.tempo_hint(tempos, coming[0].bpm if coming else None, bands, since_start=since)
    return " ".join(filter(None, (ahead, hints.floor_hint(floor.tempo_now(dj_set.id, moment)))))


def _keys(dj_set: DjSet) -> Callable[[Any], str]:
    """The key of a play or a track as this DJ likes to read it."""
    notation = music.settings_of(dj_set.person_id).key_notation

    def words(song: Any) -> str:
        return "" if song.key_pitch is None else show(Key(song.key_pitch, song.key_mode == "major"), notation)

    return words


def _crate(dj_set: DjSet) -> dict[str, Any]:
    text = clean_line(request.args.get("q", ""))[:100]
    playlist, band = request.args.get("playlist", "")[:16], request.args.get("band", "")
    bands = music.bands_for(dj_set.person_id, dj_set.dance)
    chosen = next((found for found in bands if found.name == band), None)
    return {
        "q": text, "playlist": playlist, "playlists": music.playlists_of(dj_set.person_id), "band": band,
        "bands": bands, "rows": queries.rows(dj_set, text, playlist, chosen),
    }  # fmt: skip


@bp.get("/<set_id>/search")
@access.signed_in
def search(set_id: str) -> ResponseReturnValue:
    """The crate as one types."""
    dj_set = floor.own_set(viewer(), set_id)
    return fragment(
        render_template(
            "booth/_crate.html", dj_set=dj_set, moment=clock.now(), key_words=_keys(dj_set), **_crate(dj_set)
        )
    )


@bp.get("/<set_id>/crate.json")
@access.signed_in
@limiter.limit("20 per minute")
def kept(set_id: str) -> ResponseReturnValue:
    """Crate and ledger, small, for a booth that loses its network: the page keeps it while the set runs."""
    dj_set, moment = floor.own_set(viewer(), set_id), clock.now()
    words = _keys(dj_set)
    ledger: dict[str, str] = {}
    for play, name in floor.ledger(dj_set):
        repeat = hints.Repeat(play.played_at, name, play.title, play.artist, exact=True)
        ledger.setdefault(play.work_key, repeat.words(dj_set.zone, moment))
    rows = [
        [track.public_id, track.title, track.artist, round(track.working_bpm or 0) or "", words(track),
         track.work_key if track.work_key in ledger else "", track.search_text]
        for track in queries.crate(dj_set.person_id)
    ]  # fmt: skip
    answer = jsonify(tracks=rows, played=ledger)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _answer(set_id: str, act: Callable[[DjSet], object], anchor: str = "deck") -> ResponseReturnValue:
    """Do it to one's own set; then the panels as they are now, or the page again."""
    dj_set = floor.own_set(viewer(), set_id)
    sentence, status = "", 200
    try:
        act(dj_set)
    except Refusal as refusal:
        if tap_of_request() is not None:
            raise  # a tap that waited: the phone undoes it and says the sentence
        sentence, status = refusal.sentence, 409
    if not is_htmx():
        if sentence:
            say(sentence)
        return see_other(url_for("booth.deck", set_id=set_id, _anchor=anchor))
    dj_set = floor.own_set(viewer(), set_id)
    return fragment(render_template("booth/_answer.html", say=sentence, **_panels(dj_set)), status)


def _song() -> Song:
    """What was tapped or typed. Raises NothingPlays for an empty line."""
    if track_id := request.form.get("track", ""):
        track = music.track_for(me().id, track_id[:16]) or abort(404)
        return Song.of_track(track)
    title, artist = (clean_line(request.form.get(name, ""))[:300] for name in ("title", "artist"))
    typed = clean_line(request.form.get("text", ""))[:600]
    if not title and not typed:
        raise rules.NothingPlays("Type artist and title, like Marlow Reed - Slow Current.")
    return Song(title, artist) if title else Song.of_text(typed)


@bp.post("/<set_id>/play")
@access.signed_in
@limiter.limit("240 per minute")
@once
def play(set_id: str) -> ResponseReturnValue:
    """A song begins, from the crate, from the line, or as typed."""
    tap = tap_of_request()

    def act(dj_set: DjSet) -> None:
        lined = request.form.get("lined", "")[:16]
        entry = next((entry for entry in floor.next_up(dj_set.id) if entry.public_id == lined), None)
        song = _song_of(entry) if entry else _song()
        source = request.form.get("source", "tap")
        actions.play(
            dj_set.id, song, source=source if source in {"tap", "search", "text"} else "tap", lined_up_id=lined or None,
            client_id=tap.client_id if tap else None, tapped_at=tap.at if tap else None,
        )  # fmt: skip

    return _answer(set_id, act)


def _song_of(entry: Any) -> Song:
    return Song(
        entry.title, entry.artist, entry.bpm, entry.key_pitch, entry.key_mode, entry.duration_seconds, entry.track_id
    )


@bp.post("/<set_id>/plays/<play_id>")
@access.signed_in
@limiter.limit("240 per minute")
def change(set_id: str, play_id: str) -> ResponseReturnValue:
    """Undo, not heard yet, nothing plays, another title; and which of two it was."""
    do = request.form.get("do", "")

    def act(dj_set: DjSet) -> None:
        if do == "undo":
            actions.undo(dj_set.id, play_id)
        elif do == "unheard":
            actions.not_heard(dj_set.id, play_id)
        elif do == "clear":
            actions.clear_now(dj_set.id)
        elif do == "correct":
            actions.correct(dj_set.id, play_id, _song())
        elif do in {"this", "other", "both"}:
            actions.answer_question(dj_set.id, play_id, do)

    return _answer(set_id, act)


@bp.post("/<set_id>/line")
@access.signed_in
@limiter.limit("240 per minute")
def line(set_id: str) -> ResponseReturnValue:
    """Line a song up, move it to the head, take it off."""
    do, entry_id = request.form.get("do", "add"), request.form.get("entry", "")[:16]

    def act(dj_set: DjSet) -> None:
        if do == "first":
            actions.lined_up_first(dj_set.id, entry_id)
        elif do == "off":
            actions.take_off(dj_set.id, entry_id)
        else:
            actions.line_up(dj_set.id, _song())

    return _answer(set_id, act, "next")


# ---- questions ----


@bp.post("/<set_id>/polls")
@access.signed_in
@limiter.limit("60 per hour")
def ask(set_id: str) -> ResponseReturnValue:
    """A question now, or for later. What was typed stays when something in it is wrong."""
    dj_set = floor.own_set(viewer(), set_id)
    form = PollForm(request.form)
    if form.is_valid:
        act = actions.prepare if form.clean["later"] else actions.ask
        try:
            act(dj_set.id, form.clean["question"], form.clean["options"], form.clean["seconds"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return see_other(url_for("booth.deck", set_id=set_id, _anchor="polls"))
    dj_set = floor.own_set(viewer(), set_id)
    topic = live.booth_topic(dj_set.code)
    return _deck_page(dj_set, form, {topic: regions.position(topic)}, 422)


@bp.post("/<set_id>/polls/<poll_id>")
@access.signed_in
def change_poll(set_id: str, poll_id: str) -> ResponseReturnValue:
    """Put a prepared question to the floor, end one, forget one."""
    does = {"open": actions.open_poll, "close": actions.close_poll, "remove": actions.remove_poll}
    do = does.get(request.form.get("do", ""), actions.close_poll)
    return _answer(set_id, lambda dj_set: do(dj_set.id, poll_id), "polls")


# ---- the end, and the next DJ ----


@bp.post("/<set_id>/end")
@access.signed_in
def end(set_id: str) -> ResponseReturnValue:
    actions.end(floor.own_set(viewer(), set_id).id)
    say("The set has ended. The room shows nothing any more.")
    return back_to("after.page", set_id=set_id)


@bp.get("/<set_id>/handover")
@access.signed_in
def handover(set_id: str) -> ResponseReturnValue:
    """The card: for the DJ who leaves to fill in, for the one who comes to read and take."""
    taken = queries.offer_for(me().id, set_id)
    dj_set = taken or floor.own_set(viewer(), set_id)
    to = queries.person(dj_set.offered_to_id)
    initial = {
        "to": f"@{to.handle}" if to else "", "note": dj_set.handover_note, "do_not_play": dj_set.do_not_play,
    }  # fmt: skip
    return _handover_page(dj_set, HandoverForm(initial=initial), is_mine=taken is None)


def _handover_page(dj_set: DjSet, form: HandoverForm, *, is_mine: bool, status: int = 200) -> ResponseReturnValue:
    played = list(reversed(floor.newest_plays(dj_set.id, HANDED_SONGS)))
    to = queries.person(dj_set.offered_to_id)
    html = render_template(
        "booth/handover.html", dj_set=dj_set, form=form, played=played, is_mine=is_mine, to=to, key_words=_keys(dj_set),
        curve=charts.curve([play.bpm for play in played]) if any(play.bpm for play in played) else None,
        coming=floor.next_up(dj_set.id), others=queries.next_djs(dj_set), moment=clock.now(), nav_label="Booth",
        places=[], hearts=floor.heart_counts(play.id for play in played),
    )  # fmt: skip
    return make_response(html, status)


@bp.post("/<set_id>/handover")
@access.signed_in
def hand_over(set_id: str) -> ResponseReturnValue:
    """My tap of the two; or, back: I play on."""
    dj_set = floor.own_set(viewer(), set_id)
    if request.form.get("do") == "withdraw":
        actions.withdraw_offer(dj_set.id)
        return back_to("booth.deck", set_id=set_id)
    form = HandoverForm(request.form)
    if form.is_valid:
        to = people.person_by_handle(form.clean["to"])
        try:
            actions.offer(dj_set.id, to, note=form.clean["note"], do_not_play=form.clean["do_not_play"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say("The card is ready. Your set goes on until the next DJ taps “I have it”.")
            return back_to("booth.deck", set_id=set_id)
    return _handover_page(floor.own_set(viewer(), set_id), form, is_mine=True, status=422)


@bp.post("/<set_id>/take")
@access.signed_in
def take(set_id: str) -> ResponseReturnValue:
    """The other tap: their set ends and mine begins."""
    if queries.offer_for(me().id, set_id) is None:
        abort(404)
    made = actions.take_over(me(), set_id, with_line=request.form.get("line") == "1")
    return back_to("booth.deck", set_id=made)


def left_words(play: Play, moment: datetime) -> str:
    """How much of a song is left, else how long it has been on: 1:47."""
    gone = moment - play.played_at
    shown = timedelta(seconds=play.duration_seconds) - gone if play.duration_seconds else gone
    seconds = max(0, int(shown.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"


bp.add_app_template_filter(left_words)
