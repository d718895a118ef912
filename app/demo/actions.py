"""The one write that only the demo may do: throw everything away. Called by load.reset, never in production."""

from __future__ import annotations

from app.db import db, transaction


def empty_all_tables() -> None:
    """Delete every row of every table, those that refer to others first."""
    with transaction() as session:
        for table in reversed(db.metadata.sorted_tables):
            session.execute(table.delete())
