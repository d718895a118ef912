"""What people do with a studio: open one, change its profile, and say who teaches there.

Called by studios' routes and by the demo. Sockets of whoever gains or loses a role are closed and come back, so that
their guards are asked anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.db import transaction
from app.live import debts, regions
from app.people import queries as people
from app.people.models import Person, RoleGrant
from app.studios import queries, rules
from app.studios.models import Studio

FIELDS = ("name", "slug", "city", "zone", "about")


def open_studio(values: Mapping[str, Any], actor: Person) -> str:
    """A new studio; its maker runs it. Returns the slug. Raises SlugTaken, TooManyStudios."""
    person_id = actor.id
    try:
        with transaction() as session:
            rules.check_may_open(queries.studios_run(person_id))
            rules.check_slug(values["slug"], values["city"], taken=queries.slug_taken(values["slug"]))
            studio = Studio(**{name: values[name] for name in FIELDS})
            session.add(studio)
            session.flush()
            grant = RoleGrant(person_id=person_id, role="studio_admin", studio_id=studio.id, granted_by_id=person_id)
            session.add(grant)
            slug = studio.slug
            debts.owe_closing(person_id)
    except IntegrityError:  # two at once: the unique index decides
        rules.check_slug(values["slug"], values["city"], taken=True)
        raise
    regions.disconnect(person_id)
    return slug


def change_studio(slug: str, values: Mapping[str, Any]) -> str:
    """Its profile. Returns the slug as it is now. Raises SlugTaken."""
    try:
        with transaction():
            studio = queries.lock_studio(slug)
            rules.check_slug(values["slug"], values["city"], taken=queries.slug_taken(values["slug"], but=studio.id))
            for name in FIELDS:
                setattr(studio, name, values[name])
    except IntegrityError:
        rules.check_slug(values["slug"], values["city"], taken=True)
        raise
    return str(values["slug"])


def add_teacher(slug: str, who: str, actor: Person) -> str:
    """Somebody with an account teaches here; twice is once. Returns the name. Raises NobodyThere, TeamFull."""
    actor_id = actor.id
    with transaction() as session:
        studio = queries.lock_studio(slug)
        team = people.team_of_studio(studio.id)
        person = rules.check_joins(people.person_by_email_or_handle(who), team)
        if (person.id, "teacher") not in {(grant.person_id, grant.role) for grant in team}:
            session.add(RoleGrant(person_id=person.id, role="teacher", studio_id=studio.id, granted_by_id=actor_id))
        person_id, name = person.id, person.name
        debts.owe_closing(person_id)
    regions.disconnect(person_id)
    return name


def remove_teacher(slug: str, handle: str) -> str:
    """Somebody does not teach here any more. Returns the name. Raises NobodyThere."""
    with transaction() as session:
        studio = queries.lock_studio(slug)
        team = people.team_of_studio(studio.id)
        grant = next((row for row in team if row.role == "teacher" and row.person.handle == handle), None)
        if grant is None:
            raise rules.NobodyThere("That person does not teach here any more.")
        person_id, name = grant.person_id, grant.person.name
        session.delete(grant)
        debts.owe_closing(person_id)
    regions.disconnect(person_id)
    return name
