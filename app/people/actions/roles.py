"""Roles: grant one, take one back. Called by the demo, the command line and whoever runs the platform.

The team of an event or a studio is written by that feature's own actions (they use RoleGrant); nothing here decides
who may grant.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select

from app.db import transaction
from app.live import debts, regions
from app.people.models import Person, RoleGrant


def grant_role(
    person_id: int, role: str, *, event_id: int | None = None, studio_id: int | None = None, by: int | None = None
) -> None:
    """Give a role, everywhere or in one event or studio. Twice is once."""
    same = _same(person_id, role, event_id, studio_id)
    with transaction() as session:
        session.get_one(Person, person_id, with_for_update=True)  # two grants at once follow one another
        if session.scalar(select(RoleGrant.id).where(*same)) is None:
            session.add(
                RoleGrant(person_id=person_id, role=role, event_id=event_id, studio_id=studio_id, granted_by_id=by)
            )
        debts.owe_closing(person_id)
    regions.disconnect(person_id)  # they come back at once, with what they may hear now


def revoke_role(person_id: int, role: str, *, event_id: int | None = None, studio_id: int | None = None) -> None:
    """Take a role back; open sockets are closed and guarded anew."""
    with transaction() as session:
        session.execute(delete(RoleGrant).where(*_same(person_id, role, event_id, studio_id)))
        debts.owe_closing(person_id)
    regions.disconnect(person_id)


def _same(person_id: int, role: str, event_id: int | None, studio_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return (
        RoleGrant.person_id == person_id,
        RoleGrant.role == role,
        RoleGrant.event_id.is_(None) if event_id is None else RoleGrant.event_id == event_id,
        RoleGrant.studio_id.is_(None) if studio_id is None else RoleGrant.studio_id == studio_id,
    )
