"""The set builder: what it leaves out, what it keeps fixed, and that its order is as good as it says."""

from __future__ import annotations

from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.music.keys import Key
from app.music.setbuilder import search
from app.music.setbuilder.build import NothingToBuild, order, suggest
from app.music.setbuilder.objective import PARTS, Plan, Song, Weights, cost, parts_of, wave, wheel_distance
from app.music.setbuilder.search import Costs

PLAN = Plan(minutes=30)


def a_song(number: int, **values: object) -> Song:
    return Song(id=str(number), work=f"work {number}", **values)  # type: ignore[arg-type]


def a_pool(size: int, seed: int = 1) -> list[Song]:
    chance = Random(seed)
    return [
        a_song(
            number,
            artist=f"artist {chance.randrange(size // 2 + 1)}",
            bpm=float(chance.randrange(80, 116)),
            seconds=float(chance.randrange(150, 280)),
            energy=chance.randrange(1, 6),
            familiarity=chance.randrange(1, 6),
            genre=chance.choice(["pop", "blues", "soul"]),
            key=Key(chance.randrange(12), chance.random() < 0.5),
        )
        for number in range(size)
    ]


@pytest.mark.parametrize("size", [2, 5, 7])
def test_order_of_few_songs_is_the_best_there_is(size: int) -> None:
    for seed in range(4):
        songs = a_pool(size, seed)
        plan = Plan(minutes=sum(song.length for song in songs) / 60)
        best = min(cost(trial, plan) for trial in permutations(songs))
        assert cost(order(songs, plan), plan) == pytest.approx(best)


