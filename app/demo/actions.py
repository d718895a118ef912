"""Writes that only the demo may do: throw everything away, and move a set into the past. Never in production."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.db import db, transaction
from app.floor.models import DjSet, FloorVisit, Play, Poll, TempoReading

TIMES: dict[Any, tuple[str, ...]] = {
    Play: ("played_at", "ended_at"),
    Poll: ("opened_at", "closes_at", "closed_at"),
    FloorVisit: ("joined_at", "seen_at", "left_at"),
}


def empty_all_tables() -> None:
    """Delete every row of every table, those that refer to others first."""
    with transaction() as session:
        for table in reversed(db.metadata.sorted_tables):
            session.execute(table.delete())


def file_away(set_id: int, ends_at: datetime, moods: Sequence[tuple[int, int, int]]) -> None:
    """Move an ended set back as one, so that it ended then; note a reading of the tempo for each of its songs."""
    with transaction() as session:
        dj_set = session.get_one(DjSet, set_id)
        by = ends_at - (dj_set.ended_at or ends_at)
        _move(dj_set, ("started_at", "ended_at"), by)
        for model, names in TIMES.items():
            for row in session.scalars(select(model).where(model.dj_set_id == set_id)):
                _move(row, names, by)
        plays = session.scalars(select(Play).where(Play.dj_set_id == set_id).order_by(Play.played_at))
        for found, (slower, perfect, faster) in zip(list(plays), moods, strict=False):
            read_at = found.played_at + timedelta(seconds=60)
            session.add(TempoReading(dj_set_id=set_id, read_at=read_at, slower=slower, perfect=perfect, faster=faster))


def _move(row: object, names: Sequence[str], by: timedelta) -> None:
    for name in names:
        if (moment := getattr(row, name)) is not None:
            setattr(row, name, moment + by)
