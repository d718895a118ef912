"""`POST /api/now-playing`: a program on the DJ's laptop says what plays. A bearer token, JSON in, JSON out.

No cookie and no session counts here, so no form token is asked for. docs/booth.md shows it with curl and with
"What's Now Playing".
"""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.floor import actions, queries
from app.floor.actions import Song
from app.floor.models import FeedToken
from app.lib import tokens
from app.lib.refusal import Refusal
from app.lib.text import clean_line
from app.music import keys
from app.web import access
from app.web.limits import limiter
from app.web.security import csrf, takes_at_most

bp = Blueprint("feed", __name__)
BODY_BYTES_MAX = 64 * 1024


def _key() -> str:
    """One limit per token; for those without a good one, per address."""
    return f"feed:{tokens.digest(_bearer())}" if _bearer() else f"feed:{request.remote_addr}"


def _bearer() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


@bp.post("/api/now-playing")
@access.public
@csrf.exempt
@limiter.limit("60 per minute", key_func=_key)
@limiter.limit("600 per minute")
@takes_at_most(BODY_BYTES_MAX)
def now_playing() -> ResponseReturnValue:
    """What plays, in the set that the token's DJ plays now. Without a title: nothing plays."""
    token = queries.feed_token(_bearer()) if _bearer() else None
    if token is None:
        return _told(401, "Send a token of yours: Authorization: Bearer … . Make one in the booth, under Programs.")
    said = _said()
    if not isinstance(said, dict):
        return _told(400, 'Send JSON: {"artist": "…", "title": "…"}.')
    try:
        song = _song(said)
    except ValueError as wrong:
        return _told(422, str(wrong))
    return _played(token, song)


def _said() -> Any:
    """What was sent; None where it is no JSON, or nested so deep that reading it would fail."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _played(token: FeedToken, song: Song | None) -> ResponseReturnValue:
    dj_set, token_id = queries.live_set_of(token.person_id), token.id
    if dj_set is None:
        return _told(409, "No set of yours is live. Start one in the booth, then send again.")
    set_id, code, title = dj_set.id, dj_set.code, dj_set.title
    try:
        if song is None:
            actions.clear_now(set_id)
            verb = "cleared"
        else:
            verb = actions.play(set_id, song, source="feed").verb
    except Refusal as refusal:
        return _told(409, refusal.sentence)
    actions.token_used(token_id)
    return jsonify(set=title, code=code, result={"now": "playing", "double": "already playing"}.get(verb, verb))


def _song(said: dict[str, Any]) -> Song | None:
    """The song that was told. Raises ValueError with a sentence."""
    title, artist = _text(said, "title"), _text(said, "artist")
    if not title:
        return None
    key = keys.parse(_text(said, "key"))
    return Song(
        title[:300], artist[:300], bpm=_number(said, "bpm", 20, 400),
        key_pitch=key.pitch if key else None, key_mode=key.mode if key else None,
        duration_seconds=_number(said, "duration_seconds", 1, 36_000),
    )  # fmt: skip


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name) or ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is text.")  # noqa: TRY004  (one kind of error for every wrong field)
    return clean_line(value[:1000])


def _number(said: dict[str, Any], name: str, least: float, most: float) -> float | None:
    """A number, also as text; empty, zero and null mean unknown."""
    value = said.get(name)
    if not value or value == "0":
        return None
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        raise ValueError(f"{name} is a number.") from None
    if not math.isfinite(number) or not least <= number <= most:
        raise ValueError(f"{name} lies between {least:g} and {most:g}.")
    return number


def _told(status: int, sentence: str) -> ResponseReturnValue:
    answer = jsonify(error=sentence)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="now-playing"'
    return answer
