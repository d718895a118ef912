"""Takes the pictures in docs/screens and those of the landing page: `make screens`. The demo, in a real Chromium.

Not a test: it asserts nothing and is looked at by a person. The demo's clock is set to an afternoon, so that the
weekend is in full swing at whatever hour this runs. With a folder and names of stops (tests/tour.py) as arguments, it
takes those, or all of them, there.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image

from tests import servers, tour

DOCS = servers.ROOT / "docs" / "screens"
LANDING = servers.ROOT / "static" / "img"
SHIFTED = servers.ROOT / "tests" / "shifted"
KEPT = ("landing", "sign-in", "event", "timeline", "maker", "dashboard", "slot")  # in the repository
AFTERNOON = (14, 41)  # Budapest time: two workshops and a competition run, one is late

# Pictures on the landing page: file, stop, and the size it is taken at. Phones are cut off below, like their frame.
PHONE = tour.SIZES["phone"] | {"viewport": {"width": 390, "height": 720}}
DESK = tour.SIZES["desk"] | {"viewport": {"width": 1280, "height": 800}}
SHOTS = {
    "timeline-phone": ("timeline", PHONE),
    "slot-phone": ("slot", PHONE),
    "late-phone": ("late", PHONE),
    "maker-desk": ("maker", DESK),
    "deck-phone": ("deck", PHONE),
    "floor-phone": ("floor", PHONE),
    "studio-phone": ("studio-page", PHONE),
    "owner-phone": ("owner", PHONE),
}
SHOT_WIDTH = {"phone": 600, "desk": 1120}


def main() -> None:
    shift = _to_the_afternoon(datetime.now(UTC))
    clock = {"PYTHONPATH": str(SHIFTED), "PIKA_CLOCK_SHIFT": str(shift.total_seconds())}
    at = datetime.now(UTC) + shift
    goal = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    wanted = set(sys.argv[2:]) or ({stop.name for stop in tour.STOPS} if len(sys.argv) > 1 else set(KEPT))
    goal.mkdir(parents=True, exist_ok=True)
    with servers.serve(processes=("web", "worker", "clock"), **clock) as server, tour.chromium() as browser:
        if goal == DOCS:
            _take_for_landing(browser, server, at)  # first, for it is seen on a picture itself
        _take(browser, server, goal, wanted, at)
    print(f"{len(wanted) * 4} pictures in {goal}")


def _to_the_afternoon(now: datetime) -> timedelta:
    """From now to the afternoon of today, forwards or back."""
    local = now.astimezone(ZoneInfo("Europe/Budapest"))
    return local.replace(hour=AFTERNOON[0], minute=AFTERNOON[1], second=0, microsecond=0) - local


def _take(browser: Any, server: servers.Server, goal: Path, wanted: set[str], at: datetime) -> None:
    """All wanted screens at both sizes and in both themes."""
    for size, options in tour.SIZES.items():
        for theme in tour.THEMES:
            walker = tour.Walker(browser, server, at=at, **options, color_scheme=theme)
            for stop in tour.STOPS:
                if stop.name in wanted:
                    _save(_picture(walker, stop), goal / f"{stop.name}-{size}-{theme}.webp", 1280)
            walker.close()


def _take_for_landing(browser: Any, server: servers.Server, at: datetime) -> None:
    """The product's own screens for its landing page, and the picture that goes along when its link is shared."""
    stops = {stop.name: stop for stop in tour.STOPS}
    for name, (stop, options) in SHOTS.items():
        for theme in tour.THEMES:
            walker = tour.Walker(browser, server, at=at, **options, color_scheme=theme)
            file = LANDING / "landing" / f"{name}-{theme}.webp"
            _save(_picture(walker, stops[stop]), file, SHOT_WIDTH[name.rpartition("-")[2]])
            walker.close()
    walker = tour.Walker(browser, server, at=at, viewport={"width": 1200, "height": 630}, color_scheme="light")
    _picture(walker, stops["landing"]).quantize(128).save(LANDING / "share.png", optimize=True)
    walker.close()


def _picture(walker: tour.Walker, stop: tour.Stop) -> Image.Image:
    page = walker.visit(stop)
    page.wait_for_timeout(800)  # fonts, live connection, motion
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def _save(picture: Image.Image, file: Path, width: int) -> None:
    picture.thumbnail((width, 10_000), Image.Resampling.LANCZOS)
    picture.save(file, quality=72, method=6)


if __name__ == "__main__":
    main()
