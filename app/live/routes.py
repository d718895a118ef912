"""`GET /ws`: the one socket route. Checks where it comes from and who listens to what, then hands over to the hub.

`GET /ws?topic=T&at=EPOCH.VERSION[&topic=T2&at=…]`, up to four topics; without `at` everything retained is sent.
Refusals are plain HTTP answers (400, 403, 404, 429, 503) before the handshake. Where sockets are blocked, pages ask
`GET /live/at?topic=T[&topic=T2]` every five seconds instead: positions as an ETag, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import Blueprint, Flask, Response, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_sock import Sock

from app.config import settings
from app.db import db
from app.live import handover, holding, origin, regions, render, topics
from app.live.handover import HandOver
from app.live.regions import Position, parse_position
from app.web import access

TOPICS_MAX = 4
SHORT_WAY = "pika_live_short_way"

bp = Blueprint("live", __name__)
sock = Sock()


class ShortWay(NamedTuple):
    """What the short way in (app.live.door) must know from features above, for it has no request."""

    nobody: Callable[[], Any]  # a viewer who is nobody in particular, for the guards
    who: Callable[[str], tuple[int | None, str]]  # of a Cookie header: a person, app.live.holding's key


def init_app(app: Flask, viewer: Callable[[], Any], short_way: ShortWay | None = None) -> None:
    """Open the route. `viewer` says who looks; it is given, because this package lies below app.people."""
    handover.install()
    app.extensions["pika_live_viewer"] = viewer
    if short_way:
        app.extensions[SHORT_WAY] = short_way
    app.jinja_env.globals["live_attr"] = live_attr
    render.init_app(app)
    app.register_blueprint(bp)


def live_attr(positions: Mapping[str, Position]) -> str:
    """The value of `<body data-live>`: what the page shows, topic by topic."""
    return " ".join(f"{topic}@{position}" for topic, position in positions.items())


@sock.route("/ws", bp=bp)
@access.public
def ws(socket: HandOver) -> None:
    """Guard, hand over, return."""
    asked_at = time.monotonic()
    _check_origin()
    asked = wanted(request.query_string.decode("latin-1")) or abort(400)
    viewer = current_app.extensions["pika_live_viewer"]()
    person = viewer.person.id if viewer.person else None
    holder = holding.key_of(person, viewer.device_id)
    if not all(topics.allowed(viewer, topic) for topic, _at in asked):
        abort(404)
    from app.live.hub import hub_of  # gevent only where sockets are: not in the CLI, not in jobs

    hub = hub_of(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001  (Flask's documented way)
    address = request.remote_addr or ""
    if status := hub.refusal(person, address):
        abort(status)
    db.session.remove()  # the guards are done with the database; the hub never touches it
    raw, greeting = socket.accept()
    hub.join(raw, greeting, person, address, asked, holder, asked_at)


@bp.get("/live/at")
@access.public
def at() -> ResponseReturnValue:
    """Where these topics stand, in order: 304 while that is what the page says it shows. 503 without Redis: who knows.

    Guarded like the socket, and nothing beyond the guard reads the database.
    """
    asked = wanted(request.query_string.decode("latin-1")) or abort(400)
    viewer = current_app.extensions["pika_live_viewer"]()
    if not all(topics.allowed(viewer, topic) for topic, _at in asked):
        abort(404)
    positions = [regions.position(topic) for topic, _at in asked]
    if regions.NOWHERE in positions:
        return Response(status=503)
    response = Response()
    response.set_etag(" ".join(map(str, positions)))
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


def _check_origin() -> None:
    allowed = origin.is_allowed(
        request.headers.get("Origin"),
        public_url=settings().public_url,
        request_url=request.host_url,
        has_cookies=bool(request.cookies),
    )
    if not allowed:
        abort(403, "cross-site")


def wanted(query: str) -> list[tuple[str, Position | None]] | None:
    """Topics in order, each with the `at` that follows it; None for anything else."""
    found: dict[str, Position | None] = {}
    last = ""
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "topic" and value not in found:
            found[value] = None
            last = value
        elif name == "at" and last:
            found[last] = parse_position(value)
            last = ""
        else:
            return None
    return list(found.items()) if 1 <= len(found) <= TOPICS_MAX else None
