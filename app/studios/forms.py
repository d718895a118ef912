"""Forms of studios: the profile, and a new teacher."""

from __future__ import annotations

from typing import Any

from app.lib import clock
from app.lib.text import clean_line, slugify
from app.studios.models import Studio
from app.web.forms import Form


class StudioForm(Form):
    """name, slug, city, zone, about."""

    def read(self) -> None:
        self.line("name", "The name", limit=120)
        self._slug()
        self.line("city", "The city", limit=80, required=False)
        self._zone()
        self.block("about", "The text", limit=4000)

    def _slug(self) -> None:
        typed = clean_line(self._raw("slug"))
        slug = slugify(typed or self.clean["name"])
        if len(slug) < 3:
            self.error("slug", "The address needs at least three letters or digits.")
        self.clean["slug"] = slug
        self.values["slug"] = typed or slug

    def _zone(self) -> None:
        zone = clean_line(self._raw("zone"))
        if zone not in clock.zone_names() and zone != "UTC":
            self.error("zone", f"“{zone[:40]}” is no time zone we know. Choose one, like Europe/Vienna.")
        self.clean["zone"] = zone


class TeacherForm(Form):
    """Who teaches here: an address or @handle."""

    def read(self) -> None:
        self.line("who", "An email address or @handle", limit=254)


def values_of(studio: Studio) -> dict[str, Any]:
    """A studio as its form shows it."""
    return {name: getattr(studio, name) for name in ("name", "slug", "city", "zone", "about")}
