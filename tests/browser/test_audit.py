"""Key pages under axe-core, their weight on a first visit, and whether Chromium would install the app.

A few of what `make audit` does with all pages; the helpers are its own.
"""

from __future__ import annotations

import urllib.request

import pytest

from tests import tour
from tests.audit import axe, installable, weight

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]
KEY_PAGES = ("landing", "event", "timeline", "slot", "sign-in", "maker", "dashboard")
WEIGHED = ("landing", "event", "schedule", "sign-in")


@pytest.mark.slow
@pytest.mark.parametrize("size", tour.SIZES)
def test_key_pages_break_no_rule_of_axe_in_either_theme(browser, demo_server, size):
    walker = tour.Walker(browser, demo_server, **tour.SIZES[size], reduced_motion="reduce")
    found = {}
    for stop in (stop for stop in tour.STOPS if stop.name in KEY_PAGES):
        page = walker.visit(stop)
        for theme in tour.THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found[stop.name, theme] = axe.violations(page)
    walker.close()

    assert len(found) == len(KEY_PAGES) * len(tour.THEMES)
    assert {where: violations for where, violations in found.items() if violations} == {}


def test_axe_would_see_a_fault(desktop, demo_server):
    desktop.goto(f"{demo_server.url}/sign-in")
    desktop.locator("h1").evaluate("element => element.remove()")
    desktop.locator("input[name=email]").evaluate("element => element.labels[0].remove()")

    assert {line.partition(":")[0] for line in axe.violations(desktop)} >= {"label", "page-has-heading-one"}


@pytest.mark.slow
@pytest.mark.parametrize("name", WEIGHED)
def test_first_visit_stays_under_its_weight(new_context, demo_server, name):
    walker = tour.Walker(new_context().browser, demo_server, **tour.SIZES["phone"])
    address = walker.visit(next(stop for stop in tour.STOPS if stop.name == name)).url
    walker.close()

    found = weight.first_visit(new_context(**tour.SIZES["phone"]).new_page(), address)

    assert found["Document"] > 1000
    assert found["Stylesheet"] > 5000
    assert found.total() <= weight.FIRST_VISIT_BYTES, found


def test_a_fragment_stays_under_its_weight(demo_server):
    schedule = f"{demo_server.url}/e/{tour.EVENT}/schedule"
    page = urllib.request.urlopen(schedule).read().decode()
    slot = page.partition(f'href="/e/{tour.EVENT}/slots/')[2].partition('"')[0]

    for address in (schedule, f"{schedule}?mine=1", f"{demo_server.url}/e/{tour.EVENT}/slots/{slot}"):
        asked = urllib.request.Request(address, headers={"HX-Request": "true", "Accept-Encoding": "gzip"})
        assert 0 < len(urllib.request.urlopen(asked).read()) <= weight.FRAGMENT_BYTES, address


def test_chromium_finds_nothing_in_the_way_of_installing(browser, demo_server):
    assert installable.errors(browser, f"{demo_server.url}/e/{tour.EVENT}/schedule") == []
