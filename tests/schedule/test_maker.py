"""The maker's addresses: moves, the form, refusals at their field, what was typed kept, undo, modes."""

from __future__ import annotations

from datetime import date

import pytest

from app.db import db
from app.schedule import queries
from app.schedule.models import Slot
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add, fresh, move
from tests.schedule.test_timeline import csrf

BASE = "/app/organizer/events/swing"


@pytest.fixture
def event(session):
    return factories.event()


@pytest.fixture
def olive(client, event):
    factories.signed_in(client, factories.person("olive"))
    client.token = csrf(client.get(f"{BASE}/slots/new").text)
    return client


def form(event, **more):
    typed = {
        "title": "Swivels", "kind": "workshop", "room": event.rooms[0].public_id, "day": "2026-06-13", "start": "14:00",
        "end": "15:00", "flexibility": "flexible", "version": "0",
    }  # fmt: skip
    return typed | more


def post(client, path, data, **headers):
    return client.post(BASE + path, data=data | {"csrf_token": client.token}, headers=headers)


def drag(client, event, edit, start, end, version=None, room=0, day="2026-06-13"):
    data = {
        "room": event.rooms[room].public_id, "start": f"{day}T{start}", "end": f"{day}T{end}",
        "version": str(fresh(event, edit).version if version is None else version),
    }  # fmt: skip
    return post(client, f"/slots/{edit.slot_id}/move", data, Accept="application/json")


def test_a_drag_answers_with_the_slot_a_sentence_and_its_undo(olive, event):
    edit = add(event)
    answer = drag(olive, event, edit, "14:15", "15:15")
    assert answer.status_code == 200
    assert answer.json["sentence"] == "Swivels: Sat 14:00 → Sat 14:15."
    assert (answer.json["slot"]["start"], answer.json["slot"]["late_minutes"]) == ("2026-06-13T14:15", 15)
    back = post(olive, "/undo", {"batch": answer.json["undo"]}, Accept="application/json")
    assert back.status_code == 200
    assert fresh(event, edit).starts_at == at("14:00")


def test_a_drag_onto_something_is_refused_with_what_is_in_the_way_and_the_truth(olive, event):
    add(event, "Prelims", "16:00", "17:00")
    edit = add(event)
    answer = drag(olive, event, edit, "15:30", "16:30")
    assert (answer.status_code, answer.json["reason"]) == (409, "taken")
    assert answer.json["sentence"] == "Danube Hall is taken 16:00 to 17:00 by Prelims."
    assert answer.json["slot"]["start"] == "2026-06-13T14:00"


def test_a_stale_drag_is_refused(olive, event):
    edit = add(event)
    move(event, edit, "14:30", "15:30")
    answer = drag(olive, event, edit, "18:00", "19:00", version=1)
    assert (answer.status_code, answer.json["reason"]) == (409, "stale")
    assert answer.json["slot"]["start"] == "2026-06-13T14:30"


@pytest.mark.parametrize(
    ("start", "end", "day"),
    [
        ("15:00", "14:00", "2026-06-13"),
        ("05:00", "05:30", "2026-06-12"),
        ("nonsense", "15:00", "2026-06-13"),
        ("14:00", "14:00", "2026-06-13"),
    ],
)
def test_impossible_times_are_refused_and_nothing_moves(olive, event, start, end, day):
    edit = add(event)
    assert drag(olive, event, edit, start, end, day=day).status_code == 422
    assert fresh(event, edit).starts_at == at("14:00")


def test_the_form_adds_a_slot(olive, event):
    answer = post(olive, "/slots/new", form(event, teachers="Tess Aubert, Mikael Lind", capacity_hint="60"))
    assert answer.status_code == 303
    slot = db.session.query(Slot).one()
    assert [p.name for p in slot.people] == ["Tess Aubert", "Mikael Lind"]
    assert (slot.capacity_hint, slot.starts_at) == (60, at("14:00"))


def test_a_time_after_midnight_belongs_to_the_night_of_that_day(olive, event):
    post(olive, "/slots/new", form(event, kind="social", start="00:30", end="03:30"))
    slot = db.session.query(Slot).one()
    assert slot.starts_at == at("24:30")
    assert slot.ends_at == at("27:30")


@pytest.mark.parametrize(
    ("start", "end", "hours"), [("05:30", "06:00", 0.5), ("22:00", "06:00", 8), ("23:00", "07:30", 8.5)]
)
def test_an_end_at_or_after_the_day_change_lies_on_the_next_morning(olive, event, start, end, hours):
    assert post(olive, "/slots/new", form(event, kind="social", start=start, end=end)).status_code == 303
    slot = db.session.query(Slot).one()
    assert (slot.ends_at - slot.starts_at).total_seconds() == hours * 3600


BAD = [
    ("end", {"end": "13:00"}, "Did you mean 15:00?"),
    ("title", {"title": ""}, "The title is missing."),
    ("title", {"title": "x" * 5000}, "5,000 characters; 120 are the most"),
    ("room", {"room": "elsewhere"}, "Room: choose one of the list."),
    ("kind", {"kind": "lecture"}, "Kind: choose one of the list."),
    ("start", {"start": "25:99"}, "Start: type a time, like 14:30."),
    ("day", {"day": "someday"}, "Day: choose a date"),
    ("start", {"day": "2026-06-20"}, "This starts outside of it."),
    ("capacity_hint", {"capacity_hint": "many"}, "Places is a whole number"),
    ("teachers", {"teachers": "a" * 90}, "more than 80 characters"),
]


