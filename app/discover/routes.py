"""Landing, the list of weekends, an event's public page, and the areas of dancers, DJs and teachers. Reads only."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.discover import faces, sets
from app.events import live as events_live
from app.events import queries as events
from app.events.models import Event
from app.events.places import Place, dancer_places, dj_places, event_places
from app.gigs import queries as gigs
from app.lib import clock
from app.live import regions
from app.people.viewer import me, viewer
from app.schedule import live, queries
from app.schedule.snapshot import SlotView
from app.studios import queries as studios
from app.studios.places import studio_places
from app.web import access

bp = Blueprint("discover", __name__)
SAMPLE_SLOTS = 4


@bp.get("/")
@access.public
def landing() -> ResponseReturnValue:
    """What Pika! is, with a real schedule where there is one, and live where it is under way."""
    moment = clock.now()
    coming = events.upcoming(moment.date(), limit=1)
    weekend = coming[0] if coming else None
    shown: dict[str, object] = {"weekend": weekend, "moment": moment}
    if weekend and weekend.opens_at <= moment < weekend.closes_at:
        topic = live.public_topic(weekend.slug)
        shown["live"] = {topic: regions.position(topic)}  # before the state is read
        shown |= {"now_html": live.now_html(weekend), "asof_html": live.asof_html(weekend)}
    return render_template("landing/landing.html", sample=_sample(weekend), **shown)


@bp.get("/events")
@access.public
def weekends() -> ResponseReturnValue:
    moment = clock.now()
    return render_template("discover/weekends.html", events=events.upcoming(moment.date(), limit=50), moment=moment)


@bp.get("/e/<slug>")
@access.public
def event_page(slug: str) -> ResponseReturnValue:
    topic = live.public_topic(slug)
    position = regions.position(topic)
    event = events.event_for(viewer(), slug)
    shown = queries.public_schedule(event)
    people, total = faces.of(shown)
    return render_template(
        "discover/event.html", event=event, schedule=shown, people=people, people_total=total,
        now_html=live.now_html(event), asof_html=live.asof_html(event), rooms=shown.rooms,
        banner_html=events_live.banner_html(event), list_html=events_live.list_html(event),
        follows=events.follows(viewer(), event.id),
        moment=clock.now(), places=event_places(event, viewer(), "event"), live={topic: position},
    )  # fmt: skip


@bp.get("/app/dancer")
@access.signed_in
def dancer() -> ResponseReturnValue:
    """A dancer's home: weekends with stars in them, each with what comes next, and weekends to discover."""
    starred = queries.starred_events(viewer())
    moment = clock.now()
    stars = queries.stars_by_event(viewer())
    cards = [faces.weekend_card(event, queries.public_schedule(event), stars[event.id], moment) for event in starred]
    followed = [event for event in events.followed_events(viewer()) if event.id not in stars]
    known = {event.id for event in starred} | {event.id for event in followed}
    others = [event for event in events.upcoming(moment.date()) if event.id not in known]
    return render_template(
        "discover/dancer.html", cards=cards, followed=followed, others=others, moment=moment, area="dancer",
        nav_label="Dancer",
        places=_dancer_places(),
    )  # fmt: skip


def _dancer_places() -> list[Place]:
    """Gigs stand there while somebody asks: a dancer who is not asked has no use for the word."""
    asked = gigs.waiting_count(me().id)
    waiting = [Place("/app/dancer/gigs", "calendar-check", "Gigs", count=asked)] if asked else []
    return [*dancer_places("mine"), *waiting]


@bp.get("/app/dj")
@access.signed_in
def dj() -> ResponseReturnValue:
    """A DJ's home: the sets this account is named on, next ones first."""
    return _slots_page("discover/dj.html", ("dj",), "dj", "DJ")


@bp.get("/app/studio")
@access.signed_in
def studio() -> ResponseReturnValue:
    """The studios this person runs or teaches at, and what they teach at weekends."""
    moment = clock.now()
    slots = queries.slots_with(me().id, ("teacher",))
    return render_template(
        "studios/home.html", memberships=studios.memberships(me().id), moment=moment, area="studio", nav_label="Studio",
        coming=sets.by_weekend(slot for slot in slots if slot.ends_at > moment),
        past=sets.by_weekend(slot for slot in reversed(slots) if slot.ends_at <= moment),
        places=studio_places(None, "home"),
    )  # fmt: skip


def _slots_page(template: str, roles: tuple[str, ...], area: str, label: str) -> ResponseReturnValue:
    moment = clock.now()
    slots = queries.slots_with(me().id, roles)
    return render_template(
        template, coming=sets.by_weekend(slot for slot in slots if slot.ends_at > moment),
        past=sets.by_weekend(slot for slot in reversed(slots) if slot.ends_at <= moment),
        area=area, nav_label=label, moment=moment,
        places=dj_places("sets"),
    )  # fmt: skip


def _sample(weekend: Event | None) -> list[SlotView]:
    """A few slots from now on, for the phone in the landing page's picture."""
    if weekend is None:
        return []
    moment = clock.now()
    coming = [slot for slot in queries.public_schedule(weekend).slots if slot.ends_at > moment]
    return coming[:SAMPLE_SLOTS]
