"""Passkeys: the list of one's own, and the JSON addresses that static/js/passkeys.js talks to.

Each ceremony is two posts with the form token in a header: `…/options` gives a question with a fresh challenge, the
other takes the answer and says where to go. A refusal is {"error": sentence}; the browser's secret of a ceremony (what
binds a challenge to it) lives in the cookie.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, abort, jsonify, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from app.lib.refusal import Refusal
from app.people import browsers, devices, queries, rules
from app.people.actions import passkeys as actions
from app.people.forms import PasskeyForm
from app.people.routes.blueprint import admit, bp, ceremony, keep_token, this_browser, this_sign_in
from app.people.routes.confirm import confirm_address, confirm_first, is_confirmed
from app.people.routes.door import PROOF
from app.people.routes.limits import View, limited
from app.people.routes.pages import account_page
from app.people.viewer import me
from app.web import access
from app.web.forms import Form
from app.web.htmx import back_to, is_htmx, safe_next, say

BODY_BYTES_MOST = 64 * 1024
UNREADABLE = "We could not read what this browser sent. Load the page again, then try once more."


def _told(status: int = 200, **values: object) -> Response:
    response = jsonify(values)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _too_often(form: Form, status: int) -> ResponseReturnValue:
    return _told(status, error=form.errors[""])


def _ceremonial(view: View) -> View:
    """JSON in, JSON out: a refusal becomes its sentence, and what needs a confirmed session says where to get it."""

    @wraps(view)
    def guarded(**values: Any) -> ResponseReturnValue:
        if request.content_length is None or request.content_length > BODY_BYTES_MOST:
            return _told(413, error=UNREADABLE)
        try:
            return view(**values)
        except rules.NotConfirmed as refusal:
            return _told(refusal.status, error=refusal.sentence, location=confirm_address("people.passkeys"))
        except Refusal as refusal:
            return _told(refusal.status, error=refusal.sentence)
        except (BadRequest, RecursionError):
            return _told(400, error=UNREADABLE)

    return guarded


def _sent() -> dict[str, Any]:
    """The body as an object. Raises BadRequest."""
    sent = request.get_json()
    if not isinstance(sent, dict):
        raise BadRequest
    return sent


def _answer() -> dict[str, Any]:
    """What the browser's authenticator said. Raises BadRequest."""
    answer = _sent().get("credential")
    if not isinstance(answer, dict):
        raise BadRequest
    return answer


def _key() -> str:
    return str(_sent().get("key", ""))


def _name_of_this() -> str:
    """What a new passkey is called until somebody calls it something else."""
    return browsers.name_of(request.user_agent.string)


# ---- sign in ----

LimitsOf = Callable[[View], View]
# Each look at the sign-in page asks once, to offer passkeys in the email field.
_options_limit: LimitsOf = limited(_too_often, Form, network="300 per minute")
_answer_limit: LimitsOf = limited(_too_often, Form, network="60 per minute")


@bp.post("/sign-in/passkey/options")
@access.public
@_options_limit
@_ceremonial
def passkey_sign_in_options() -> ResponseReturnValue:
    return _told(**actions.ask_to_sign_in(ceremony()))


@bp.post("/sign-in/passkey")
@access.public
@_answer_limit
@_ceremonial
def enter_with_passkey() -> ResponseReturnValue:
    stay = _sent().get("stay") is not False
    return _welcomed(actions.sign_in(_answer(), ceremony(), this_browser(stay=stay)), stay=stay)


def _welcomed(token: str, *, stay: bool) -> Response:
    response = _told(location=admit(token, stay=stay))
    devices.forget(response)
    return response


# ---- sign up: the first passkey, behind the mailed link ----


@bp.post("/welcome/passkey/options")
@access.public
@_answer_limit
@_ceremonial
def passkey_sign_up_options() -> ResponseReturnValue:
    return _told(**actions.ask_to_sign_up(_key(), ceremony()))


@bp.post("/welcome/passkey")
@access.public
@_answer_limit
@_ceremonial
def confirm_sign_up_with_passkey() -> ResponseReturnValue:
    token = actions.confirm_sign_up(
        _key(), _answer(), ceremony(),
        proof=session.get(PROOF, ""), name=_name_of_this(), browser=this_browser(),
    )  # fmt: skip
    response = _welcomed(token, stay=True)
    say("Welcome. Your address is confirmed, and your passkey is kept.")
    return response


