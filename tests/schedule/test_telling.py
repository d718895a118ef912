"""Notify attendees: the sentence with old and new time, the offer after an edit, who hears it, undo takes it back."""

from __future__ import annotations

import html as html_lib
import re
from datetime import timedelta

import pytest

from app.db import db
from app.events.models import Announcement, Follow
from app.lib import clock
from app.notify.models import Notice
from app.schedule import actions, queries, telling
from tests import factories
from tests.events.test_announcements import hold, star, told, work
from tests.factories import at
from tests.schedule.test_actions import add, fresh, move
from tests.schedule.test_late import line_up, shift
from tests.schedule.test_maker import BASE
from tests.schedule.test_timeline import csrf

ROOMS = {"a": "Danube Hall", "b": "Margit Room"}


def state(start="14:30", end="15:30", **more):
    times = {"starts_at": at(start).isoformat(), "ends_at": at(end).isoformat()}
    return {"title": "Novice Prelims", "room": "a", "cancelled": False} | times | more


# ---- the words ----


@pytest.mark.parametrize(
    ("before", "after", "sentence", "headline"),
    [
        (state(), state("14:45", "15:45"), "starts 14:45 instead of 14:30.", "delayed by 15 min"),
        (state(), state("14:00", "15:00"), "starts 14:00 instead of 14:30.", "starts 30 min earlier"),
        (state(), state("15:45", "16:45"), "starts 15:45 instead of 14:30.", "delayed by 1 h 15"),
        (state(), state("38:30", "39:30"), "starts Sunday 14:30 instead of Saturday 14:30.", "moved to Sunday 14:30"),
        (state(), state(room="b"), "is in Margit Room instead of Danube Hall.", "is in Margit Room"),
        (
            state(), state("14:45", "15:45", room="b"),
            "starts 14:45 instead of 14:30, in Margit Room instead of Danube Hall.", "delayed by 15 min",
        ),
        (state(), state(end="16:00"), "ends 16:00 instead of 15:30.", "ends 30 min later"),
        (state(), state(cancelled=True), "at 14:30 is cancelled.", "is cancelled"),
        (state(), None, "at 14:30 is cancelled.", "is cancelled"),
        (state(cancelled=True), state(), "is on: 14:30, Danube Hall.", "is on at 14:30"),
        (None, state(), "is on: 14:30, Danube Hall.", "is on at 14:30"),
    ],
)  # fmt: skip
def test_the_sentence_names_old_and_new(before, after, sentence, headline):
    assert telling.sentence(before, after, factories.BUDAPEST, ROOMS) == f"Schedule change: Novice Prelims {sentence}"
    assert telling.headline(before, after, factories.BUDAPEST, ROOMS) == f"Novice Prelims {headline}"


def test_a_long_title_is_shortened_and_the_times_stay():
    long = {"title": "A very long title " * 6}
    said = telling.sentence(state(**long), state("14:45", "15:45", **long), factories.BUDAPEST, ROOMS)
    assert len(said) <= 120
    assert said.endswith("… starts 14:45 instead of 14:30.")


def test_words_that_are_no_times_still_make_a_sentence():
    said = telling.sentence(state(), state(title="Novice Finals"), factories.BUDAPEST, ROOMS)
    assert said == "Schedule change: Novice Finals: 14:30, Danube Hall."


# ---- telling ----


@pytest.fixture
def event(session):
    return factories.event()


@pytest.fixture
def olive(client, event):
    return factories.signed_in(client, factories.person("olive"))


def page(edit):
    return f"{BASE}/slots/{edit.slot_id}/tell"


def form_of(html):
    """What the page's form would send."""
    sent = {
        "csrf_token": csrf(html), "batch": re.search(r'name="batch" value="([^"]+)"', html)[1],
        "message": re.search(r"<textarea[^>]*>\n([^<]*)<", html)[1],
        "audience": re.search(r'name="audience" value="(\w+)" checked', html)[1],
    }  # fmt: skip
    return {name: html_lib.unescape(value) for name, value in sent.items()}


def test_after_a_move_those_who_starred_it_are_told_old_and_new(olive, event):
    edit = add(event, "Novice Prelims", "14:30", "15:30")
    star(event, edit, factories.person("dana"))
    star(event, add(event, "Basics", "16:00", "17:00"), factories.person("jo"))
    move(event, edit, "14:45", "15:45")

    html = olive.get(page(edit)).text
    sent = form_of(html)
    assert sent["message"] == "Schedule change: Novice Prelims starts 14:45 instead of 14:30."
    assert sent["audience"] == "starred"
    assert "1 person, 0 of them by push" in html
    assert "2 people, 0 of them by push" in html
    assert olive.post(page(edit), data=sent).status_code == 303
    work()

    assert told("change") == [("dana", "⚠️ Schedule change: Novice Prelims delayed by 15 min")]
    notice = db.session.query(Notice).one()
    assert (notice.body, notice.href) == (
        "Novice Prelims starts 14:45 instead of 14:30.", f"/e/swing/slots/{edit.slot_id}",
    )  # fmt: skip
    assert "starts 14:45 instead of 14:30." in olive.get("/e/swing/schedule").text
    assert "They were told of the last change." in olive.get(page(edit)).text


def test_everybody_may_be_told_instead(olive, event):
    edit = add(event)
    hold(Follow, factories.person("tess"), event_id=event.id)
    move(event, edit, "14:15", "15:15")
    olive.post(page(edit), data=form_of(olive.get(page(edit)).text) | {"audience": "everybody"})
    work()
    assert [handle for handle, _ in told("change")] == ["tess"]


