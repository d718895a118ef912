"""Calendars to subscribe to: an event's public one, a person's secret one, and the page where the secret is made.

The secret address is a key: no cookie is asked for, nothing caches it, no log and no Referer carries it, and a new one
makes the former one lead nowhere at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.config import settings
from app.events import queries as events
from app.events.models import Event
from app.events.places import Place
from app.lib import clock, tokens
from app.people import queries as people
from app.people.models import Person
from app.people.viewer import Viewer, me, viewer
from app.schedule import calendars, queries
from app.schedule.actions import calendars as actions
from app.schedule.calendars import Entries
from app.web import access
from app.web.htmx import back_to, say
from app.web.limits import limiter

bp = Blueprint("calendars", __name__)
ICS = "text/calendar; charset=utf-8"
DEFAULT_LEAD = 10
GOOGLE = "https://calendar.google.com/calendar/render?cid="


@bp.get("/e/<slug>/schedule.ics")
@access.public
@limiter.limit("300 per minute")
def public(slug: str) -> ResponseReturnValue:
    """All slots of the public version, cancelled ones as cancelled. The same bytes until something changes."""
    event = events.event_for(viewer(), slug)
    response = _ics(_written(event), f"{slug}.ics")
    response.headers["Cache-Control"] = "public, max-age=60" if event.is_published else "private, no-store"
    response.add_etag()
    return response.make_conditional(request)


def _written(event: Event) -> bytes:
    """Drawn once per process and state: the key names all that the calendar depends on."""
    key = (settings().public_url, event.public_id, event.slug, event.revision, event.schedule_version)
    if key not in _drawn:
        if len(_drawn) >= 64:
            _drawn.clear()
        _drawn[key] = _write(event.name, [_entries(event)])
    return _drawn[key]


_drawn: dict[tuple[object, ...], bytes] = {}


@bp.get("/calendar/<token>.ics")
@access.public
@limiter.limit("60 per minute", key_func=lambda: "calendar:" + tokens.digest(request.path))  # calendars share addresses
def personal(token: str) -> ResponseReturnValue:
    """What its owner starred, over all events, with alarms."""
    person = people.person_by_calendar_token(token) or abort(404)
    key = people.calendar_key_of(person.id)
    if key is not None and (key.last_read_at is None or key.last_read_at < clock.now() - actions.NOTED_EVERY):
        actions.note_calendar_read(person.id)
    response = _ics(_write("Pika!", _starred(person), lead_minutes=_lead(person)), "pika.ics")
    return _secret(response)


@bp.get("/account/calendar")
@access.signed_in
def calendar() -> ResponseReturnValue:
    return _page()


@bp.post("/account/calendar")
@access.signed_in
@limiter.limit("20 per hour")
def make_key() -> ResponseReturnValue:
    """A new address, shown in this answer and never again."""
    return _page(actions.make_calendar_key(me().id))


@bp.post("/account/calendar/remove")
@access.signed_in
def remove_key() -> ResponseReturnValue:
    actions.remove_calendar_key(me().id)
    say("The calendar address is gone. Calendars that read it get nothing from now on.")
    return back_to("calendars.calendar")


def _page(token: str | None = None) -> ResponseReturnValue:
    address = settings().public_url + url_for("calendars.personal", token=token) if token else ""
    webcal = "webcal:" + address.partition(":")[2] if token else ""
    gigs = settings().public_url + url_for("gig_calendar.feed", token=token) if token else ""
    gigs_webcal = "webcal:" + gigs.partition(":")[2] if token else ""
    html = render_template(
        "schedule/calendars/calendar.html", key=people.calendar_key_of(me().id), address=address, webcal=webcal,
        google=GOOGLE + quote(webcal, safe="") if token else "", gigs=gigs, gigs_webcal=gigs_webcal,
        gigs_google=GOOGLE + quote(gigs_webcal, safe="") if token else "", lead=_lead(me()),
        stars=sum(len(found) for found in queries.stars_by_event(viewer()).values()), nav_label="Account",
        places=[
            Place(url_for("discover.dancer"), "footprints", "Weekends"),
            Place(url_for("calendars.calendar"), "calendar-days", "Calendar", current=True),
            Place(url_for("people.profile"), "user", "Profile"),
        ],
    )  # fmt: skip
    return _secret(make_response(html))


def _secret(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _ics(body: bytes, filename: str) -> Response:
    response = Response(body, content_type=ICS)
    response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    return response


def _write(name: str, groups: Iterable[Entries], lead_minutes: int | None = None) -> bytes:
    address = settings().public_url
    host = urlsplit(address).hostname or "pika"
    return calendars.write(name, groups, public_url=address, host=host, lead_minutes=lead_minutes)


def _entries(event: Event, only: set[str] | None = None) -> Entries:
    shown = queries.public_schedule(event)
    slots = tuple(slot for slot in shown.slots if only is None or slot.id in only)
    return Entries(event, slots, shown.number, queries.published_at(event))


def _starred(person: Person) -> list[Entries]:
    """Starred slots of events whose page is open: a hidden event is nobody's to read."""
    holder = Viewer(person)
    starred = queries.stars_by_event(holder)
    return [_entries(event, starred[event.id]) for event in queries.starred_events(holder)]


def _lead(person: Person) -> int:
    return queries.lead_minutes(person.id) or DEFAULT_LEAD