# ---- show that it is you ----


@bp.post("/account/confirm/passkey/options")
@access.signed_in
@_answer_limit
@_ceremonial
def passkey_confirm_options() -> ResponseReturnValue:
    return _told(**actions.ask_to_confirm(me().id, ceremony()))


@bp.post("/account/confirm/passkey")
@access.signed_in
@_answer_limit
@_ceremonial
def confirm_with_passkey() -> ResponseReturnValue:
    here = this_sign_in()
    token = actions.confirm_with_passkey(here.person_id, here.id, _answer(), ceremony())
    keep_token(token, stay=session.permanent)
    return _told(location=safe_next(url_for("people.profile")))


# ---- one's own ----


def _passkeys_page(form: PasskeyForm | None = None, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    """The list; `wrong` is the passkey whose new name has an error."""
    ceremony()
    rows = queries.passkeys_of(me().id)
    return account_page(
        "people/passkeys.html", "sign-in", status, rows=rows, form=form, wrong=wrong, is_confirmed=is_confirmed(),
        forms={row.public_id: PasskeyForm(initial={"name": row.name}) for row in rows},
    )  # fmt: skip


@bp.get("/account/passkeys")
@access.signed_in
def passkeys() -> ResponseReturnValue:
    return _passkeys_page()


@bp.post("/account/passkeys/options")
@access.signed_in
@_answer_limit
@_ceremonial
def passkey_options() -> ResponseReturnValue:
    here = this_sign_in()
    return _told(**actions.ask_to_add(here.person_id, here.id, ceremony()))


@bp.post("/account/passkeys")
@access.signed_in
@_answer_limit
@_ceremonial
def add_passkey() -> ResponseReturnValue:
    here = this_sign_in()
    name = actions.add(here.person_id, here.id, _answer(), ceremony(), _name_of_this())
    say(f"Your passkey “{name}” is kept.")
    return _told(location=url_for("people.passkeys"))


@bp.post("/account/passkeys/<passkey_id>/name")
@access.signed_in
def rename_passkey(passkey_id: str) -> ResponseReturnValue:
    if queries.passkey_of(me().id, passkey_id) is None:
        abort(404)
    form = PasskeyForm(request.form)
    if not form.is_valid:
        return _passkeys_page(form, passkey_id, 422)
    actions.rename(me().id, passkey_id, form.clean["name"])
    say("The name is saved.")
    return back_to("people.passkeys")


@bp.get("/account/passkeys/<passkey_id>/remove")
@access.signed_in
def ask_to_remove_passkey(passkey_id: str) -> ResponseReturnValue:
    row = queries.passkey_of(me().id, passkey_id)
    if row is None:
        abort(404)
    if not is_confirmed():
        return confirm_first("people.ask_to_remove_passkey", passkey_id=passkey_id)
    words: dict[str, Any] = {
        "title": f"Remove the passkey “{row.name}”?",
        "consequences": (
            "It does not open your account any more, at once.",
            "Where it signed in, you stay signed in: end that under Browsers.",
            "The device may go on offering it. Delete it there too, in the settings for passwords.",
        ),
        "action": url_for("people.remove_passkey", passkey_id=passkey_id),
        "verb": "Remove it", "tone": "bad", "back": url_for("people.passkeys"),
    }  # fmt: skip
    if is_htmx():
        return render_template("shared/_confirm.html", **words)
    return account_page("shared/confirm.html", "sign-in", **words)


@bp.post("/account/passkeys/<passkey_id>/remove")
@access.signed_in
def remove_passkey(passkey_id: str) -> ResponseReturnValue:
    if queries.passkey_of(me().id, passkey_id) is None:
        abort(404)
    here = this_sign_in()
    try:
        actions.remove(here.person_id, here.id, passkey_id)
    except rules.NotConfirmed:
        return confirm_first("people.ask_to_remove_passkey", passkey_id=passkey_id)
    except rules.LastFactor as refusal:
        say(refusal.sentence)
        return back_to("people.passkeys")
    say("The passkey is removed.")
    return back_to("people.passkeys")
