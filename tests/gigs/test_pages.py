"""Pages of bookings: asking in the dialog and without scripts, one tap to confirm, who sees what, the table."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest

from app.gigs.actions import answering, asking, own
from app.gigs.actions.own import OwnGig
from app.people.queries import person_by_handle
from tests import factories
from tests.gigs.conftest import states
from tests.schedule.test_timeline import count_queries

pytestmark = pytest.mark.one_engine
HTMX = {"HX-Request": "true"}


def csrf(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def browser(app, handle):
    return factories.signed_in(app.test_client(), factories.person(handle))


def post(client, page, path, headers=None, **typed):
    token = csrf(client.get(page).text)
    return client.post(path, data=typed | {"csrf_token": token}, headers=headers)


def slot_page(night):
    return f"/app/organizer/events/{night.slug}/slots/{night.slot_id}/bookings"


OFFER = {"who": "@jo", "role": "dj", "start": "22:00", "end": "00:00", "fee": "180", "currency": "EUR", "days": "7"}


@pytest.mark.parametrize("headers", [None, HTMX])
def test_an_organizer_asks_and_the_one_asked_confirms_with_one_tap(app, night, headers):
    factories.person("jo")
    olive, jo = browser(app, "olive"), browser(app, "jo")
    answer = post(olive, slot_page(night), slot_page(night), headers, **OFFER)
    assert answer.status_code == (200 if headers else 303)
    gig = night.of("jo")
    assert (gig.state, gig.fee_minor, gig.ends_at) == ("pending", 18_000, night.at("24:00"))
    listing = jo.get("/app/dj/gigs").text
    assert "Swing Weekend wants you for" in listing
    answer = post(jo, f"/app/gigs/{gig.public_id}", f"/app/gigs/{gig.public_id}/confirm", offer="1")
    assert answer.status_code == 303
    assert states(gig.public_id) == ["confirmed"]
    assert "DJ Jo Brandt" in app.test_client().get(f"/e/{night.slug}/slots/{night.slot_id}").text
    assert "Confirmed" in olive.get(f"/app/organizer/events/{night.slug}/bookings").text


def test_a_dancer_without_any_role_answers_too(app, night):
    public_id = night.ask("dana", role="helper")
    dana = browser(app, "dana")
    assert "wants you for" in dana.get("/app/dancer/gigs").text
    post(dana, f"/app/gigs/{public_id}", f"/app/gigs/{public_id}/decline", reason="I dance")
    assert (states(public_id), night.gig(public_id).reason) == (["declined"], "I dance")


def test_a_refused_form_keeps_what_was_typed_and_asks_nobody(app, night):
    olive = browser(app, "olive")
    typed = OFFER | {"who": "@nobody-at-all", "travel": "By <b>train</b> & “on time”", "next": "@ana"}
    answer = post(olive, slot_page(night), slot_page(night), **typed)
    assert answer.status_code == 422
    text = html.unescape(answer.text)
    assert all(value in text for value in (typed["who"], typed["travel"], typed["next"]))
    assert "Nobody here answers to @nobody-at-all" in text


def test_a_counter_offer_goes_over_the_table_and_back(app, night):
    public_id = night.ask(end="24:00")
    olive, jo = browser(app, "olive"), browser(app, "jo")
    page = f"/app/gigs/{public_id}"
    answer = post(jo, page, f"{page}/counter", offer="1", start="23:00", end="01:00", fee="200", note="My train")
    assert answer.status_code == 303
    theirs = f"/app/organizer/events/{night.slug}/bookings/{public_id}"
    assert "Offers 23:00 to 01:00 for €200 instead" in olive.get(theirs).text
    post(olive, theirs, f"{theirs}/accept", offer="2")
    assert states(public_id) == ["confirmed"]
    assert night.turns() == [("23:00", "01:00", "DJ Jo Brandt")]


def test_a_stale_tap_confirms_nothing_and_says_why(app, night):
    public_id = night.ask()
    gig = night.gig(public_id)
    asking.offer_anew(gig.id, 1, asking.Offer(night.at("24:00"), night.at("26:00")), person_by_handle("olive"))
    jo = browser(app, "jo")
    post(jo, f"/app/gigs/{public_id}", f"/app/gigs/{public_id}/confirm", offer="1")
    assert states(public_id) == ["pending"]
    assert "The offer changed meanwhile" in jo.get(f"/app/gigs/{public_id}").text


def test_somebody_elses_gig_is_not_there(app, night):
    public_id = night.ask()
    nina = browser(app, "nina")
    assert nina.get(f"/app/gigs/{public_id}").status_code == 404
    assert nina.get(f"/app/organizer/events/{night.slug}/bookings/{public_id}").status_code == 404


def test_while_asking_one_sees_who_is_free_blocked_or_busy_and_not_with_what(app, night):
    for who in ("jo", "ana", "max"):
        factories.grant(factories.person(who), "dj")
    own.add_own(
        OwnGig(
            "Secret wedding", "dj", "", "Pécs", "Europe/Budapest", night.at("23:00"), night.at("25:00"), None, "EUR", ""
        ),
        person_by_handle("jo"),
    )
    own.say_days(person_by_handle("ana").id, "blocked", night.day, night.day, "", "Holiday")
    own.say_days(person_by_handle("max").id, "free", night.day, None, str(night.day.isoweekday()), "")
    text = html.unescape(browser(app, "olive").get(slot_page(night)).text)
    assert "Busy 23:00 to 01:00" in text
    assert "Blocked that day" in text
    assert "Free that day" in text
    assert "wedding" not in text
    assert "Holiday" not in text
    assert "Pécs" not in text


def test_the_list_as_a_table_is_safe_in_a_spreadsheet_and_filtered(app, night):
    night.ask("jo", "22:00", "24:00", travel="=HYPERLINK(1)", fee_minor=18_050)
    declined = night.ask("ana", "24:00", "26:00")
    answering.decline(night.gig(declined).id, "+49", person_by_handle("ana"))
    olive = browser(app, "olive")
    body = olive.get(f"/app/organizer/events/{night.slug}/bookings.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [(row["state"], row["name"], row["travel"], row["fee"], row["reason"]) for row in rows] == [
        ("pending", "Jo Brandt", "'=HYPERLINK(1)", "180.50", ""),
        ("declined", "Ana", "", "", "'+49"),
    ]
    only = olive.get(f"/app/organizer/events/{night.slug}/bookings.csv?state=open").data.decode()
    assert "Ana" not in only


def test_lists_cost_the_same_with_one_and_with_many(app, night):
    olive, jo = browser(app, "olive"), browser(app, "jo")
    pages = [(olive, f"/app/organizer/events/{night.slug}/bookings"), (olive, slot_page(night)), (jo, "/app/dj/gigs")]
    night.ask("jo", "22:00", "23:00")
    few = [count_queries(c, p) for c, p in pages]
    for who, start, end in (("jo", "23:00", "24:00"), ("ana", "24:00", "25:00"), ("max", "25:00", "26:00")):
        night.ask(who, start, end)
    assert [count_queries(c, p) for c, p in pages] == few


def test_an_own_gig_is_written_changed_and_removed(app, night):
    jo = browser(app, "jo")
    typed = {"title": "Wedding", "role": "dj", "day": "2027-05-08", "start": "20:00", "end": "02:00", "city": "Pécs",
             "zone": "Europe/Budapest", "fee": "900", "currency": "EUR"}  # fmt: skip
    assert post(jo, "/app/dj/gigs/new", "/app/dj/gigs/new", **typed).status_code == 303
    gig = night.of("jo")
    assert (gig.title, gig.state, gig.fee_minor) == ("Wedding", "confirmed", 90_000)
    page = f"/app/gigs/{gig.public_id}"
    post(jo, f"{page}/edit", f"{page}/edit", **(typed | {"title": "Big wedding"}))
    assert night.of("jo").title == "Big wedding"
    assert post(jo, page, f"{page}/remove").status_code == 303
    assert night.of("jo") is None


def test_the_month_says_in_words_what_each_day_is(app, night):
    gig = night.gig(night.ask())
    answering.confirm(gig.id, 1, person_by_handle("jo"))
    text = browser(app, "jo").get(f"/app/dj/gigs?view=month&month={night.day:%Y-%m}").text
    assert re.search(rf'aria-label="{night.day.day} {night.day:%B}[^"]*, confirmed"', text)


@pytest.mark.parametrize("offer", ["99999999999999999999", "-1", "one"])
def test_an_offer_that_never_was_is_not_confirmed(app, night, offer):
    public_id = night.ask()
    jo = browser(app, "jo")
    page = f"/app/gigs/{public_id}"
    assert post(jo, page, f"{page}/confirm", offer=offer).status_code == 303
    assert night.gig(public_id).state == "pending"


def test_a_second_choice_does_not_learn_that_they_are_one(app, night):
    factories.person("ana", "Ana")
    first = night.ask(next_choices=["@ana"])
    answering.decline(night.gig(first).id, "", person_by_handle("jo"))
    asked = night.of("ana").public_id
    assert "next on the list" not in browser(app, "ana").get(f"/app/gigs/{asked}").text
    page = browser(app, "olive").get(f"/app/organizer/events/{night.slug}/bookings/{asked}").text
    assert "“The next on the list”" in page
