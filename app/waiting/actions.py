"""Noting that a tap was answered: in the action's own transaction, or on its own when the answer was no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from app.db import db, transaction
from app.lib import clock
from app.people.viewer import Viewer
from app.waiting.models import AcceptedAction
from app.waiting.taps import KEPT_ON_PHONES, Tap

KEPT = KEPT_ON_PHONES + timedelta(days=7)


def first_time(session: Any, tap: Tap | None, viewer: Viewer) -> bool:
    """Whether this tap is to be acted on: the first line of an action that works offline, inside its transaction.

    The unique client id decides: of two tries at once the second waits for the first one's commit and finds it taken;
    when the first rolls back, the second acts. Always true for a plain form, which has no id.
    """
    return tap is None or _note(session, tap, viewer, "")


def note_refusal(tap: Tap, viewer: Viewer, sentence: str) -> None:
    """The answer was no: asked again it is the same no."""
    with transaction() as session:
        _note(session, tap, viewer, sentence[:400])


def forget_old() -> None:
    """Drop what no phone can send any more."""
    with transaction() as session:
        session.execute(delete(AcceptedAction).where(AcceptedAction.at < clock.now() - KEPT))


def _note(session: Any, tap: Tap, viewer: Viewer, refusal: str) -> bool:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    row = {
        "client_id": tap.client_id, "kind": tap.kind, "at": clock.now(), "refusal": refusal,
        "person_id": viewer.person.id if viewer.person else None,
        "device_id": None if viewer.person else viewer.device_id,
    }  # fmt: skip
    statement = insert(AcceptedAction).values(row).on_conflict_do_nothing(index_elements=["client_id"])
    return session.scalar(statement.returning(AcceptedAction.id)) is not None