@given(st.integers(9, 25), st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_order_is_never_worse_than_two_opt(size: int, seed: int) -> None:
    songs = a_pool(size, seed)
    plan = Plan(minutes=sum(song.length for song in songs) / 60)
    costs, places = Costs(songs, plan, size), list(range(size))
    rivals = [
        search.two_opt(costs, places, places),
        search.two_opt(costs, search.greedily(costs, places, places), places),
    ]
    assert cost(order(songs, plan), plan) <= min(cost([songs[n] for n in one], plan) for one in rivals) + 1e-6


@given(st.integers(2, 30), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_prices_looked_up_equal_the_parts_shown(size: int, seed: int) -> None:
    songs = a_pool(size, seed)
    plan = Plan(minutes=60, weights=Weights(harmony=1.0))
    costs, places = Costs(songs, plan, size), list(range(size))
    assert costs.of(places) + costs.choice(places) == pytest.approx(sum(parts_of(songs, plan).values()))


@given(st.integers(12, 30), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_a_moves_price_is_the_difference_of_the_whole(size: int, seed: int) -> None:
    songs = a_pool(size, seed)
    costs, places, chance = Costs(songs, PLAN, size - 4), list(range(size - 4)), Random(seed)
    spare = list(range(size - 4, size))
    before = costs.of(places)
    move, _out = search._a_move(places, list(range(size - 4)), spare, chance)
    change = search._change(costs, places, move)
    assert costs.of(places) - before == pytest.approx(change, abs=1e-9)


def test_the_same_input_gives_the_same_set_and_another_seed_may_not() -> None:
    pool = a_pool(60)
    plans = [Plan(minutes=60, seed=seed) for seed in (7, 7, 8)]
    first, again, other = [suggest(pool, plan) for plan in plans]
    assert first == again
    assert [song.id for song in first.songs] != [song.id for song in other.songs]


def test_the_set_is_as_long_as_asked_for_but_for_a_song() -> None:
    for minutes in (20, 45, 90):
        found = suggest(a_pool(80), Plan(minutes=minutes))
        mean = found.minutes / len(found.songs)
        assert abs(found.minutes - minutes) <= mean


def test_songs_outside_the_band_already_played_or_double_are_left_out_and_counted() -> None:
    pool = [a_song(n, bpm=95.0) for n in range(6)]
    pool += [a_song(10, bpm=140.0), Song(id="11", work="work 1", bpm=96.0), a_song(12, bpm=90.0)]
    found = suggest(pool, Plan(minutes=60), played={"work 12"})
    assert found.left_out == {"played": 1, "tempo": 1, "double": 1}
    assert {song.id for song in found.songs} == {"0", "1", "2", "3", "4", "5"}


def test_an_unknown_tempo_is_no_reason_to_leave_a_song_out() -> None:
    found = suggest([a_song(1), a_song(2, bpm=100.0)], Plan(minutes=6))
    assert len(found.songs) == 2


def test_fixed_songs_stay_where_they_are_even_against_the_rules() -> None:
    pool = [*a_pool(40), a_song(99, bpm=150.0)]
    found = suggest(pool, Plan(minutes=45), played={"work 3"}, fixed={0: "99", 4: "3"})
    assert (found.songs[0].id, found.songs[4].id) == ("99", "3")
    assert len({song.work for song in found.songs}) == len(found.songs)


def test_a_fixed_song_that_is_gone_is_passed_over() -> None:
    assert suggest(a_pool(10), Plan(minutes=15), fixed={2: "gone"}).songs


def test_nothing_left_says_what_to_do() -> None:
    with pytest.raises(NothingToBuild, match="Widen the band"):
        suggest([a_song(1, bpm=60.0)], PLAN)


def test_all_parts_are_shown_and_harmony_is_nothing_unless_wished_for() -> None:
    songs = a_pool(12)
    assert tuple(parts_of(songs, PLAN)) == PARTS
    assert parts_of(songs, PLAN)["harmony"] == 0
    assert parts_of(songs, Plan(minutes=30, weights=Weights(harmony=1.0)))["harmony"] > 0


def test_the_wave_begins_low_stays_in_the_band_and_swings_less_later() -> None:
    plan = Plan(minutes=120, low_bpm=80, high_bpm=120)
    line = [wave(plan, minute) for minute in range(121)]
    assert line[0] == min(line) == 80
    assert max(line) <= 120
    early, late = line[:60], line[60:]
    assert max(late) - min(late) < max(early) - min(early)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        (Key(9, False), Key(9, False), 0),  # 8A, 8A
        (Key(9, False), Key(4, False), 0),  # 8A, 9A: a fifth
        (Key(9, False), Key(0, True), 0),  # 8A, 8B: relative
        (Key(9, False), Key(7, True), 1),  # 8A, 9B: the disputed diagonal
        (Key(9, False), Key(11, False), 1),  # 8A, 10A
        (Key(0, True), Key(6, True), 5),  # 8B, 2B: across the wheel
    ],
)
def test_distance_on_the_wheel(one: Key, other: Key, distance: int) -> None:
    assert wheel_distance(one, other) == wheel_distance(other, one) == distance


def test_the_same_energy_twice_and_a_drastic_change_cost_a_step_does_not() -> None:
    def energy(*levels: float) -> float:
        return parts_of([a_song(n, energy=level) for n, level in enumerate(levels)], PLAN)["energy"]

    assert energy(3, 3) == 1
    assert energy(3, 4) == 0
    assert energy(2, 5) == 2


def test_two_fast_songs_in_a_row_cost() -> None:
    plan = Plan(minutes=30, low_bpm=80, high_bpm=120)  # fast from 112
    fast, calm = a_song(1, bpm=115.0), a_song(2, bpm=95.0)
    assert parts_of([fast, a_song(3, bpm=114.0)], plan)["fast"] > 0
    assert parts_of([fast, calm], plan)["fast"] == 0


def test_an_order_from_the_pool_has_few_equal_energies_in_a_row() -> None:
    found = suggest(a_pool(80), Plan(minutes=60))
    repeats = sum(one.energy == other.energy for one, other in pairwise(found.songs))
    assert repeats <= len(found.songs) / 10
