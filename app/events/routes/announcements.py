"""The announcement center: compose, schedule, edit, pin, withdraw, and who it reaches. Organizers of the event only."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app.events import actions, audience, live, queries
from app.events.announcement_forms import AnnouncementForm, PostedForm, values_of
from app.events.models import Announcement, Event
from app.events.places import team_places
from app.lib.refusal import Refusal
from app.live import regions
from app.people.viewer import me, viewer
from app.web import access
from app.web.htmx import back_to, fragment, say
from app.web.limits import limiter

bp = Blueprint("announcements", __name__, url_prefix="/app/organizer/events/<slug>/announce")


@bp.get("")
@access.signed_in
def center(slug: str) -> ResponseReturnValue:
    topic = f"event:{slug}:staff"
    position = regions.position(topic)
    event = _event(slug)
    return _center(event, AnnouncementForm(event, initial={"audience": "everybody"}), live_at={topic: position})


@bp.post("")
@access.signed_in
@limiter.limit("60 per hour")
def announce(slug: str) -> ResponseReturnValue:
    event = _event(slug)
    form = AnnouncementForm(event, request.form)
    if form.is_valid:
        try:
            actions.announce(event.id, form.clean, me())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say("It is planned. Nobody sees it before." if form.clean["post_at"] else "It is on its way.")
            return back_to("announcements.center", slug=slug)
    return _center(_event(slug), form, status=422)


@bp.get("/reach")
@access.signed_in
def reach(slug: str) -> ResponseReturnValue:
    """The line below the audience, when another one is chosen."""
    event = _event(slug)
    slots = [request.args["slot"]] if request.args.get("slot") else []
    chosen = request.args.get("audience", "everybody")
    return fragment(_reach_line(event, chosen, slots))


@bp.get("/<announcement_id>")
@access.signed_in
def announcement(slug: str, announcement_id: str) -> ResponseReturnValue:
    event = _event(slug)
    found = queries.announcement_of(event, announcement_id)
    return _edit_page(event, found, AnnouncementForm(event, initial=values_of(found, event)))


@bp.post("/<announcement_id>")
@access.signed_in
@limiter.limit("60 per hour")
def change(slug: str, announcement_id: str) -> ResponseReturnValue:
    event = _event(slug)
    found = queries.announcement_of(event, announcement_id)
    form = (PostedForm if found.posted_at else AnnouncementForm)(event, request.form)
    if form.is_valid:
        try:
            actions.change_announcement(found.id, form.clean)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say("Changed, and on its way again." if form.clean.get("again") else "Changed.")
            return back_to("announcements.center", slug=slug)
    event = _event(slug)
    return _edit_page(event, queries.announcement_of(event, announcement_id), form, status=422)


@bp.post("/<announcement_id>/withdraw")
@access.signed_in
def withdraw(slug: str, announcement_id: str) -> ResponseReturnValue:
    actions.withdraw(queries.announcement_of(_event(slug), announcement_id).id)
    say("Withdrawn. It is gone from every page; notices say so.")
    return back_to("announcements.center", slug=slug)


@bp.post("/<announcement_id>/pin")
@access.signed_in
def pin(slug: str, announcement_id: str) -> ResponseReturnValue:
    """Pin it, or with on=0 take the pin out."""
    found = queries.announcement_of(_event(slug), announcement_id)
    on = request.form.get("on") == "1"
    try:
        actions.pin(found.id, on=on)
    except Refusal as refusal:
        say(refusal.sentence)
    else:
        say("Pinned. It stays on top." if on else "Not pinned any more.")
    return back_to("announcements.center", slug=slug)


def _event(slug: str) -> Event:
    return queries.event_organized_by(viewer(), slug)


def _reach_line(event: Event, chosen: str, slots: list[str]) -> Markup:
    html = render_template(
        "events/announcements/_reach.html", reach=audience.reach(event.id, chosen, slots), audience=chosen,
        needs_slot=chosen == "starred" and not slots, is_hidden=not event.is_published,
    )  # fmt: skip
    return Markup(html)  # noqa: S704  (escaped by the template it comes from)


def _choices(event: Event, form: AnnouncementForm) -> dict[str, object]:
    """What both forms choose from, each with its number of people."""
    stars = audience.stars_by_slot(event.id)
    slot = str(form.values.get("slot") or "")
    return {
        "slots": queries.slot_lines(event.id), "stars": stars,
        "everybody": audience.reach(event.id, "everybody"),
        "reach_line": _reach_line(event, str(form.values.get("audience") or "everybody"), [slot] if slot else []),
    }  # fmt: skip


def _center(
    event: Event, form: AnnouncementForm, status: int = 200, live_at: dict[str, regions.Position] | None = None
) -> ResponseReturnValue:
    news = queries.announcements_of(event.id)
    html = render_template(
        "events/announcements/center.html", event=event, form=form, news=news,
        delivery=live.delivery_regions([a for a in news if a.posted_at]),
        places=team_places(event, "announce"), nav_label="Organizer", area="organizer", live=live_at,
        **_choices(event, form),
    )  # fmt: skip
    return make_response(html, status)


def _edit_page(event: Event, found: Announcement, form: AnnouncementForm, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "events/announcements/edit.html", event=event, form=form, news=found, places=team_places(event, "announce"),
        nav_label="Organizer", area="organizer", **_choices(event, form),
    )  # fmt: skip
    return make_response(html, status)
