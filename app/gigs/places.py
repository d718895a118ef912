"""Where somebody who is booked works: the navigation of their area. Pure but for the addresses."""

from __future__ import annotations

from dataclasses import replace

from flask import url_for

from app.events.places import Place, dj_places
from app.people.viewer import AREAS, Viewer

BOOKED_AREAS = ("dj", "dancer", "studio")


def area_of(viewer: Viewer, role: str) -> str:
    """In which area somebody looks at a gig: a DJ's as DJ, a teacher's in the studio, who holds no role as dancer."""
    held = {area.name for area in viewer.areas}
    wanted = {"dj": "dj", "mc": "dj", "teacher": "studio", "judge": "studio"}.get(role, "dancer")
    return wanted if wanted in held else "dancer"


def booked_places(area: str, current: str, waiting: int) -> list[Place]:
    """A DJ's own places, with what waits; elsewhere gigs, one's days, and the area's home."""
    if area == "dj":
        return [
            replace(place, count=waiting if place.href == "/app/dj/gigs" else 0)
            for place in dj_places("gigs" if current in {"gigs", "gig", "days"} else current)
        ]
    home = {"dancer": "footprints", "studio": "graduation-cap"}[area]
    return [
        Place(url_for("gigs.listing", area=area), "calendar-check", "Gigs", current == "gigs", waiting),
        Place(url_for("gigs.days", area=area), "calendar-x", "Days", current == "days"),
        Place(AREAS[area].href, home, AREAS[area].label, current == "home"),
    ]
