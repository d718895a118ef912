"""Sets begin, end and pass on; the no-repeat ledger of a weekend; hints of tempo; feed tokens; who may listen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.floor import actions, hints, live, queries, rules
from app.floor.models import DjSet
from app.lib import clock
from app.live import topics
from app.music.names import work_key
from app.music.tempo import DEFAULT_BANDS
from app.people.viewer import Viewer
from tests import factories
from tests.floor.conftest import begin, play, titles

NIGHT = datetime(2026, 6, 13, 21, 40, tzinfo=UTC)  # 23:40 in Budapest, Saturday


@pytest.fixture
def night():
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ana(session):
    return factories.person("ana", "Ana Ribeiro")


def fresh(dj_set):
    from app.db import db

    db.session.rollback()
    return db.session.get(DjSet, dj_set.id)


def test_code_has_six_signs_without_look_alikes_and_any_case_opens_it(night, dj_set):
    assert len(dj_set.code) == 6
    assert not set(dj_set.code) & set("01ilo")
    assert queries.set_by_code(dj_set.code.upper()).id == dj_set.id


def test_dj_plays_one_set_at_a_time(night, jo, dj_set):
    play(dj_set, "One")
    night.shift(60)
    begin(jo)
    assert fresh(dj_set).state == "ended"
    assert titles(dj_set, "played") == ["One"]


def test_change_at_the_decks_of_a_slot_clears_the_former_song(night, jo, ana):
    event = factories.event()
    slot = factories.slot(event, "Social", "22:00", "27:00", kind="social")
    first = begin(jo, event, slot_id=slot.id)
    play(first, "One")
    night.shift(60)
    second = begin(ana, event, slot_id=slot.id)
    assert (fresh(first).state, second.handed_over_from_id) == ("ended", first.id)
    assert queries.now_playing(second, clock.now()) is None
    assert queries.live_set_of_slot(slot.public_id).id == second.id


def test_handing_over_takes_two_taps(night, jo, ana, dj_set):
    play(dj_set, "One")
    actions.line_up(dj_set.id, actions.Song("Coming", "Somebody", bpm=99))
    with pytest.raises(rules.SetOver):
        actions.take_over(ana, dj_set.public_id)
    actions.offer(dj_set.id, ana, note="Slow it down", do_not_play="Anything twice")
    assert fresh(dj_set).is_live
    assert [found.id for found in queries.offered_to(ana)] == [dj_set.id]
    with pytest.raises(rules.SetOver):
        actions.take_over(factories.person("nina"), dj_set.public_id)
    made = queries.own_set(Viewer(ana), actions.take_over(ana, dj_set.public_id, with_line=True))
    assert (fresh(dj_set).state, made.state, made.do_not_play) == ("ended", "live", "Anything twice")
    assert queries.successor_of(fresh(dj_set)).id == made.id
    assert [(entry.title, entry.bpm) for entry in queries.next_up(made.id)] == [("Coming", 99)]
    with pytest.raises(rules.SetOver):
        actions.take_over(ana, dj_set.public_id)


def test_offer_may_be_withdrawn_and_names_somebody(night, jo, ana, dj_set):
    with pytest.raises(rules.NobodyToTakeOver):
        actions.offer(dj_set.id, None, note="", do_not_play="")
    actions.offer(dj_set.id, ana, note="", do_not_play="")
    actions.withdraw_offer(dj_set.id)
    with pytest.raises(rules.SetOver):
        actions.take_over(ana, dj_set.public_id)


def test_two_who_take_over_at_once_make_one_set(app, session, race, jo, ana, dj_set):
    actions.offer(dj_set.id, ana, note="", do_not_play="")
    set_id, ana_id = dj_set.public_id, ana.id

    def take(_number):
        from app.db import db
        from app.people.models import Person

        return actions.take_over(db.session.get(Person, ana_id), set_id)

    outcomes = race(take, times=4)
    assert sum(isinstance(made, str) for made in outcomes) == 1
    assert {type(made) for made in outcomes} == {str, rules.SetOver}


def test_repeats_over_all_djs_of_the_event_catch_remix_and_cover(night, jo, ana):
    event = factories.event()
    first = begin(ana, event)
    play(first, "Tennessee Whiskey", "Chris Stapleton")
    night.shift(24 * 3600)
    second = begin(jo, event)
    key = work_key("Somebody Else", "Tennessee Whiskey (Slow Remix)")
    found = queries.repeats(second, [key, work_key("", "Another")])
    assert [repeat.words(factories.BUDAPEST, clock.now()) for repeat in found[key]] == ["played Sat 23:40, DJ Ana"]
    assert len(found) == 1
    elsewhere = begin(factories.person("tess"))
    assert queries.repeats(elsewhere, [key]) == {}


def test_what_was_taken_back_is_no_repeat(night, dj_set):
    one = play(dj_set, "One")
    actions.undo(dj_set.id, one)
    assert queries.repeats(dj_set, [work_key("", "One")]) == {}


@pytest.mark.one_engine
def test_words_of_a_repeat():
    repeat = hints.Repeat(NIGHT, "DJ Ana Ribeiro", "t", "a", exact=True)
    assert repeat.words(factories.BUDAPEST, NIGHT + timedelta(hours=2)) == "played 23:40, DJ Ana"
    assert hints.Repeat(NIGHT, "Ana", "t", "a", exact=False).words("UTC", NIGHT).startswith("another version 21:40")


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("played", "coming", "minutes", "starts"),
    [
        ([], 130, 5, "Warm-up"),
        ([], 90, 5, ""),
        ([127.0], 126, 60, "Two fast"),
        ([127.0, 100.0], 126, 60, ""),
        ([70.0], 118, 60, "A leap from 70 to 118"),
        ([70.0], None, 60, ""),
        ([None], 126, 60, ""),
    ],
)
def test_tempo_hints(played, coming, minutes, starts):
    words = hints.tempo_hint(played, coming, DEFAULT_BANDS["wcs"], since_start=timedelta(minutes=minutes))
    assert words.startswith(starts)
    assert bool(words) == bool(starts)


def test_token_opens_until_it_is_revoked(night, session, jo):
    secret = actions.make_token(jo.id, "Laptop")
    found = queries.feed_token(secret)
    assert (found.person_id, found.label) == (jo.id, "Laptop")
    assert secret not in found.token_digest
    actions.revoke_token(factories.person("nina").id, found.public_id)
    assert queries.feed_token(secret) is not None
    actions.revoke_token(jo.id, found.public_id)
    assert queries.feed_token(secret) is None


def test_booth_is_heard_by_its_dj_alone_and_a_hidden_events_floor_by_nobody_else(night, jo):
    dj_set = begin(jo)
    hidden = begin(factories.person("ana", "Ana Ribeiro"), factories.event("hidden", published_at=None))
    stranger = Viewer()
    assert topics.allowed(stranger, live.floor_topic(dj_set.code))
    assert not topics.allowed(stranger, live.booth_topic(dj_set.code))
    assert topics.allowed(Viewer(jo), live.booth_topic(dj_set.code))
    assert not topics.allowed(stranger, live.floor_topic(hidden.code))
    assert not topics.allowed(stranger, live.floor_topic("zzzzzz"))
