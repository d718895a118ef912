"""Bookings as organizers see them: the manager, one slot's with the form that asks, one with its history.

A slot's bookings stand in the maker's dialog (htmx) and on a page of their own. Organizers of the event only.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.events import queries as events
from app.events.models import Event
from app.events.places import team_places
from app.gigs import news, queries, rules
from app.gigs.actions import asking, following
from app.gigs.forms import CURRENCIES, DAYS, ChoicesForm, OfferForm, ReasonForm, fresh_offer, offer_values
from app.gigs.models import Gig
from app.gigs.rules import Span
from app.lib import clock, money
from app.lib.refusal import Refusal
from app.people.viewer import me, viewer
from app.schedule import queries as schedule
from app.schedule.models import Slot
from app.web import access
from app.web.forms import whole
from app.web.htmx import back_to, is_htmx, say
from app.web.limits import limiter

bp = Blueprint("bookings", __name__, url_prefix="/app/organizer/events/<slug>")
GROUPS = {
    "open": ("pending", "countered"), "confirmed": ("confirmed", "ended"),
    "closed": ("declined", "expired", "withdrawn", "cancelled"),
}  # fmt: skip
DANGEROUS = "=+-@\t\r\n\0'"  # what spreadsheets take for a formula when a cell begins with it


@bp.get("/bookings")
@access.signed_in
def manager(slug: str) -> ResponseReturnValue:
    """Everybody asked and booked, by day; filtered by state and role."""
    event = _event(slug)
    gigs = queries.gigs_at(event.id)
    shown = _filtered(gigs)
    days: dict[Any, list[Gig]] = {}
    for gig in shown:
        days.setdefault(clock.event_day(gig.starts_at, event.zone, event.day_change_hour), []).append(gig)
    counts = {name: sum(1 for gig in gigs if gig.state in states) for name, states in GROUPS.items()}
    slots = [slot for slot in schedule.slots_of(event.id) if not slot.is_cancelled and slot.ends_at > clock.now()]
    return render_template(
        "gigs/manager.html", days=days, counts=counts, total=len(gigs), slots=slots,
        standings=queries.standings_of([gig for gig in shown if gig.is_living], event.day_change_hour),
        choices=queries.choices_of(gig.id for gig in shown if gig.is_living), state=request.args.get("state", ""),
        role=request.args.get("role", ""), role_words=rules.ROLE_WORDS, agreed_minor=_agreed(gigs),
        **_frame(event),
    )  # fmt: skip


def _filtered(gigs: list[Gig]) -> list[Gig]:
    states = GROUPS.get(request.args.get("state", ""))
    role = request.args.get("role", "")
    return [gig for gig in gigs if (not states or gig.state in states) and (not role or gig.role == role)]


def _agreed(gigs: list[Gig]) -> list[str]:
    """What the agreed fees come to, by currency."""
    sums: dict[str, int] = {}
    for gig in gigs:
        if gig.state in GROUPS["confirmed"] and gig.fee_minor:
            sums[gig.currency] = sums.get(gig.currency, 0) + gig.fee_minor
    return [money.words(amount, currency) for currency, amount in sorted(sums.items())]


@bp.get("/bookings.csv")
@access.signed_in
def export(slug: str) -> ResponseReturnValue:
    """The list as a spreadsheet reads it, filtered as on the page; no cell is taken for a formula."""
    event = _event(slug)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for gig in _filtered(queries.gigs_at(event.id)):
        writer.writerow([_guarded(cell) for cell in _cells(event, gig)])
    response = Response(b"\xef\xbb\xbf" + out.getvalue().encode(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="bookings-{event.slug}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


COLUMNS = ("state", "role", "name", "handle", "day", "start", "end", "slot", "room", "fee", "currency", "travel",
           "notes", "answer by", "confirmed", "reason")  # fmt: skip


def _cells(event: Event, gig: Gig) -> list[str]:
    local = lambda instant: clock.to_local(instant, event.zone)  # noqa: E731  (a local shorthand)
    day = clock.event_day(gig.starts_at, event.zone, event.day_change_hour)
    until, agreed_at = gig.expires_at, gig.confirmed_at
    return [
        gig.state, rules.ROLE_WORDS[gig.role], gig.person.name, gig.person.handle, day.isoformat(),
        f"{local(gig.starts_at):%H:%M}", f"{local(gig.ends_at):%H:%M}", gig.title,
        gig.slot.room.name if gig.slot else "", money.plain(gig.fee_minor, gig.currency), gig.currency, gig.travel,
        gig.notes, f"{local(until):%Y-%m-%d %H:%M}" if until else "",
        f"{local(agreed_at):%Y-%m-%d %H:%M}" if agreed_at else "", gig.reason,
    ]  # fmt: skip


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ")[:1] in DANGEROUS and cell else cell


# ---- one slot ----


@bp.get("/slots/<slot_id>/bookings")
@access.signed_in
def of_slot(slug: str, slot_id: str) -> ResponseReturnValue:
    event = _event(slug)
    slot = schedule.slot_of(event, slot_id)
    initial = fresh_offer(event, slot, request.args.get("role", ""))
    former = request.args.get("for", "")
    if former:
        gig = queries.gig_in(event, former)
        initial |= offer_values(gig) | {"role": gig.role, "substitute_for": gig.public_id}
    return _slot_page(event, slot, OfferForm(event, slot, initial=initial))


@bp.post("/slots/<slot_id>/bookings")
@access.signed_in
@limiter.limit("120 per hour")
def ask(slug: str, slot_id: str) -> ResponseReturnValue:
    event = _event(slug)
    slot = schedule.slot_of(event, slot_id)
    form, status = OfferForm(event, slot, request.form), 422
    if form.is_valid:
        try:
            asking.ask(
                event.id, slot_id, form.clean["who"], form.clean["role"], form.made, me(),
                next_choices=form.clean["next"], substitute_for=form.clean["substitute_for"],
            )  # fmt: skip
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            if not is_htmx():
                say("Asked. The schedule names them once they confirm.")
                return back_to("bookings.of_slot", slug=slug, slot_id=slot_id)
            slot = schedule.slot_of(_event(slug), slot_id)
            form, status = OfferForm(event, slot, initial=fresh_offer(event, slot)), 200
    event = _event(slug)
    slot = schedule.slot_of(event, slot_id)
    return _slot_page(event, slot, form, status)


@bp.get("/slots/<slot_id>/bookings/who")
@access.signed_in
@limiter.limit("240 per hour")
def who(slug: str, slot_id: str) -> ResponseReturnValue:
    """Who may be thought of for a role, and how they stand to these hours: a piece of the form."""
    event = _event(slug)
    slot = schedule.slot_of(event, slot_id)
    return render_template("gigs/_candidates.html", event=event, slot=slot, **_candidates(event, slot))


def _candidates(event: Event, slot: Slot, form: OfferForm | None = None) -> dict[str, Any]:
    values = form.values if form is not None else request.args
    role = values.get("role") if values.get("role") in rules.ROLE_WORDS else "dj"
    asked = OfferForm(event, slot, {**values, "offer": "1"}, with_who=False).clean
    span = Span(slot.starts_at, slot.ends_at)
    if asked.get("starts_at") and asked["starts_at"] < asked["ends_at"]:
        span = Span(asked["starts_at"], asked["ends_at"])
    people = queries.candidates(str(role), event.id)
    day = rules.gig_day(span.starts_at, event.zone, event.day_change_hour)
    return {"people": people, "standings": queries.standings([p.id for p in people], span, day), "role": role}


def _slot_page(event: Event, slot: Slot, form: OfferForm, status: int = 200) -> ResponseReturnValue:
    gigs = queries.gigs_at(event.id, slot.public_id)
    living = [gig for gig in gigs if gig.is_living]
    html = render_template(
        "gigs/_slot.html" if is_htmx() else "gigs/slot.html", slot=slot, gigs=living,
        past=[gig for gig in gigs if not gig.is_living], form=form, role_words=rules.ROLE_WORDS,
        gig_standings=queries.standings_of(living, event.day_change_hour), currencies=CURRENCIES,
        days_options=DAYS, choices=queries.choices_of(gig.id for gig in living),
        **_candidates(event, slot, form), **_frame(event),
    )  # fmt: skip
    return make_response(html, status)


# ---- one booking ----


@bp.get("/bookings/<gig_id>")
@access.signed_in
def booking(slug: str, gig_id: str) -> ResponseReturnValue:
    event = _event(slug)
    return _booking_page(event, queries.gig_in(event, gig_id))


def _booking_page(event: Event, gig: Gig, form: OfferForm | None = None, status: int = 200) -> ResponseReturnValue:
    named = queries.choices_of([gig.id]).get(gig.id, [])
    listed = ", ".join(f"@{choice.person.handle}" for choice in named)
    if form is None and gig.slot is not None:
        form = OfferForm(event, gig.slot, initial=offer_values(gig), with_who=False)
    html = render_template(
        "gigs/booking.html", gig=gig, form=form, choices_form=ChoicesForm(initial={"next": listed}),
        reason_form=ReasonForm(), steps=queries.steps_of(gig.id), verbs=rules.VERBS, role_words=rules.ROLE_WORDS,
        standing=queries.standings_of([gig], event.day_change_hour)[gig.id], currencies=CURRENCIES,
        days_options=DAYS, after=queries.asked_after(gig.id), when=news.when_of(gig),
        has_moved=_has_moved(gig), **_frame(event),
    )  # fmt: skip
    return make_response(html, status)


def _has_moved(gig: Gig) -> bool:
    """Whether the slot is elsewhere than when the offer was made, still as a draft."""
    return bool(
        gig.is_living and gig.slot and (gig.slot.starts_at, gig.slot.ends_at) != (gig.slot_starts_at, gig.slot_ends_at)
    )


@bp.post("/bookings/<gig_id>/accept")
@access.signed_in
def accept(slug: str, gig_id: str) -> ResponseReturnValue:
    return _verb(slug, gig_id, lambda gig: asking.accept(gig.id, _seen(), me()), "Agreed. The schedule names them now.")


@bp.post("/bookings/<gig_id>/keep")
@access.signed_in
def keep(slug: str, gig_id: str) -> ResponseReturnValue:
    return _verb(slug, gig_id, lambda gig: asking.keep(gig.id, _seen(), me()), "The first offer stands, and they know.")


@bp.post("/bookings/<gig_id>/withdraw")
@access.signed_in
def withdraw(slug: str, gig_id: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    reason = form.clean["reason"][:300]
    return _verb(slug, gig_id, lambda gig: asking.withdraw(gig.id, reason, me()), "Taken back. They are told.")


@bp.post("/bookings/<gig_id>/remind")
@access.signed_in
def remind(slug: str, gig_id: str) -> ResponseReturnValue:
    return _verb(slug, gig_id, lambda gig: asking.remind(gig.id, me()), "They are reminded.")


@bp.post("/bookings/<gig_id>/again")
@access.signed_in
def ask_again(slug: str, gig_id: str) -> ResponseReturnValue:
    """The slot moved in the draft: ask now, without waiting for the next version."""
    return _verb(slug, gig_id, lambda gig: following.follow_slot(gig.id, me()), "They are asked about the new time.")


@bp.post("/bookings/<gig_id>/offer")
@access.signed_in
def offer(slug: str, gig_id: str) -> ResponseReturnValue:
    event = _event(slug)
    gig = queries.gig_in(event, gig_id)
    if gig.slot is None:
        return _verb(slug, gig_id, lambda gig: asking.keep(gig.id, _seen(), me()), "")
    form, status = OfferForm(event, gig.slot, request.form, with_who=False), 422
    if form.is_valid:
        try:
            asking.offer_anew(gig.id, form.clean["offer"], form.made, me())
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            say("They have the new offer.")
            return back_to("bookings.booking", slug=slug, gig_id=gig_id)
    event = _event(slug)
    return _booking_page(event, queries.gig_in(event, gig_id), form, status)


@bp.post("/bookings/<gig_id>/choices")
@access.signed_in
@limiter.limit("120 per hour")
def set_choices(slug: str, gig_id: str) -> ResponseReturnValue:
    named = ChoicesForm(request.form).clean["next"]
    return _verb(slug, gig_id, lambda gig: asking.set_choices(gig.id, named), "Kept. They are asked in this order.")


# ---- answers ----


def _event(slug: str) -> Event:
    return events.event_organized_by(viewer(), slug)


def _seen() -> int:
    return request.form.get("offer", 0, type=whole)


def _verb(slug: str, gig_id: str, action: Callable[[Gig], object], done: str) -> ResponseReturnValue:
    """One tap on a booking: what it did, or why not, stands on the page that follows."""
    gig = queries.gig_in(_event(slug), gig_id)
    try:
        action(gig)
    except Refusal as refusal:
        say(refusal.sentence)
    else:
        say(done)
    return back_to("bookings.booking", slug=slug, gig_id=gig_id)


def _frame(event: Event) -> dict[str, Any]:
    """What every page of an event's team has around it."""
    return {
        "event": event, "places": team_places(event, "bookings"), "nav_label": "Organizer", "area": "organizer",
        "moment": clock.now(), "back_url": url_for("bookings.manager", slug=event.slug),
    }  # fmt: skip
