"""One's own account: profile and photo, password, address, and the browsers that are signed in."""

from __future__ import annotations

from flask import abort, request, session
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from app.config import settings
from app.lib.refusal import Refusal
from app.people import browsers, queries
from app.people.actions import account as actions
from app.people.forms import EmailForm, PasswordForm, PeopleForm, ProfileForm
from app.people.routes.blueprint import bp, keep_token, this_sign_in
from app.people.routes.confirm import confirm_first, is_confirmed, kept_form
from app.people.routes.limits import limited
from app.people.routes.pages import account_page
from app.people.rules import NotConfirmed
from app.people.viewer import me, viewer
from app.web import access
from app.web.forms import Form
from app.web.htmx import back_to, say

# ---- profile and photo ----


def _profile_page(form: Form, status: int = 200, photo_form: Form | None = None) -> ResponseReturnValue:
    most = settings().photo_bytes_max // 1024**2
    return account_page(
        "people/profile.html", "profile", status, form=form, photo_form=photo_form or PeopleForm(), photo_mb=most
    )


def _kept_profile() -> ProfileForm:
    person = me()
    return ProfileForm(initial={name: getattr(person, name) for name in ("name", "handle", "city", "about")})


@bp.get("/account")
@access.signed_in
def profile() -> ResponseReturnValue:
    return _profile_page(_kept_profile())


@bp.post("/account")
@access.signed_in
def edit_profile() -> ResponseReturnValue:
    form = ProfileForm(request.form)
    if not form.is_valid:
        return _profile_page(form, 422)
    try:
        actions.edit_profile(me().id, **form.clean)
    except Refusal as refusal:
        form.refuse(refusal)
        return _profile_page(form, 422)
    say("Your profile is saved.")
    return back_to("people.profile")


def _photo_refused(sentence: str, status: int = 422) -> ResponseReturnValue:
    form = PeopleForm()
    form.error("photo", sentence)
    return _profile_page(_kept_profile(), status, form)


@bp.post("/account/photo")
@access.signed_in
def set_photo() -> ResponseReturnValue:
    file = request.files.get("photo")
    try:
        actions.set_photo(me().id, file.read() if file else b"")
    except Refusal as refusal:
        return _photo_refused(refusal.sentence)
    say("Your photo is saved.")
    return back_to("people.profile")


@bp.errorhandler(RequestEntityTooLarge)
def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """A photo over the limit is refused before its form is read, so its sentence is said from here."""
    if request.endpoint != "people.set_photo" or not viewer().is_signed_in:
        raise error
    return _photo_refused(
        f"This photo is larger than {settings().photo_bytes_max // 1024**2} MB. Choose a smaller one.", 413
    )


@bp.post("/account/photo/remove")
@access.signed_in
def remove_photo() -> ResponseReturnValue:
    actions.remove_photo(me().id)
    say("Your photo is gone.")
    return back_to("people.profile")


# ---- password ----


def _password_form(typed: object) -> PasswordForm:
    person = me()
    return PasswordForm(typed, of=person.name, email=person.email, has_password=person.has_password)


def _password_page(form: PasswordForm, status: int = 200) -> ResponseReturnValue:
    return account_page("people/password.html", "sign-in", status, form=form)


@bp.get("/account/password")
@access.signed_in
def password() -> ResponseReturnValue:
    """Another password asks for the present one; the first one asks for a passkey."""
    if not me().has_password and not is_confirmed():
        return confirm_first("people.password")
    return _password_page(PasswordForm())


@bp.post("/account/password")
@access.signed_in
@limited(_password_page, _password_form, person="5 per minute")
def change_password() -> ResponseReturnValue:
    form = _password_form(request.form)
    if not form.is_valid:
        return _password_page(form, 422)
    try:
        token = _new_password(form)
    except NotConfirmed:
        return confirm_first("people.password")
    except Refusal as refusal:
        form.refuse(refusal)
        return _password_page(form, 422)
    keep_token(token, stay=session.permanent)
    say("Your password is set. Every other browser was signed out.")
    return back_to("people.passkeys")


def _new_password(form: PasswordForm) -> str:
    here = this_sign_in()
    if not me().has_password:
        return actions.set_password(here.person_id, here.id, form.clean["new_password"])
    return actions.change_password(here.person_id, here.id, form.clean["current_password"], form.clean["new_password"])


# ---- address ----


def _email_page(form: EmailForm, status: int = 200) -> ResponseReturnValue:
    return account_page("people/email.html", "email", status, form=form)


@bp.get("/account/email")
@access.signed_in
def email() -> ResponseReturnValue:
    """The form, with what was typed before the confirm page came between."""
    return _email_page(EmailForm(initial=kept_form("people.email")))


@bp.post("/account/email")
@access.signed_in
@limited(_email_page, EmailForm, person="5 per hour")
def ask_to_change_email() -> ResponseReturnValue:
    form = EmailForm(request.form)
    if not form.is_valid:
        return _email_page(form, 422)
    here = this_sign_in()
    try:
        actions.ask_to_change_email(here.person_id, here.id, form.clean["email"])
    except NotConfirmed:
        return confirm_first("people.email", {"email": form.clean["email"]})
    except Refusal as refusal:
        form.refuse(refusal)
        return _email_page(form, 422)
    say("We sent a link to the new address.")
    return back_to("people.email")


@bp.post("/account/email/keep")
@access.signed_in
def forget_email_change() -> ResponseReturnValue:
    actions.forget_email_change(me().id)
    say("Your address stays as it is.")
    return back_to("people.email")


@bp.get("/account/email/confirm")
@access.signed_in
def new_email() -> ResponseReturnValue:
    return _new_email_page(request.args.get("key", ""))


@bp.post("/account/email/confirm")
@access.signed_in
def confirm_new_email() -> ResponseReturnValue:
    key = request.form.get("key", "")
    try:
        actions.confirm_new_email(me().id, key)
    except Refusal as refusal:
        return _new_email_page(key, refusal)
    say("Your address is changed.")
    return back_to("people.email")


def _new_email_page(key: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    link = queries.living_link(key, "email")
    usable = link is not None and link.person_id == me().id and me().pending_email is not None
    status = refusal.status if refusal else 200 if usable else 410
    return account_page("people/new_email.html", "email", status, key=key, usable=usable, refusal=refusal)


# ---- browsers ----


@bp.get("/account/browsers")
@access.signed_in
def sign_ins() -> ResponseReturnValue:
    """Where somebody is signed in, this browser first."""
    here = this_sign_in()
    rows = sorted(queries.open_sign_ins(me().id), key=lambda row: row.id != here.id)
    return account_page("people/browsers.html", "browsers", here=here, rows=rows, browsers=browsers)


@bp.post("/account/browsers/<sign_in_id>/end")
@access.signed_in
def end_sign_in(sign_in_id: str) -> ResponseReturnValue:
    if queries.sign_in_of(me().id, sign_in_id) is None:
        abort(404)
    actions.end_sign_in(me().id, sign_in_id)
    say("That browser is signed out.")
    return back_to("people.sign_ins")


@bp.post("/account/browsers/end-others")
@access.signed_in
def end_other_sign_ins() -> ResponseReturnValue:
    here = this_sign_in()
    actions.end_other_sign_ins(here.person_id, here.id)
    say("Every other browser is signed out.")
    return back_to("people.sign_ins")
