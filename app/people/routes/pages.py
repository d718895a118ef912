"""The frame of the account's pages: the places beside them. Used by people's route modules only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.people.viewer import me, viewer


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the bar or the rail (app/events has its own: it lies above)."""

    href: str
    icon: str
    label: str
    current: bool
    count: int = 0


def account_page(template: str, current: str, status: int = 200, **values: object) -> ResponseReturnValue:
    """A page of one's own account; `current` names the place that it belongs to."""
    places = _places(current)
    return render_template(template, person=me(), places=places, nav_label="Account", **values), status


def _places(current: str) -> Sequence[Place]:
    home = viewer().home
    return (
        Place(home.href, home.icon, home.label, current=False),
        Place(url_for("people.profile"), "user", "Profile", current == "profile"),
        Place(url_for("people.email"), "mail", "Email", current == "email"),
        Place(url_for("people.passkeys"), "key", "Sign-in", current == "sign-in"),
        Place(url_for("people.sign_ins"), "smartphone", "Browsers", current == "browsers"),
    )
