"""Roles: granted once, taken back at once, and kept in shape by the tables."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from app.people import queries
from app.people.actions import roles
from app.people.models import RoleGrant
from app.people.viewer import Viewer
from tests import factories


def test_role_is_granted_once(session):
    jo, petra = factories.person("jo"), factories.person("petra")
    for _ in range(2):
        roles.grant_role(jo.id, "dj", by=petra.id)
    (grant,) = queries.grants_of(jo.id)
    assert (grant.role, grant.granted_by_id) == ("dj", petra.id)
    assert [area.name for area in Viewer(jo).areas] == ["dancer", "dj"]


def test_role_in_one_event_is_not_one_in_another(session):
    olive = factories.person("olive")
    first, second = (
        factories.event("first", organizer=olive),
        factories.event("second", organizer=factories.person("sam")),
    )
    roles.grant_role(olive.id, "organizer", event_id=first.id)
    assert Viewer(olive).organizes(first)
    assert not Viewer(olive).organizes(second)
    roles.revoke_role(olive.id, "organizer", event_id=second.id)
    assert Viewer(olive).organizes(first)
    roles.revoke_role(olive.id, "organizer", event_id=first.id)
    assert not Viewer(olive).organizes(first)


@pytest.mark.parametrize(("role", "event"), [("organizer", False), ("dj", True), ("king", False), ("teacher", False)])
def test_shapeless_role_is_refused_by_the_tables(session, role, event):
    jo = factories.person("jo")
    event_id = factories.event().id if event else None
    with pytest.raises(IntegrityError):
        roles.grant_role(jo.id, role, event_id=event_id)
    assert session.query(RoleGrant).filter_by(person_id=jo.id).count() == 0


def test_two_grants_at_once_are_one(app, session, race):
    jo_id = factories.person("jo").id
    results = race(lambda _number: roles.grant_role(jo_id, "dj"), times=6)
    session.rollback()
    assert session.query(RoleGrant).count() == 1
    assert results == [None] * 6


def test_change_of_roles_closes_sockets(session, redis_url):
    """They come back at once and are guarded anew."""
    import redis as redis_py

    jo = factories.person("jo")
    with redis_py.from_url(redis_url) as client, client.pubsub() as heard:
        heard.psubscribe("pika:*")
        heard.get_message(timeout=1)
        roles.grant_role(jo.id, "dj")
        first = heard.get_message(timeout=2)
        roles.revoke_role(jo.id, "dj")
        second = heard.get_message(timeout=2)
    assert first
    assert second
    assert first["data"] == second["data"]
