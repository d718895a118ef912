"""What DJs show of themselves, and following them. Called by the profile's routes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.db import transaction
from app.discover import profile_queries as queries
from app.discover.models import DjFollow, DjProfile
from app.people.holding import holder
from app.people.queries import held_by
from app.people.viewer import Viewer


def save_profile(person_id: int, values: dict[str, Any]) -> None:
    """Write what the form's clean values say; the row is made with its first save."""
    with transaction() as session:
        profile = session.get(DjProfile, person_id)
        if profile is None:
            profile = DjProfile(person_id=person_id)
            session.add(profile)
        for name, value in values.items():
            setattr(profile, name, value)


def follow_dj(viewer: Viewer, dj_id: int, *, on: bool, device_token: str | None = None) -> None:
    """Follow or stop, with or without an account; asking twice changes nothing. `device_token`: see holding.holder."""
    try:
        with transaction() as session:
            mine = held_by(DjFollow, viewer)
            if not on:
                if mine is not None:
                    session.execute(delete(DjFollow).where(DjFollow.dj_id == dj_id, mine))
            elif not queries.follows_dj(viewer, dj_id):
                session.add(DjFollow(dj_id=dj_id, **holder(session, viewer, device_token)))
    except IntegrityError:
        return  # two taps at once: the other one follows
