"""Public pages and own areas with none, one and three; before, during and after; with constant query counts."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine

from app.events import actions as events
from app.schedule import actions, queries
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add, move
from tests.schedule.test_timeline import count_queries, csrf

MARKUP = "<script>alert(1)</script>"
SATURDAY_AFTERNOON = at("14:43")


@pytest.fixture
def saturday():
    """The weekend is under way."""
    with time_machine.travel(SATURDAY_AFTERNOON, tick=False):
        yield


def page(client, path="/e/swing"):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text


def text(html):
    """What stands on the page, tags taken out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<body")[2]))


def sign_in(client, handle):
    return factories.signed_in(client, factories.person(handle))


def star(client, slug, slot_id):
    token = csrf(page(client, f"/e/{slug}/schedule?day=2026-06-13"))
    answer = client.post(f"/e/{slug}/slots/{slot_id}/star", data={"on": "1", "csrf_token": token})
    assert answer.status_code == 303


# ---- the public page ----


def test_the_page_says_what_where_when_and_how_days_count(client, session, saturday):
    event = factories.event(city="Budapest", venue="Dunaparti Ház", address="Soroksári út 12", about="One.\n\nTwo.")
    event.rooms[1].note = "1st floor"
    session.commit()
    add(event, people=(("teacher", "Tess Aubert"), ("dj", "Ana")))
    html = page(client)

    assert "<h1>Swing Weekend</h1>" in html
    assert re.findall(r'<p class="prose">([^<]*)</p>', html) == ["One.", "Two."]
    said = text(html)
    for words in (
        "12 to 14 June 2026 · Budapest", "Open the live schedule", "Dunaparti Ház Soroksári út 12",
        "Friday to Sunday, 3 days", "Budapest time",
        "A night belongs to the day it began: Friday ends at 06:00 the next morning.",
        "Danube Hall Room for 400", "Margit Room 1st floor, room for 120, 4 min from the main hall",
        "Tess Aubert Teacher, 1 slot", "Ana DJ, 1 slot",
        "Friday 12 June Nothing on this day yet", "Saturday 13 June 1 slot, 14:00 to 15:00",
    ):  # fmt: skip
        assert words in said
    assert 'href="/e/swing/schedule?day=2026-06-13"' in html
    assert said.count("Follow") == 1


def test_one_day_that_ends_at_midnight(client):
    factories.event(ends_on=factories.FIRST_DAY, day_change_hour=0)
    said = text(page(client))
    assert "12 June 2026 Friday" in said
    assert "A day ends at midnight." in said


def test_under_way_the_banner_stands_with_version_and_time(client, saturday):
    event = factories.event()
    add(event, "Elastic connection", "14:00", "15:00")
    html = page(client)
    said = text(html)
    assert 'id="event-now" data-region aria-labelledby="now-h" data-on' in html
    assert not re.search(r'<ul class="now-list" id="now" data-region hidden', html)
    assert "Happening now" in said
    assert "17 min left" in said
    assert "Version 1 · as of 14:43 · Budapest time" in said


def test_before_the_doors_open_it_says_when_and_with_what(client):
    event = factories.event()
    add(event, "Opening", "10:00", "11:00")
    with time_machine.travel(at("09:00", date(2026, 6, 1)), tick=False):
        html = page(client)
    assert 'id="now" data-region hidden' in html
    assert "Opens Friday 12 June" in text(html)
    assert "It begins Saturday, 10:00 with Opening, Danube Hall." in text(html)


def test_afterwards_it_thanks_and_keeps_the_schedule(client):
    event = factories.event()
    add(event)
    with time_machine.travel(at("30:00", factories.LAST_DAY), tick=False):
        said = text(page(client))
    assert "It is over" in said
    assert "See the schedule" in said
    assert "Open the live schedule" not in said


def test_without_a_published_version_it_says_that_the_schedule_is_not_out(client):
    event = factories.event(mode="planning")
    add(event, "Secret draft", people=(("dj", "Secret DJ"),))
    html = page(client)
    assert "The schedule is not out yet." in text(html)
    assert "No version is public yet" in text(html)
    assert "btn-accent" not in html
    assert "Secret" not in html


