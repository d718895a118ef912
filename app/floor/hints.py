"""What the booth says of tempos and repeats: chips that warn and never forbid. Pure.

Two in the highest bands one after the other tire a floor, and the first quarter of an hour warms it up: house rules of
many clubs (DJ-DATA, section on tempo policies), said as hints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.floor.rules import Tempo
from app.lib import clock
from app.music.tempo import Band, band_of

WARM_UP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Repeat:
    """That song, or another version of it, was played before at this event. `exact`: the very recording."""

    played_at: datetime
    dj: str
    title: str
    artist: str
    exact: bool

    def words(self, zone: str, moment: datetime) -> str:
        """As in "played Fri 23:40, DJ Ana"; without the day when it was within the last 20 hours."""
        local = clock.to_local(self.played_at, zone)
        near = moment - self.played_at < timedelta(hours=20)
        when = f"{local:%H:%M}" if near else f"{local:%a %H:%M}"
        kind = "played" if self.exact else "another version"
        return f"{kind} {when}, {dj_name(self.dj)}"


def dj_name(name: str) -> str:
    """DJ Ana for Ana Ribeiro; who already calls herself DJ is not called so twice."""
    first = name.removeprefix("DJ ").split()[0] if name.removeprefix("DJ ").split() else name
    return f"DJ {first}"


def is_fast(bpm: float | None, bands: Sequence[Band]) -> bool:
    """Whether a tempo lies in the highest of these bands, or above it."""
    return bool(bands) and bpm is not None and bpm >= bands[-1].low


def tempo_hint(
    played: Sequence[float | None], coming: float | None, bands: Sequence[Band], *, since_start: timedelta
) -> str:
    """One sentence about what is lined up after what was played (oldest first); "" when there is nothing to say."""
    if coming is None or len(bands) < 2:
        return ""
    fast = bands[-1].low
    if since_start < WARM_UP and coming >= bands[-2].low:
        return f"Warm-up: the first {int(WARM_UP.total_seconds() // 60)} minutes are kinder below {bands[-2].low:.0f}."
    last = played[-1] if played else None
    if coming >= fast and last is not None and last >= fast:
        return "Two fast in a row after this."
    previous, coming_band = band_of(last, bands), band_of(coming, bands)
    if previous and coming_band and abs(bands.index(previous) - bands.index(coming_band)) >= 3:
        return f"A leap from {last:.0f} to {coming:.0f}."
    return ""


def floor_hint(tempo: Tempo) -> str:
    """What the tempo votes ask for, in words."""
    return f"The floor asks for a little {tempo.wish}." if tempo.wish else ""
