"""Where one can go: at an event (dancers, its team), and in the areas of dancers and DJs. Pure but for the addresses.

Several features draw the same bar; what it holds stands here once.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from app.events.models import Event
from app.people.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the bar or the rail."""

    href: str
    icon: str
    label: str
    current: bool = False
    count: int = 0


def event_places(event: Event, viewer: Viewer, current: str) -> list[Place]:
    """Where a dancer goes at an event."""
    last = (
        Place(url_for("discover.dancer"), "footprints", "Weekends", current == "weekends")
        if viewer.is_signed_in
        else Place(url_for("people.sign_in", next=url_for("timeline.schedule", slug=event.slug)), "log-in", "Sign in")
    )
    return [
        Place(url_for("timeline.schedule", slug=event.slug), "calendar-days", "Schedule", current == "schedule"),
        Place(url_for("timeline.schedule", slug=event.slug, mine=1), "star", "Mine", current == "mine"),
        Place(url_for("discover.event_page", slug=event.slug), "map-pin", "Event", current == "event"),
        last,
    ]


def dj_places(current: str) -> list[Place]:
    """Where a DJ works."""
    return [
        Place("/app/dj", "disc-3", "Sets", current == "sets"),
        Place("/app/dj/gigs", "calendar-days", "Gigs", current == "gigs"),
        Place("/app/dj/booth", "radio", "Booth", current == "booth"),
        Place("/app/dj/crate", "list-music", "Crate", current == "crate"),
        Place("/app/dj/profile", "user", "Page", current == "page"),
    ]


def team_places(event: Event, current: str) -> list[Place]:
    """Where an organizer works."""
    slug = event.slug
    return [
        Place(url_for("dashboard.now", slug=slug), "gauge", "Now", current == "now"),
        Place(url_for("maker.schedule", slug=slug), "calendar-days", "Schedule", current == "schedule"),
        Place(url_for("maker.changes", slug=slug), "history", "Changes", current == "changes"),
        Place(url_for("announcements.center", slug=slug), "megaphone", "Announce", current == "announce"),
        Place(
            url_for("events.settings", slug=slug),
            "settings",
            "Event",
            current in {"settings", "team", "bookings", "screens"},
        ),
    ]


def organizer_places(current: str) -> list[Place]:
    """Where an organizer is before choosing an event."""
    return [
        Place(url_for("events.organizer"), "calendar-range", "Events", current == "events"),
        Place(url_for("events.new"), "plus", "New event", current == "new"),
        Place(url_for("interchange.new"), "arrow-down-to-line", "Import", current == "import"),
    ]


def dancer_places(current: str) -> list[Place]:
    """A dancer's own bar."""
    return [
        Place(url_for("discover.dancer"), "footprints", "Mine", current == "mine"),
        Place(url_for("floor.dances"), "music", "Dances", current == "dances"),
        Place(url_for("discover.weekends"), "calendar-range", "Weekends"),
    ]
