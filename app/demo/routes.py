"""Development only: the mail that was "sent", one-click sign-in as the demo's people, and every pattern in every state.

Not registered in production, and each address is 404 anywhere but in development. Uses people's actions like any route.
"""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from app.config import settings
from app.demo.cast import CAST, Player
from app.lib.refusal import Refusal
from app.notify import folder
from app.people import queries
from app.people.actions import door
from app.people.routes.blueprint import let_in, this_browser
from app.web import access

bp = Blueprint("demo", __name__)


@bp.app_context_processor
def _cast() -> dict[str, object]:
    """`dev_cast()`: whom the sign-in page offers to become by one click; nobody outside development."""
    return {"dev_cast": _loaded_cast if settings().is_development else tuple}


def _loaded_cast() -> list[Player]:
    """Those of the demo's people whose account is here."""
    found = queries.persons_by_handle(player.handle for player in CAST)
    return [player for player in CAST if player.handle in found]


@bp.post("/dev/sign-in/<handle>")
@access.development
def sign_in_as(handle: str) -> ResponseReturnValue:
    try:
        token = door.sign_in_without_password(handle, this_browser())
    except Refusal:
        abort(404)
    return let_in(token, stay=True)


@bp.get("/dev/mail")
@access.development
def mail() -> ResponseReturnValue:
    """The newest mails, newest first."""
    return render_template("dev/mail.html", letters=folder.newest(settings().var))


@bp.get("/dev/mail/<name>")
@access.development
def letter(name: str) -> ResponseReturnValue:
    found = folder.read(settings().var, name)
    if found is None:
        abort(404)
    return render_template("dev/letter.html", letter=found)


@bp.get("/dev/patterns")
@access.development
def patterns() -> ResponseReturnValue:
    return render_template("dev/patterns.html")
