"""The dancer's pages without scripts and with them: what they show, what they hide, light answers, constant queries."""

from __future__ import annotations

import re
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event as sa_event

from app.db import db
from app.floor import actions, queries
from app.floor.models import FloorVisit, Heart, PollVote, SavedMinute
from app.people.models import Device
from tests import factories
from tests.floor.conftest import begin, guest, play

pytestmark = pytest.mark.one_engine
NIGHT = datetime(2026, 6, 13, 21, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def night():
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


def address(dj_set, tail=""):
    return f"/live/{dj_set.code}{tail}"


def post(client, dj_set, tail, htmx=False, **data):
    page = client.get(address(dj_set)).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post(address(dj_set, tail), data=data | {"csrf_token": token}, headers=HTMX if htmx else {})


def test_guest_sees_the_song_and_hearts_it_without_scripts(night, client, session, dj_set):
    one = play(dj_set, "Slow Current", "Marlow Reed", bpm=97)
    page = client.get(address(dj_set)).text
    assert re.search(r'<h2 id="np">Slow Current</h2>\s*<p class="artist">Marlow Reed', page)
    assert "97 BPM" in page
    answer = post(client, dj_set, f"/heart/{one}", on="1")
    assert (answer.status_code, answer.headers["Location"]) == (303, address(dj_set))
    page = client.get(address(dj_set)).text
    assert 'class="heart" aria-pressed="true"' in page
    assert '<span class="num" id="hearts" data-region>1</span>' in page
    assert session.query(Heart).one().device_id == session.query(Device).one().id


def test_hearts_of_a_guest_are_claimed_at_sign_in(night, client, session, dj_set):
    one = play(dj_set, "One")
    post(client, dj_set, f"/heart/{one}", on="1")
    device = session.query(Device).one()
    device.person_id = factories.person("dana").id
    session.commit()
    factories.signed_in(client, factories.person("dana"))
    assert 'class="heart" aria-pressed="true"' in client.get(address(dj_set)).text


def test_answers_to_htmx_are_light_and_hold_the_piece_that_changed(night, client, dj_set):
    one = play(dj_set, "One")
    answer = post(client, dj_set, f"/heart/{one}", htmx=True, on="1")
    assert answer.text.strip().startswith('<hx-partial hx-target="#heart"')
    assert 'aria-pressed="true"' in answer.text
    assert len(answer.data) < 10_000
    assert post(client, dj_set, "/tempo", htmx=True, choice="faster").text.count('aria-pressed="true"') == 1


def test_page_itself_is_light(night, client, dj_set):
    play(dj_set, "One")
    assert len(client.get(address(dj_set)).data) < 16_000


def test_heart_for_a_song_that_was_taken_back_is_refused_with_the_truth(night, client, session, dj_set):
    one = play(dj_set, "One")
    actions.undo(dj_set.id, one)
    answer = post(client, dj_set, f"/heart/{one}", htmx=True, on="1")
    assert answer.status_code == 409
    assert "That song is not on any more." in answer.text
    assert session.query(Heart).count() == 0
    assert session.query(Device).count() == 0


def test_results_are_hidden_until_one_voted_or_it_closed(night, client, dj_set):
    poll_id = actions.ask(dj_set.id, "What next?", ["Blues", "Soul"], 60)
    blues = queries.poll_of(dj_set.id, poll_id).options[0].public_id
    for _ in range(3):
        actions.vote_poll(guest(), dj_set.id, poll_id, blues)
    page = client.get(address(dj_set)).text
    assert "What next?" in page
    assert "3 voices" in page
    assert "poll-result" not in page
    assert "%" not in page.partition('id="poll"')[2].partition("</section>")[0]
    answer = post(client, dj_set, f"/poll/{poll_id}", htmx=True, option=blues)
    assert "100 %" in answer.text
    assert "100 %" not in client.application.test_client().get(address(dj_set)).text
    night.shift(60)
    page = client.application.test_client().get(address(dj_set)).text
    assert "100 %" in page
    assert "Closed" in page


def test_published_question_says_nothing_of_results_while_open(night, dj_set):
    from app.floor import live
    from app.lib import clock

    poll_id = actions.ask(dj_set.id, "What next?", ["Blues", "Soul"], 60)
    option = queries.poll_of(dj_set.id, poll_id).options[0].public_id
    actions.vote_poll(guest(), dj_set.id, poll_id, option)
    html = live.floor_regions(dj_set, clock.now())["poll"]
    assert "Blues" not in html
    assert "%" not in html


def test_tempo_totals_appear_from_five_voices_on(night, client, dj_set):
    for _ in range(4):
        actions.vote_tempo(guest(), dj_set.id, "faster")
    assert "Totals are shown from 5 voices on." in client.get(address(dj_set)).text
    post(client, dj_set, "/tempo", choice="perfect")
    page = client.get(address(dj_set)).text
    assert 'perfect <b class="num">1</b>, faster <b class="num">4</b>' in page
    assert "Totals are shown" not in page


def test_ended_set_leads_to_the_next_djs_and_says_so_without_one(night, client, jo, dj_set):
    play(dj_set, "One")
    ana = factories.person("ana", "Ana Ribeiro")
    actions.offer(dj_set.id, ana, note="", do_not_play="")
    made = actions.take_over(ana, dj_set.public_id)
    from app.people.viewer import Viewer

    second = queries.own_set(Viewer(ana), made)
    assert client.get(address(dj_set)).headers["Location"] == address(second)
    assert client.get(address(dj_set, "/screen")).headers["Location"] == address(second, "/screen")
    actions.end(second.id)
    page = client.get(address(second)).text
    assert "The set has ended" in page
    assert "How is the tempo?" not in page


def test_code_is_typed_in_any_case_and_a_wrong_one_stays(client, dj_set):
    assert client.get(f"/live?code={dj_set.code.upper()}").headers["Location"] == address(dj_set)
    assert client.get(address(dj_set).upper().replace("/LIVE", "/live")).status_code == 303
    wrong = client.get("/live?code=zzzzzz")
    assert wrong.status_code == 404
    assert 'value="zzzzzz"' in wrong.text
    assert client.get("/live/zzzzzz").status_code == 404


def test_set_of_a_hidden_event_is_not_there(client, jo):
    hidden = begin(jo, factories.event("hidden", published_at=None))
    for tail in ("", "/screen", "/poll"):
        assert client.get(address(hidden, tail)).status_code == 404
    assert client.get(f"/live?code={hidden.code}").status_code == 404
    factories.signed_in(client, factories.person("olive"))
    assert client.get(address(hidden)).status_code == 200


def test_screen_shows_song_and_code_and_nothing_to_touch(client, dj_set):
    play(dj_set, "Slow Current")
    page = client.get(address(dj_set, "/screen")).text
    assert "Slow Current" in page
    assert f"localhost/live/{dj_set.code}" in page
    assert "<svg" in page
    assert "<form" not in page
    assert "<button" not in page


def test_slot_page_leads_to_its_live_set(client, session, jo):
    from app.schedule import actions as schedule

    event = factories.event()
    values = schedule.SlotValues(
        "Social", "social", event.rooms[0].public_id, factories.at("22:00"), factories.at("26:00")
    )
    slot_id = schedule.add_slot(event.id, values, factories.person("olive")).slot_id
    page = f"/e/swing/slots/{slot_id}"
    assert "/live/" not in client.get(page).text
    from app.schedule import queries as slots

    dj_set = begin(jo, event, slot_id=slots.find_slot(event.id, slot_id).id)
    assert f'href="/live/{dj_set.code}"' in client.get(page).text


def test_dance_log_is_private_and_turns_minutes_into_songs(night, client, session, dj_set):
    dana = factories.person("dana")
    factories.signed_in(client, dana)
    play(dj_set, "Slow Current")
    post(client, dj_set, "/minute")
    post(client, dj_set, "/here")
    page = client.get("/app/dancer/dances").text
    assert "Slow Current" in page
    assert "Saturday social" in page
    other = client.application.test_client()
    factories.signed_in(other, factories.person("nina"))
    assert "Slow Current" not in other.get("/app/dancer/dances").text
    visit = session.query(FloorVisit).one()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    client.post("/app/dancer/dances/forget", data={"csrf_token": token, "id": visit.public_id})
    session.rollback()
    assert (session.query(FloorVisit).count(), session.query(SavedMinute).count()) == (0, 1)


def statements(client, path):
    seen, me = [], threading.get_ident()

    def note(_c, _u, statement, *_):
        if threading.get_ident() == me:  # the gate's timers publish meanwhile
            seen.append(statement)

    sa_event.listen(db.engine, "before_cursor_execute", note)
    assert client.get(path).status_code == 200
    sa_event.remove(db.engine, "before_cursor_execute", note)
    return len([statement for statement in seen if not statement.startswith(("BEGIN", "PRAGMA"))])


def test_pages_ask_as_often_for_three_as_for_one(night, client, dj_set):
    dana = factories.person("dana")
    factories.signed_in(client, dana)
    counted = {}
    from app.people.viewer import Viewer

    for number in (1, 3):
        for n in range(number):
            night.shift(180)
            play(dj_set, f"Song {number} {n}")
            actions.save_minute(Viewer(dana), dj_set.id)
            actions.heart(guest(), dj_set.id, queries.playing(dj_set.id).public_id, on=True)
        counted[number] = [statements(client, path) for path in (address(dj_set), "/app/dancer/dances")]
    assert counted[1] == counted[3]


def test_minute_that_waited_for_a_network_counts_from_when_it_was_tapped(night, client, session, dj_set):
    night.shift(930)
    page = client.get(address(dj_set)).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    headers = HTMX | {"X-Client-Id": str(uuid.uuid4()), "X-Tap-Age": "600"}
    answer = client.post(address(dj_set, "/minute"), data={"csrf_token": token}, headers=headers)
    assert answer.headers["X-Tap"] == "done"
    assert session.query(SavedMinute).one().minute_at == NIGHT + timedelta(seconds=930 - 600 - 30)


def test_heart_that_waited_is_refused_with_a_sentence_when_the_song_was_taken_back(night, client, session, dj_set):
    one = play(dj_set, "One")
    page = client.get(address(dj_set)).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    actions.undo(dj_set.id, one)
    headers = HTMX | {"X-Client-Id": str(uuid.uuid4()), "X-Tap-Age": "90"}
    answer = client.post(address(dj_set, f"/heart/{one}"), data={"csrf_token": token, "on": "1"}, headers=headers)
    assert (answer.headers["X-Tap"], answer.json["error"]) == ("refused", "That song is not on any more.")


def test_vote_after_the_end_is_refused_on_the_page(night, client, session, dj_set):
    poll_id = actions.ask(dj_set.id, "What next?", ["Blues", "Soul"], 60)
    option = queries.poll_of(dj_set.id, poll_id).options[0].public_id
    night.shift(61)
    answer = post(client, dj_set, f"/poll/{poll_id}", htmx=True, option=option)
    assert answer.status_code == 409
    assert "Too late" in answer.text
    assert session.query(PollVote).count() == 0


def test_guest_whose_heart_is_sent_twice_is_one_dancer(night, app, session, dj_set):
    """The answer with the cookie was lost: the same tap again finds its device, and the phone gets its cookie."""
    one, headers = play(dj_set, "One"), {"X-Client-Id": str(uuid.uuid4())} | HTMX
    for word in ("done", "again"):
        phone = app.test_client()
        token = re.search(r'name="csrf_token" value="([^"]+)"', phone.get(address(dj_set)).text)[1]
        answer = phone.post(address(dj_set, f"/heart/{one}"), data={"on": "1", "csrf_token": token}, headers=headers)
        assert (answer.status_code, answer.headers["X-Tap"]) == (200, word)
        assert "pika-device" in answer.headers["Set-Cookie"]
    assert (session.query(Heart).count(), session.query(Device).count()) == (1, 1)


def test_minute_of_a_phone_with_a_wrong_clock_stays_within_the_set(night, client, session, dj_set):
    play(dj_set, "One")
    night.shift(600)
    headers = {"X-Client-Id": str(uuid.uuid4()), "X-Tap-Age": "864000"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address(dj_set)).text)[1]
    client.post(address(dj_set, "/minute"), data={"csrf_token": token}, headers=headers)
    actions.end(dj_set.id)
    night.shift(3600)
    post(client, dj_set, "/minute")
    found = session.query(SavedMinute).order_by(SavedMinute.minute_at).all()
    assert [minute.minute_at for minute in found] == [NIGHT, NIGHT + timedelta(seconds=600)]


def test_heart_that_is_sent_again_does_not_undo_what_came_after(night, client, session, dj_set):
    """Hearted (the answer is lost), taken back in another tab, then the first tap once more: it stays taken back."""
    one = play(dj_set, "One")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address(dj_set)).text)[1]
    lost, back = ({"X-Client-Id": str(uuid.uuid4())} | HTMX for _ in range(2))
    for headers, on, word in ((lost, "1", "done"), (back, "0", "done"), (lost, "1", "again")):
        answer = client.post(address(dj_set, f"/heart/{one}"), data={"on": on, "csrf_token": token}, headers=headers)
        assert answer.headers["X-Tap"] == word
    assert 'aria-pressed="false"' in answer.text
    assert session.query(Heart).count() == 0
