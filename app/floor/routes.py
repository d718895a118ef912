"""In the dancer's hand: `/live/<code>`, its screen for the wall, and the private dance log. Open to guests.

Every tap is a plain form; with scripts it is answered by the few pieces that changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from app.config import settings
from app.events.places import Place, dancer_places, event_places
from app.floor import actions, live, queries, rules
from app.floor.ledger import song_of_minute
from app.floor.models import DjSet
from app.lib import clock, qr
from app.lib.refusal import Refusal
from app.lib.text import clean_line
from app.live import regions
from app.people import devices
from app.people.viewer import look_as_device, viewer
from app.waiting.limits import for_a_hall
from app.waiting.routes import once
from app.waiting.taps import new_device_token, tap_of_request, tapped_at
from app.web import access
from app.web.htmx import fragment, is_htmx, say, see_other

bp = Blueprint("floor", __name__)


@bp.app_context_processor
def _sets() -> dict[str, Any]:
    """`live_set(slot_id)`: the set that runs in a slot of the schedule, for pages of floors below."""
    return {"live_set": queries.live_set_of_slot}


# ---- pages ----


@bp.get("/live")
@access.public
def enter() -> ResponseReturnValue:
    """Type the code that stands on the wall."""
    typed = clean_line(request.args.get("code", ""))[:20]
    found = queries.set_by_code(typed) if typed else None
    if found is not None and found.state != "planned" and queries.open_to(viewer(), found):
        return redirect(url_for("floor.floor", code=found.code), 303)
    html = render_template("floor/enter.html", typed=typed, places=_places(None))
    return make_response(html, 404 if typed else 200)


@bp.get("/live/<code>")
@access.public
def floor(code: str) -> ResponseReturnValue:
    topic = live.floor_topic(code.lower())
    position = regions.position(topic)  # before the state is read
    dj_set = queries.set_for(viewer(), code)
    if follow := _elsewhere(dj_set, code, "floor.floor"):
        return follow
    return render_template("floor/floor.html", live={topic: position}, **_floor(dj_set, clock.now()))


def _elsewhere(dj_set: DjSet, code: str, endpoint: str) -> BaseResponse | None:
    """The next DJ's set once this one was handed over; and the code as it is spelled."""
    after, seen = queries.successor_of(dj_set), 0
    while after is not None and dj_set.is_over and seen < 20:  # a night has fewer handovers
        dj_set, after, seen = after, queries.successor_of(after), seen + 1
    if dj_set.code != code and queries.open_to(viewer(), dj_set):
        return redirect(url_for(endpoint, code=dj_set.code), 303)
    return None


def _floor(dj_set: DjSet, moment: datetime) -> dict[str, Any]:
    who = viewer()
    own: dict[str, Any] = {}
    for piece in OWN_PIECES.values():
        own |= piece(dj_set, moment)
    return own | {
        "dj_set": dj_set, "html": live.floor_regions(dj_set, moment), "moment": moment,
        "places": _places(dj_set), "nav_label": "Dancer", "has_device": who.is_signed_in or who.device_id is not None,
    }  # fmt: skip


def _heart(dj_set: DjSet, moment: datetime) -> dict[str, Any]:
    """What plays, whether the viewer likes it, and all of the set that the viewer likes."""
    play, hearts = queries.now_playing(dj_set, moment), queries.hearts_of(viewer(), dj_set.id)
    count = live.hearts_html(queries.heart_count(play.id) if play else 0)
    hearted = play is not None and play.public_id in hearts
    return {"play": play, "hearted": hearted, "hearts": sorted(hearts), "html": {"hearts": count}}


