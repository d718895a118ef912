"""Who is told: a person, or a guest's device. The same pair that stars, bells and follows are held by."""

from __future__ import annotations

from typing import NamedTuple

from app.people.viewer import Viewer


class Holder(NamedTuple):
    """Exactly one of the two is set."""

    person_id: int | None
    device_id: int | None

    @classmethod
    def of(cls, viewer: Viewer) -> Holder | None:
        """Who looks, as a holder; None for a guest who has no device yet."""
        if viewer.person is not None:
            return cls(viewer.person.id, None)
        return cls(None, viewer.device.id) if viewer.device else None
