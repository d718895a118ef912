"""The ledger: what plays, undo, not heard yet, doubles, late taps and contradictions, corrections, stale songs."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.floor import actions, ledger, queries, rules
from app.floor.actions import Song
from app.floor.models import DjSet, Play
from app.lib import clock
from tests.floor.conftest import begin, play, titles

NIGHT = datetime(2026, 6, 13, 21, 0, tzinfo=UTC)


@pytest.fixture
def night():
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


def now_title(dj_set):
    found = queries.now_playing(dj_set, clock.now())
    return found.title if found else None


def test_song_that_begins_ends_the_one_before(night, dj_set):
    play(dj_set, "One")
    night.shift(200)
    play(dj_set, "Two")
    assert now_title(dj_set) == "Two"
    one, two = queries.plays_of(dj_set.id)
    assert (one.status, one.ended_at, one.heard_seconds) == ("played", two.played_at, 200)
    assert (one.position, two.position) == (1, 2)


def test_same_tap_twice_is_one_play(night, dj_set):
    first = play(dj_set, "One", client_id="tap-1")
    night.shift(500)
    assert play(dj_set, "One", client_id="tap-1") == first
    assert titles(dj_set) == ["One"]


def test_fat_finger_on_the_song_that_plays_changes_nothing(night, dj_set):
    first = play(dj_set, "One")
    night.shift(20)
    assert play(dj_set, "One") == first
    night.shift(400)
    play(dj_set, "Two")
    night.shift(200)
    play(dj_set, "One")
    assert titles(dj_set) == ["One", "Two", "One"]


def test_undo_brings_the_former_song_back(night, dj_set):
    play(dj_set, "One")
    night.shift(100)
    two = play(dj_set, "Two")
    night.shift(5)
    actions.undo(dj_set.id, two)
    assert now_title(dj_set) == "One"
    assert titles(dj_set) == ["One"]


def test_not_heard_yet_goes_back_into_the_line_and_the_room_keeps_its_song(night, dj_set):
    play(dj_set, "One")
    night.shift(100)
    two = play(dj_set, "Two", bpm=104)
    actions.not_heard(dj_set.id, two)
    assert now_title(dj_set) == "One"
    assert [(entry.title, entry.bpm) for entry in queries.next_up(dj_set.id)] == [("Two", 104)]
    assert titles(dj_set, "unheard") == ["Two"]


@pytest.mark.parametrize(("length", "seconds"), [(None, 12 * 60), (200, 260), (5000, 16 * 60)])
def test_room_never_shows_a_stale_song(night, dj_set, length, seconds):
    play(dj_set, "One", length=length)
    night.shift(seconds - 1)
    assert now_title(dj_set) == "One"
    night.shift(1)
    assert now_title(dj_set) is None


def test_song_that_went_stale_was_not_heard_until_the_next_one(night, dj_set):
    play(dj_set, "One", length=180)
    night.shift(3600)
    actions.clear_now(dj_set.id)
    one = queries.plays_of(dj_set.id)[0]
    assert one.heard_seconds == 240


def test_end_of_the_set_clears_the_room(night, dj_set):
    play(dj_set, "One")
    night.shift(60)
    actions.end(dj_set.id)
    actions.end(dj_set.id)
    assert now_title(dj_set) is None
    assert queries.plays_of(dj_set.id)[0].status == "played"
    with pytest.raises(rules.SetOver):
        play(dj_set, "Two")


def test_feed_that_repeats_itself_is_one_play(night, dj_set):
    play(dj_set, "One", source="feed")
    for _ in range(5):
        night.shift(60)
        play(dj_set, "One", source="feed")
    assert titles(dj_set) == ["One"]


def test_tap_after_a_gap_finds_its_place_by_its_own_time(night, dj_set):
    play(dj_set, "One")
    night.shift(600)
    play(dj_set, "Three", client_id="c")
    sent = NIGHT + timedelta(seconds=600)
    actions.play(dj_set.id, Song("Two"), client_id="b", tapped_at=sent - timedelta(seconds=300), sent_at=sent)
    assert titles(dj_set) == ["One", "Two", "Three"]
    one, two, three = queries.plays_of(dj_set.id)
    assert (one.ended_at, two.ended_at) == (two.played_at, three.played_at)
    assert now_title(dj_set) == "Three"
    assert [found.position for found in (one, two, three)] == [1, 2, 3]


def test_late_tap_that_is_the_newest_plays_on(night, dj_set):
    play(dj_set, "One")
    night.shift(300)
    sent = clock.now()
    actions.play(dj_set.id, Song("Two"), tapped_at=sent - timedelta(seconds=60), sent_at=sent)
    assert now_title(dj_set) == "Two"
    assert queries.plays_of(dj_set.id)[1].played_at == NIGHT + timedelta(seconds=240)


def test_change_of_mind_without_a_network_is_no_question(night, dj_set):
    play(dj_set, "One")
    night.shift(60)
    sent = clock.now()
    for title, waited in (("Two", 50), ("Three", 35)):
        made = actions.play(
            dj_set.id, Song(title), client_id=title, tapped_at=sent - timedelta(seconds=waited), sent_at=sent
        )
        assert made.verb == "now"
    assert titles(dj_set) == ["One", "Two", "Three"]
    assert now_title(dj_set) == "Three"


def test_what_another_device_tapped_right_after_is_a_question(night, dj_set):
    play(dj_set, "One")
    night.shift(300)
    play(dj_set, "Two", client_id="laptop")
    night.shift(60)
    sent = clock.now()
    late = actions.play(dj_set.id, Song("Other"), tapped_at=sent - timedelta(seconds=80), sent_at=sent)
    assert late.verb == "ask"


def contradiction(night, dj_set):
    """The feed said Two at +300; a tap that comes late says Other at +320."""
    play(dj_set, "One")
    night.shift(300)
    play(dj_set, "Two", source="feed")
    night.shift(300)
    sent = clock.now()
    tapped = NIGHT + timedelta(seconds=320)
    return actions.play(dj_set.id, Song("Other"), client_id="x", tapped_at=tapped, sent_at=sent)


def test_contradiction_becomes_a_question_and_changes_nothing(night, dj_set):
    made = contradiction(night, dj_set)
    assert made.verb == "ask"
    assert titles(dj_set) == ["One", "Two"]
    asked = queries.questions_of(dj_set.id)
    assert [(found.title, found.rival.title) for found in asked] == [("Other", "Two")]


@pytest.mark.parametrize(
    ("keep", "heard"), [("this", ["One", "Other"]), ("other", ["One", "Two"]), ("both", ["One", "Two", "Other"])]
)
def test_answer_decides(night, dj_set, keep, heard):
    made = contradiction(night, dj_set)
    actions.answer_question(dj_set.id, made.play_id, keep)
    actions.answer_question(dj_set.id, made.play_id, "other")  # a second tap changes nothing
    assert titles(dj_set) == heard
    assert queries.questions_of(dj_set.id) == []
    plays = queries.plays_of(dj_set.id, ("playing", "played"))
    assert all(a.ended_at is not None and a.ended_at <= b.played_at for a, b in itertools.pairwise(plays))
    assert sum(found.status == "playing" for found in plays) == 1


def test_tap_from_before_the_end_is_placed_and_one_from_after_it_is_asked(night, dj_set):
    play(dj_set, "One")
    night.shift(400)
    actions.end(dj_set.id)
    night.shift(60)
    sent = clock.now()
    early = actions.play(dj_set.id, Song("Two"), tapped_at=sent - timedelta(seconds=200), sent_at=sent)
    late = actions.play(dj_set.id, Song("Three"), tapped_at=sent - timedelta(seconds=30), sent_at=sent)
    assert (early.verb, late.verb) == ("late", "ask")
    assert titles(dj_set) == ["One", "Two"]


@pytest.mark.parametrize(
    ("tapped", "sent", "expected"),
    [
        (None, None, 0),
        (-300, 0, -300),
        (-300 + 86400 * 400, 86400 * 400, -300),  # a phone that lives in another year
        (-300, None, -300),
        (500, 0, 0),  # tapped after it was sent
        (-90_000, 0, 0),  # yesterday
    ],
)
def test_moment_of_a_tap_by_the_servers_clock(tapped, sent, expected):
    def at(seconds):
        return None if seconds is None else NIGHT + timedelta(seconds=seconds)

    assert ledger.true_moment(at(tapped), at(sent), NIGHT) == at(expected)


def test_correction_keeps_moment_and_place(night, dj_set):
    one = play(dj_set, "Oen", "Sombody")
    actions.correct(dj_set.id, one, Song("One", "Somebody"))
    found = queries.play_of(dj_set.id, one)
    assert (found.title, found.corrected_from, found.played_at) == ("One", "Sombody - Oen", NIGHT)


def test_two_taps_at_once_leave_one_song_playing(app, session, race, dj_set):
    set_id = dj_set.id
    made = race(lambda n: actions.play(set_id, Song(f"Song {n}")).verb, times=6)
    assert all(isinstance(verb, str) for verb in made), made
    session.rollback()
    statuses = [found.status for found in queries.plays_of(set_id)]
    assert statuses.count("playing") == 1
    assert len(statuses) == 6


@pytest.mark.one_engine
def test_place_knows_nothing_of_unheard_and_removed_plays():
    dj_set = DjSet(ended_at=None)
    plays = [
        Play(played_at=NIGHT, status="removed", song_key="a"),
        Play(played_at=NIGHT, status="unheard", song_key="b"),
    ]
    assert ledger.place(plays, dj_set, "a", NIGHT, arrived=NIGHT).verb == "now"


def test_forgotten_set_ends_by_itself(night, jo):
    dj_set = begin(jo)
    play(dj_set, "One")
    night.shift(6 * 3600 + 1)
    actions.sweep()
    found = queries.own_set(viewer_of(jo), dj_set.public_id)
    assert found.state == "ended"
    assert found.ended_at < clock.now() - timedelta(hours=5)


def viewer_of(person):
    from app.people.viewer import Viewer

    return Viewer(person)
