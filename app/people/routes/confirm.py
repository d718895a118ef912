"""Is it you? Before what could lock somebody out, a browser shows who it is: with a passkey or the password.

Other routes answer with `confirm_first` when an action refuses with NotConfirmed; the way back leads where one was, and
what was typed there waits in the cookie.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from app.lib import clock
from app.lib.refusal import Refusal
from app.people import queries, rules
from app.people.actions import passkeys as actions
from app.people.forms import ConfirmForm
from app.people.routes.blueprint import bp, ceremony, keep_token, this_sign_in
from app.people.routes.limits import limited
from app.people.viewer import me
from app.web import access
from app.web.htmx import safe_next, see_other

KEPT = "kept_form"  # in the cookie: (endpoint, what was typed there)


def is_confirmed() -> bool:
    """Whether this session showed lately who it is."""
    return rules.is_confirmed(this_sign_in().confirmed_at, clock.now())


def confirm_address(endpoint: str, **values: object) -> str:
    """The confirm page, with the way to one of our pages behind it."""
    return url_for("people.confirm", next=url_for(endpoint, **values))  # type: ignore[arg-type]  # url_for wants Any


def confirm_first(endpoint: str, typed: dict[str, str] | None = None, **values: object) -> BaseResponse:
    """To the confirm page, and from there to `endpoint`, where `kept_form` gives back what was typed."""
    if typed:
        session[KEPT] = (endpoint, typed)
    return see_other(confirm_address(endpoint, **values))


def kept_form(endpoint: str) -> dict[str, Any]:
    """What was typed on that page before the confirm page came between; once."""
    kept = session.get(KEPT)
    if kept is None or kept[0] != endpoint:
        return {}
    typed: dict[str, Any] = session.pop(KEPT)[1]
    return typed


def _way_back() -> str:
    return safe_next(url_for("people.profile"))


def _confirm_page(form: ConfirmForm, status: int = 200) -> ResponseReturnValue:
    ceremony()
    has_passkey = bool(queries.passkeys_of(me().id))
    return render_template(
        "people/confirm.html", person=me(), form=form, has_passkey=has_passkey, next=_way_back()
    ), status


@bp.get("/account/confirm")
@access.signed_in
def confirm() -> ResponseReturnValue:
    if is_confirmed():
        return see_other(_way_back())
    return _confirm_page(ConfirmForm())


@bp.post("/account/confirm")
@access.signed_in
@limited(_confirm_page, ConfirmForm, person="5 per minute")
def confirm_with_password() -> ResponseReturnValue:
    form = ConfirmForm(request.form)
    if not form.is_valid:
        return _confirm_page(form, 422)
    here = this_sign_in()
    try:
        token = actions.confirm_with_password(here.person_id, here.id, form.clean["current_password"])
    except Refusal as refusal:
        form.refuse(refusal)
        return _confirm_page(form, 422)
    keep_token(token, stay=session.permanent)
    return see_other(_way_back())