def test_the_open_page_is_live(client):
    factories.event()
    assert re.search(r'<body class="" data-live="event:swing:public@[0-9a-f]+\.\d+"', page(client))


def test_the_page_has_the_same_regions_in_every_state(client):
    """Where they differ, an open page morphs main alone, and the hero above it would stay behind."""
    regions = r'id="([\w-]+)" data-region'
    event = factories.event(mode="planning")
    add(event)
    before = re.findall(regions, page(client))
    actions.publish(event.id, None)
    assert re.findall(regions, page(client)) == before
    assert set(before) == {"event-call", "event-now", "asof", "now", "event-body"}


def test_the_day_a_night_runs_into_is_told_by_its_last_hour(client):
    add(factories.event(), "Late set", "23:00", "27:30")
    assert "Saturday 13 June 1 slot, 23:00 to 03:30" in text(page(client))


def test_a_hidden_event_is_not_there_for_others_and_there_for_its_team(app, client, session):
    event = factories.event(published_at=None)
    add(event)
    for path in ("/e/swing", "/e/swing/schedule"):
        assert client.get(path).status_code == 404
    assert sign_in(app.test_client(), "nina").get("/e/swing").status_code == 404
    assert "Only the team sees this page." in page(sign_in(client, "olive"))


def test_hiding_closes_the_page_and_opening_brings_it_back(client):
    event = factories.event()
    events.hide(event.id)
    assert client.get("/e/swing").status_code == 404
    events.show(event.id)
    assert client.get("/e/swing").status_code == 200


# ---- the list of weekends ----


def test_no_weekend_is_said_with_a_way_on(client):
    html = page(client, "/events")
    assert "No weekend is announced yet" in html
    assert 'href="/app/organizer/events/new"' in html


def test_weekends_stand_in_order_with_the_one_under_way_marked(client, saturday):
    add(factories.event())
    factories.event("later", name="Later", starts_on=date(2026, 8, 1), ends_on=date(2026, 8, 2), city="Brno")
    factories.event("soon", name="Soon", starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 2))
    factories.event("over", name="Over", starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 2))
    factories.event("hidden", name="Hidden", published_at=None)
    html = page(client, "/events")
    assert re.findall(r'<h2><a href="([^"]+)">', html) == ["/e/swing", "/e/soon", "/e/later"]
    assert html.count("badge-live") == 1
    assert "1 to 2 August 2026 Brno" in text(html)


# ---- the dancer's own ----


def test_a_dancer_without_stars_is_led_to_a_schedule(client, saturday):
    sign_in(client, "dana")
    assert "Nothing starred yet" in page(client, "/app/dancer")
    assert 'href="/events">See all weekends' in page(client, "/app/dancer")
    factories.event()
    assert 'href="/e/swing/schedule">Open Swing Weekend' in page(client, "/app/dancer")


def test_a_dancer_sees_what_comes_next_and_what_clashes(client, saturday):
    event = factories.event()
    factories.event("other", name="Another one")
    edits = [add(event, "First", "16:00", "17:00"), add(event, "Second", "16:30", "17:30", room=1)]
    sign_in(client, "dana")
    for edit in edits:
        star(client, "swing", edit.slot_id)
    move(event, edits[0], "16:15", "17:15")
    said = text(page(client, "/app/dancer"))
    assert "2 stars" in said
    assert "Next for you Saturday, 16:15 15 min later First Danube Hall" in said
    assert "1 clash among your stars" in said
    assert "More weekends" in said
    assert "Another one" in said


def test_a_dancer_keeps_the_stars_of_a_weekend_that_is_over(client):
    event = factories.event()
    with time_machine.travel(SATURDAY_AFTERNOON, tick=False):
        edit = add(event)
        sign_in(client, "dana")
        star(client, "swing", edit.slot_id)
    with time_machine.travel(at("30:00", factories.LAST_DAY), tick=False):
        sign_in(client, "dana")
        assert "It is over. Your stars are kept." in page(client, "/app/dancer")


# ---- the DJ's own ----


