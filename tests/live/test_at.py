"""`GET /live/at`: what a page asks every five seconds where sockets are blocked: guarded, tiny, cheap."""

from __future__ import annotations

import http.client

import pytest
from sqlalchemy import event

from app.db import db
from app.live import regions
from app.schedule import live
from tests import factories
from tests.schedule.test_actions import add, move

pytestmark = pytest.mark.one_engine
PUBLIC, STAFF = "event:swing:public", "event:swing:staff"
UNCHANGED_BYTES = 900  # head and all; most of it are the security headers


def ask(client, *topics, etag=None):
    headers = {"If-None-Match": f'"{etag}"'} if etag else {}
    return client.get("/live/at", query_string=[("topic", topic) for topic in topics], headers=headers)


def test_unchanged_is_304_and_a_change_is_not(client, session):
    happening = factories.event()
    edit = add(happening)
    live.schedule_changed("swing")
    at = str(regions.position(PUBLIC))
    assert ask(client, PUBLIC).headers["ETag"] == f'"{at}"'
    assert (ask(client, PUBLIC, etag=at).status_code, ask(client, PUBLIC, etag=at).data) == (304, b"")
    move(happening, edit, "14:15", "15:15")
    answer = ask(client, PUBLIC, etag=at)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["ETag"] == f'"{regions.position(PUBLIC)}"'


def test_several_topics_are_one_answer(client, session):
    factories.event()
    factories.signed_in(client, factories.person("olive"))
    both = f"{regions.position(PUBLIC)} {regions.position(STAFF)}"
    assert ask(client, PUBLIC, STAFF, etag=both).status_code == 304
    regions.poke(STAFF)
    assert ask(client, PUBLIC, STAFF, etag=both).status_code == 200


@pytest.mark.parametrize(
    ("topics", "status"), [([STAFF], 404), ([PUBLIC, STAFF], 404), (["x"], 404), ([], 400), ([PUBLIC] * 2, 400)]
)
def test_it_is_guarded_like_the_socket(client, session, topics, status):
    factories.event()
    assert ask(client, *topics).status_code == status


def test_without_redis_nobody_knows(client, session, monkeypatch):
    factories.event()
    monkeypatch.setattr(regions, "position", lambda _topic: regions.NOWHERE)
    assert ask(client, PUBLIC, etag=".0").status_code == 503


def test_a_guest_costs_the_database_one_question(client, session):
    """The guard's, and nothing else."""
    factories.event()
    asked = []
    listen = lambda _c, _cursor, statement, *_rest: asked.append(statement)  # noqa: E731  (one line says it)
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        ask(client, PUBLIC)
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert len([statement for statement in asked if statement != "BEGIN"]) == 1, asked


def test_an_unchanged_poll_is_a_few_hundred_bytes_on_the_wire(small, topic):
    small.publish(topic, {"a": "<p id=a>0</p>"}, rank="0")
    connection = http.client.HTTPConnection("127.0.0.1", small.port)
    connection.request("GET", f"/live/at?topic={topic}", headers={"If-None-Match": f'"{small.position(topic)}"'})
    answer = connection.getresponse()
    head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
    assert (answer.status, answer.read()) == (304, b"")
    assert head < UNCHANGED_BYTES
    connection.close()
