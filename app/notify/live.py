"""Which topic, which partial, who may listen.

Topic `person:<public_id>:notices`, region `notice-badge`: how many notices are unread, for that person alone. Drawn
from the rows as they are when this runs, so once too often or too late does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from app.lib import clock
from app.live import debts, regions, topics
from app.live.render import render_region
from app.notify import queries
from app.people.viewer import Viewer


def topic(public_id: str) -> str:
    return f"person:{public_id}:notices"


def init_app() -> None:
    """Say who may listen."""
    topics.guard("person", "notices")(_may_hear)


def _may_hear(viewer: Viewer, public_id: str) -> bool:
    return viewer.person is not None and viewer.person.public_id == public_id


def badge_html(unread: int) -> Markup:
    return render_region("notify/_badge.html", unread=unread)


def owe(person_ids: Sequence[int]) -> None:
    """Inside the transaction of the notices: `badges_changed` will follow."""
    debts.owe(*map(topic, queries.public_ids(person_ids)))


def badges_changed(person_ids: Sequence[int]) -> None:
    """New notices, or notices read."""
    if not person_ids:
        return
    rank = f"{clock.now().timestamp():017.3f}"  # before the rows are read: what was read later wins
    for public_id, unread in queries.unread_counts(person_ids).items():
        regions.publish(topic(public_id), {"notice-badge": badge_html(unread)}, rank=rank)