def test_a_dj_nobody_named_learns_how_one_gets_named(client):
    sign_in(client, "jo")
    said = text(page(client, "/app/dj"))
    assert "Nobody has named you yet" in said
    assert "An organizer who writes @jo as DJ of a slot puts it here" in said


def test_a_dj_sees_coming_and_played_sets_by_night(client, saturday):
    event = factories.event()
    factories.person("jo")
    for title, start, end in (
        ("Tea dance", "10:00", "11:00"),
        ("Late set", "25:30", "27:00"),
        ("Brunch", "34:00", "35:00"),
    ):
        add(event, title, start, end, people=(("dj", "@jo"),))
    late = add(event, "Prime time", "22:00", "23:00", people=(("dj", "@jo"),))
    move(event, late, "22:15", "23:15")
    add(event, "Not mine", "15:00", "16:00", people=(("dj", "Ana"),))
    add(event, "Taught, not played", "16:00", "17:00", people=(("teacher", "@jo"),))
    sign_in(client, "jo")
    html = page(client, "/app/dj")

    coming, _, played = html.partition('id="past-h"')
    shown = r'<p class="label">([^<]+)</p>|<h4 class="slot-title"><a href="[^"]+">([^<]+)'
    assert re.findall(shown, coming) == [
        ("Saturday 13 June", ""), ("", "Prime time"), ("", "Late set"), ("Sunday 14 June", ""), ("", "Brunch"),
    ]  # fmt: skip
    assert re.findall(shown, played) == [("Saturday 13 June", ""), ("", "Tea dance")]
    assert "planned 22:00" in text(coming)
    assert "15 min later" in coming
    assert "Still Saturday" in coming


def test_a_cancelled_set_stays_and_says_so(client, saturday):
    event = factories.event()
    factories.person("jo")
    edit = add(event, "Late set", "22:00", "23:00", people=(("dj", "@jo"),))
    actions.cancel_slot(event.id, edit.slot_id, 1, None)
    sign_in(client, "jo")
    assert "Cancelled" in text(page(client, "/app/dj"))


def test_a_dj_is_told_while_times_are_a_draft(client, saturday):
    event = factories.event(mode="planning")
    factories.person("jo")
    add(event, "Late set", "22:00", "23:00", people=(("dj", "@jo"),))
    sign_in(client, "jo")
    assert "The organizers are still planning." in page(client, "/app/dj")
    actions.publish(event.id, None)
    assert "The organizers are still planning." not in page(client, "/app/dj")


def test_a_hidden_event_is_in_nobodys_list(client, saturday):
    event = factories.event(published_at=None)
    factories.person("jo")
    add(event, people=(("dj", "@jo"),))
    sign_in(client, "jo")
    for path in ("/events", "/app/dancer", "/app/dj"):
        assert "Swing Weekend" not in page(client, path)


# ---- all of them ----


@pytest.mark.parametrize("path", ["/", "/events", "/e/one", "/app/dancer", "/app/dj"])
def test_query_counts_do_not_grow_with_weekends(client, session, saturday, path):
    sign_in(client, "jo")
    for slug in ("one", "two", "three"):
        event = factories.event(slug)
        edit = add(event, people=(("dj", "@jo"), ("teacher", "Tess")))
        add(event, "Later", "16:00", "17:00", people=(("dj", "@jo"),))
        star(client, slug, edit.slot_id)
        queries.public_schedule(event)  # versions never change: each is read once per process, whoever asks first
        page(client, path)
        if slug == "one":
            one = count_queries(client, path)
    assert count_queries(client, path) == one
    assert one <= 10


def test_markup_in_names_is_text_everywhere(client, saturday):
    event = factories.event(name=MARKUP, city=MARKUP, venue=MARKUP, address=MARKUP, about=MARKUP)
    event.rooms[0].name = event.rooms[0].note = MARKUP
    factories.person("jo", MARKUP)
    edit = add(event, MARKUP, "15:00", "16:00", people=(("dj", "@jo"), ("teacher", MARKUP)))
    add(event, MARKUP, "15:00", "16:00", room=1)
    sign_in(client, "jo")
    star(client, "swing", edit.slot_id)
    for path in ("/e/swing", "/events", "/app/dancer", "/app/dj"):
        html = page(client, path)
        assert MARKUP not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
