"""Reading notices. Called by the notice center."""

from __future__ import annotations

from sqlalchemy import ColumnElement, update

from app.db import transaction
from app.lib import clock
from app.notify import live
from app.notify.models import Notice


def mark_read(person_id: int, public_id: str) -> None:
    """One notice of this person's."""
    _read(person_id, Notice.public_id == public_id)


def mark_all_read(person_id: int) -> None:
    """All of them."""
    _read(person_id)


def _read(person_id: int, *which: ColumnElement[bool]) -> None:
    unread = (Notice.person_id == person_id, Notice.read_at.is_(None), *which)
    with transaction() as session:
        session.execute(update(Notice).where(*unread).values(read_at=clock.now()))
        live.owe([person_id])
    live.badges_changed([person_id])
