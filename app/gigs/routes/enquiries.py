"""The public form "book me", and the page behind the mailed link where whoever asked answers. Works without account.

A link opens the page as often as one likes and is used up by the first answer: programs that look into mail only read.
Nobody's address stands on these pages.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.gigs import news, queries
from app.gigs.actions import enquiries as actions
from app.gigs.forms import CURRENCIES, EnquirerForm, EnquiryForm, ReasonForm, counter_values
from app.gigs.models import Gig
from app.lib import clock, tokens
from app.lib.refusal import Refusal
from app.lib.text import clean_line
from app.people.models import Person
from app.people.viewer import viewer
from app.web import access
from app.web.forms import whole
from app.web.limits import limiter

bp = Blueprint("enquiries", __name__)


def _mailbox() -> str:
    """Nobody's mailbox is filled through this form, from however many addresses it is sent."""
    return "enquirer:" + tokens.digest(clean_line(request.form.get("email", "")).casefold())


@bp.get("/dj/<name>/book")
@access.public
def book(name: str) -> ResponseReturnValue:
    dj = _bookable(name)
    kept = queries.settings_of(dj.id)
    initial = {"currency": kept.currency, "start": "21:00", "end": "01:00", "zone": queries.last_zone(dj.id)}
    person = viewer().person
    if person is not None:
        initial |= {"name": person.name, "email": person.email}
    return _form_page(dj, EnquiryForm(initial=initial))


@bp.post("/dj/<name>/book")
@access.public
@limiter.limit("6 per hour")
@limiter.limit("10 per day", key_func=_mailbox)
def ask(name: str) -> ResponseReturnValue:
    dj = _bookable(name)
    form, status = EnquiryForm(request.form), 422
    if form.is_valid:
        try:
            actions.enquire(dj.id, form.enquiry)
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            return render_template("gigs/enquired.html", dj=_bookable(name))
    return _form_page(_bookable(name), form, status)


def _bookable(name: str) -> Person:
    """A DJ who takes enquiries; anybody else is not there."""
    dj = queries.dj_by_handle(name)
    if not queries.settings_of(dj.id).takes_enquiries:
        abort(404)
    return dj


def _form_page(dj: Person, form: EnquiryForm, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "gigs/book.html", dj=dj, form=form, settings=queries.settings_of(dj.id), zones=sorted(clock.zone_names()),
        currencies=CURRENCIES,
    )  # fmt: skip
    return make_response(html, status)


# ---- behind the link ----


@bp.get("/enquiries/<token>")
@access.public
@limiter.limit("60 per minute")
def answer(token: str) -> ResponseReturnValue:
    return _answer_page(token, queries.gig_by_answer(token))


def _answer_page(token: str, gig: Gig, form: EnquirerForm | None = None, status: int = 200) -> Response:
    html = render_template(
        "gigs/answer.html", token=token, gig=gig, dj=gig.person, when=news.when_of(gig), but=news.but(gig),
        form=form or EnquirerForm(gig, initial=counter_values(gig)), reason_form=ReasonForm(),
    )  # fmt: skip
    return _secret(make_response(html, status))


@bp.post("/enquiries/<token>/accept")
@access.public
@limiter.limit("30 per hour")
def accept(token: str) -> ResponseReturnValue:
    seen = request.form.get("offer", 0, type=whole)
    return _done(token, lambda: actions.take(token, seen), "agreed")


@bp.post("/enquiries/<token>/offer")
@access.public
@limiter.limit("30 per hour")
def offer(token: str) -> ResponseReturnValue:
    gig = queries.gig_by_answer(token)
    form = EnquirerForm(gig, request.form)
    if not form.is_valid:
        return _answer_page(token, gig, form, 422)
    seen, made = form.clean["offer"], form.made
    return _done(token, lambda: actions.offer(token, seen, made), "offered")


@bp.post("/enquiries/<token>/withdraw")
@access.public
@limiter.limit("30 per hour")
def withdraw(token: str) -> ResponseReturnValue:
    reason = ReasonForm(request.form).clean["reason"][:300]
    return _done(token, lambda: actions.take_back(token, reason), "over")


def _done(token: str, action: Callable[[], None], outcome: str) -> ResponseReturnValue:
    gig = queries.gig_by_answer(token)
    gig_id = gig.id
    try:
        action()
    except Refusal as refusal:
        found = queries.find(gig_id)
        if found is None or found.answer_digest is None:
            outcome = "used"
        else:
            form = EnquirerForm(found, initial=counter_values(found))
            form.refuse(refusal)
            return _answer_page(token, found, form, refusal.status)
    found = queries.find(gig_id) or abort(404)
    html = render_template("gigs/answered.html", gig=found, dj=found.person, outcome=outcome, when=news.when_of(found))
    return _secret(make_response(html))


def _secret(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
