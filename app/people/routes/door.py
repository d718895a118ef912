"""The door: sign up, confirm, sign in, forget, sign out; and /app, which leads to where one works.

A known and an unknown address get the same page, the same status and the same work (RELIABILITY S11). The key of a
mailed link travels in the query and in a hidden field, and only a POST uses it: mail scanners open links.
"""

from __future__ import annotations

from flask import abort, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.lib.refusal import Refusal
from app.people import queries
from app.people.access import SESSION_KEY
from app.people.actions import account as account_actions
from app.people.actions import door as actions
from app.people.forms import AddressForm, KeyForm, ResetForm, SignInForm, SignUpForm
from app.people.routes.blueprint import bp, ceremony, let_in, this_browser
from app.people.routes.limits import limited
from app.people.rules import LinkDead
from app.people.viewer import AREAS, me, viewer
from app.web import access
from app.web.htmx import back_to, safe_next, say, see_other

PROOF, ASKED_FOR = "sign_up", "asked_for"  # in the cookie: this browser signed up; the address it typed


# ---- sign in ----


def _sign_in_page(form: SignInForm, status: int = 200) -> ResponseReturnValue:
    ceremony()
    return render_template("people/sign_in.html", form=form, next=safe_next("")), status


@bp.get("/sign-in")
@access.public
def sign_in() -> ResponseReturnValue:
    if viewer().is_signed_in:
        return see_other(safe_next(viewer().home.href))
    return _sign_in_page(SignInForm(initial={"stay": "1"}))


@bp.post("/sign-in")
@access.public
@limited(_sign_in_page, SignInForm, account="5 per minute", network="20 per minute")
def enter() -> ResponseReturnValue:
    form = SignInForm(request.form)
    if not form.is_valid:
        return _sign_in_page(form, 422)
    stay = form.clean["stay"]
    try:
        token = actions.sign_in(form.clean["email"], form.clean["password"], this_browser(stay=stay))
    except Refusal as refusal:
        form.refuse(refusal)
        return _sign_in_page(form, 422)
    return let_in(token, stay=stay)


@bp.post("/sign-out")
@access.public
def sign_out() -> ResponseReturnValue:
    """Also for a tab whose session ended long ago: then there is nothing left to end."""
    if token := session.get(SESSION_KEY):
        actions.sign_out(token)
    session.clear()
    say("You are signed out.")
    response = back_to("discover.landing")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


# ---- sign up ----


def _sign_up_page(form: SignUpForm, status: int = 200) -> ResponseReturnValue:
    return render_template("people/sign_up.html", form=form), status


@bp.get("/sign-up")
@access.public
def sign_up() -> ResponseReturnValue:
    if viewer().is_signed_in:
        return see_other(viewer().home.href)
    return _sign_up_page(SignUpForm())


@bp.post("/sign-up")
@access.public
@limited(_sign_up_page, SignUpForm, account="5 per hour", network="10 per hour")
def ask_to_sign_up() -> ResponseReturnValue:
    form = SignUpForm(request.form)
    if not form.is_valid:
        return _sign_up_page(form, 422)
    session[PROOF] = actions.ask_to_sign_up(form.clean["name"], form.clean["email"], form.clean["password"])
    session[ASKED_FOR] = form.clean["email"]
    return back_to("people.sign_up_sent")


@bp.get("/sign-up/sent")
@access.public
def sign_up_sent() -> ResponseReturnValue:
    return render_template("people/sent.html", purpose="verify", address=session.get(ASKED_FOR, ""))


def _sign_up_again_page(form: AddressForm, status: int = 200) -> ResponseReturnValue:
    return render_template("people/sign_up_again.html", form=form), status


@bp.get("/sign-up/again")
@access.public
def sign_up_again() -> ResponseReturnValue:
    return _sign_up_again_page(AddressForm(initial={"email": session.get(ASKED_FOR, "")}))


@bp.post("/sign-up/again")
@access.public
@limited(_sign_up_again_page, AddressForm, account="3 per hour", network="20 per hour")
def ask_for_verify_link() -> ResponseReturnValue:
    form = AddressForm(request.form)
    if not form.is_valid:
        return _sign_up_again_page(form, 422)
    actions.ask_for_link("verify", form.clean["email"])
    session[ASKED_FOR] = form.clean["email"]
    return back_to("people.sign_up_sent")


