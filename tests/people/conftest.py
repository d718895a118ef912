"""Fixtures of people's tests: an empty mail folder, and an account whose password is known."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.people.actions import door
from app.people.models import Person
from app.people.queries import person_by_handle
from tests.people.browsing import PASSWORD


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """The app, with an empty mail folder."""
    yield app
    shutil.rmtree(app.config["PIKA"].var / "mail", ignore_errors=True)


@pytest.fixture
def account(session: Any) -> Callable[..., Person]:
    """`account("dana")`: somebody of the cast who can sign in with PASSWORD."""

    def make(handle: str = "dana", name: str = "Dana Kovács") -> Person:
        door.open_account(name, handle, f"{handle}@pika.example", PASSWORD)
        found = person_by_handle(handle)
        assert found is not None
        return found

    return make
