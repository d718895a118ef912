"""The announcement center as a browser without JavaScript uses it, and what everybody sees on the event's pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from app.db import db
from app.events import live, queries
from app.events.models import Announcement, AnnouncementSeen, Follow
from app.lib import clock
from app.live import regions
from jobs import announcements as jobs
from tests import factories
from tests.events.test_announcements import announce, hold, one, star, work
from tests.events.test_pages import MARKUP, error_at, filled_in, send
from tests.schedule.test_actions import add
from tests.schedule.test_timeline import count_queries, csrf

CENTER = "/app/organizer/events/swing/announce"
PAGE, SCHEDULE = "/e/swing", "/e/swing/schedule"
TYPED = {"title": "Welcome party moved indoors", "body": "Doors still open at 21:00.", "audience": "everybody"}


@pytest.fixture
def event(session):
    return factories.event()


@pytest.fixture
def olive(client, event):
    return factories.signed_in(client, factories.person("olive"))


def said():
    db.session.rollback()
    return db.session.query(Announcement).one()


# ---- compose ----


def test_it_is_announced_and_stands_on_both_pages(olive, event, app):
    assert send(olive, CENTER, TYPED).headers["Location"] == CENTER
    assert "Scheduled" in olive.get(CENTER).text
    work()
    html = olive.get(CENTER).text
    assert "Posted" in html
    assert "Seen by 0 people" in html
    guest = app.test_client()
    for page in (PAGE, SCHEDULE):
        assert re.search(r'id="announcement"[^>]*data-region>\s*<div class="strip strip-info"', guest.get(page).text), (
            page
        )
    assert f'id="news-{said().public_id}"' in guest.get(PAGE).text


def test_an_urgent_one_warns_with_a_word(olive, event, app):
    send(olive, CENTER, TYPED | {"is_urgent": "1"})
    work()
    banner = live.banner_html(queries.event_by_slug("swing"))
    assert "strip-warn" in banner
    assert "<strong>Urgent.</strong>" in banner


def test_with_nothing_to_say_the_places_are_there_but_hidden(event, client):
    html = client.get(PAGE).text
    assert re.search(r'id="announcement"[^>]* hidden', html)
    assert re.search(r'id="announcements"[^>]* hidden', html)


def test_it_waits_for_its_time_on_the_venues_clock(olive, event):
    at = (clock.to_local(clock.now(), event.zone) + timedelta(days=1)).replace(second=0, microsecond=0)
    send(olive, CENTER, TYPED | {"post_at": f"{at:%Y-%m-%dT%H:%M}"})
    assert said().post_at == at
    assert filled_in(olive.get(f"{CENTER}/{said().public_id}").text)["post_at"] == f"{at:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"title": ""}, "title", "The headline is missing."),
        ({"title": "x" * 121}, "title", "The headline has 121 characters; 120 are the most."),
        ({"body": "x" * 1001}, "body", "The text has 1,001 characters; 1,000 are the most."),
        ({"audience": "starred"}, "slot", "Choose the slot whose stars count."),
        ({"audience": "starred", "slot": "nonsense"}, "slot", "That slot is not on the schedule any more"),
        ({"audience": "the world"}, "audience", "Who hears it: choose one of the list."),
        ({"post_at": "2020-01-01T12:00"}, "post_at", "That is over: it is"),
        ({"post_at": "2027-03-28T02:30"}, "post_at", "02:30 does not exist that night"),
        ({"post_at": "9999-01-01T12:00"}, "post_at", "That is more than a year away."),
        ({"post_at": "soon"}, "post_at", "Type a date and a time"),
    ],
)
def test_every_slip_comes_back_with_its_sentence_and_what_was_typed(olive, event, typed, field, sentence):
    answer = send(olive, CENTER, TYPED | {"is_pinned": "1"} | typed)
    assert answer.status_code == 422
    assert error_at(answer.text, field).startswith(sentence)
    assert 'name="is_pinned" value="1" checked' in answer.text
    assert db.session.query(Announcement).count() == 0


def test_an_hour_that_happens_twice_means_the_first(olive, event):
    with time_machine.travel(clock.now().replace(year=2027, month=10, day=1)):
        factories.signed_in(olive, factories.person("olive"))
        send(olive, CENTER, TYPED | {"post_at": "2027-10-31T02:30"})
    assert said().post_at.isoformat() == "2027-10-31T00:30:00+00:00"


def test_the_audience_line_says_how_many(olive, event):
    edit = add(event)
    hold(Follow, factories.person("dana"), event_id=event.id)
    star(event, edit, factories.person("jo"))
    html = olive.get(CENTER).text
    assert "Goes to <strong>2 people</strong>, 0 of them by push." in html
    assert "Swivels (1 star)" in html
    ask = f"{CENTER}/reach?audience=starred&slot={edit.slot_id}"
    assert "Goes to <strong>1 person</strong>, 0 of them by push." in olive.get(ask).text
    assert "Choose a slot" in olive.get(f"{CENTER}/reach?audience=starred").text
    assert "Nobody is told" in olive.get(f"{CENTER}/reach?audience=nobody").text


# ---- change, pin, withdraw ----


def test_words_of_a_posted_one_change_and_a_slip_keeps_them(olive, event):
    send(olive, CENTER, TYPED)
    work()
    at = f"{CENTER}/{said().public_id}"
    wrong = send(olive, at, {"title": "", "body": "Kept <b>text</b>"})
    assert (wrong.status_code, error_at(wrong.text, "title")) == (422, "The headline is missing.")
    assert "Kept &lt;b&gt;text&lt;/b&gt;" in wrong.text
    assert send(olive, at, {"title": "Now upstairs", "body": ""}).status_code == 303
    assert (said().title, said().rounds) == ("Now upstairs", 1)
    assert ", edited" in live.banner_html(queries.event_by_slug("swing"))


def test_pinned_and_unpinned_and_withdrawn(olive, event, app):
    send(olive, CENTER, TYPED)
    work()
    at = f"{CENTER}/{said().public_id}"
    send(olive, CENTER, {"on": "1"}, to=f"{at}/pin")
    assert said().is_pinned
    send(olive, CENTER, {"on": "0"}, to=f"{at}/pin")
    assert not said().is_pinned
    send(olive, CENTER, {}, to=f"{at}/withdraw")
    assert "Withdrawn" in olive.get(CENTER).text
    assert "moved indoors" not in app.test_client().get(PAGE).text
    assert "It cannot be changed any more." in olive.get(at).text
    gone = send(olive, CENTER, TYPED, to=at)
    assert (gone.status_code, said().title) == (422, TYPED["title"])


def test_an_announcement_of_another_event_is_not_there(olive, event):
    public_id = announce(factories.event("other", organizer=factories.person("sam"))).public_id
    token = csrf(olive.get(CENTER).text)
    for path in ("", "/pin", "/withdraw"):
        assert olive.post(f"{CENTER}/{public_id}{path}", data={"csrf_token": token, "on": "1"}).status_code == 404
    assert olive.get(f"{CENTER}/{public_id}").status_code == 404
    assert one(public_id).withdrawn_at is None


def test_markup_is_text_everywhere(olive, event, app):
    send(olive, CENTER, TYPED | {"title": MARKUP, "body": MARKUP})
    work()
    for page in (CENTER, f"{CENTER}/{said().public_id}", PAGE, SCHEDULE):
        html = olive.get(page).text
        assert MARKUP not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


# ---- live ----


def kept(topic):
    from app.redis import client

    return regions.load(client(), topic).regions


def test_the_banner_is_sent_when_it_is_posted_and_leaves_when_it_is_withdrawn(event):
    made = announce(event)
    assert "hidden" in kept("event:swing:public")["announcement"].html
    work()
    html = kept("event:swing:public")
    assert "Welcome party moved indoors" in html["announcement"].html
    assert "Welcome party moved indoors" in html["announcements"].html
    from app.events import actions

    actions.withdraw(made.id)
    assert "Welcome party" not in kept("event:swing:public")["announcement"].html


def test_after_six_hours_the_clock_takes_it_off(event):
    announce(event)
    work()
    with time_machine.travel(clock.now() + timedelta(hours=6, minutes=1)):
        jobs.turn_banners()
    assert "Welcome party" not in kept("event:swing:public")["announcement"].html
    assert "Welcome party" in kept("event:swing:public")["announcements"].html


def test_the_seen_count_reaches_the_organizers_page(event, app, client):
    made = announce(event)
    work()
    factories.signed_in(client, factories.person("dana"))
    client.post(f"{PAGE}/seen", data={"id": [made.public_id], "csrf_token": csrf(client.get(PAGE).text)})
    jobs.show_progress()
    assert "Seen by 1 person" in kept("event:swing:staff")[f"delivery-{made.public_id}"].html


def test_a_page_load_alone_counts_nothing(event, client):
    announce(event)
    work()
    factories.signed_in(client, factories.person("dana"))
    client.get(PAGE)
    assert db.session.query(AnnouncementSeen).count() == 0


# ---- how many queries ----


@pytest.mark.parametrize("path", [PAGE, SCHEDULE, CENTER])
def test_query_counts_of_public_pages_do_not_grow(olive, event, path):
    announce(event)
    work()
    one_row = count_queries(olive, path)
    for title in ("Two", "Three"):
        announce(event, title=title)
    work()
    assert count_queries(olive, path) == one_row
