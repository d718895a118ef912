"""The blueprint of notify, what its pages share, and what every page shows of it: the bell. Imported by its routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from markupsafe import Markup

from app.config import settings
from app.live import regions
from app.live.regions import Position
from app.notify import live, push, queries
from app.people.viewer import viewer

bp = Blueprint("notify", __name__)

WORDS = {  # category -> its icon, its name, what it is
    "alert": ("bell-ring", "Alerts", "Before what you starred or set an alert for"),
    "change": ("clock-alert", "Changes", "A slot is late, moved or cancelled"),
    "announcement": ("megaphone", "News", "What organizers tell everybody"),
    "registration": ("calendar-days", "Registration", "It opens for an event that you follow"),
    "gig": ("handshake", "Bookings", "You are asked to play, teach, judge or help, or somebody answered you"),
    "playlist": ("list-music", "Playlists", "A DJ you follow published one, once a day at most"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the bar or the rail."""

    href: str
    icon: str
    label: str
    current: bool
    count: int = 0


def places(current: str) -> Sequence[Place]:
    home = viewer().home
    return (
        Place(home.href, home.icon, home.label, current=False),
        Place(url_for("notify.notices"), "bell", "Notices", current == "notices"),
        Place(url_for("notify.preferences"), "sliders-horizontal", "Choose", current == "choose"),
        Place(url_for("people.profile"), "user", "Account", current=False),
    )


@bp.app_context_processor
def _for_every_page() -> dict[str, Any]:
    return {"notices_live": notices_live, "notice_badge": notice_badge, "push_key": push_key}


def notices_live(shown: Mapping[str, Position] | None) -> Mapping[str, Position] | None:
    """What a page is live about, and the bell of whoever looks. Asked by shell.html before it draws the bell.

    Not on the answer to a form: such a page must not be loaded anew under what somebody typed.
    """
    person = viewer().person
    if person is None or request.method != "GET":
        return shown
    topic = live.topic(person.public_id)
    return {**(shown or {}), topic: regions.position(topic)}


def notice_badge() -> Markup:
    """The badge of whoever looks. Only for those who are signed in."""
    person = viewer().person
    return live.badge_html(queries.unread_count(person.id) if person else 0)


def push_key() -> str:
    """What browsers subscribe with."""
    return push.public_key(settings())
