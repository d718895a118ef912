"""Takes the pictures in docs/screens: `make screens`. The demo, in a real Chromium, at two sizes, in both themes.

Each picture is a small WebP. Not a test: it asserts nothing and is looked at by a person.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from tests import servers

GOAL = servers.ROOT / "docs" / "screens"
EVENT = "budapest-swing-weekend"
SIZES: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
    "desk": {"viewport": {"width": 1280, "height": 800}},
}


def _open_slot(page: Any) -> None:
    page.locator("[data-timeline] a[data-sheet]").nth(3).click()
    page.wait_for_selector("dialog[open]")


# name, who is signed in, address, what to do before the picture
SCREENS: list[tuple[str, str | None, str, Callable[[Any], None] | None]] = [
    ("landing", None, "/", None),
    ("sign-in", None, "/sign-in", None),
    ("event", None, f"/e/{EVENT}", None),
    ("timeline", "dana", f"/e/{EVENT}/schedule", lambda page: page.evaluate("scrollTo(0, 0)")),
    ("mine", "dana", f"/e/{EVENT}/schedule?mine=1", lambda page: page.evaluate("scrollTo(0, 0)")),
    ("slot", "dana", f"/e/{EVENT}/schedule", _open_slot),
    ("maker", "olive", f"/app/organizer/events/{EVENT}/schedule", lambda page: page.wait_for_timeout(600)),
    ("dashboard", "olive", f"/app/organizer/events/{EVENT}", None),
    ("changes", "olive", f"/app/organizer/events/{EVENT}/changes", None),
    ("event-form", "olive", f"/app/organizer/events/{EVENT}/settings", None),
    ("team", "olive", f"/app/organizer/events/{EVENT}/team", None),
    ("dancer", "dana", "/app/dancer", None),
    ("dj", "jo", "/app/dj", None),
    ("studio", "sam", "/app/studio", None),
    ("owner", "petra", "/app/owner", None),
    ("account", "dana", "/account", None),
    ("weekends", None, "/events", None),
    ("sign-up", None, "/sign-up", None),
]  # fmt: skip
KEPT = (
    "landing",
    "sign-in",
    "event",
    "timeline",
    "maker",
    "dashboard",
    "slot",
)  # in the repository; the rest on request


def take(server: servers.Server, goal: Path, wanted: set[str]) -> None:
    """All wanted screens at both sizes and in both themes."""
    arguments = servers.CHROMIUM_ARGUMENTS + (["--no-sandbox"] if os.getuid() == 0 else [])
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=servers.chromium(), args=arguments)
        for size, options in SIZES.items():
            for theme in ("light", "dark"):
                _take_all(chromium, server, goal, wanted, f"{size}-{theme}", options | {"color_scheme": theme})
        chromium.close()


def _take_all(chromium: Any, server: servers.Server, goal: Path, wanted: set[str], suffix: str, options: Any) -> None:
    pages: dict[str | None, Any] = {}
    for name, who, path, prepare in SCREENS:
        if name not in wanted:
            continue
        if who not in pages:
            pages[who] = chromium.new_context(**options).new_page()
            if who:
                _sign_in(pages[who], server, who)
        page = pages[who]
        page.goto(server.url + path)
        page.wait_for_timeout(500)  # fonts, live connection, calendar
        if prepare:
            prepare(page)
            page.wait_for_timeout(500)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        picture.thumbnail((1280, 844 * 2))
        picture.save(goal / f"{name}-{suffix}.webp", quality=72, method=6)
    for page in pages.values():
        page.context.close()


def _sign_in(page: Any, server: servers.Server, who: str) -> None:
    """One click, as in development."""
    page.goto(f"{server.url}/sign-in")
    page.locator(f"form[action$='/dev/sign-in/{who}'] button").click()
    page.wait_for_load_state()


def main() -> None:
    goal = Path(sys.argv[1]) if len(sys.argv) > 1 else GOAL
    wanted = set(sys.argv[2:]) or ({name for name, *_ in SCREENS} if len(sys.argv) > 1 else set(KEPT))
    goal.mkdir(parents=True, exist_ok=True)
    with servers.serve(processes=("web", "worker", "clock")) as server:
        take(server, goal, wanted)
    print(f"{len(wanted) * 4} pictures in {goal}")  # noqa: T201  (a script that talks to the person at the terminal)


if __name__ == "__main__":
    main()
