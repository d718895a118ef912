"""A tap that is sent again is acted on once and answered alike; refusals and other people are told apart."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, func, select

from app.events.models import CheckIn
from app.lib import clock
from app.people.models import Device, SignIn
from app.people.viewer import Viewer
from app.schedule import actions as schedule
from app.schedule.models import Bell, Slot, Star
from app.waiting import actions
from app.waiting.models import AcceptedAction
from app.waiting.taps import Tap
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add


def new_id() -> str:
    return str(uuid.uuid4())


def token_of(client) -> str:
    return client.get("/waiting/token").json["token"]


def tap(client, path, client_id, *, who="", age=0, token=None, **fields):
    """A post as static/js/waiting.js sends it."""
    headers = {
        "X-CSRFToken": token_of(client) if token is None else token, "X-Client-Id": client_id, "X-Client-For": who,
        "X-Tap-Age": str(age), "HX-Request": "true",
    }  # fmt: skip
    return client.post(path, data=fields, headers=headers)


def outcome(answer) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("X-Tap", "")


def count(session, model) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def slot_id(session):
    return add(factories.event()).slot_id


def star_of(slot_id):
    return f"/e/swing/slots/{slot_id}/star"


def test_the_same_tap_twice_stars_once_and_says_so(client, session, slot_id):
    mine = new_id()
    first, second = (tap(client, star_of(slot_id), mine, on="1") for _ in range(2))
    assert [outcome(first), outcome(second)] == [(200, "done"), (200, "again")]
    assert 'aria-pressed="true"' in second.text
    assert (count(session, Star), count(session, AcceptedAction)) == (1, 1)


def test_a_late_repetition_does_not_undo_what_came_after(client, session, slot_id):
    """Star (its answer is lost), un-star from another tab, then the first one once more: it stays un-starred."""
    lost = new_id()
    tap(client, star_of(slot_id), lost, on="1")
    tap(client, star_of(slot_id), new_id(), on="0")
    again = tap(client, star_of(slot_id), lost, on="1")
    assert outcome(again) == (200, "again")
    assert 'aria-pressed="false"' in again.text
    assert count(session, Star) == 0


def test_a_guest_whose_answer_was_lost_gets_the_same_device_again(app, session, slot_id):
    """The cookie was in the lost answer: the second try brings it, and the star is still theirs and the only one."""
    mine, phone = new_id(), app.test_client()
    assert outcome(tap(phone, star_of(slot_id), mine, on="1")) == (200, "done")
    forgetful = app.test_client()  # the same phone, which never saw that answer
    again = tap(forgetful, star_of(slot_id), mine, on="1")
    assert outcome(again) == (200, "again")
    assert 'aria-pressed="true"' in again.text
    assert 'aria-pressed="true"' in forgetful.get("/e/swing/schedule?day=2026-06-13").text
    assert (count(session, Star), count(session, Device)) == (1, 1)


def test_another_phone_does_not_get_that_device(app, session, slot_id):
    tap(app.test_client(), star_of(slot_id), new_id(), on="1")
    tap(app.test_client(), star_of(slot_id), new_id(), on="1")
    assert count(session, Device) == 2


def test_a_refusal_is_the_same_refusal_again(client, session, slot_id):
    slot = session.query(Slot).one()
    schedule.cancel_slot(slot.event_id, slot_id, slot.version, None)
    mine = new_id()
    first = tap(client, star_of(slot_id), mine, on="1")
    assert outcome(first) == (409, "refused")
    assert first.json["error"] == "“Swivels” was cancelled."
    slot = session.query(Slot).one()
    schedule.restore_slot(slot.event_id, slot_id, slot.version, None)
    assert outcome(tap(client, star_of(slot_id), mine, on="1")) == (409, "refused")
    assert count(session, Star) == 0
    assert outcome(tap(client, star_of(slot_id), new_id(), on="1")) == (200, "done")


def test_a_slot_that_is_gone_is_refused_with_its_sentence(client, session, slot_id):
    answer = tap(client, star_of("zzzzzzzzzzzz"), new_id(), on="1")
    assert outcome(answer) == (404, "refused")
    assert answer.json["error"] == "This slot is not in the schedule any more."


def test_a_star_can_be_taken_off_a_cancelled_slot(client, session, slot_id):
    tap(client, star_of(slot_id), new_id(), on="1")
    slot = session.query(Slot).one()
    schedule.cancel_slot(slot.event_id, slot_id, slot.version, None)
    assert outcome(tap(client, star_of(slot_id), new_id(), on="0")) == (200, "done")
    assert count(session, Star) == 0


def test_a_draft_cancellation_refuses_nothing(client, session):
    event = factories.event(mode="planning")
    edit = add(event)
    schedule.publish(event.id, None)
    schedule.cancel_slot(event.id, edit.slot_id, 1, None)
    assert outcome(tap(client, star_of(edit.slot_id), new_id(), on="1")) == (200, "done")


def test_a_tap_is_never_sent_as_somebody_else(app, session, slot_id):
    dana, tess = factories.person("dana"), factories.person("tess")
    phone = app.test_client()
    factories.signed_in(phone, tess)
    mine = new_id()
    assert outcome(tap(phone, star_of(slot_id), mine, who=dana.public_id, on="1")) == (409, "other")
    assert outcome(tap(phone, star_of(slot_id), mine, who="", on="1")) == (409, "other")
    assert count(session, Star) == 0
    factories.signed_in(phone, dana)
    assert outcome(tap(phone, star_of(slot_id), mine, who=dana.public_id, on="1")) == (200, "done")
    assert session.query(Star).one().person_id == dana.id


def test_signed_out_meanwhile_keeps_the_tap(app, session, slot_id):
    dana, phone = factories.person("dana"), app.test_client()
    factories.signed_in(phone, dana)
    session.execute(delete(SignIn))
    session.commit()
    assert outcome(tap(phone, star_of(slot_id), new_id(), who=dana.public_id, on="1")) == (409, "other")
    assert phone.get("/waiting/token").json["who"] == ""


def test_a_stale_token_is_told_apart_from_a_refusal(client, session, slot_id):
    answer = tap(client, star_of(slot_id), new_id(), token="old", on="1")
    assert outcome(answer) == (400, "stale")
    found = client.get("/waiting/token")
    assert found.headers["Cache-Control"] == "no-store"
    assert outcome(tap(client, star_of(slot_id), new_id(), token=found.json["token"], on="1")) == (200, "done")


@pytest.mark.parametrize("bad", ["", "1", "../../x", "a" * 36, new_id().upper()])
def test_an_id_that_no_phone_makes_counts_as_none(client, session, slot_id, bad):
    answer = tap(client, star_of(slot_id), bad, on="1")
    assert outcome(answer) == (200, "")
    assert count(session, AcceptedAction) == 0


def test_a_plain_form_may_carry_the_id_in_a_field(client, session, slot_id):
    mine, token = new_id(), token_of(client)
    for _ in range(2):
        assert (
            client.post(star_of(slot_id), data={"on": "1", "client_id": mine, "csrf_token": token}).status_code == 303
        )
    assert (count(session, Star), count(session, AcceptedAction)) == (1, 1)


def test_answers_bring_the_slot_as_it_is(client, session, slot_id):
    both = tap(client, star_of(slot_id), new_id(), on="1", **{"from": "slot"}).text
    assert 'hx-target="#slot-facts"' in both
    assert 'hx-target="#star-' in both
    bell = tap(client, f"/e/swing/slots/{slot_id}/bell", new_id(), on="1")
    assert outcome(bell) == (200, "done")
    assert "Alert set" in bell.text
    assert count(session, Bell) == 1


@pytest.mark.parametrize("times", [6])
def test_two_tries_at_once_act_once(app, session, race, slot_id, times):
    mine = new_id()

    def send(_number):
        return outcome(tap(app.test_client(), star_of(slot_id), mine, on="1"))

    assert {status for status, _ in race(send, times)} == {200}
    assert (count(session, Star), count(session, Device), count(session, AcceptedAction)) == (1, 1, 1)


def test_the_race_has_something_to_lose(app, session, race, slot_id):
    """The control: with an id of its own each try is a tap of its own, and a guest's phone of its own."""

    def send(_number):
        return outcome(tap(app.test_client(), star_of(slot_id), new_id(), on="1"))

    race(send, 4)
    assert (count(session, Star), count(session, Device)) == (4, 4)


