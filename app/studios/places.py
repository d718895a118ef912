"""The navigation of a studio's people. Pure but for the addresses."""

from __future__ import annotations

from flask import url_for

from app.events.places import Place
from app.studios.models import Studio


def studio_places(studio: Studio | None, current: str) -> list[Place]:
    """Where a studio admin works; before there is a studio, where one is opened."""
    home = Place("/app/studio", "graduation-cap", "Studio", current == "home")
    if studio is None:
        return [
            home,
            Place(url_for("studios.new"), "plus", "Open a studio", current == "new"),
            Place("/app/studio/gigs", "calendar-check", "Gigs"),
            Place("/events", "calendar-range", "Weekends"),
        ]
    slug = studio.slug
    return [
        home,
        Place(url_for("studios.team", studio_slug=slug), "users", "Teachers", current == "team"),
        Place(url_for("studios.settings", studio_slug=slug), "settings", "Profile", current == "settings"),
        Place(url_for("studios.page", studio_slug=slug), "globe", "Public page"),
    ]
