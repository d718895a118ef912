"""Recurring and owed work of the schedule: banners that move by the clock, figures, and republishing. Called by RQ."""

from __future__ import annotations

from typing import Any

from app.events import queries as events
from app.schedule import actions, live


def move_banners() -> None:
    """What changes by the clock alone, for every event under way. Unchanged html is not sent again."""
    for event in events.under_way():
        live.time_passed(event)


def refresh_figures() -> None:
    """Phones come and go: the dashboards' figures."""
    for event in events.under_way():
        live.figures_changed(event)


def refresh_reach(slug: str) -> None:
    """Phones said what they hold: asked for by the hub, at most once a second, while somebody of the team watches."""
    event = events.event_by_slug(slug)
    if event is not None:
        live.figures_changed(event)


def republish(subject: dict[str, Any], _key: str) -> None:
    """Owed by app.events when rooms or dates of a live event changed."""
    actions.republish(subject["event_id"])
