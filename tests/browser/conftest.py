"""Browser tests: a weekend of a few known slots beside the demo, people signed in by one click, fingers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app import config, create_app
from app.db import _writing, db
from app.people import queries as people
from app.schedule import actions
from tests import factories, servers

QUARTER_PIXELS = 24  # a quarter of an hour in the grid
DAY = factories.DAY.isoformat()
SLOTS = [
    ("Swivels without tears", "workshop", 0, "14:00", "15:00", "flexible"),
    ("Novice Jack & Jill", "competition", 0, "16:00", "17:00", "fixed"),
    ("Elastic connection", "workshop", 1, "14:00", "15:00", "flexible"),
    ("Late social", "social", 0, "25:00", "27:00", "flexible"),
]
_numbers = itertools.count(1)


@dataclass
class Weekend:
    """An event of its own: Danube Hall and Margit Room, 13 June 2026, edits live."""

    server: servers.Server
    app: Flask
    slug: str
    ids: dict[str, str]

    @property
    def maker(self) -> str:
        return f"{self.server.url}/app/organizer/events/{self.slug}/schedule?day={DAY}"

    @property
    def timeline(self) -> str:
        return f"{self.server.url}/e/{self.slug}/schedule?day={DAY}"

    def form(self, title: str) -> str:
        return f"{self.server.url}/app/organizer/events/{self.slug}/slots/{self.ids[title]}"

    @contextmanager
    def rows(self) -> Iterator[Any]:
        """The event's rows, fresh from the server's database."""
        with self.app.app_context():
            yield db.session
            db.session.rollback()


@pytest.fixture(scope="module")
def beside(demo_server: servers.Server) -> Flask:
    """The app in this process, on the database and the Redis of the running server."""
    return create_app(config.load(demo_server.env))


@contextmanager
def arranging() -> Iterator[None]:
    """Rows made beside a running worker: take the writer's turn from the first statement on, as our actions do."""
    db.session.rollback()
    token = _writing.set(True)
    try:
        yield
        db.session.rollback()
    finally:
        _writing.reset(token)


@pytest.fixture
def weekend(demo_server: servers.Server, beside: Flask) -> Weekend:
    """A fresh weekend for one test."""
    slug = f"maker-{next(_numbers)}"
    with beside.app_context():
        with arranging():
            olive, sam = people.person_by_handle("olive"), people.person_by_handle("sam")
            made = factories.event(slug, organizer=olive, mode="planning")
            factories.grant(sam, "organizer", event=made)
            rooms = [room.public_id for room in made.rooms]
        ids = {}
        for title, kind, room, start, end, flexibility in SLOTS:
            starts_at, ends_at = factories.at(start), factories.at(end)
            values = actions.SlotValues(title, kind, rooms[room], starts_at, ends_at, flexibility)
            ids[title] = actions.add_slot(made.id, values, olive).slot_id
        actions.set_mode(made.id, "live", olive)
        db.session.rollback()
    return Weekend(demo_server, beside, slug, ids)


SignedIn = Callable[..., Any]


@pytest.fixture
def signed_in(new_context: Callable[..., Any], demo_server: servers.Server) -> SignedIn:
    """`signed_in("olive", **PHONE)`: a page of somebody who came in by the development door."""

    def enter(handle: str, **options: Any) -> Any:
        page = new_context(**options).new_page()
        page.goto(f"{demo_server.url}/sign-in")
        page.locator(f"form[action$='/dev/sign-in/{handle}'] button").click()
        page.wait_for_load_state()
        return page

    return enter


def tile(page: Any, title: str) -> Any:
    """A slot in the grid, as it stands (not the ghost under a finger)."""
    return page.locator(".maker-grid .tile[data-slot]", has_text=title)


def label(page: Any, title: str) -> str:
    """What a screen reader says of a tile."""
    return str(tile(page, title).locator("[role=button] .sr-only").text_content())


def focus(page: Any, title: str) -> None:
    """Give a tile the keyboard."""
    tile(page, title).get_by_role("button").focus()


def open_maker(page: Any, weekend: Weekend) -> Any:
    """The maker with its grid drawn and its light green."""
    page.goto(weekend.maker)
    tile(page, "Swivels without tears").wait_for()
    page.wait_for_selector(".conn[data-state=live]")
    page.evaluate("window.sameDocument = true")
    return page


def settled_box(page: Any, title: str) -> dict[str, float]:
    """Where a tile stands; a tile is drawn anew with each change, so it may be between two lives for a moment."""
    while True:
        box: dict[str, float] | None = tile(page, title).bounding_box()
        if box:
            return box


def drag(page: Any, title: str, *, quarters: int = 0, rooms: int = 0, drop: bool = True) -> None:
    """Take a tile with the mouse and carry it so many quarters of an hour down and rooms to the right."""
    box = settled_box(page, title)
    x, y = box["x"] + 40, box["y"] + 12
    column = page.locator(".maker-grid .ec-body .ec-day").first.bounding_box()["width"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 3, y + 8, steps=3)
    page.mouse.move(x + rooms * column, y + quarters * QUARTER_PIXELS, steps=8)
    if drop:
        page.mouse.up()


def says(page: Any, words: str) -> None:
    """A toast with these words comes up."""
    page.locator(".toast", has_text=words).wait_for()
