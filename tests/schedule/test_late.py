"""Running late, applied: one batch, one undo, the plan kept, a stale preview refused, "started now"."""

from __future__ import annotations

import re

import pytest
import time_machine

from app.db import db
from app.events.models import Announcement
from app.outbox import OutboxItem
from app.schedule import actions, queries, rules, snapshot
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add, fresh
from tests.schedule.test_maker import BASE
from tests.schedule.test_timeline import csrf


@pytest.fixture
def event(session):
    return factories.event()


def line_up(event):
    """14:00 Swivels, 15:00 Basics, 16:00 a buffer, 16:30 the fixed final."""
    first, second = add(event), add(event, "Basics", "15:00", "16:00")
    rest = actions.SlotValues("Breathe", "break", event.rooms[0].public_id, at("16:00"), at("16:30"), "buffer")
    final = actions.SlotValues("Final", "competition", event.rooms[0].public_id, at("16:30"), at("17:00"), "fixed")
    return [first, second, actions.add_slot(event.id, rest, None), actions.add_slot(event.id, final, None)]


def shift(event, edit, minutes, **more):
    wanted = {"expected_revision": event.revision, "actor": factories.person("olive")} | more
    return actions.shift_from(event.id, edit.slot_id, minutes, **wanted)


def states(event):
    db.session.expire_all()
    return [snapshot.state_of(slot) for slot in queries.slots_of(event.id)]


def test_one_tap_moves_what_is_behind_and_one_tap_takes_it_back_exactly(event):
    edits = line_up(event)
    before = states(event)
    done = shift(event, edits[0], 15)
    assert done.sentence == "Swivels and 1 more: 15 min later."
    shown = queries.public_schedule(event)
    assert [f"{slot.starts_at:%H:%M}" for slot in shown.slots] == ["12:15", "13:15", "14:15", "14:30"]
    assert [slot.late_minutes for slot in shown.slots] == [15, 15, 15, 0]
    assert shown.slots[2].ends_at == at("16:30")
    actions.undo(event.id, done.batch, None)
    assert states(event) == before


def test_a_buffer_that_is_used_up_is_cancelled_and_comes_back_with_undo(event):
    edits = line_up(event)
    final = fresh(event, edits[3])
    actions.cancel_slot(event.id, edits[3].slot_id, final.version, None)
    before = states(event)
    done = shift(event, edits[0], 45)
    assert fresh(event, edits[2]).is_cancelled
    actions.undo(event.id, done.batch, None)
    assert states(event) == before


def test_running_into_a_fixed_slot_is_refused_and_nothing_moves(event):
    edits = line_up(event)
    before = states(event)
    with pytest.raises(rules.RoomTaken) as caught:
        shift(event, edits[0], 45)
    assert caught.value.sentence == "Basics would run into Final at 16:30. Free that first."
    assert states(event) == before


def test_an_old_preview_is_refused(event):
    edits = line_up(event)
    seen = event.revision
    shift(event, edits[0], 5)
    with pytest.raises(rules.ShiftedSince):
        shift(event, edits[0], 5, expected_revision=seen)


@pytest.mark.parametrize("minutes", [0, 721, -721])
def test_no_minutes_or_too_many_are_refused(event, minutes):
    with pytest.raises(rules.ShiftTooLarge):
        shift(event, line_up(event)[0], minutes)


def test_telling_writes_an_announcement_and_a_promise_with_the_change(event, session):
    edits = line_up(event)
    shift(event, edits[0], 15, tell="Schedule change: Swivels starts 14:15 instead of 14:00.")
    told = session.query(Announcement).one()
    assert (told.title[:15], told.audience, told.posted_at) == ("Schedule change", "starred", None)
    assert session.query(OutboxItem).one().kind == "announcement.post"


def test_telling_nobody_writes_nothing(event, session):
    shift(event, line_up(event)[0], 15)
    assert session.query(Announcement).count() == 0


@pytest.fixture
def olive(client, event):
    return factories.signed_in(client, factories.person("olive"))


def test_the_preview_names_what_moves_what_absorbs_and_what_holds(olive, event):
    edits = line_up(event)
    html = olive.get(f"{BASE}/slots/{edits[0].slot_id}/late?minutes=15").text
    for words in ("Moved", "Gives up some of its time", "Fixed. It never moves.", "Move 2 slots"):
        assert words in html
    assert "Schedule change: Swivels starts 14:15 instead of 14:00." in html


def test_a_blocked_shift_says_what_is_in_the_way_and_cannot_be_sent(olive, event):
    edits = line_up(event)
    html = olive.get(f"{BASE}/slots/{edits[0].slot_id}/late?minutes=45").text
    assert "Conflict: would run into Final." in html
    assert re.search(r"<button[^>]*disabled>Free the room first", html)


@pytest.mark.parametrize("typed", ["", "soon", "0", "9999"])
def test_nonsense_minutes_get_a_sentence_and_come_back(olive, event, typed):
    edits = line_up(event)
    answer = olive.get(f"{BASE}/slots/{edits[0].slot_id}/late", query_string={"minutes": typed})
    assert answer.status_code == 422
    assert "Choose 1 to 720 minutes" in answer.text
    assert f'value="{typed}"' in answer.text


def test_applying_by_form_moves_and_a_stale_one_keeps_the_message(olive, event):
    edits = line_up(event)
    url = f"{BASE}/slots/{edits[0].slot_id}/late"
    token, seen = csrf(olive.get(url).text), event.revision
    typed = {"minutes": "15", "revision": str(seen), "tell": "1", "message": "My own <words>", "csrf_token": token}
    assert olive.post(url, data=typed).status_code == 303
    assert fresh(event, edits[0]).starts_at == at("14:15")
    stale = olive.post(url, data=typed)
    assert stale.status_code == 409
    assert "My own &lt;words&gt;" in stale.text
    assert fresh(event, edits[0]).starts_at == at("14:15")


def test_started_now_sets_the_truth_for_those_behind(olive, event):
    edits = line_up(event)
    token = csrf(olive.get(f"{BASE}/slots/{edits[0].slot_id}/late").text)
    with time_machine.travel(at("14:07"), tick=False):
        factories.signed_in(olive, factories.person("olive"))
        token = csrf(olive.get(f"{BASE}/slots/{edits[0].slot_id}/late").text)
        olive.post(f"{BASE}/slots/{edits[0].slot_id}/started", data={"csrf_token": token})
    assert [fresh(event, edit).starts_at for edit in edits[:2]] == [at("14:07"), at("15:07")]
