"""Tempos: which range a dance is danced in, bands with names, half and double time. Pure.

Sources: club policies and 1,787 real West Coast Swing tracks (5 % at 75, median 95, 95 % at 124 BPM; 16 % of files say
double time); other dances by their usual social tempos. A DJ's own bands (TempoBand) come before the defaults here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dance:
    """A dance and the range that its music is folded into: halved while above `high`, doubled while below `low`.

    Without a range nothing is ever folded.
    """

    slug: str
    name: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of tempos; `low` belongs to it, `high` to the next one."""

    name: str
    low: float
    high: float

    def holds(self, bpm: float | None) -> bool:
        return bpm is not None and self.low <= bpm < self.high


WCS = Dance("wcs", "West Coast Swing", 60, 138)
DANCES = {
    dance.slug: dance
    for dance in (
        WCS,
        Dance("lindy", "Lindy Hop", 100, 260),
        Dance("blues", "Blues", 45, 120),
        Dance("zouk", "Zouk", 55, 115),
        Dance("salsa", "Salsa", 140, 260),
        Dance("bachata", "Bachata", 100, 180),
        Dance("kizomba", "Kizomba", 70, 110),
        Dance("tango", "Tango", 50, 140),
        Dance("hustle", "Hustle", 95, 140),
        Dance("other", "Any other dance"),
    )
}

DEFAULT_BANDS = {
    "wcs": (
        Band("Slow", 60, 80), Band("Relaxed", 80, 95), Band("Medium", 95, 110), Band("Lively", 110, 125),
        Band("Fast", 125, 139),
    ),
    "lindy": (Band("Slow", 100, 130), Band("Medium", 130, 165), Band("Lively", 165, 200), Band("Fast", 200, 261)),
    "blues": (Band("Slow", 45, 65), Band("Medium", 65, 90), Band("Upbeat", 90, 121)),
    "zouk": (Band("Slow", 55, 70), Band("Medium", 70, 90), Band("Fast", 90, 116)),
    "salsa": (Band("Slow", 140, 170), Band("Medium", 170, 200), Band("Fast", 200, 261)),
    "bachata": (Band("Slow", 100, 120), Band("Medium", 120, 140), Band("Fast", 140, 181)),
    "kizomba": (Band("Slow", 70, 82), Band("Medium", 82, 96), Band("Fast", 96, 111)),
    "tango": (Band("Slow", 50, 65), Band("Walking", 65, 100), Band("Milonga", 100, 141)),
    "hustle": (Band("Slow", 95, 108), Band("Medium", 108, 120), Band("Fast", 120, 141)),
    "other": (Band("Slow", 20, 90), Band("Medium", 90, 130), Band("Fast", 130, 301)),
}  # fmt: skip

REPAIRS = {"double": 2.0, "half": 0.5, "three_halves": 1.5, "two_thirds": 2 / 3}
LOWEST, HIGHEST = 20.0, 400.0  # what a repaired or tapped tempo may be


def dance_of(slug: str) -> Dance:
    """The dance of that name; West Coast Swing for one that we do not know."""
    return DANCES.get(slug, WCS)


def folded(bpm: float | None, dance: Dance) -> float | None:
    """The tempo in the dance's range by halving or doubling; as it is where the dance has none."""
    if bpm is None or bpm <= 0 or dance.low is None or dance.high is None:
        return bpm or None
    while bpm > dance.high:
        bpm /= 2
    while bpm < dance.low and bpm * 2 <= dance.high:
        bpm *= 2
    return round(bpm, 2)


def band_of(bpm: float | None, bands: Iterable[Band]) -> Band | None:
    """The first band that holds this tempo."""
    return next((band for band in bands if band.holds(bpm)), None)


def repaired(bpm: float, how: str) -> float | None:
    """The tempo after one of REPAIRS; None where it would be no tempo any more."""
    made = round(bpm * REPAIRS[how], 2)
    return made if LOWEST <= made <= HIGHEST else None
