"""Reads of answered taps. No writes."""

from __future__ import annotations

from sqlalchemy import select

from app.db import db
from app.waiting.models import AcceptedAction


def answered(client_id: str) -> AcceptedAction | None:
    """How this tap was answered before, if it was."""
    return db.session.scalar(select(AcceptedAction).where(AcceptedAction.client_id == client_id))
