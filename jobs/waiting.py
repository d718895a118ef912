"""Forgetting taps that no phone can send any more. Called hourly by the clock."""

from __future__ import annotations

from app.waiting import actions


def forget_old() -> None:
    """Drop the client ids of answered taps by age."""
    actions.forget_old()
