"""What a platform owner does to an account: suspend it, lift that, give and take the roles that hold everywhere.

Each leaves a line in the log with who did it to whom. Sockets of that person are closed and guarded anew.
"""

from __future__ import annotations

import logging

from sqlalchemy import ColumnElement, delete, select, update

from app.db import transaction
from app.lib import clock
from app.live import debts, regions
from app.owner import queries, rules
from app.people.models import RoleGrant, SignIn

log = logging.getLogger("pika.audit")


def suspend(person_id: int, actor_id: int) -> None:
    """Close an account: no session of it goes on, none begins. Raises OwnAccount, LastOwner."""
    with transaction() as session:
        rules.check_suspend(person_id, actor_id, queries.lock_active_owners())
        person = queries.lock_person(person_id)
        person.suspended_at = person.suspended_at or clock.now()
        living = (SignIn.person_id == person_id, SignIn.ended_at.is_(None))
        session.execute(update(SignIn).where(*living).values(ended_at=clock.now()))
        debts.owe_closing(person_id)
    _audit("suspend", person_id, actor_id)


def lift(person_id: int, actor_id: int) -> None:
    """Open it again. They sign in anew."""
    with transaction():
        queries.lock_person(person_id).suspended_at = None
        debts.owe_closing(person_id)
    _audit("lift", person_id, actor_id)


def grant_role(person_id: int, role: str, actor_id: int) -> None:
    """Give a role that holds everywhere; twice is once. Raises NotAPlatformRole."""
    rules.check_role(role)
    with transaction() as session:
        queries.lock_person(person_id)
        if session.scalar(select(RoleGrant.id).where(*_same(person_id, role))) is None:
            session.add(RoleGrant(person_id=person_id, role=role, granted_by_id=actor_id))
        debts.owe_closing(person_id)
    _audit(f"grant {role}", person_id, actor_id)


def revoke_role(person_id: int, role: str, actor_id: int) -> None:
    """Take it back. Raises NotAPlatformRole, LastOwner."""
    rules.check_role(role)
    with transaction() as session:
        if role == "owner":
            rules.check_owner_remains(person_id, queries.lock_active_owners())
        session.execute(delete(RoleGrant).where(*_same(person_id, role)))
        debts.owe_closing(person_id)
    _audit(f"revoke {role}", person_id, actor_id)


def _same(person_id: int, role: str) -> tuple[ColumnElement[bool], ...]:
    return (RoleGrant.person_id == person_id, RoleGrant.role == role)


def _audit(what: str, person_id: int, actor_id: int) -> None:
    log.info("owner: %s", what, extra={"person": person_id, "actor": actor_id})
    regions.disconnect(person_id)