@pytest.mark.parametrize(("field", "typed", "sentence"), BAD)
@pytest.mark.parametrize("htmx", [False, True])
def test_bad_input_gets_a_sentence_at_its_field_and_keeps_what_was_typed(olive, event, field, typed, sentence, htmx):
    kept = form(event, description="Keep <me> & mine", djs="Ana Ribeiro") | typed
    headers = {"HX-Request": "true"} if htmx else {}
    answer = post(olive, "/slots/new", kept, **headers)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="f-{field}-error"' in answer.text
    assert "Keep &lt;me&gt; &amp; mine" in answer.text
    assert 'value="Ana Ribeiro"' in answer.text
    assert db.session.query(Slot).count() == 0


def test_an_edit_of_a_stale_form_shows_both_and_loses_nothing(olive, event):
    edit = add(event)
    move(event, edit, "14:30", "15:30")
    answer = post(olive, f"/slots/{edit.slot_id}", form(event, title="My new title", version="1"))
    assert answer.status_code == 409
    assert "Olive Szabó changed it a moment ago: now 14:30 to 15:30 in Danube Hall." in answer.text
    assert 'value="My new title"' in answer.text
    assert fresh(event, edit).title == "Swivels"


def test_the_skipped_hour_of_spring_is_refused_with_a_proposal(client, session):
    spring = factories.event("spring", starts_on=date(2026, 3, 27), ends_on=date(2026, 3, 29))
    factories.signed_in(client, factories.person("olive"))
    token = csrf(client.get("/app/organizer/events/spring/slots/new").text)
    typed = form(spring, day="2026-03-28", start="02:30", end="04:30") | {"csrf_token": token}
    answer = client.post("/app/organizer/events/spring/slots/new", data=typed)
    assert answer.status_code == 422
    assert "02:30 does not exist that night: the clocks go forward. Did you mean 03:30?" in answer.text


def test_the_doubled_hour_of_autumn_gives_a_real_duration(client, session):
    autumn = factories.event("autumn", starts_on=date(2026, 10, 23), ends_on=date(2026, 10, 25))
    factories.signed_in(client, factories.person("olive"))
    token = csrf(client.get("/app/organizer/events/autumn/slots/new").text)
    typed = form(autumn, day="2026-10-24", start="23:30", end="03:30", kind="social") | {"csrf_token": token}
    assert client.post("/app/organizer/events/autumn/slots/new", data=typed).status_code == 303
    slot = db.session.query(Slot).one()
    assert (slot.ends_at - slot.starts_at).total_seconds() == 5 * 3600


def test_cancel_restore_and_delete(olive, event):
    edit = add(event)
    assert post(olive, f"/slots/{edit.slot_id}/cancel", {"version": "1"}).status_code == 303
    assert fresh(event, edit).is_cancelled
    assert post(olive, f"/slots/{edit.slot_id}/restore", {"version": "2"}).status_code == 303
    assert not fresh(event, edit).is_cancelled
    answer = post(olive, f"/slots/{edit.slot_id}/delete", {"version": "3"}, Accept="application/json")
    assert (answer.status_code, answer.json["sentence"]) == (
        409,
        "People have seen this slot. Cancel it, so that they learn about it.",
    )


def test_a_double_click_on_save_makes_one_slot(olive, event):
    for expected in (303, 422):
        assert post(olive, "/slots/new", form(event)).status_code == expected
    assert db.session.query(Slot).count() == 1


def test_the_feed_has_wall_times_and_warnings(olive, event):
    add(event, "One", people=(("teacher", "Tess"),))
    add(event, "Two", "14:30", "15:30", room=1, people=(("teacher", "Tess"),))
    feed = olive.get(f"{BASE}/schedule/slots.json").json
    assert [slot["start"] for slot in feed["slots"]] == ["2026-06-13T14:00", "2026-06-13T14:30"]
    assert feed["slots"][0]["warnings"] == ["Tess is in Margit Room 14:30 to 15:30 (Two)."]


def test_planning_publishing_and_going_live(olive, session):
    plan, base = factories.event("plan", mode="planning"), "/app/organizer/events/plan"
    add(plan, "Draft")
    token = olive.token
    assert olive.post(f"{base}/publish", data={"csrf_token": token}).status_code == 303
    session.expire_all()
    assert (plan.schedule_version, plan.has_draft) == (1, False)
    assert olive.post(f"{base}/mode", data={"mode": "live", "csrf_token": token}).status_code == 303
    session.expire_all()
    assert plan.is_live
    assert olive.post(f"{base}/mode", data={"mode": "sideways", "csrf_token": token}).status_code == 400


def test_the_log_names_who_did_what(olive, event):
    edit = add(event)
    drag(olive, event, edit, "14:15", "15:15")
    html = olive.get(f"{BASE}/changes").text
    assert "Olive Szabó" in html
    assert "Sat 14:00 → Sat 14:15" in html
    assert queries.changes_of(event.id)[0].verb == "moved"
