"""Named reads of studios, always through the viewer where somebody may not see. No writes."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.people.models import Person, RoleGrant
from app.people.viewer import Viewer
from app.studios.models import Studio

ROLES = ("studio_admin", "teacher")


@dataclass(frozen=True, slots=True)
class Membership:
    """A studio somebody belongs to. `runs`: as its admin; `teachers`: how many teach there."""

    studio: Studio
    runs: bool
    teaches: bool
    teachers: int


def studio_by_slug(slug: str) -> Studio:
    """A studio's public page is everybody's. Not there: 404."""
    found: Studio | None = db.session.scalar(select(Studio).where(Studio.slug == slug))
    return found if found is not None else abort(404)


def studio_run_by(viewer: Viewer, slug: str) -> Studio:
    """A studio of this admin. Not yours: 404."""
    studio = studio_by_slug(slug)
    if not viewer.runs_studio(studio):
        abort(404)
    return studio


def studio_taught_at_by(viewer: Viewer, slug: str) -> Studio:
    """A studio this person teaches at. Not there, or not yours: 404."""
    studio = studio_by_slug(slug)
    if not any(grant.role == "teacher" and grant.studio_id == studio.id for grant in viewer.grants):
        abort(404)
    return studio


def slugs(limit: int) -> list[str]:
    """The slugs of all studios, oldest first."""
    return list(db.session.scalars(select(Studio.slug).order_by(Studio.id).limit(limit)))


def lock_studio(slug: str) -> Studio:
    """The studio under a row lock: its team changes one after the other. Not there: 404."""
    found: Studio | None = db.session.scalar(select(Studio).where(Studio.slug == slug).with_for_update())
    return found if found is not None else abort(404)


def slug_taken(slug: str, *, but: int | None = None) -> bool:
    """Whether another studio has this slug."""
    found = select(Studio.id).where(Studio.slug == slug)
    return db.session.scalar(found if but is None else found.where(Studio.id != but)) is not None


def studios_run(person_id: int) -> int:
    """How many studios this person runs."""
    found = select(func.count(RoleGrant.id)).where(RoleGrant.person_id == person_id, RoleGrant.role == "studio_admin")
    return db.session.scalar(found) or 0


def teachers_of(studio: Studio) -> list[Person]:
    """Who teaches here, in order of name. Suspended accounts are not shown."""
    found = (
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.studio_id == studio.id, RoleGrant.role == "teacher", Person.suspended_at.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    )
    return list(db.session.scalars(found))


def memberships(person_id: int) -> list[Membership]:
    """The studios this person runs or teaches at, by name, in two queries."""
    grants = list(
        db.session.scalars(
            select(RoleGrant)
            .options(joinedload(RoleGrant.studio))
            .where(RoleGrant.person_id == person_id, RoleGrant.role.in_(ROLES))
        )
    )
    studios = {grant.studio.id: grant.studio for grant in grants if grant.studio}
    counted = (
        select(RoleGrant.studio_id, func.count().label("teachers"))
        .where(RoleGrant.studio_id.in_(studios), RoleGrant.role == "teacher")
        .group_by(RoleGrant.studio_id)
    )
    teachers = {row.studio_id: row.teachers for row in db.session.execute(counted)}
    held = {(grant.studio_id, grant.role) for grant in grants}
    return [
        Membership(studio, (key, "studio_admin") in held, (key, "teacher") in held, teachers.get(key, 0))
        for key, studio in sorted(studios.items(), key=lambda pair: pair[1].name.casefold())
    ]
