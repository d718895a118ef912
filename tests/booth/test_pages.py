"""The booth without scripts and with them: play, undo, crate and repeats, polls, handover, the feed of a program."""

from __future__ import annotations

import html
import re
import uuid

import pytest
from sqlalchemy import select

from app.booth import queries as booth
from app.db import db
from app.floor import actions, queries
from app.floor.models import DjSet, Play, Poll
from app.lib import clock
from app.music import names
from app.music.models import Playlist, PlaylistTrack, Track
from tests import factories
from tests.floor.conftest import begin, play, titles

pytestmark = pytest.mark.one_engine
HTMX = {"HX-Request": "true"}


@pytest.fixture
def jo(session):
    return factories.person("jo")


@pytest.fixture
def dj_set(jo):
    return begin(jo)


@pytest.fixture
def decks(client, jo):
    return factories.signed_in(client, jo)


def track(person, title, artist="Somebody", bpm=100.0):
    made = Track(
        person_id=person.id, title=title, artist=artist, bpm=bpm, search_text=names.search_text(artist, title),
        song_key=names.song_key(artist, title), work_key=names.work_key(artist, title),
    )  # fmt: skip
    db.session.add(made)
    db.session.commit()
    return made.public_id


def at(dj_set, tail=""):
    return f"/app/dj/booth/{dj_set.public_id}{tail}"


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def post(client, path, htmx=False, page="/app/dj/booth", headers=None, **data):
    data["csrf_token"] = token_of(client.get(page).text)
    return client.post(path, data=data, headers=(HTMX if htmx else {}) | (headers or {}))


def test_start_play_undo_end_without_scripts(decks, session, jo):
    answer = post(decks, "/app/dj/booth", title="Tuesday social", zone="Europe/Budapest", place="Loft", dance="wcs")
    assert answer.status_code == 303
    dj_set = session.query(DjSet).one()
    assert post(decks, at(dj_set, "/play"), text="Marlow Reed - Slow Current").status_code == 303
    page = decks.get(at(dj_set)).text
    assert re.search(r"data-deck-title>Slow Current<", page)
    assert dj_set.code.upper() in page
    one = session.query(Play).one().public_id
    post(decks, at(dj_set, f"/plays/{one}"), do="undo")
    assert titles(dj_set) == []
    answer = post(decks, at(dj_set, "/end"))
    assert answer.headers["Location"] == f"/app/dj/sets/{dj_set.public_id}", "what came of it, not a dead console"
    page = decks.get(at(dj_set)).text
    assert ("The set has ended" in page, "Ask the floor" in page, answer.headers["Location"] in page) == (
        True, False, True,
    )  # fmt: skip


def test_slot_is_started_by_whom_it_names(decks, session, jo, app):
    from app.schedule.models import SlotPerson

    event = factories.event(starts_on=clock.now().date(), ends_on=clock.now().date())
    slot = factories.slot(event, "Late social", kind="social")
    slot.starts_at, slot.ends_at = clock.now(), clock.now().replace(year=clock.now().year + 1)
    session.commit()
    assert post(decks, "/app/dj/booth", slot=slot.public_id).status_code == 404
    session.add(SlotPerson(slot_id=slot.id, person_id=jo.id, role="dj", name="Jo"))
    session.commit()
    assert "Start your set here" in decks.get("/app/dj/booth").text
    assert post(decks, "/app/dj/booth", slot=slot.public_id).status_code == 303
    made = session.query(DjSet).one()
    assert (made.slot_id, made.event_id, made.title) == (slot.id, event.id, "Late social")


def test_crate_finds_by_all_words_and_warns_of_repeats(decks, session, jo):
    event = factories.event()
    ana = factories.person("ana", "Ana Ribeiro")
    earlier = begin(ana, event)
    play(earlier, "Copper Wire (Remix)", "Else")
    dj_set = begin(jo, event)
    track(jo, "Copper Wire", "Dell Marsh", 103)
    track(jo, "Tall Grass", "Wren Avery", 98)
    track(ana, "Copper Wire", "Not Jo")
    page = decks.get(at(dj_set, "/search?q=marsh+cop")).text
    assert "Copper Wire" in page
    assert "Tall Grass" not in page
    assert "Not Jo" not in page
    assert re.search(r"played \d\d:\d\d, DJ Ana", page)
    assert "Tall Grass" in decks.get(at(dj_set, "?band=Medium")).text
    assert "Copper Wire" in decks.get(at(dj_set, "/search?q=coper")).text, "a slip of the thumb is no dead end"
    kept = decks.get(at(dj_set, "/crate.json")).json
    assert {row[1] for row in kept["tracks"]} == {"Copper Wire", "Tall Grass"}
    assert list(kept["played"]) == ["copper wire"]


