"""The organizer's pages as a browser without JavaScript uses them: forms, errors, opening and hiding, the team."""

from __future__ import annotations

import re

import pytest
import time_machine

from app.events import queries
from app.events.models import Event
from app.people import queries as people
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add
from tests.schedule.test_timeline import count_queries, csrf

NEW, SETTINGS, TEAM = (
    "/app/organizer/events/new",
    "/app/organizer/events/swing/settings",
    "/app/organizer/events/swing/team",
)
TYPED = {
    "name": "Budapest Swing Weekend", "slug": "budapest", "zone": "Europe/Budapest", "day_change_hour": "6",
    "starts_on": "2026-06-12", "ends_on": "2026-06-14", "room-0-name": "Danube Hall",
}  # fmt: skip
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def olive(client):
    """A browser in which Olive is signed in."""
    return factories.signed_in(client, factories.person("olive"))


def send(client, page, typed, to=None):
    token = csrf(client.get(page).text)
    return client.post(to or page, data=typed | {"csrf_token": token})


def filled_in(html):
    """What the page's form would send: names and values of its inputs, selects and text areas."""
    found = dict(re.findall(r'<input class="input" id="[^"]+" name="([^"]+)"[^>]* value="([^"]*)"', html))
    found |= dict(re.findall(r'<input type="hidden" name="(room-[^"]+)" value="([^"]*)"', html))
    found |= dict(re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n([^<]*)</textarea>', html))
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        found[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return found


def error_at(html, name):
    found = re.search(rf'<p class="error" id="f-{name}-error">.*?<span>([^<]*)</span>', html)
    return found and found[1]


# ---- a new event ----


def test_a_new_event_leads_to_its_schedule(olive):
    answer = send(olive, NEW, TYPED)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/app/organizer/events/budapest/schedule")
    assert "Budapest Swing Weekend is made. Only you see it until you publish it." in olive.get("/app/organizer").text


def test_an_address_left_empty_is_made_from_the_name(olive, session):
    send(olive, NEW, TYPED | {"slug": ""})
    assert session.query(Event.slug).scalar() == "budapest-swing-weekend"


def test_every_slip_comes_back_with_its_sentence_and_all_that_was_typed(olive, session):
    typed = TYPED | {
        "name": "x" * 5000, "zone": "Mars/Base", "ends_on": "2026-06-01", "about": "Mind <the> step",
        "room-1-name": "danube hall", "room-1-capacity": "many", "room-2-name": "Lounge", "day_change_hour": "4",
    }  # fmt: skip
    answer = send(olive, NEW, typed)
    html = answer.text

    assert answer.status_code == 422
    assert error_at(html, "name") == "The name has 5,000 characters; 120 are the most."
    assert error_at(html, "zone") == "“Mars/Base” is no time zone we know. Choose one, like Europe/Budapest."
    assert error_at(html, "ends_on") == "It starts 12 June, so it cannot end 1 June."
    assert error_at(html, "rooms") == "Two rooms have the same name."
    assert error_at(html, "room-1-capacity") == "Capacity is a whole number from 1 to 100000."
    assert "5 things need another look" in html
    kept = filled_in(html)
    assert {name: kept[name] for name in typed} == typed | {"about": "Mind &lt;the&gt; step"}
    assert session.query(Event).count() == 0


def test_every_sentence_of_the_summary_leads_to_a_field_that_is_there(olive):
    html = send(olive, NEW, {"room-0-capacity": "x", "slug": "!"}).text
    links = re.findall(r'<li><a href="#([^"]+)">', html)
    assert len(links) >= 6
    assert [link for link in links if f'id="{link}"' not in html] == []


def test_an_address_that_exists_is_refused_at_its_field(olive, session):
    factories.event("budapest", organizer=factories.person("sam"))
    answer = send(olive, NEW, TYPED)
    assert answer.status_code == 422
    assert error_at(answer.text, "slug").startswith("/e/budapest is taken. Add the year or the city, like budapest-20")
    assert filled_in(answer.text)["name"] == TYPED["name"]


def test_a_double_click_makes_one_event(olive, session):
    token = csrf(olive.get(NEW).text)
    answers = [olive.post(NEW, data=TYPED | {"csrf_token": token}).status_code for _ in range(2)]
    assert answers == [303, 422]
    assert session.query(Event).count() == 1


def test_more_rows_than_rooms_are_always_there(olive):
    assert olive.get(NEW).text.count("<legend>One more room</legend>") == 2
    typed = TYPED | {f"room-{n}-name": f"Room {n}" for n in range(6)} | {"zone": "x"}
    html = send(olive, NEW, typed).text
    assert (html.count('<fieldset class="room-row">'), html.count("<legend>One more room</legend>")) == (8, 2)


# ---- settings ----


def test_settings_sent_back_unchanged_change_nothing(olive, session):
    event = factories.event(city="Budapest", about="One.\n\nTwo & three.", day_change_hour=4)
    before = {name: getattr(event, name) for name in ("name", "slug", "city", "about", "zone", "day_change_hour")}
    rooms = [(room.public_id, room.name, room.capacity, room.walk_minutes) for room in event.rooms]

    typed = filled_in(olive.get(SETTINGS).text)
    answer = send(olive, SETTINGS, typed | {"about": "One.\n\nTwo & three."})

    assert (answer.status_code, answer.headers["Location"]) == (303, SETTINGS)
    session.expire_all()
    assert {name: getattr(event, name) for name in before} == before
    assert [(room.public_id, room.name, room.capacity, room.walk_minutes) for room in event.rooms] == rooms


def test_rooms_change_places_and_names_and_go(olive, session):
    event = factories.event()
    typed = filled_in(olive.get(SETTINGS).text)
    send(olive, SETTINGS, typed | {"room-0-name": "", "room-1-name": "Margit, upstairs", "room-2-name": "Lounge"})
    session.expire_all()
    assert [room.name for room in event.rooms] == ["Margit, upstairs", "Lounge"]

    typed = filled_in(olive.get(SETTINGS).text)
    send(olive, SETTINGS, typed | {"room-1-place": "1"})
    session.expire_all()
    assert [room.name for room in event.rooms] == ["Lounge", "Margit, upstairs"]


def test_a_room_in_use_is_refused_at_the_rooms_and_its_row_stays(olive, session):
    event = factories.event()
    add(event)
    typed = filled_in(olive.get(SETTINGS).text)
    answer = send(olive, SETTINGS, typed | {"room-0-name": ""})
    assert answer.status_code == 422
    assert error_at(answer.text, "rooms") == "Danube Hall still has 1 slot. Move or delete them first."
    assert filled_in(answer.text)["room-0-id"] == event.rooms[0].public_id


def test_dates_that_cut_slots_off_are_refused_at_the_last_day(olive, session):
    add(factories.event(), "Saturday party")
    typed = filled_in(olive.get(SETTINGS).text)
    answer = send(olive, SETTINGS, typed | {"ends_on": "2026-06-12"})
    assert answer.status_code == 422
    assert error_at(answer.text, "ends_on") == "These slots would lie outside: Saturday party. Move them first."
    assert filled_in(answer.text)["ends_on"] == "2026-06-12"


def test_the_page_is_opened_and_hidden_with_what_that_means(olive, client, session):
    event = factories.event(published_at=None)
    html = olive.get(SETTINGS).text
    assert "They read “The schedule is not out yet” until you publish its first version." in html
    assert send(olive, SETTINGS, {}, to="/app/organizer/events/swing/show").headers["Location"] == SETTINGS
    session.expire_all()
    assert event.is_published
    assert "Everybody but the team gets “Nothing here”" in olive.get(SETTINGS).text
    send(olive, SETTINGS, {}, to="/app/organizer/events/swing/hide")
    session.expire_all()
    assert not event.is_published


# ---- the team ----


def test_somebody_joins_and_leaves_the_team(olive, session):
    factories.event()
    factories.person("sam")
    assert send(olive, TEAM, {"who": "@sam"}).headers["Location"] == TEAM
    html = olive.get(TEAM).text
    assert "Sam Whitfield organizes with you now." in html
    assert "@sam · since" in html
    assert send(olive, TEAM, {}, to=f"{TEAM}/sam/remove").headers["Location"] == TEAM
    assert "@sam" not in olive.get(TEAM).text


def test_who_leaves_the_team_goes_back_to_the_own_events(olive, session):
    event = factories.event()
    factories.grant(factories.person("sam"), "organizer", event=event)
    assert send(olive, TEAM, {}, to=f"{TEAM}/olive/remove").headers["Location"] == "/app/organizer/"
    assert olive.get(TEAM).status_code == 404


def test_the_only_organizer_has_no_button_to_leave_and_is_refused_without_one(olive, session):
    factories.event()
    assert "/olive/remove" not in olive.get(TEAM).text
    send(olive, TEAM, {}, to=f"{TEAM}/olive/remove")
    html = olive.get(TEAM).text
    assert "You are the only organizer. Add somebody before you leave." in html
    assert [grant.person.handle for grant in people.team_of_event(queries.event_by_slug("swing").id)] == ["olive"]


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("", "An email address or @handle is missing."),
        ("@nobody", "Nobody here answers to that. Ask for the @handle, or let them sign up first."),
    ],
)
def test_nobody_is_refused_at_the_field_and_stays_typed(olive, who, sentence):
    factories.event()
    answer = send(olive, TEAM, {"who": who})
    assert (answer.status_code, error_at(answer.text, "who"), filled_in(answer.text)["who"]) == (422, sentence, who)


