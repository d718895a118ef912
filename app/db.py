"""The database: the object, the base model, column types, and the one way to write.

Every write of the product happens inside `with transaction():`, and only actions open one (held by a contract test).
SQLite runs in WAL with BEGIN IMMEDIATE for writers: SQLAlchemy's default set-up loses updates or answers "locked"
(STACK.md). No network and no slow call may happen inside a transaction: another greenlet would wait for its lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData, String, event, orm
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.config import Settings
from app.lib import clock, tokens
from app.lib.sealing import Sealer

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on both engines. SQLite forgets the zone, so it is taken off and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            message = "a naive datetime must not reach the database"
            raise ValueError(message)
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sealed(TypeDecorator[str]):
    """Text that is encrypted at rest. The purpose binds a value to its column."""

    impl = String
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else sealer().seal(value, self.purpose)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else sealer().open(value, self.purpose)


class Model(DeclarativeBase):
    """Base of all tables."""

    # A registry of our own: Flask-SQLAlchemy copies this class, and SQLAlchemy 2.1 refuses a copied annotation map.
    registry = orm.registry(metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: UtcDateTime})


class Identified:
    """A row that links name: an internal key, and an unguessable public one."""

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=tokens.public_id)


class Dated:
    """A row that knows when it was made."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now)


db = SQLAlchemy(model_class=Model)
migrate = Migrate(directory="migrations", render_as_batch=True)

_writing: ContextVar[bool] = ContextVar("pika_writing", default=False)
_writer_lock = threading.Lock()  # gevent's once patched; one writer per process ahead of SQLite's own file lock


def sealer() -> Sealer:
    """The sealer of the running app."""
    loaded: Sealer = current_app.extensions["pika_sealer"]
    return loaded


@contextmanager
def transaction() -> Iterator[Any]:
    """One unit of work: begins a write transaction, commits at the end, rolls back on any error.

    What was read before is forgotten first (objects reload inside), so a rule decides on rows as they are under the
    lock. Not re-entrant: an action never calls another action.
    """
    if _writing.get():
        message = "an action called another action: units of work do not nest"
        raise RuntimeError(message)
    db.session.rollback()
    with _one_writer():
        token = _writing.set(True)
        try:
            yield db.session
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        finally:
            _writing.reset(token)


@contextmanager
def _one_writer() -> Iterator[None]:
    if db.engine.dialect.name != "sqlite":
        yield
        return
    with _writer_lock:
        yield


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the database to the app and set both engines up."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(settings)
    app.extensions["pika_sealer"] = Sealer(settings.data_key)
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        if settings.is_sqlite:
            event.listen(db.engine, "connect", _sqlite_connect)
            event.listen(db.engine, "begin", _sqlite_begin)


def _engine_options(settings: Settings) -> dict[str, Any]:
    """`hide_parameters`: an error of the database is logged, and what somebody wrote or owns is not of that log."""
    private = {"hide_parameters": settings.is_production}
    if settings.is_sqlite:
        return private | {"connect_args": {"timeout": 10, "check_same_thread": False}}
    return private | {"pool_pre_ping": True, "pool_size": 20, "max_overflow": 10}


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we emit BEGIN ourselves, see _sqlite_begin
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