def test_somebody_elses_track_is_not_played(decks, dj_set):
    foreign = track(factories.person("ana", "Ana Ribeiro"), "Hers")
    assert post(decks, at(dj_set, "/play"), track=foreign).status_code == 404


def test_answer_to_a_tap_holds_all_panels_and_the_same_tap_twice_is_one(decks, dj_set, jo):
    song = track(jo, "Tall Grass")
    tap = {"X-Client-Id": str(uuid.uuid4()), "X-Tap-Age": "0"}
    first = post(decks, at(dj_set, "/play"), htmx=True, headers=tap, track=song)
    again = post(decks, at(dj_set, "/play"), htmx=True, headers=tap, track=song)
    assert first.headers["X-Tap"] == again.headers["X-Tap"] == "done"
    assert first.text.count("<hx-partial") == 5
    assert titles(dj_set) == ["Tall Grass"]


def test_tap_that_waited_carries_its_own_moment(decks, dj_set, session, jo):
    dj_set.started_at = clock.now().replace(year=2025)
    session.commit()
    headers = {"X-Client-Id": str(uuid.uuid4()), "X-Tap-Age": "300"}
    post(decks, at(dj_set, "/play"), htmx=True, headers=headers, text="Late - Arrival")
    found = queries.plays_of(dj_set.id)[0]
    assert 299 <= (clock.now() - found.played_at).total_seconds() <= 303


def test_tap_after_the_end_is_undone_with_its_sentence(decks, dj_set):
    actions.end(dj_set.id)
    headers = {"X-Client-Id": str(uuid.uuid4()), "X-Tap-Age": "1"}
    answer = post(decks, at(dj_set, "/play"), htmx=True, headers=headers, text="Too - Late")
    assert answer.headers["X-Tap"] == "refused"
    assert "has ended" in answer.json["error"]


def test_line_not_heard_correct_and_questions(decks, dj_set, session, jo):
    post(decks, at(dj_set, "/line"), track=track(jo, "Next One"))
    entry = queries.next_up(dj_set.id)[0].public_id
    post(decks, at(dj_set, "/play"), lined=entry)
    assert (titles(dj_set), queries.next_up(dj_set.id)) == (["Next One"], [])
    one = queries.plays_of(dj_set.id)[0].public_id
    post(decks, at(dj_set, f"/plays/{one}"), do="unheard")
    assert "Next One" in decks.get(at(dj_set)).text
    assert titles(dj_set) == []
    made = play(dj_set, "Wrng")
    post(decks, at(dj_set, f"/plays/{made}"), do="correct", text="Right - Wrong No More")
    assert titles(dj_set) == ["Wrong No More"]


def test_question_with_one_answer_keeps_what_was_typed(decks, dj_set, session):
    typed = {"question": "What <b>next</b>?", "option-1": "Blues & more", "seconds": "45"}
    answer = post(decks, at(dj_set, "/polls"), page=at(dj_set), **typed)
    assert answer.status_code == 422
    text = html.unescape(answer.text)
    assert all(f'value="{value}"' in text for value in typed.values())
    assert re.search(r'id="f-option-2-error"[^>]*>.*?two answers', answer.text, re.DOTALL)
    assert session.query(Poll).count() == 0
    assert post(decks, at(dj_set, "/polls"), page=at(dj_set), **typed, **{"option-2": "Soul"}).status_code == 303
    assert "running" in decks.get(at(dj_set)).text or "until" in decks.get(at(dj_set)).text


def test_handover_card_shows_the_night_and_both_tap(decks, dj_set, jo, app, session):
    for number in range(25):
        actions.play(
            dj_set.id, actions.Song(f"Song {number}", bpm=90 + number), client_id=f"n{number}",
            tapped_at=clock.now() - (25 - number) * (clock.now() - clock.now().replace(year=2025)) / 10**6,
        )  # fmt: skip
    ana = factories.person("ana", "Ana Ribeiro")
    wrong = post(decks, at(dj_set, "/handover"), to="@nobody-here", note="Slow it", do_not_play="Anything twice")
    assert wrong.status_code == 422
    assert "Slow it" in wrong.text
    post(decks, at(dj_set, "/handover"), to="@ana", note="Slow it", do_not_play="Anything twice")
    hers = factories.signed_in(app.test_client(), ana)
    assert "hands over to you" in hers.get("/app/dj/booth").text
    card = hers.get(at(dj_set, "/handover")).text
    assert "Anything twice" in card
    assert 'class="chart"' in card
    assert card.count('class="crate-row"') == 20
    assert (
        factories.signed_in(app.test_client(), factories.person("nina")).get(at(dj_set, "/handover")).status_code == 404
    )
    taken = post(hers, at(dj_set, "/take"))
    assert taken.status_code == 303
    assert "Nothing on the screens" in hers.get(taken.headers["Location"]).text
    session.rollback()
    assert session.get(DjSet, dj_set.id).state == "ended"


