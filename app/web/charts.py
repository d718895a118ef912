"""The geometry of small charts: figures in, places in an SVG's own units out. templates/shared/_chart.html draws them.

Pure. A chart is 320 wide; nothing here knows what the figures mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 320
BAR_FLOOR, BAR_TOP = 128, 20  # where bars stand, and how high the highest one reaches


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its box, the middle where words are centered, and whether it is among the highest."""

    label: str
    share: float  # of the sum, 0-1
    x: float
    y: float
    width: float
    height: float
    is_high: bool

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def percent(self) -> int:
        return round(self.share * 100)


def bars(figures: Sequence[tuple[str, float]]) -> list[Bar]:
    """Bars side by side for (label, figure) pairs. The highest, and those above 60 % of it, are marked."""
    total, most = sum(value for _, value in figures), max((value for _, value in figures), default=0)
    if not total:
        return []
    step = WIDTH / len(figures)
    drawn = []
    for place, (label, value) in enumerate(figures):
        height = round((BAR_FLOOR - BAR_TOP) * value / most, 1)
        x, y = round(place * step + step * 0.1, 1), round(BAR_FLOOR - height, 1)
        drawn.append(Bar(label, value / total, x, y, round(step * 0.8, 1), height, value >= most * 0.6))
    return drawn


def stack(figures: Sequence[tuple[str, float]]) -> list[Bar]:
    """Pieces of one lying bar, 2 apart, in the order given."""
    total = sum(value for _, value in figures)
    if not total:
        return []
    room, x, drawn = WIDTH - 2 * (len(figures) - 1), 0.0, []
    for label, value in figures:
        width = room * value / total
        drawn.append(Bar(label, value / total, round(x, 1), 4, round(width, 1), 20, is_high=False))
        x += width + 2
    return drawn


@dataclass(frozen=True, slots=True)
class Curve:
    """A line over places 0 … n-1: `path` for one stroke per unbroken run, `dots` as (x, y, value), its scale."""

    path: str
    area: str
    dots: tuple[tuple[float, float, float], ...]
    low: float
    high: float


def curve(
    values: Sequence[float | None], *, low: float | None = None, high: float | None = None, height: float = 108
) -> Curve:
    """A curve of values in order; None leaves a gap. The scale is the values' own unless `low` and `high` are given."""
    known = [value for value in values if value is not None]
    low = min(known, default=0.0) if low is None else low
    high = max(known, default=1.0) if high is None else high
    reach = (high - low) or 1.0
    step = WIDTH / max(1, len(values) - 1)

    def point(place: int, value: float) -> tuple[float, float, float]:
        inside = min(max((value - low) / reach, 0.0), 1.0)
        return round(place * step, 1), round(BAR_TOP + height * (1 - inside), 1), value

    dots = {place: point(place, value) for place, value in enumerate(values) if value is not None}
    runs = _runs(sorted(dots))
    strokes = [" L".join(f"{dots[place][0]} {dots[place][1]}" for place in run) for run in runs]
    floor = BAR_TOP + height
    path = " ".join("M" + stroke for stroke in strokes)
    area = " ".join(
        f"M{dots[run[0]][0]} {floor} L{stroke} L{dots[run[-1]][0]} {floor} Z"
        for run, stroke in zip(runs, strokes, strict=True)
    )
    return Curve(path, area, tuple(dots[place] for place in sorted(dots)), low, high)


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Places in a row, split where one is missing."""
    if not places:
        return []
    runs = [[places[0]]]
    for before, place in pairwise(places):
        if place == before + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs
