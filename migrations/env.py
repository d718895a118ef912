"""Runs migrations on the app's database, each upgrade in one transaction on both engines. Called by flask-migrate."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app import db as database
from app import outbox  # noqa: F401  (tables register themselves on import)
from app.booth import models as booth  # noqa: F401  (the same)
from app.discover import models as discover  # noqa: F401  (the same)
from app.events import models as events  # noqa: F401  (the same)
from app.floor import models as floor  # noqa: F401  (the same)
from app.gigs import models as gigs  # noqa: F401  (the same)
from app.live import models as live  # noqa: F401  (the same)
from app.music import models as music  # noqa: F401  (the same)
from app.notify import models as notify  # noqa: F401  (the same)
from app.people import models as people  # noqa: F401  (the same)
from app.schedule import models as schedule  # noqa: F401  (the same)
from app.studios import models as studios  # noqa: F401  (the same)
from app.waiting import models as waiting  # noqa: F401  (the same)


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """New migrations name plain column types, not ours: old ones must read the same for ever."""
    if kind == "type" and isinstance(item, database.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, database.Sealed):
        return "sa.String()"
    return False


def run() -> None:
    """Connect and migrate. SQLite rebuilds tables to change them, so foreign keys rest meanwhile."""
    engine = database.db.engine
    is_sqlite = engine.dialect.name == "sqlite"
    options = current_app.extensions["migrate"].configure_args
    with engine.connect() as connection:
        if is_sqlite:
            raw = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection, target_metadata=database.db.metadata, render_item=render_item, **options
        )
        with context.begin_transaction():
            context.run_migrations()
        if is_sqlite:
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            raw.execute("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"a migration broke foreign keys: {broken[:5]}")


run()