def _poll(dj_set: DjSet, moment: datetime) -> dict[str, Any]:
    """The viewer's own side of the question on show: the form, or what one chose, with results once one voted."""
    poll = queries.poll_on_show(dj_set.id, moment)
    mine = queries.own_vote(viewer(), poll.id) if poll else None
    is_open = bool(poll and poll.is_open(moment))
    shows = poll is not None and is_open and rules.shows_results(poll, moment, voted=mine is not None)
    return {
        "poll": poll, "poll_is_open": is_open, "own_option": mine.option_id if mine else None,
        "own_results": live.results_of(poll, queries.poll_counts(poll.id)) if poll and shows else [],
    }  # fmt: skip


# The viewer's own side of the page, piece by piece: a tap asks the database for no more than the piece it changes.
OWN_PIECES: dict[str, Callable[[DjSet, datetime], dict[str, Any]]] = {
    "heart": _heart,
    "tempo-vote": lambda dj_set, moment: {
        "vote": queries.own_tempo(viewer(), dj_set.id, moment), "fades_seconds": int(rules.FADES_AFTER.total_seconds()),
    },
    "poll-vote": _poll,
    "minutes": lambda dj_set, _moment: {"minutes": queries.minutes_of(viewer(), dj_set.id, 5)},
    "here": lambda dj_set, moment: {"is_here": queries.is_here(viewer(), dj_set.id, moment)},
}  # fmt: skip


@bp.get("/live/<code>/screen")
@access.public
def screen(code: str) -> ResponseReturnValue:
    """For the wall of the hall: the song, the code, nothing to touch."""
    topic = live.floor_topic(code.lower())
    position = regions.position(topic)
    dj_set = queries.set_for(viewer(), code)
    if follow := _elsewhere(dj_set, code, "floor.screen"):
        return follow
    moment = clock.now()
    address = f"{settings().public_url}{url_for('floor.floor', code=dj_set.code)}"
    return render_template(
        "floor/screen.html", dj_set=dj_set, html=live.floor_regions(dj_set, moment), moment=moment,
        address=address, qr=qr.svg(address, f"Code that opens {address}"), live={topic: position},
    )  # fmt: skip


def _places(dj_set: DjSet | None) -> list[Place]:
    href = url_for("floor.floor", code=dj_set.code) if dj_set else url_for("floor.enter")
    here = Place(href, "radio", "Live", True)
    if dj_set is not None and dj_set.event is not None:
        schedule, mine, *rest = event_places(dj_set.event, viewer(), "")
        return [schedule, here, mine, *rest][:5]
    log = [Place(url_for("floor.dances"), "footprints", "Dance log")] if viewer().is_signed_in else []
    return [here, *log, Place(url_for("discover.weekends"), "calendar-range", "Weekends")]


# ---- taps ----


@bp.post("/live/<code>/heart/<play_id>")
@access.public
@for_a_hall
@once
def heart(code: str, play_id: str) -> ResponseReturnValue:
    """Like what plays, or no longer."""
    dj_set, token = queries.set_for(viewer(), code), _new_device()
    on = request.form.get("on") == "1"
    return _answer(
        dj_set, token,
        lambda: actions.heart(viewer(), dj_set.id, play_id, on=on, device_token=token, tap=tap_of_request()), "heart",
    )  # fmt: skip


@bp.post("/live/<code>/tempo")
@access.public
@for_a_hall
def tempo(code: str) -> ResponseReturnValue:
    dj_set, token = queries.set_for(viewer(), code), _new_device()
    choice = request.form.get("choice", "")[:8]
    return _answer(
        dj_set, token, lambda: actions.vote_tempo(viewer(), dj_set.id, choice, device_token=token),
        "tempo-vote",
    )  # fmt: skip


@bp.post("/live/<code>/poll/<poll_id>")
@access.public
@for_a_hall
def vote(code: str, poll_id: str) -> ResponseReturnValue:
    dj_set, token = queries.set_for(viewer(), code), _new_device()
    option = request.form.get("option", "")[:16]
    return _answer(
        dj_set, token, lambda: actions.vote_poll(viewer(), dj_set.id, poll_id, option, device_token=token),
        "poll-vote",
    )  # fmt: skip


