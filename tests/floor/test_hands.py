"""What dancers give: hearts per play, fading tempo votes, one vote per dancer, saved minutes, presence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.floor import actions, ledger, queries, rules
from app.floor.actions import Song
from app.floor.models import FloorVisit, Heart, TempoReading
from app.lib import clock
from app.people.viewer import Viewer
from tests import factories
from tests.floor.conftest import begin, guest, play

NIGHT = datetime(2026, 6, 13, 21, 0, tzinfo=UTC)


@pytest.fixture
def night():
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


def number_of(play_id, dj_set):
    return queries.play_of(dj_set.id, play_id).id


# ---- hearts ----


def test_heart_is_for_a_play_once_per_dancer_and_can_be_taken_back(night, dj_set):
    one, who = play(dj_set, "One"), guest()
    for _ in range(2):
        actions.heart(who, dj_set.id, one, on=True)
    actions.heart(guest(), dj_set.id, one, on=True)
    assert queries.heart_count(number_of(one, dj_set)) == 2
    actions.heart(who, dj_set.id, one, on=False)
    actions.heart(who, dj_set.id, one, on=False)
    assert queries.heart_count(number_of(one, dj_set)) == 1


def test_same_song_played_again_begins_without_hearts(night, dj_set):
    first, who = play(dj_set, "One"), guest()
    actions.heart(who, dj_set.id, first, on=True)
    night.shift(200)
    play(dj_set, "Two")
    night.shift(200)
    second = play(dj_set, "One")
    assert first != second
    assert queries.heart_counts([number_of(first, dj_set), number_of(second, dj_set)]) == {number_of(first, dj_set): 1}
    assert queries.hearts_of(who, dj_set.id) == {first}


def test_hearts_of_a_claimed_phone_and_its_account_are_one_dancers(night, session, dj_set):
    one, phone, dana = play(dj_set, "One"), guest(), factories.person("dana")
    actions.heart(phone, dj_set.id, one, on=True)
    phone.device.person_id = dana.id
    session.commit()
    viewer = Viewer(dana)
    assert queries.hearts_of(viewer, dj_set.id) == {one}
    session.add(Heart(play_id=number_of(one, dj_set), person_id=dana.id))  # from another browser, before it was claimed
    session.commit()
    assert queries.heart_count(number_of(one, dj_set)) == 1
    actions.heart(viewer, dj_set.id, one, on=False)
    assert queries.heart_count(number_of(one, dj_set)) == 0


def test_nobody_hearts_what_nobody_heard(night, dj_set, jo):
    one = play(dj_set, "One")
    actions.not_heard(dj_set.id, one)
    with pytest.raises(rules.NotOnNow):
        actions.heart(guest(), dj_set.id, one, on=True)
    other = begin(factories.person("ana", "Ana Ribeiro"))
    with pytest.raises(rules.NotOnNow):
        actions.heart(guest(), other.id, one, on=True)


def test_ten_taps_of_one_thumb_at_once_are_one_heart(app, session, race, dj_set):
    one, phone, set_id = play(dj_set, "One"), guest(), dj_set.id
    device_id = phone.device.id

    def tap(_number):
        from app.people.models import Device

        who = Viewer(device=session_device(Device, device_id))
        return actions.heart(who, set_id, one, on=True)

    assert race(tap, times=8) == [None] * 8
    session.rollback()
    assert session.query(Heart).count() == 1
    assert session.query(FloorVisit).count() == 1


def session_device(model, device_id):
    from app.db import db

    return db.session.get(model, device_id)


# ---- tempo ----


def vote_all(dj_set, *choices):
    for choice in choices:
        actions.vote_tempo(guest(), dj_set.id, choice)


def test_votes_fade_after_ninety_seconds(night, dj_set):
    vote_all(dj_set, "faster", "faster")
    night.shift(60)
    vote_all(dj_set, "slower")
    assert queries.tempo_now(dj_set.id, clock.now()) == rules.Tempo(1, 0, 2)
    night.shift(29)
    assert queries.tempo_now(dj_set.id, clock.now()).voters == 3
    night.shift(1)
    assert queries.tempo_now(dj_set.id, clock.now()) == rules.Tempo(1, 0, 0)
    night.shift(60)
    assert queries.tempo_now(dj_set.id, clock.now()).voters == 0


def test_second_word_replaces_the_first_and_an_empty_one_takes_it_back(night, dj_set):
    who = guest()
    actions.vote_tempo(who, dj_set.id, "faster")
    actions.vote_tempo(who, dj_set.id, "slower")
    assert queries.tempo_now(dj_set.id, clock.now()) == rules.Tempo(1, 0, 0)
    actions.vote_tempo(who, dj_set.id, "")
    assert queries.tempo_now(dj_set.id, clock.now()).voters == 0


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("slower", "perfect", "faster", "shown", "wish"),
    [
        (4, 0, 0, False, ""),
        (0, 0, 5, True, "faster"),
        (3, 1, 1, True, "slower"),
        (1, 3, 1, True, ""),
        (2, 1, 2, True, ""),
    ],
)
def test_totals_speak_from_five_voices_on(slower, perfect, faster, shown, wish):
    tempo = rules.Tempo(slower, perfect, faster)
    assert (tempo.is_shown, tempo.wish) == (shown, wish)


def test_curve_keeps_nothing_of_four_voters(night, session, dj_set):
    vote_all(dj_set, *["faster"] * 4)
    actions.sweep()
    assert session.query(TempoReading).count() == 0
    vote_all(dj_set, "perfect")
    actions.sweep()
    actions.sweep()
    session.rollback()
    assert [(r.slower, r.perfect, r.faster) for r in session.query(TempoReading)] == [(0, 1, 4)]


# ---- polls ----


def poll_ids(dj_set, poll_id):
    poll = queries.poll_of(dj_set.id, poll_id)
    return poll.id, [option.public_id for option in poll.options], [option.id for option in poll.options]


def test_one_vote_per_dancer_which_may_change_until_it_closes(night, dj_set):
    poll_id = actions.ask(dj_set.id, "What next?", ["Blues", "Soul"], 60)
    number, (blues, soul), (blues_id, soul_id) = poll_ids(dj_set, poll_id)
    who = guest()
    actions.vote_poll(who, dj_set.id, poll_id, blues)
    actions.vote_poll(guest(), dj_set.id, poll_id, blues)
    actions.vote_poll(who, dj_set.id, poll_id, soul)
    assert queries.poll_counts(number) == {blues_id: 1, soul_id: 1}
    night.shift(60)
    with pytest.raises(rules.PollOver):
        actions.vote_poll(who, dj_set.id, poll_id, blues)
    assert queries.poll_counts(number) == {blues_id: 1, soul_id: 1}


def test_server_closes_it_on_read_and_by_the_sweep(night, dj_set):
    poll_id = actions.ask(dj_set.id, "What next?", ["Blues", "Soul"], 30)
    assert queries.poll_of(dj_set.id, poll_id).is_open(clock.now())
    night.shift(30)
    found = queries.poll_of(dj_set.id, poll_id)
    assert (found.is_open(clock.now()), found.closed_at) == (False, None)
    actions.sweep()
    found = queries.poll_of(dj_set.id, poll_id)
    assert found.closed_at == found.closes_at == NIGHT + timedelta(seconds=30)
    night.shift(181)
    assert queries.poll_on_show(dj_set.id, clock.now()) is None


def test_one_question_at_a_time_and_a_prepared_one_later(night, dj_set):
    later = actions.prepare(dj_set.id, "Last song?", ["Slow", "Fast"], 60)
    first = actions.ask(dj_set.id, "What next?", ["Blues", "Soul"], 60)
    with pytest.raises(rules.PollRunning):
        actions.open_poll(dj_set.id, later)
    actions.close_poll(dj_set.id, first)
    actions.open_poll(dj_set.id, later)
    with pytest.raises(rules.PollOver):
        actions.open_poll(dj_set.id, later)
    assert queries.poll_on_show(dj_set.id, clock.now()).public_id == later


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("question", "options", "seconds", "field"),
    [
        ("", ["a", "b"], 60, "question"),
        ("What?", ["a"], 60, "option-2"),
        ("What?", ["a", "A"], 60, "options"),
        ("What?", list("abcdef"), 60, "options"),
        ("What?", ["a", "b"], 5, "seconds"),
    ],
)
def test_bad_question_is_refused_at_its_field(question, options, seconds, field):
    with pytest.raises(rules.BadPoll) as refusal:
        rules.check_poll(question, options, seconds)
    assert refusal.value.field == field


@pytest.mark.one_engine
@pytest.mark.parametrize(("votes", "shares"), [([1, 1, 1], [34, 33, 33]), ([0, 0], [0, 0]), ([2, 1], [67, 33])])
def test_shares_add_up(votes, shares):
    assert [row.percent for row in rules.results([str(n) for n in votes], votes)] == shares


# ---- that one, and being here ----


def test_saved_minute_knows_the_song_or_learns_it_later(night, dj_set):
    who = guest()
    play(dj_set, "One")
    night.shift(70)
    actions.save_minute(who, dj_set.id)
    actions.save_minute(who, dj_set.id)
    night.shift(400)
    play(dj_set, "Two")
    night.shift(10)
    other = guest()
    actions.save_minute(other, dj_set.id, waited=timedelta(seconds=300))
    (mine,), (theirs,) = queries.minutes_of(who), queries.minutes_of(other)
    assert (mine.play.title, theirs.play.title) == ("One", "One")
    silent = begin(factories.person("ana", "Ana Ribeiro"))
    actions.save_minute(who, silent.id)
    night.shift(200)
    sent = clock.now()
    actions.play(silent.id, Song("Found"), tapped_at=sent - timedelta(seconds=200), sent_at=sent)
    minute = queries.minutes_of(who, silent.id)[0]
    assert minute.play is None
    assert ledger.song_of_minute(minute, queries.plays_of(silent.id)).title == "Found"


def test_visit_opens_once_stays_with_taps_and_closes_by_leaving_or_idling(night, session, dj_set):
    who, other = guest(), guest()
    actions.here(who, dj_set.id)
    play(dj_set, "One")
    actions.here(other, dj_set.id)
    night.shift(15 * 60)
    actions.here(who, dj_set.id)
    assert queries.present(dj_set.id, clock.now()) == 2
    night.shift(10 * 60)
    assert queries.present(dj_set.id, clock.now()) == 1
    actions.sweep()
    left = queries.visits_of(other)[0]
    assert (left.joined_at, left.left_at) == (NIGHT, NIGHT)
    actions.leave(who, dj_set.id)
    assert queries.visits_of(who)[0].left_at == clock.now()
    actions.here(who, dj_set.id)
    assert len(queries.visits_of(who)) == 2


def test_end_of_the_set_closes_visits_and_forgetting_is_only_ones_own(night, dj_set):
    who, other = guest(), guest()
    actions.here(who, dj_set.id)
    actions.here(other, dj_set.id)
    actions.end(dj_set.id)
    visit = queries.visits_of(who)[0]
    assert visit.left_at is not None
    actions.forget(other, visit.public_id)
    assert len(queries.visits_of(who)) == 1
    actions.forget(who, visit.public_id)
    assert queries.visits_of(who) == []
    with pytest.raises(rules.SetOver):
        actions.here(who, dj_set.id)
