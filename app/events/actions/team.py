"""Who organizes an event: somebody joins, somebody leaves. Called by the team's page."""

from __future__ import annotations

from app.db import transaction
from app.events import queries, rules
from app.live import debts, regions
from app.people import queries as people
from app.people.models import Person, RoleGrant


def add_organizer(event_id: int, who: str, actor: Person) -> str:
    """Somebody with an account joins the team. Returns the name. Raises NobodyThere."""
    with transaction() as session:
        event = queries.lock_event(event_id)
        person = people.person_by_email_or_handle(who)
        if person is None or person.verified_at is None:
            raise rules.NobodyThere("Nobody here answers to that. Ask for the @handle, or let them sign up first.")
        if person.id not in {grant.person_id for grant in people.team_of_event(event.id)}:
            session.add(RoleGrant(person_id=person.id, role="organizer", event_id=event.id, granted_by_id=actor.id))
        return person.name


def remove_organizer(event_id: int, handle: str) -> str:
    """Somebody leaves the team; their open pages lose the staff topic at once. Raises LastOrganizer, NobodyThere."""
    with transaction() as session:
        event = queries.lock_event(event_id)
        team = people.team_of_event(event.id)
        grant = next((grant for grant in team if grant.person.handle == handle), None)
        if grant is None:
            raise rules.NobodyThere("That person is not on the team any more.")
        rules.check_not_last(team)
        person_id, name = grant.person_id, grant.person.name
        session.delete(grant)
        debts.owe_closing(person_id)
    regions.disconnect(person_id)
    return name
