"""`GET /healthz`: this process answers. `GET /readyz`: database, Redis, oldest due job; 503 when one is away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import outbox, redis
from app.db import db
from app.web import access

bp = Blueprint("health", __name__)
LATE_AFTER_SECONDS = 120.0


def readings() -> dict[str, Any]:
    """What the machine room shows: also on the platform owner's page."""
    database, oldest = True, None
    try:
        db.session.execute(text("SELECT 1"))
        oldest = outbox.oldest_due_seconds()
    except SQLAlchemyError:
        db.session.rollback()
        database = False
    return {"database": database, "redis": redis.available(), "oldest_due_seconds": oldest}


@bp.get("/healthz")
@access.public
def healthz() -> ResponseReturnValue:
    return jsonify(ok=True)


@bp.get("/readyz")
@access.public
def readyz() -> ResponseReturnValue:
    state = readings()
    state["late"] = (state["oldest_due_seconds"] or 0) > LATE_AFTER_SECONDS
    ok = state["database"] and state["redis"]
    return jsonify(ok=ok, **state), 200 if ok else 503
