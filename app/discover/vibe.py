"""A DJ's vibe from what they really played: tempos in steps of five, and styles. Pure: plays in, shares out.

Nothing is drawn from too few songs: it would say more of one evening than of the DJ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

LEAST_PLAYS = 30
STEP = 5  # beats a minute
STYLES_SHOWN = 4
SPREAD = 8  # bars at most: what lies outside joins the outermost ones


@dataclass(frozen=True, slots=True)
class Vibe:
    """Shares by tempo and style, the usual tempo, and of how many plays they speak. Empty lists: too little known."""

    plays: int
    tempos: tuple[tuple[str, int], ...]
    styles: tuple[tuple[str, int], ...]
    usual_bpm: int | None


def of(plays: Iterable[tuple[float | None, str | None]]) -> Vibe | None:
    """The vibe of (tempo, genre) pairs, one per play; None below thirty plays."""
    known = list(plays)
    if len(known) < LEAST_PLAYS:
        return None
    bpms = [bpm for bpm, _ in known if bpm]
    genres = [genre for _, genre in known if genre]
    return Vibe(
        len(known),
        _tempos(bpms) if len(bpms) >= LEAST_PLAYS else (),
        _styles(genres) if len(genres) >= LEAST_PLAYS else (),
        round(median(bpms)) if len(bpms) >= LEAST_PLAYS else None,
    )


def _tempos(bpms: Sequence[float]) -> tuple[tuple[str, int], ...]:
    """Counts by steps of five around the middle, lowest first; single far ones join the outermost step."""
    middle = int(median(bpms) // STEP)
    low, high = middle - SPREAD // 2, middle + SPREAD // 2 - 1
    counted = Counter(min(max(int(bpm // STEP), low), high) for bpm in bpms)
    first, last = min(counted), max(counted)
    return tuple((str(step * STEP), counted[step]) for step in range(first, last + 1))


def _styles(genres: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Counts by style, the commonest first, the rest as "Other". A track with several genres counts by its first."""
    names: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for genre in genres:
        name = genre.replace(";", ",").replace("/", ",").partition(",")[0].strip()
        folded = name.casefold()
        if folded:
            names.setdefault(folded, name[:1].upper() + name[1:])
            counted[folded] += 1
    shown = counted.most_common(STYLES_SHOWN)
    rest = counted.total() - sum(count for _, count in shown)
    styles = [(names[folded], count) for folded, count in shown]
    return tuple(styles + [("Other", rest)] * (rest > 0))
