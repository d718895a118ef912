"""Builds a suggestion: leaves out what may not be played, chooses as many songs as the minutes hold, orders them.

The order is never worse than 2-opt's: its result is one of the starts, and only something cheaper replaces it. Up to
eight songs without a pool the best order there is comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from app.lib.refusal import Refusal
from app.music.setbuilder import search
from app.music.setbuilder.objective import Plan, Song, parts_of, wished_at
from app.music.setbuilder.search import EXACT_MAX, Costs

ROUNDS = 6000  # of annealing, per start
POOL_MAX = 400  # songs looked at: those nearest to what the wave asks for


class NothingToBuild(Refusal):
    """No song is left after the band and the no-repeat rule."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An order, its cost by part (lower is better), and what was left out, as counts by reason."""

    songs: tuple[Song, ...]
    parts: dict[str, float]
    left_out: dict[str, int]

    @property
    def minutes(self) -> float:
        return sum(song.length for song in self.songs) / 60

    @property
    def cost(self) -> float:
        return sum(self.parts.values())


def suggest(
    pool: Sequence[Song], plan: Plan, *, played: Collection[str] = (), fixed: Mapping[int, str] | None = None
) -> Suggestion:
    """A set for this plan. `played`: works that must not come again; `fixed`: place (from 0) -> id that stays there.

    Raises NothingToBuild.
    """
    pinned = _pinned(pool, fixed or {})
    songs, left_out = _usable(pool, plan, played, {song.id for song in pinned.values()})
    songs += [song for song in pinned.values() if song not in songs]
    if not songs:
        message = "No song of your crate is in this tempo band and unplayed. Widen the band, or allow repeats."
        raise NothingToBuild(message)
    count = min(len(songs), max(_count(songs, plan), 1 + max(pinned, default=0)))
    numbers = {song.id: number for number, song in enumerate(songs)}
    places = {place: numbers[song.id] for place, song in pinned.items() if place < count}
    costs = Costs(songs, plan, count)
    chosen, free, spare = _first_choice(costs, places)
    best = _best(costs, chosen, free, spare, plan.seed)
    ordered = tuple(songs[number] for number in best)
    return Suggestion(ordered, parts_of(ordered, plan), left_out)


def order(songs: Sequence[Song], plan: Plan) -> tuple[Song, ...]:
    """All of these songs in the best order found: what the benchmark compares."""
    if not songs:
        return ()
    costs = Costs(songs, plan, len(songs))
    places = list(range(len(songs)))
    best = _best(costs, places, places, [], plan.seed)
    return tuple(songs[number] for number in best)


def _pinned(pool: Sequence[Song], fixed: Mapping[int, str]) -> dict[int, Song]:
    by_id = {song.id: song for song in pool}
    return {place: by_id[song_id] for place, song_id in sorted(fixed.items()) if song_id in by_id}


def _usable(
    pool: Sequence[Song], plan: Plan, played: Collection[str], kept: Collection[str]
) -> tuple[list[Song], dict[str, int]]:
    """The songs that may be taken, each work once, the nearest to the plan's band first; and why the others may not."""
    songs: list[Song] = []
    left_out = {"played": 0, "tempo": 0, "double": 0}
    works = {song.work for song in pool if song.id in kept}
    for song in pool:
        reason = "" if song.id in kept else _why_not(song, plan, played, works)
        if reason:
            left_out[reason] += 1
            continue
        works.add(song.work)
        songs.append(song)
    chance = Random(plan.seed)  # noqa: S311  (a choice of songs, no secret)
    order = {song.id: chance.random() for song in songs}
    songs.sort(key=lambda song: (song.id not in kept, song.bpm is None, order[song.id]))
    return songs[:POOL_MAX], left_out


def _why_not(song: Song, plan: Plan, played: Collection[str], works: Collection[str]) -> str:
    if song.work in played:
        return "played"
    if song.work in works:
        return "double"
    return "tempo" if song.bpm is not None and not plan.low_bpm <= song.bpm <= plan.high_bpm else ""


def _count(songs: Sequence[Song], plan: Plan) -> int:
    """How many songs fill the minutes, at the pool's mean length."""
    mean = sum(song.length for song in songs) / len(songs)
    return max(1, round(plan.minutes * 60 / mean))


def _first_choice(costs: Costs, pinned: Mapping[int, int]) -> tuple[list[int], list[int], list[int]]:
    """Places filled by the song nearest to the wave: (order, free places, songs left over)."""
    free = [place for place in range(costs.count) if place not in pinned]
    taken = set(pinned.values())
    spare = [number for number in range(len(costs.songs)) if number not in taken]
    chosen = [pinned.get(place, -1) for place in range(costs.count)]
    for place in free:
        nearest = min(spare, key=lambda number: (costs.at(number, place), number))
        chosen[place] = nearest
        spare.remove(nearest)
    return chosen, free, spare


def _best(costs: Costs, chosen: list[int], free: list[int], spare: list[int], seed: int) -> list[int]:
    if len(free) <= EXACT_MAX and not spare:
        return search.exactly(costs, chosen, free)
    starts = [search.two_opt(costs, chosen, free), search.two_opt(costs, search.greedily(costs, chosen, free), free)]
    found = list(starts)
    for number, start in enumerate(starts):
        chance = Random(seed * 1000 + number)  # noqa: S311  (see above)
        # both starts hold the same songs, so the same ones are spare
        better = search.anneal(costs, start, free, spare, chance, ROUNDS)
        found.append(search.two_opt(costs, better, free))
    return min(found, key=lambda one: costs.of(one) + costs.choice(one))


def wished_tempos(plan: Plan, count: int) -> list[float]:
    """The wave at each of `count` places: the line behind the suggestion's own."""
    return [wished_at(plan, count, place) for place in range(count)]