def test_ids_are_forgotten_when_no_phone_can_send_them_any_more(session):
    from app.db import transaction

    for age in (0, 20, 22):
        with time_machine.travel(clock.now() - timedelta(days=age), tick=False), transaction() as writing:
            assert actions.first_time(writing, Tap(new_id(), "timeline.star", clock.now()), Viewer())
    actions.forget_old()
    assert count(session, AcceptedAction) == 2


def test_errors_of_the_server_are_told_apart(client, session, slot_id, monkeypatch):
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("app.schedule.routes.timeline.actions.star", lambda *_a, **_k: 1 / 0)
    assert outcome(tap(client, star_of(slot_id), new_id(), on="1")) == (500, "failed")
    client.application.config["PROPAGATE_EXCEPTIONS"] = None


# ---- "I'm here" ----

HERE = "/e/swing/here"


def test_im_here_counts_once_a_day_and_can_be_taken_back(client, session):
    factories.event()
    with time_machine.travel(at("23:00"), tick=False):
        for on, rows in (("1", 1), ("1", 1), ("0", 0), ("1", 1)):
            assert outcome(tap(client, HERE, new_id(), on=on)) == (200, "done")
            assert count(session, CheckIn) == rows
    with time_machine.travel(at("26:00"), tick=False):  # two in the morning is still Saturday
        tap(client, HERE, new_id(), on="1")
        assert count(session, CheckIn) == 1
    with time_machine.travel(at("34:00"), tick=False):
        tap(client, HERE, new_id(), on="1")
        assert sorted(row.day.day for row in session.query(CheckIn)) == [13, 14]


