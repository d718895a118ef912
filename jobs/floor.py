"""What happens on the floor by the clock: questions close, votes fade, songs go stale, visits end. Called by RQ."""

from __future__ import annotations

from typing import Any

from app.floor import actions
from app.floor.actions.sweeping import close_due_poll
from app.live import gate


def tick() -> None:
    """One round over every set under way; then whatever a killed process left unpublished."""
    actions.sweep()
    gate.sweep()


def close_poll(subject: dict[str, Any], _key: str) -> None:
    """Owed when a question was opened."""
    close_due_poll(subject["poll"])
    gate.sweep()
