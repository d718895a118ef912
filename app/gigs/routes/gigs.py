"""Gigs as whoever is booked sees them: the list and the month, one gig with its answers, own gigs, days, settings.

The same pages in the areas of DJs, dancers and studios, for anybody may be asked. Somebody else's gig is 404.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.gigs import diary, news, queries, rules
from app.gigs.actions import answering, own
from app.gigs.forms import (
    CURRENCIES,
    CounterForm,
    DaysForm,
    OwnForm,
    ReasonForm,
    SettingsForm,
    change_hour,
    counter_values,
    own_values,
)
from app.gigs.models import Gig
from app.gigs.places import area_of, booked_places
from app.lib import clock, money
from app.lib.refusal import Refusal
from app.people import queries as people
from app.people.viewer import me, viewer
from app.web import access
from app.web.filters import day_month
from app.web.forms import whole
from app.web.htmx import back_to, say
from app.web.limits import limiter

bp = Blueprint("gigs", __name__)
AREA = "<any(dj, dancer, studio):area>"
PAST_DAYS = 400


@bp.get(f"/app/{AREA}/gigs")
@access.signed_in
def listing(area: str) -> ResponseReturnValue:
    """What waits for an answer first, then everything to come by month, then what was."""
    moment = clock.now()
    person_id = me().id
    gigs = queries.gigs_of(person_id, since=moment - timedelta(days=PAST_DAYS))
    days = queries.availability_of(person_id)
    waiting = [gig for gig in gigs if gig.state == "pending" and gig.ends_at > moment]
    shown = [gig for gig in gigs if gig.ends_at > moment and gig.state not in {"withdrawn", "expired"}]
    month = diary.month(request.args.get("month", ""), moment.date())
    return render_template(
        "gigs/listing.html", waiting=waiting, months=diary.by_month(shown), month=month,
        past=diary.by_month(reversed([gig for gig in gigs if gig.ends_at <= moment])),
        weeks=diary.weeks(month, gigs, days, moment), view=request.args.get("view", "list"), when=news.when_of,
        asker=news.asker_of, says=diary.free_words(waiting, days), key=people.calendar_key_of(person_id),
        settings=queries.settings_of(person_id), **_frame(area, "gigs", len(waiting)),
    )  # fmt: skip


# ---- one gig ----


@bp.get("/app/gigs/<gig_id>")
@access.signed_in
def gig(gig_id: str) -> ResponseReturnValue:
    return _gig_page(queries.gig_for(viewer(), gig_id))


def _gig_page(found: Gig, form: CounterForm | None = None, status: int = 200) -> ResponseReturnValue:
    days = queries.availability_of(found.person_id)
    html = render_template(
        "gigs/gig.html", gig=found, form=form or CounterForm(found, initial=counter_values(found)),
        reason_form=ReasonForm(), steps=queries.steps_of(found.id), verbs=rules.VERBS, role_words=rules.ROLE_WORDS,
        when=news.when_of(found), asker=news.asker_of(found), agreed=diary.agreed_words(found),
        standing=rules.standing(days, rules.gig_day(found.starts_at, found.zone, change_hour(found))),
        neighbors=queries.neighbors(found), **_frame(area_of(viewer(), found.role), "gig"),
    )  # fmt: skip
    return make_response(html, status)


@bp.post("/app/gigs/<gig_id>/confirm")
@access.signed_in
def confirm(gig_id: str) -> ResponseReturnValue:
    seen = request.form.get("offer", 0, type=whole)
    return _verb(
        gig_id, lambda found: answering.confirm(found.id, seen, me()), "Confirmed. They know, and so does the schedule."
    )


@bp.post("/app/gigs/<gig_id>/decline")
@access.signed_in
def decline(gig_id: str) -> ResponseReturnValue:
    reason = ReasonForm(request.form).clean["reason"][:300]
    return _verb(gig_id, lambda found: answering.decline(found.id, reason, me()), "Declined. They know.")


@bp.post("/app/gigs/<gig_id>/cancel")
@access.signed_in
def call_off(gig_id: str) -> ResponseReturnValue:
    reason = ReasonForm(request.form).clean["reason"][:300]
    return _verb(gig_id, lambda found: answering.call_off(found.id, reason, me()), "Called off. They know.")


@bp.post("/app/gigs/<gig_id>/counter")
@access.signed_in
def counter(gig_id: str) -> ResponseReturnValue:
    found = queries.gig_for(viewer(), gig_id)
    form, status = CounterForm(found, request.form), 422
    if form.is_valid:
        said = form.clean
        try:
            answering.counter(
                found.id, said["offer"], said["starts_at"], said["ends_at"], said["fee_minor"], said["note"], me()
            )
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            say("They have your offer. It is their turn.")
            return back_to("gigs.gig", gig_id=gig_id)
    return _gig_page(queries.gig_for(viewer(), gig_id), form, status)


@bp.post("/app/gigs/<gig_id>/listed")
@access.signed_in
def set_listed(gig_id: str) -> ResponseReturnValue:
    on = request.form.get("on") == "1"
    done = "It stands on your public page." if on else "It stays off your public page."
    return _verb(gig_id, lambda found: answering.set_listed(found.id, is_listed=on), done)


def _verb(gig_id: str, action: Callable[[Gig], object], done: str) -> ResponseReturnValue:
    """One tap: what it did, or why not, stands on the page that follows."""
    found = queries.gig_for(viewer(), gig_id)
    try:
        action(found)
    except Refusal as refusal:
        say(refusal.sentence)
    else:
        say(done)
    return back_to("gigs.gig", gig_id=gig_id)


# ---- own gigs ----


@bp.get(f"/app/{AREA}/gigs/new")
@access.signed_in
def new(area: str) -> ResponseReturnValue:
    zone = queries.last_zone(me().id)
    fresh = {"zone": zone, "role": "dj" if area == "dj" else "teacher" if area == "studio" else "helper",
             "start": "21:00", "end": "01:00", "currency": "EUR", "day": request.args.get("day", "")}  # fmt: skip
    return _own_page(area, OwnForm(initial=fresh))


@bp.post(f"/app/{AREA}/gigs/new")
@access.signed_in
@limiter.limit("200 per hour")
def add(area: str) -> ResponseReturnValue:
    form = OwnForm(request.form)
    if form.is_valid:
        try:
            own.add_own(form.gig, me())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say("Written down. Only you see it.")
            return back_to("gigs.listing", area=area)
    return _own_page(area, form, status=422)


@bp.get("/app/gigs/<gig_id>/edit")
@access.signed_in
def edit(gig_id: str) -> ResponseReturnValue:
    found = queries.own_gig_for(viewer(), gig_id)
    return _own_page(area_of(viewer(), found.role), OwnForm(initial=own_values(found)), found)


@bp.post("/app/gigs/<gig_id>/edit")
@access.signed_in
def change(gig_id: str) -> ResponseReturnValue:
    found = queries.own_gig_for(viewer(), gig_id)
    form = OwnForm(request.form)
    if form.is_valid:
        try:
            own.change_own(found.id, form.gig)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            say("Kept.")
            return back_to("gigs.gig", gig_id=gig_id)
    found = queries.own_gig_for(viewer(), gig_id)
    return _own_page(area_of(viewer(), found.role), form, found, 422)


@bp.post("/app/gigs/<gig_id>/remove")
@access.signed_in
def remove(gig_id: str) -> ResponseReturnValue:
    found = queries.own_gig_for(viewer(), gig_id)
    area = area_of(viewer(), found.role)
    own.remove_own(found.id)
    say("Removed.")
    return back_to("gigs.listing", area=area)


def _own_page(area: str, form: OwnForm, found: Gig | None = None, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "gigs/own.html", form=form, gig=found, zones=sorted(clock.zone_names()), currencies=CURRENCIES,
        role_words=rules.ROLE_WORDS, **_frame(area, "gig"),
    )  # fmt: skip
    return make_response(html, status)


# ---- days ----


@bp.get(f"/app/{AREA}/days")
@access.signed_in
def days(area: str) -> ResponseReturnValue:
    initial = {"kind": "blocked", "starts_on": request.args.get("day", "")}
    return _days_page(area, DaysForm(initial=initial))


@bp.post(f"/app/{AREA}/days")
@access.signed_in
@limiter.limit("200 per hour")
def say_days(area: str) -> ResponseReturnValue:
    form, status = DaysForm(request.form), 422
    if form.is_valid:
        said = form.clean
        try:
            own.say_days(me().id, said["kind"], said["starts_on"], said["ends_on"], said["weekdays"], said["note"])
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            say("Noted. Organizers who think of you see it, without your note.")
            return back_to("gigs.days", area=area)
    return _days_page(area, form, status)


@bp.post(f"/app/{AREA}/days/<entry_id>/remove")
@access.signed_in
def forget_days(area: str, entry_id: str) -> ResponseReturnValue:
    own.forget_days(me().id, entry_id)
    say("Removed.")
    return back_to("gigs.days", area=area)


def _days_page(area: str, form: DaysForm, status: int = 200) -> ResponseReturnValue:
    today = clock.now().date()
    entries = queries.availability_of(me().id)
    current = [entry for entry in entries if entry.ends_on is None or entry.ends_on >= today - timedelta(days=1)]
    html = render_template(
        "gigs/days.html", form=form, entries=current, weekdays=diary.WEEKDAYS, meets=_meets(current),
        words=lambda entry: diary.days_words(entry, day_month), **_frame(area, "days"),
    )  # fmt: skip
    return make_response(html, status)


def _meets(entries: list[Any]) -> list[Gig]:
    """Bookings on days that are blocked: whoever booked them was told."""
    found = queries.living_on(me().id, clock.now().date())
    blocked = [entry for entry in entries if entry.kind == "blocked"]
    day = lambda gig: rules.gig_day(gig.starts_at, gig.zone, change_hour(gig))  # noqa: E731  (a local shorthand)
    return [gig for gig in found if any(rules.covers(entry, day(gig)) for entry in blocked)]


# ---- being booked from outside ----


@bp.get(f"/app/{AREA}/booking")
@access.signed_in
def settings(area: str) -> ResponseReturnValue:
    kept = queries.settings_of(me().id)
    initial = {
        "takes_enquiries": "1" if kept.takes_enquiries else "", "fee": money.plain(kept.fee_minor, kept.currency),
        "currency": kept.currency, "fee_note": kept.fee_note,
    }  # fmt: skip
    return _settings_page(area, SettingsForm(initial=initial))


@bp.post(f"/app/{AREA}/booking")
@access.signed_in
def choose(area: str) -> ResponseReturnValue:
    form = SettingsForm(request.form)
    if not form.is_valid:
        return _settings_page(area, form, 422)
    names = ("takes_enquiries", "fee_minor", "currency", "fee_note")
    own.choose(me().id, **{name: form.clean[name] for name in names})
    say("Kept.")
    return back_to("gigs.settings", area=area)


def _settings_page(area: str, form: SettingsForm, status: int = 200) -> ResponseReturnValue:
    html = render_template("gigs/settings.html", form=form, currencies=CURRENCIES, **_frame(area, "gig"))
    return make_response(html, status)


def _frame(area: str, current: str, waiting: int | None = None) -> dict[str, Any]:
    """What every page of somebody booked has around it."""
    count = queries.waiting_count(me().id) if waiting is None else waiting
    return {
        "area": area, "places": booked_places(area, current, count), "nav_label": "Gigs", "moment": clock.now(),
    }  # fmt: skip
