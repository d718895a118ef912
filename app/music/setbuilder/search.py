"""Looks for a good order of given songs, and for better songs from a pool: prices each move by its neighborhood.

`Order` keeps the cost table of a choice; `exactly` tries everything (up to eight songs), `greedily` takes the cheapest
next, `two_opt` mends by reversing stretches until nothing gets better, `anneal` also swaps, moves and exchanges songs
with the pool. Fixed places never change. Deterministic: chance comes from the `Random` given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from app.music.setbuilder.objective import REACH, Plan, Song, at_position, choice_parts, pair_parts, wished_at

EXACT_MAX = 8  # 40,320 orders: tried in a moment
EPSILON = 1e-9


class Costs:
    """Prices of single places and of pairs, worked out once per song and pair and then looked up."""

    def __init__(self, songs: Sequence[Song], plan: Plan, count: int) -> None:
        self.songs, self.plan, self.count = songs, plan, count
        self._wished = [wished_at(plan, count, place) for place in range(count)]
        self._places: dict[int, list[float]] = {}
        self._pairs: dict[tuple[int, int], list[float]] = {}

    def at(self, song: int, place: int) -> float:
        """What song number `song` costs on `place`."""
        row = self._places.get(song)
        if row is None:
            row = [at_position(self.songs[song], wished, self.plan.weights) for wished in self._wished]
            self._places[song] = row
        return row[place]

    def pair(self, one: int, other: int) -> list[float]:
        """What two songs cost each other 1, 2 … REACH places apart. Symmetric."""
        key = (one, other) if one < other else (other, one)
        row = self._pairs.get(key)
        if row is None:
            row = [self._weigh(*key, lag) for lag in range(1, REACH + 1)]
            self._pairs[key] = row
        return row

    def _weigh(self, one: int, other: int, lag: int) -> float:
        parts = pair_parts(self.songs[one], self.songs[other], lag, self.plan)
        return sum(getattr(self.plan.weights, name) * value for name, value in parts.items())

    def step(self, order: Sequence[int], place: int) -> float:
        """What the song on `place` costs there, with the songs before it."""
        song = order[place]
        total = self.at(song, place)
        for lag in range(1, min(REACH, place) + 1):
            total += self.pair(order[place - lag], song)[lag - 1]
        return total

    def stretch(self, order: Sequence[int], first: int, last: int) -> float:
        """What the places first … last cost, with the songs before them."""
        return sum(self.step(order, place) for place in range(first, min(last, len(order) - 1) + 1))

    def of(self, order: Sequence[int]) -> float:
        """The whole cost of an order, without what only depends on the choice."""
        return self.stretch(order, 0, len(order) - 1)

    def choice(self, order: Sequence[int]) -> float:
        """What the choice costs in whatever order."""
        parts = choice_parts([self.songs[number] for number in order], self.plan)
        return sum(getattr(self.plan.weights, name) * value for name, value in parts.items())


def exactly(costs: Costs, order: list[int], free: Sequence[int]) -> list[int]:
    """The best order there is: depth first over the free places, cutting every branch that is dearer already."""
    best, best_cost = list(order), costs.of(order)
    trial, may_change = list(order), set(free)

    def descend(place: int, spent: float, loose: list[int]) -> None:
        nonlocal best, best_cost
        if spent >= best_cost - EPSILON:
            return
        if place == len(trial):
            best, best_cost = list(trial), spent
            return
        for song in loose if place in may_change else [order[place]]:
            trial[place] = song
            rest = [other for other in loose if other != song]
            descend(place + 1, spent + costs.step(trial, place), rest)

    descend(0, 0.0, sorted(order[place] for place in free))
    return best


def greedily(costs: Costs, order: list[int], free: Sequence[int]) -> list[int]:
    """Place after place the song that is cheapest there; ties go to the one that came first."""
    result = list(order)
    loose = [order[place] for place in free]
    for place in free:

        def price(song: int, place: int = place) -> float:
            result[place] = song
            return costs.step(result, place)

        chosen = min(loose, key=price)
        result[place] = chosen
        loose.remove(chosen)
    return result


def two_opt(costs: Costs, order: list[int], free: Sequence[int]) -> list[int]:
    """Reverse stretches of free songs as long as that makes the order cheaper."""
    result, improved = list(order), True
    while improved:
        improved = False
        for one in range(len(free) - 1):
            for other in range(one + 1, len(free)):
                improved |= _try(costs, result, _reversed(result, free[one : other + 1]))
    return result


def _reversed(order: Sequence[int], places: Sequence[int]) -> dict[int, int]:
    return dict(zip(places, [order[place] for place in reversed(places)], strict=True))


def _change(costs: Costs, order: list[int], move: dict[int, int]) -> float:
    """Make the move and say what it changed. A song is felt by the REACH songs behind it."""
    spans = _spans(sorted(move), len(order))
    before = sum(costs.stretch(order, first, last) for first, last in spans)
    for place, song in move.items():
        order[place] = song
    return sum(costs.stretch(order, first, last) for first, last in spans) - before


def _spans(places: Sequence[int], count: int) -> list[tuple[int, int]]:
    """The stretches in which prices change, merged where they touch."""
    spans = [[place, min(place + REACH, count - 1)] for place in places]
    merged = spans[:1]
    for first, last in spans[1:]:
        if first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return [(first, last) for first, last in merged]


def _try(costs: Costs, order: list[int], move: dict[int, int]) -> bool:
    """Make the move if it makes the order cheaper."""
    back = {place: order[place] for place in move}
    if _change(costs, order, move) < -EPSILON:
        return True
    for place, song in back.items():
        order[place] = song
    return False


def anneal(
    costs: Costs, order: list[int], free: Sequence[int], pool: Sequence[int], chance: Random, rounds: int
) -> list[int]:
    """Swap, move, reverse and exchange with the pool, at first also for the worse; the best order met is returned."""
    if len(free) < 2 and not pool:
        return list(order)
    result, spare = list(order), list(pool)
    choice = costs.choice(result)
    now = costs.of(result) + choice
    best, best_cost = list(result), now
    for turn in range(rounds):
        heat = 1.5 * (1 - turn / rounds) ** 2 + 1e-6
        move, out = _a_move(result, free, spare, chance)
        back = {place: result[place] for place in move}
        change = _change(costs, result, move)
        fresh = costs.choice(result) if out is not None else choice
        change += fresh - choice
        if change <= 0 or chance.random() < math.exp(-change / heat):
            now, choice = now + change, fresh
            if out is not None:
                place = next(iter(move))
                spare[out] = back[place]
            if now < best_cost - EPSILON:
                best, best_cost = list(result), now
            continue
        for place, song in back.items():
            result[place] = song
    return best


def _a_move(
    order: Sequence[int], free: Sequence[int], spare: Sequence[int], chance: Random
) -> tuple[dict[int, int], int | None]:
    """A random move: places -> their new songs, and the number of the spare song used, if one is."""
    kind = chance.random()
    if spare and (kind < 0.3 or len(free) < 2):
        out = chance.randrange(len(spare))
        return {chance.choice(free): spare[out]}, out
    one, other = sorted(chance.sample(range(len(free)), 2))
    places = free[one : other + 1]
    if kind < 0.55:
        return {free[one]: order[free[other]], free[other]: order[free[one]]}, None
    if kind < 0.8:
        return _reversed(order, places), None
    return _shifted(order, places, forward=chance.random() < 0.5), None


def _shifted(order: Sequence[int], places: Sequence[int], *, forward: bool) -> dict[int, int]:
    """Take the first song of a stretch behind its end, or the last one before its start."""
    songs = [order[place] for place in places]
    songs = [*songs[1:], songs[0]] if forward else [songs[-1], *songs[:-1]]
    return dict(zip(places, songs, strict=True))