def test_a_tap_that_waited_belongs_to_the_day_it_was_made_on(client, session):
    factories.event()
    with time_machine.travel(at("34:00"), tick=False):  # Sunday, ten in the morning
        tap(client, HERE, new_id(), age=12 * 3600, on="1")
    assert session.query(CheckIn).one().day == factories.DAY


@pytest.mark.parametrize(("when", "words"), [("-", "has not begun"), ("+", "was over by then")])
def test_nobody_is_there_before_or_after(client, session, when, words):
    event = factories.event()
    moment = event.opens_at - timedelta(minutes=1) if when == "-" else event.closes_at
    with time_machine.travel(moment, tick=False):
        answer = tap(client, HERE, new_id(), on="1")
        assert outcome(answer) == (409, "refused")
        assert words in answer.json["error"]
        assert 'id="here"' not in client.get("/e/swing/schedule").text


def test_the_team_sees_how_many_and_nobody_else_does(app, client, session):
    event = factories.event()
    olive = factories.person("olive")
    team = app.test_client()
    with time_machine.travel(at("20:00"), tick=False):
        factories.signed_in(team, olive)
        for _ in range(3):
            tap(app.test_client(), HERE, new_id(), on="1")
        page = team.get(f"/app/organizer/events/{event.slug}").text
        assert re.search(r"3 dancers checked in today", page)
        assert "checked in" not in client.get("/e/swing").text


def test_without_javascript_it_comes_back_to_the_page(client, session):
    factories.event()
    with time_machine.travel(at("20:00"), tick=False):
        page = client.get("/e/swing/schedule").text
        token = json.loads(re.search(r"hx-headers:inherited='([^']+)'", page)[1])["X-CSRFToken"]
        answer = client.post(HERE, data={"on": "1", "csrf_token": token, "next": "/e/swing/schedule?day=2026-06-13"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/e/swing/schedule?day=2026-06-13")
        assert "You’re here" in client.get("/e/swing").text
