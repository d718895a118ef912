"""What makes an order good, as a cost in visible parts (lower is better). Used by the search and shown to the DJ.

Where the parts come from (a leading DJ's talk on flow, club policies, and 24 real West Coast Swing sets measured
against 200 shuffles of each): tempo is a big wave made of small waves, wider early than late; neighbors differ in
energy, but by one step; tempos are smoothed (0.77 of chance); no two fast songs in a row; no artist soon again.
Neighbors in the same key are no commoner than by chance in those sets, hence harmony counts nothing unless the DJ
says so.

Every part is a sum over single positions, or over pairs at most `REACH` songs apart, or over the whole choice: that is
what lets the search price a move by looking at its neighborhood only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.music.keys import Key

REACH = 5  # songs: how far back the objective remembers
SMALL_WAVE_MINUTES = 14.0  # two songs up, two down
BIG_WAVE_MINUTES = 45.0
FAMILIAR_FROM = 4  # on the scale 1-5
UNKNOWN_TEMPO = 1.0  # what a song without a known tempo costs, in steps of ten beats a minute
SONG_SECONDS = 200.0  # the mean of the real sets, where a song's length is unknown


@dataclass(frozen=True, slots=True)
class Song:
    """What the builder knows of a track. Unknown is None, never a guess. `work` is the no-repeat key."""

    id: str
    work: str
    artist: str = ""
    bpm: float | None = None
    seconds: float | None = None
    energy: float | None = None  # 1-5
    familiarity: int | None = None  # 1-5
    genre: str = ""
    key: Key | None = None

    @property
    def length(self) -> float:
        return self.seconds or SONG_SECONDS


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part counts. 0 switches one off."""

    wave: float = 1.0
    step: float = 2.0
    energy: float = 1.0
    fast: float = 1.5
    genre: float = 0.5
    artist: float = 2.0
    familiar: float = 1.0
    length: float = 4.0
    harmony: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for. Tempos in beats a minute; `familiar_share` of the songs should be well known, 0-1."""

    minutes: float
    low_bpm: float = 80.0
    high_bpm: float = 115.0
    familiar_share: float = 0.5
    seed: int = 1
    weights: Weights = field(default_factory=Weights)

    @property
    def fast_from(self) -> float:
        """From here on a song is fast: the upper fifth of the band."""
        return self.high_bpm - (self.high_bpm - self.low_bpm) / 5


def wave(plan: Plan, minute: float) -> float:
    """The tempo wished for at this minute: it begins low, and swings less and less far.

    The middle of the band plus a big wave of 45 minutes and a small one of 14, together as wide as the band at first
    and 60 % of it at the end.
    """
    share = min(1.0, max(0.0, minute / plan.minutes)) if plan.minutes else 0.0
    width = (plan.high_bpm - plan.low_bpm) / 2 * (1 - 0.4 * share)
    big = -math.cos(2 * math.pi * minute / BIG_WAVE_MINUTES)
    small = -math.cos(2 * math.pi * minute / SMALL_WAVE_MINUTES)
    return (plan.low_bpm + plan.high_bpm) / 2 + width * (0.6 * big + 0.4 * small)


def wheel_distance(one: Key, other: Key) -> int:
    """0 for the same key, its relative or a fifth away; else the steps around the Camelot wheel beyond that."""
    around = abs(one.number - other.number)
    around = min(around, 12 - around)
    return max(0, around - 1) if one.is_major == other.is_major else around


PARTS = ("wave", "step", "energy", "fast", "genre", "artist", "familiar", "length", "harmony")


def at_position(song: Song, wished: float, weights: Weights) -> float:
    """What a song costs where the wave wishes for this tempo."""
    off = UNKNOWN_TEMPO if song.bpm is None else abs(song.bpm - wished) / 10
    return weights.wave * off


def pair_parts(one: Song, other: Song, lag: int, plan: Plan) -> dict[str, float]:
    """What it costs that `other` comes `lag` songs after `one`, by part, unweighted."""
    parts: dict[str, float] = {}
    if one.artist and one.artist == other.artist:
        parts["artist"] = 1 / lag
    if lag <= 2 and one.genre and one.genre == other.genre:
        parts["genre"] = 1 / lag
    if lag == 1:
        parts |= _neighbors(one, other, plan)
    return parts


def _neighbors(one: Song, other: Song, plan: Plan) -> dict[str, float]:
    parts: dict[str, float] = {}
    if one.bpm is not None and other.bpm is not None:
        parts["step"] = abs(one.bpm - other.bpm) / 10
        parts["fast"] = float(min(one.bpm, other.bpm) >= plan.fast_from)
    if one.energy is not None and other.energy is not None:
        change = abs(one.energy - other.energy)
        parts["energy"] = max(0.0, 1 - 2 * change) + max(0.0, change - 1)
    if plan.weights.harmony and one.key and other.key:
        parts["harmony"] = wheel_distance(one.key, other.key) / 2
    return parts


def choice_parts(songs: Sequence[Song], plan: Plan) -> dict[str, float]:
    """What the choice of songs costs, in whatever order: its length, and its share of well-known songs."""
    if not songs:
        return {"length": plan.minutes, "familiar": 0.0}
    seconds = sum(song.length for song in songs)
    spare = seconds / len(songs)  # a song more or less is no fault
    off = max(0.0, abs(seconds - plan.minutes * 60) - spare) / 60
    rated = [song.familiarity for song in songs if song.familiarity is not None]
    known = sum(value >= FAMILIAR_FROM for value in rated)
    return {"length": off, "familiar": abs(known - plan.familiar_share * len(rated))}


def parts_of(songs: Sequence[Song], plan: Plan) -> dict[str, float]:
    """The weighted parts of an order's cost; `sum(parts.values())` is the cost. All parts are named, zero or not."""
    total = dict.fromkeys(PARTS, 0.0)
    for name, value in choice_parts(songs, plan).items():
        total[name] += value
    for place, song in enumerate(songs):
        total["wave"] += at_position(song, wished_at(plan, len(songs), place), replace(plan.weights, wave=1.0))
        for lag in range(1, min(REACH, place) + 1):
            for name, value in pair_parts(songs[place - lag], song, lag, plan).items():
                total[name] += value
    return {name: getattr(plan.weights, name) * value for name, value in total.items()}


def wished_at(plan: Plan, count: int, place: int) -> float:
    """The wave at the start of the song on this place, songs being equally long."""
    return wave(plan, plan.minutes * place / count)


def cost(songs: Sequence[Song], plan: Plan) -> float:
    """The whole cost of an order."""
    return sum(parts_of(songs, plan).values())