def test_one_change_is_told_once_by_two_who_press_at_once(event, race):
    edit = add(event)
    star(event, edit, factories.person("dana"))
    batch = move(event, edit, "14:15", "15:15").batch
    olive, event_id = factories.person("olive"), event.id
    db.session.expunge(olive)
    results = race(lambda _n: actions.tell(event_id, edit.slot_id, "It moved.", batch, "starred", olive), times=4)
    work()
    assert sorted(type(result).__name__ for result in results) == [
        "NoneType",
        "ToldAlready",
        "ToldAlready",
        "ToldAlready",
    ]
    assert len(told("change")) == 1


def test_without_a_change_there_is_nothing_to_tell(olive, event, session):
    row = factories.slot(event)
    html = olive.get(f"{BASE}/slots/{row.public_id}/tell").text
    assert "Nothing of it changed yet." in html
    assert "<textarea" not in html


@pytest.mark.parametrize(
    ("typed", "status"), [({"message": ""}, 422), ({"audience": "all"}, 422), ({"batch": "x"}, 409)]
)
def test_a_slip_keeps_the_words(olive, event, typed, status):
    edit = add(event)
    move(event, edit, "14:15", "15:15")
    sent = form_of(olive.get(page(edit)).text) | {"message": "My own <words>"} | typed
    answer = olive.post(page(edit), data=sent)
    assert answer.status_code == status
    assert "error-summary" in answer.text
    if "message" not in typed:
        assert "My own &lt;words&gt;" in answer.text
    assert db.session.query(Announcement).count() == 0


def test_undo_withdraws_what_was_told(olive, event):
    edit = add(event)
    star(event, edit, factories.person("dana"))
    batch = move(event, edit, "14:15", "15:15").batch
    olive.post(page(edit), data=form_of(olive.get(page(edit)).text))
    work()
    actions.undo(event.id, batch, None)
    db.session.rollback()
    assert told("change") == [("dana", "Withdrawn: ⚠️ Schedule change: Swivels delayed by 15 min")]
    assert "instead of" not in olive.get("/e/swing/schedule").text
    # taking it back is news as well, and can be told
    assert form_of(olive.get(page(edit)).text)["message"] == "Schedule change: Swivels starts 14:00 instead of 14:15."


def test_undone_before_a_worker_came_nobody_hears_of_it(event):
    edits = line_up(event)
    star(event, edits[0], factories.person("dana"))
    done = shift(event, edits[0], 15, tell="Schedule change: Swivels starts 14:15 instead of 14:00.")
    actions.undo(event.id, done.batch, None)
    work()
    assert told("change") == []


# ---- running late ----


def test_whoever_starred_a_slot_that_moved_along_hears_its_times_too(olive, event):
    edits = line_up(event)
    star(event, edits[0], factories.person("dana"))
    star(event, edits[1], factories.person("jo"))
    star(event, edits[3], factories.person("tess"))  # fixed: it does not move
    html = olive.get(f"{BASE}/slots/{edits[0].slot_id}/late?minutes=15").text
    assert "Tell the 2 people who starred one of these" in html
    shift(event, edits[0], 15, tell="Schedule change: Swivels starts 14:15 instead of 14:00.")
    work()
    assert told("change") == [
        (who, "⚠️ Schedule change: Swivels delayed by 15 min") for who in ("dana", "jo")
    ]  # fmt: skip
    assert {notice.body for notice in db.session.query(Notice)} == {
        "Swivels starts 14:15 instead of 14:00.\nAlso: Basics 15:15 instead of 15:00."
    }


# ---- the offer ----


def test_the_toast_offers_it_when_somebody_starred_it(olive, event):
    edit = add(event)
    token = csrf(olive.get(f"{BASE}/schedule?day=2026-06-13").text)

    def cancel():
        version = fresh(event, edit).version
        olive.post(f"{BASE}/slots/{edit.slot_id}/cancel", data={"csrf_token": token, "version": version})
        return olive.get(f"{BASE}/schedule?day=2026-06-13").text

    assert "data-tell" not in re.search(r'<div id="toasts".*?</div>\s*</div>', cancel(), re.DOTALL)[0]
    actions.restore_slot(event.id, edit.slot_id, fresh(event, edit).version, None)
    star(event, edit, factories.person("dana"))
    toast = re.search(r'<div id="toasts".*?</div>\s*</div>', cancel(), re.DOTALL)[0]
    assert f'href="{page(edit)}"' in toast
    assert "Tell the 1 person who starred it" in toast


def test_the_grid_gets_the_offer_with_its_answer(olive, event):
    edit = add(event)
    star(event, edit, factories.person("dana"))
    token = csrf(olive.get(f"{BASE}/schedule?day=2026-06-13").text)
    moved = {
        "csrf_token": token, "room": event.rooms[0].public_id, "start": "2026-06-13T14:15", "end": "2026-06-13T15:15",
        "version": fresh(event, edit).version,
    }  # fmt: skip
    answer = olive.post(f"{BASE}/slots/{edit.slot_id}/move", data=moved, headers={"Accept": "application/json"})
    assert answer.json["tell"] == {"people": 1, "url": page(edit)}


def test_a_draft_is_not_offered_and_the_page_warns(olive, session):
    draft = factories.event("draft", mode="planning")
    edit = add(draft)
    actions.publish(draft.id, factories.person("olive"))
    move(draft, edit, "14:15", "15:15")
    html = olive.get(page(edit).replace("/swing/", "/draft/")).text
    assert "The change is still a draft." in html


def test_a_shift_far_away_is_still_one_sentence(event):
    edit = add(event)
    move(event, edit, "18:00", "19:00")
    change = queries.last_standing_change(event.id, edit.slot_id)
    assert telling.headline(change.before, change.after, event.zone, {}) == "Swivels moved to 18:00"
    assert clock.now() - change.created_at < timedelta(minutes=1)