# ---- the feed ----


def feed(client, secret, **said):
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.post("/api/now-playing", json=said, headers=headers)


def test_program_says_what_plays(client, jo, dj_set):
    secret = actions.make_token(jo.id, "Laptop")
    answer = feed(
        client, secret, artist="Marlow Reed", title="Slow Current", bpm="97,5", key="4A", duration_seconds=214
    )
    assert (answer.status_code, answer.json["result"], answer.json["code"]) == (200, "playing", dj_set.code)
    found = queries.playing(dj_set.id)
    assert (found.title, found.bpm, found.source, found.duration_seconds) == ("Slow Current", 97.5, "feed", 214)
    assert feed(client, secret, artist="Marlow Reed", title="Slow Current").json["result"] == "already playing"
    assert feed(client, secret, title="").json["result"] == "cleared"
    assert queries.playing(dj_set.id) is None
    db.session.rollback()
    assert queries.feed_tokens_of(jo.id)[0].last_used_at is not None


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"title": 7}, 422),
        ({"title": "x", "bpm": "fast"}, 422),
        ({"title": "x", "bpm": 9000}, 422),
        ({"title": "x", "bpm": [97]}, 422),
        ({"title": "x", "duration_seconds": {"at": 1}}, 422),
        ({"title": "x"}, 409),
    ],
)
def test_program_is_told_what_is_wrong(client, jo, said, status):
    answer = feed(client, actions.make_token(jo.id, "Laptop"), **said)
    assert answer.status_code == status
    assert answer.json["error"].endswith(".")


@pytest.mark.parametrize("body", ["[" * 60_000, '{"title": "' + "x" * 70_000 + '"}'], ids=["nested", "long"])
def test_program_that_sends_too_much_is_told_so(client, jo, body):
    headers = {"Authorization": f"Bearer {actions.make_token(jo.id, 'Laptop')}", "Content-Type": "application/json"}
    assert client.post("/api/now-playing", data=body, headers=headers).status_code in {400, 413}


def test_half_a_letter_is_left_out_of_a_title(client, jo, dj_set):
    headers = {"Authorization": f"Bearer {actions.make_token(jo.id, 'Laptop')}", "Content-Type": "application/json"}
    answer = client.post("/api/now-playing", data=b'{"title": "Slow \\ud800Current"}', headers=headers)
    assert answer.json["result"] == "playing"
    assert titles(dj_set) == ["Slow Current"]


def test_no_token_a_revoked_one_and_no_json(client, jo, dj_set):
    secret = actions.make_token(jo.id, "Laptop")
    assert feed(client, "", title="x").status_code == 401
    assert feed(client, "nonsense", title="x").headers["WWW-Authenticate"].startswith("Bearer")
    bad = client.post("/api/now-playing", data="title=x", headers={"Authorization": f"Bearer {secret}"})
    assert bad.status_code == 400
    actions.revoke_token(jo.id, queries.feed_tokens_of(jo.id)[0].public_id)
    assert feed(client, secret, title="x").status_code == 401
    assert titles(dj_set) == []


def test_token_is_shown_once(decks, jo):
    page = post(decks, "/app/dj/booth/tokens", label="Laptop").text
    secret = re.search(r'<code class="secret">([^<]{40,})</code>', page)[1]
    assert queries.feed_token(secret).label == "Laptop"
    assert secret not in decks.get("/app/dj/booth").text


def test_booth_asks_as_often_for_three_as_for_one(decks, dj_set, jo):
    from tests.floor.test_pages import statements

    counted = []
    for number in range(3):
        track(jo, f"T {number}")
        play(dj_set, f"P {number}", client_id=f"c{number}")
        actions.line_up(dj_set.id, actions.Song(f"L {number}"))
        actions.prepare(dj_set.id, f"Q {number}?", ["a", "b"], 60)
        counted.append(statements(decks, at(dj_set)))
    assert counted[0] == counted[2]


def test_playlist_of_the_crate_in_its_order(session, jo, dj_set):
    assert booth.rows(dj_set, "", "nolist") == []
    ids = {track(jo, title): place for place, title in enumerate(("Second", "First"))}
    playlist = Playlist(person_id=jo.id, name="Late")
    tracks = session.scalars(select(Track).where(Track.public_id.in_(ids)))
    playlist.entries = [PlaylistTrack(track=each, position=-ids[each.public_id]) for each in tracks]
    session.add(playlist)
    session.commit()
    assert [row.track.title for row in booth.rows(dj_set, "", playlist.public_id)] == ["First", "Second"]
    assert [row.track.title for row in booth.rows(dj_set, "sec", playlist.public_id)] == ["Second"]
