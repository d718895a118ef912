"""A set under way: Jo at the decks of the Swing Weekend, or somewhere else; songs; guests with phones."""

from __future__ import annotations

from typing import Any

import pytest

from app.db import db
from app.floor import actions, queries
from app.floor.actions import SetPlan, Song
from app.floor.models import DjSet
from app.lib import tokens
from app.people.models import Device
from app.people.viewer import Viewer
from tests import factories


@pytest.fixture
def jo(session: Any) -> Any:
    return factories.person("jo")


@pytest.fixture
def jo_id(jo: Any) -> int:
    found: int = jo.id
    return found


@pytest.fixture
def dj_set(jo: Any) -> DjSet:
    """Jo's set, live since now."""
    return begin(jo)


def begin(person: Any, event: Any = None, **more: Any) -> DjSet:
    plan = SetPlan("Saturday social", factories.BUDAPEST, "Danube Hall", event_id=event.id if event else None, **more)
    public_id = actions.start(person, plan)
    db.session.rollback()
    return db.session.query(DjSet).filter_by(public_id=public_id).one()


def play(dj_set: DjSet, title: str, artist: str = "Somebody", **more: Any) -> str:
    bpm = more.pop("bpm", None)
    length = more.pop("length", None)
    made = actions.play(dj_set.id, Song(title, artist, bpm=bpm, duration_seconds=length), **more)
    return made.play_id


def guest() -> Viewer:
    """A phone without an account."""
    device = Device(token_digest=tokens.digest(tokens.secret_token()))
    db.session.add(device)
    db.session.commit()
    return Viewer(device=device)


def titles(dj_set: DjSet, *statuses: str) -> list[str]:
    db.session.rollback()
    return [found.title for found in queries.plays_of(dj_set.id, statuses or ("playing", "played"))]
