"""Takes the pictures in docs/screens: `make screens`. The demo, in a real Chromium, at two sizes, in both themes.

Each picture is a small WebP. Not a test: it asserts nothing and is looked at by a person.
With arguments, a folder and names of stops (tests/tour.py), it takes those, or all of them, there.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from tests import servers, tour

GOAL = servers.ROOT / "docs" / "screens"
KEPT = ("landing", "sign-in", "event", "timeline", "maker", "dashboard", "slot")  # in the repository


def take(server: servers.Server, goal: Path, wanted: set[str]) -> None:
    """All wanted screens at both sizes and in both themes."""
    with tour.chromium() as browser:
        for size, options in tour.SIZES.items():
            for theme in tour.THEMES:
                walker = tour.Walker(browser, server, **options, color_scheme=theme)
                for stop in tour.STOPS:
                    if stop.name in wanted:
                        _take(walker, stop, goal / f"{stop.name}-{size}-{theme}.webp")
                walker.close()


def _take(walker: tour.Walker, stop: tour.Stop, file: Path) -> None:
    page = walker.visit(stop)
    page.wait_for_timeout(800)  # fonts, live connection, motion
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.thumbnail((1280, 844 * 2))
    picture.save(file, quality=72, method=6)


def main() -> None:
    goal = Path(sys.argv[1]) if len(sys.argv) > 1 else GOAL
    wanted = set(sys.argv[2:]) or ({stop.name for stop in tour.STOPS} if len(sys.argv) > 1 else set(KEPT))
    goal.mkdir(parents=True, exist_ok=True)
    with servers.serve(processes=("web", "worker", "clock")) as server:
        take(server, goal, wanted)
    print(f"{len(wanted) * 4} pictures in {goal}")


if __name__ == "__main__":
    main()
