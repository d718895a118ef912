"""Every page of the product has its stop on the tour (tests/tour.py), so that it is seen, and checked by `make audit`.

A GET route that answers no page of its own stands below, with what it answers instead.
"""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

from tests import tour

pytestmark = pytest.mark.one_engine
NO_PAGES = {
    "files and data": (
        "static", "health.healthz", "health.readyz", "live.ws", "pwa.manifest", "pwa.service_worker", "people.photo",
        "signposts.robots", "signposts.sitemap", "calendars.public", "calendars.personal", "maker.feed",
        "interchange.export_json", "interchange.export_csv", "profiles.card", "waiting.token", "booth.kept",
        "bookings.export", "crate.export", "playlists.export", "gig_calendar.feed", "live.at",
    ),
    "a fragment of a page": ("announcements.reach", "booth.search", "floor.poll", "bookings.who"),
    "a way on to another page": ("people.home",),
    "a letter as it was sent": ("demo.letter",),
    "a page that a passkey must be made for first": ("people.ask_to_remove_passkey",),
}  # fmt: skip


def endpoint(app: Flask, path: str) -> str:
    """Where this path leads; nowhere is a page too: the lost one."""
    try:
        return str(app.url_map.bind("localhost").match(path)[0])
    except NotFound:
        return ""


def test_every_page_has_a_stop_on_the_tour(app):
    found = {endpoint(app, stop.path.partition("?")[0].replace("{", "x").replace("}", "x")) for stop in tour.STOPS}
    found |= {stop.shows for stop in tour.STOPS}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}

    missing = pages - found - {name for names in NO_PAGES.values() for name in names}
    assert missing == set(), "give it a stop in tests/tour.py, or say above what it answers instead of a page"


def test_what_is_no_page_is_still_a_route(app):
    names = {name for names in NO_PAGES.values() for name in names}
    assert names - {rule.endpoint for rule in app.url_map.iter_rules()} == set()