@bp.get("/live/<code>/poll")
@access.public
def poll(code: str) -> ResponseReturnValue:
    """The viewer's own side of the question, when one opens or closes; and the question itself."""
    dj_set, moment = queries.set_for(viewer(), code), clock.now()
    return fragment(
        render_template(
            "floor/_answer.html", target="poll-vote", dj_set=dj_set, say=None,
            neutral={"poll": live.poll_html(dj_set, moment)}, **_poll(dj_set, moment),
        )
    )  # fmt: skip


@bp.post("/live/<code>/minute")
@access.public
@for_a_hall
@once
def minute(code: str) -> ResponseReturnValue:
    """Keep this minute."""
    dj_set, token = queries.set_for(viewer(), code), _new_device()
    waited = clock.now() - tapped_at()
    return _answer(
        dj_set, token,
        lambda: actions.save_minute(
            viewer(), dj_set.id, device_token=token, waited=waited, tap=tap_of_request()
        ), "minutes", said="Kept. It becomes a song as soon as the list knows which.",
    )  # fmt: skip


@bp.post("/live/<code>/here")
@access.public
@for_a_hall
def here(code: str) -> ResponseReturnValue:
    """Join; or, sent by the open page now and then, still here."""
    dj_set, token = queries.set_for(viewer(), code), _new_device()
    return _answer(dj_set, token, lambda: actions.here(viewer(), dj_set.id, device_token=token), "here")


@bp.post("/live/<code>/leave")
@access.public
@for_a_hall
def leave(code: str) -> ResponseReturnValue:
    dj_set = queries.set_for(viewer(), code)
    return _answer(dj_set, None, lambda: actions.leave(viewer(), dj_set.id), "here")


def _new_device() -> str | None:
    """The secret of the device that a guest's first tap makes."""
    return new_device_token(wanted=True)


def _answer(
    dj_set: DjSet, token: str | None, act: Callable[[], None], target: str, *, said: str | None = None
) -> ResponseReturnValue:
    """Do it; then the piece that changed, or the page again. A refusal is a toast beside the truth."""
    code, status, sentence = dj_set.code, 200, said
    try:
        act()
    except Refusal as refusal:
        if tap_of_request() is not None:
            raise  # a tap that waited: the phone undoes it and says the sentence
        status, sentence, token = 409, refusal.sentence, None
    if not is_htmx():
        if sentence:
            say(sentence)
        return _remembered(make_response(see_other(url_for("floor.floor", code=code))), token)
    look_as_device(token)
    dj_set = queries.set_for(viewer(), code)
    own = OWN_PIECES[target](dj_set, clock.now())
    html = render_template("floor/_answer.html", target=target, say=sentence, neutral={}, dj_set=dj_set, **own)
    return _remembered(fragment(html, status), token)


def _remembered(response: Response, token: str | None) -> Response:
    if token:
        devices.remember(response, token)
    return response


# ---- the dance log ----


@bp.get("/app/dancer/dances")
@access.signed_in
def dances() -> ResponseReturnValue:
    """Where one danced, and the minutes one kept. Nobody else sees it."""
    minutes = queries.minutes_of(viewer())
    plays = queries.plays_by_set({row.dj_set_id for row in minutes})
    return render_template(
        "floor/dances.html", visits=queries.visits_of(viewer()),
        minutes=[(row, song_of_minute(row, plays.get(row.dj_set_id, []))) for row in minutes],
        area="dancer", nav_label="Dancer", moment=clock.now(),
        places=dancer_places("dances"),
    )  # fmt: skip


@bp.post("/app/dancer/dances/forget")
@access.signed_in
def forget() -> ResponseReturnValue:
    """Take one evening or one minute out of the log."""
    actions.forget(viewer(), request.form.get("id", "")[:16])
    return see_other(url_for("floor.dances"))
