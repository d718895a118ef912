"""The notice center, the badge, the settings page, and who may listen."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.lib import clock
from app.live import regions, topics
from app.notify import actions, live, queries
from app.notify.holders import Holder
from app.notify.messages import Message
from app.notify.models import ChannelChoice, Notice, NotifySettings
from app.people.viewer import Viewer
from tests import factories
from tests.people.browsing import send


def told(person, number, category="change", **more):
    message = Message(f"key:{number}", category, f"Number {number}", "Some <b>body</b>", "/e/swing/schedule", **more)
    actions.tell(message, [Holder(person.id, None)])


@pytest.fixture
def dana(client):
    dana = factories.person("dana")
    factories.signed_in(client, dana)
    return dana


def test_nothing_yet_says_where_it_will_come_from(client, dana):
    page = client.get("/app/notices").text
    assert "All quiet" in page
    assert "Mark all read" not in page


def test_notices_stand_under_their_day_newest_first(client, session, dana):
    factories.event()
    for number in (1, 2, 3):
        told(dana, number, zone=factories.BUDAPEST)
    old = session.query(Notice).filter_by(dedupe_key="key:1").one()
    old.created_at = clock.now() - timedelta(days=40)
    session.commit()
    page = client.get("/app/notices").text
    assert re.findall(r"Number \d", page) == ["Number 3", "Number 2", "Number 1"]
    assert re.search(r'class="menu-label">([^<,]+)</h2>', page)[1] == "Today"
    assert "Some &lt;b&gt;body&lt;/b&gt;" in page
    assert "3 new" in page


def test_filter_by_kind(client, dana):
    told(dana, 1)
    told(dana, 2, "announcement")
    assert re.findall(r"Number \d", client.get("/app/notices?kind=announcement").text) == ["Number 2"]
    assert re.findall(r"Number \d", client.get("/app/notices?kind=nonsense").text) == ["Number 2", "Number 1"]


def test_opening_one_reads_it_and_leads_there(client, session, dana):
    told(dana, 1)
    told(dana, 2)
    public_id = session.query(Notice).filter_by(dedupe_key="key:1").one().public_id
    answer = send(client, f"/app/notices/{public_id}/open", page="/app/notices")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/e/swing/schedule")
    assert queries.unread_count(dana.id) == 1


def test_mark_all_read(client, dana):
    told(dana, 1)
    told(dana, 2)
    assert send(client, "/app/notices/read", page="/app/notices").status_code == 303
    assert queries.unread_count(dana.id) == 0
    assert "badge-info" not in client.get("/app/notices").text


def test_one_persons_notices_are_nobody_elses(app, client, session, dana):
    told(dana, 1)
    public_id = session.query(Notice).one().public_id
    nina = factories.signed_in(app.test_client(), factories.person("nina"))
    assert "Number 1" not in nina.get("/app/notices").text
    assert send(nina, f"/app/notices/{public_id}/open", page="/app/notices").status_code == 404
    send(nina, "/app/notices/read", page="/app/notices")
    session.expire_all()
    assert session.query(Notice).one().read_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_with_more_rows(app, client, session, dana, count):
    from sqlalchemy import event

    from app.db import db

    for number in range(count):
        told(dana, number)
    seen = []
    listener = lambda *arguments: seen.append(arguments[2])  # noqa: E731  (SQLAlchemy keeps the very object)
    event.listen(db.engine, "before_cursor_execute", listener)
    client.get("/app/notices")
    event.remove(db.engine, "before_cursor_execute", listener)
    assert len([statement for statement in seen if statement.lstrip().upper().startswith("SELECT")]) == 8


# ---- the badge ----


def test_every_page_of_the_shell_shows_the_badge_and_listens(client, dana):
    factories.event()
    told(dana, 1)
    for path in ("/app/notices", "/app/dancer", "/e/swing/schedule", "/account"):
        page = client.get(path).text
        assert '<span class="count">1</span>' in page, path
        assert f"{live.topic(dana.public_id)}@" in page, path


def test_page_that_answers_a_form_is_not_loaded_anew(client, dana):
    page = send(client, "/account/notices", page="/account/notices", pushes_per_hour="lots")
    assert page.status_code == 422
    assert "data-live" not in page.text


def test_guests_have_no_bell(client):
    factories.event()
    page = client.get("/e/swing/schedule").text
    assert "notice-badge" not in page
    assert ":notices@" not in page


def test_telling_and_reading_publish_the_badge(app, session, dana):
    from app import redis

    topic = live.topic(dana.public_id)
    before = regions.position(topic)
    told(dana, 1)
    state = regions.load(redis.client(), topic)
    assert state.position.version == before.version + 1
    assert '<span class="count">1</span>' in state.regions["notice-badge"].html
    actions.mark_all_read(dana.id)
    assert "count" not in regions.load(redis.client(), topic).regions["notice-badge"].html


def test_only_that_person_may_listen(app, session):
    dana, nina = factories.person("dana"), factories.person("nina")
    topic = live.topic(dana.public_id)
    heard = [topics.allowed(viewer, topic) for viewer in (Viewer(dana), Viewer(nina), Viewer())]
    assert heard == [True, False, False]


# ---- choosing ----


def test_settings_are_kept_and_shown(client, session, dana):
    boxes = {"alert-push": "1", "alert-in_app": "1", "change-mail": "1"}
    answer = send(
        client, "/account/notices", page="/account/notices", lead_minutes="30", pushes_per_hour="3",
        quiet_from="23:30", quiet_to="08:15", **boxes,
    )  # fmt: skip
    assert answer.status_code == 303
    row = session.query(NotifySettings).one()
    assert (row.lead_minutes, row.pushes_per_hour, row.is_quiet) == (30, 3, False)
    assert (row.quiet_from_minute, row.quiet_to_minute) == (23 * 60 + 30, 8 * 60 + 15)
    kept = queries.preferences(dana.id)
    assert kept.wants("alert", "push")
    assert kept.wants("change", "mail")
    assert not kept.wants("change", "push")
    assert not kept.wants("registration", "mail")
    page = client.get("/account/notices").text
    assert 'name="change-mail" value="1" checked' in page
    assert 'name="change-push" value="1">' in page


def test_only_what_differs_from_the_defaults_is_written(client, session, dana):
    page = client.get("/account/notices").text
    ticked = dict.fromkeys(re.findall(r'name="(\w+-\w+)" value="1" checked', page), "1")
    send(
        client, "/account/notices", page="/account/notices", lead_minutes="10", pushes_per_hour="6", is_quiet="1",
        quiet_from="04:00", quiet_to="09:00", **ticked,
    )  # fmt: skip
    assert session.query(ChannelChoice).count() == 0