def _welcome_page(form: KeyForm, status: int = 200) -> ResponseReturnValue:
    key = str(form.values.get("key", ""))
    link = queries.living_link(key, "verify")
    if link is None:
        return _dead_link("people.sign_up_again", "Send a new link")
    own = actions.is_own_sign_up(link.person.password_hash, session.get(PROOF, ""))
    ceremony()
    person = link.person
    return render_template(
        "people/welcome.html", form=form, own=own, address=person.email, has_password=person.has_password
    ), status


@bp.get("/welcome")
@access.public
def welcome() -> ResponseReturnValue:
    return _welcome_page(KeyForm(initial={"key": request.args.get("key", "")}))


@bp.post("/welcome")
@access.public
@limited(_welcome_page, KeyForm, network="20 per minute")
def confirm_sign_up() -> ResponseReturnValue:
    form = KeyForm(request.form)
    try:
        token = actions.confirm_sign_up(
            form.clean["key"], proof=session.get(PROOF, ""), password=form.clean["password"],
            new_password=form.clean["new_password"], browser=this_browser(),
        )  # fmt: skip
    except LinkDead:
        return _dead_link("people.sign_up_again", "Send a new link")
    except Refusal as refusal:
        form.refuse(refusal)
        return _welcome_page(form, 422)
    response = let_in(token, stay=True)
    say("Welcome. Your address is confirmed.")
    return response


# ---- forgotten password ----


def _forgot_page(form: AddressForm, status: int = 200) -> ResponseReturnValue:
    return render_template("people/forgot.html", form=form), status


@bp.get("/forgot")
@access.public
def forgot() -> ResponseReturnValue:
    return _forgot_page(AddressForm())


@bp.post("/forgot")
@access.public
@limited(_forgot_page, AddressForm, account="3 per hour", network="20 per hour")
def ask_to_reset() -> ResponseReturnValue:
    form = AddressForm(request.form)
    if not form.is_valid:
        return _forgot_page(form, 422)
    actions.ask_for_link("reset", form.clean["email"])
    session[ASKED_FOR] = form.clean["email"]
    return back_to("people.forgot_sent")


@bp.get("/forgot/sent")
@access.public
def forgot_sent() -> ResponseReturnValue:
    return render_template("people/sent.html", purpose="reset", address=session.get(ASKED_FOR, ""))


def _reset_page(form: ResetForm, status: int = 200) -> ResponseReturnValue:
    if queries.living_link(str(form.values.get("key", "")), "reset") is None:
        return _dead_link("people.forgot", "Send a new link")
    return render_template("people/reset.html", form=form), status


@bp.get("/reset")
@access.public
def reset() -> ResponseReturnValue:
    return _reset_page(ResetForm(initial={"key": request.args.get("key", "")}))


@bp.post("/reset")
@access.public
@limited(_reset_page, ResetForm, network="20 per minute")
def reset_password() -> ResponseReturnValue:
    form = ResetForm(request.form)
    if not form.is_valid:
        return _reset_page(form, 422)
    try:
        token = actions.reset_password(form.clean["key"], form.clean["new_password"], this_browser())
    except LinkDead:
        return _dead_link("people.forgot", "Send a new link")
    except Refusal as refusal:
        form.refuse(refusal)
        return _reset_page(form, 422)
    response = let_in(token, stay=True)
    say("Your password is set. Other browsers were signed out.")
    return response


def _dead_link(endpoint: str, verb: str) -> ResponseReturnValue:
    return render_template("people/dead_link.html", href=url_for(endpoint), verb=verb), 410


# ---- where one works ----


@bp.get("/app")
@access.signed_in
def home() -> ResponseReturnValue:
    return redirect(viewer().home.href, code=303)


@bp.post("/app")
@access.signed_in
def switch_area() -> ResponseReturnValue:
    """The role switcher: go there, and land there after the next sign-in. An area that is not theirs leads home."""
    name = request.form.get("area", "")
    if name not in {area.name for area in viewer().areas}:
        return see_other(viewer().home.href)
    account_actions.remember_area(me().id, name)
    return see_other(AREAS[name].href)


@bp.get("/photos/<token>")
@access.public
def photo(token: str) -> ResponseReturnValue:
    """A profile photo. Another picture has another token, so every cache may keep it."""
    webp = queries.photo(token)
    if webp is None:
        abort(404)
    response = make_response(webp)
    response.mimetype = "image/webp"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Disposition"] = 'inline; filename="photo.webp"'
    return response
