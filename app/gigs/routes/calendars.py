"""One's gigs at the secret calendar address (app.schedule makes, shows and removes the secret)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from app.config import settings
from app.gigs import calendar_file, queries
from app.lib import clock, tokens
from app.people import queries as people
from app.web import access
from app.web.limits import limiter

bp = Blueprint("gig_calendar", __name__)
PAST = timedelta(days=60)


@bp.get("/calendar/<token>/gigs.ics")
@access.public
@limiter.limit("60 per minute", key_func=lambda: "calendar:" + tokens.digest(request.path))  # calendars share addresses
def feed(token: str) -> ResponseReturnValue:
    """What its owner agreed to and is asked for, over all events and outside of them."""
    person = people.person_by_calendar_token(token) or abort(404)
    address = settings().public_url
    gigs = queries.gigs_of(person.id, since=clock.now() - PAST)
    body = calendar_file.write(gigs, address, urlsplit(address).hostname or "pika")
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="gigs.ics"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
