"""Work for the console that takes too long for a request: the set builder. Called by jobs.outbox."""

from __future__ import annotations

from typing import Any

from app.booth.actions import drafts


def build_set(subject: dict[str, Any], _key: str) -> None:
    """Search for the draft's set; nothing happens when it is done already."""
    drafts.build(subject["draft_id"])