# ---- who sees what, and how it looks with none, one and three ----


@pytest.mark.parametrize("page", [SETTINGS, TEAM])
def test_pages_of_an_event_are_not_there_for_others(client, page):
    factories.event()
    factories.signed_in(client, factories.person("nina"))
    assert client.get(page).status_code == 404


def test_without_events_the_page_says_what_one_gets(olive):
    html = olive.get("/app/organizer").text
    assert "Make your first event" in html
    assert 'href="/app/organizer/events/new"' in html


def test_events_stand_under_now_next_and_past(olive):
    for slug, first, last in (("now", 12, 14), ("next", 20, 21), ("later", 26, 28), ("past", 5, 6)):
        days = {"starts_on": factories.DAY.replace(day=first), "ends_on": factories.DAY.replace(day=last)}
        factories.event(slug, name=slug.title(), published_at=None if slug == "next" else at("09:00"), **days)
    with time_machine.travel(at("26:30", factories.LAST_DAY), tick=False):  # Sunday night is still the weekend
        factories.signed_in(olive, factories.person("olive"))
        html = olive.get("/app/organizer").text

    assert re.findall(r'<h2 id="\w+-h">([^<]+)|<h3><a href="[^"]+">([^<]+)', html) == [
        ("Under way", ""), ("", "Now"), ("Coming up", ""), ("", "Next"), ("", "Later"), ("Past", ""), ("", "Past"),
    ]  # fmt: skip
    assert html.count("Only the team sees it") == 1


@pytest.mark.parametrize("path", ["/app/organizer", SETTINGS, TEAM])
def test_query_counts_do_not_grow(olive, session, path):
    events = [factories.event()]
    one = count_queries(olive, path)
    events += [factories.event(slug) for slug in ("two", "three")]
    for handle in ("sam", "tess"):
        factories.grant(factories.person(handle), "organizer", event=events[0])
    assert count_queries(olive, path) == one


def test_markup_in_names_is_text_everywhere(olive, session):
    event = factories.event(name=MARKUP, city=MARKUP, venue=MARKUP, address=MARKUP, about=MARKUP)
    event.rooms[0].name = event.rooms[0].note = MARKUP
    factories.grant(factories.person("sam", MARKUP), "organizer", event=event)
    for path in ("/app/organizer", SETTINGS, TEAM):
        html = olive.get(path).text
        assert MARKUP not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
