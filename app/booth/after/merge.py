"""Lines up what a set's ledger says with what a history file says: by song, by order, and by time where it is known.

Pure. Global alignment of two sequences (Needleman-Wunsch): what is alike pairs, what happened in the same minute under
two names becomes a question, the rest stands alone. Files without times are matched by order alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from functools import lru_cache

from app.lib.text import fold

SAME_RECORDING, SAME_WORK, ALIKE, SAME_MINUTE = 4.0, 3.0, 2.0, 0.5
ALIKE_FROM = 0.82  # of the letters of a title
COMPARED = 100  # letters of a title
NEAR = timedelta(seconds=75)  # a tap is late by a minute, a file's second is exact
FAR = timedelta(minutes=15)  # the same song so far apart was played twice
GAP = -0.4
_NUMBERS = re.compile(r"\d+")
SHORT_SECONDS = 60  # heard less: only tried out


@dataclass(frozen=True, slots=True)
class Heard:
    """One line of either list. `at` is None where a file tells no time; `id` finds its row again."""

    id: str
    artist: str
    title: str
    song_key: str
    work_key: str
    at: datetime | None = None
    seconds: float | None = None
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the review. `kind`: same | named (the file names the song otherwise) | missing (only in the file) |
    extra (only in the ledger). `doubt` says why a missing one may not count: short | unheard | "".
    """

    kind: str
    ours: Heard | None
    file: Heard | None
    doubt: str = ""

    @property
    def key(self) -> str:
        """Names the line in a form."""
        return f"{self.ours.id if self.ours else ''}.{self.file.id if self.file else ''}"


def line_up(ours: Sequence[Heard], file: Sequence[Heard]) -> list[Line]:
    """The two lists as one, in order. Both are in order of time or as played."""
    score = [[0.0] * (len(file) + 1) for _ in range(len(ours) + 1)]
    for row in range(1, len(ours) + 1):
        score[row][0] = GAP * row
    for column in range(1, len(file) + 1):
        score[0][column] = GAP * column
    pairs: dict[tuple[int, int], float | None] = {}
    for row, mine in enumerate(ours, 1):
        for column, theirs in enumerate(file, 1):
            likeness = alike(mine, theirs)
            pairs[row, column] = likeness
            together = float("-inf") if likeness is None else score[row - 1][column - 1] + likeness
            score[row][column] = max(together, score[row - 1][column] + GAP, score[row][column - 1] + GAP)
    return _walk_back(ours, file, score, pairs)


def _walk_back(
    ours: Sequence[Heard],
    file: Sequence[Heard],
    score: Sequence[Sequence[float]],
    pairs: dict[tuple[int, int], float | None],
) -> list[Line]:
    row, column, lines = len(ours), len(file), []
    while row or column:
        likeness = pairs.get((row, column))
        if likeness is not None and score[row][column] == score[row - 1][column - 1] + likeness:
            kind = "named" if likeness < ALIKE else "same"
            lines.append(Line(kind, ours[row - 1], file[column - 1]))
            row, column = row - 1, column - 1
        elif row and (not column or score[row][column] == score[row - 1][column] + GAP):
            lines.append(Line("extra", ours[row - 1], None))
            row -= 1
        else:
            lines.append(Line("missing", None, file[column - 1], doubt_of(file[column - 1])))
            column -= 1
    return sorted_by_time(lines[::-1])


def alike(mine: Heard, theirs: Heard) -> float | None:
    """How well two lines fit, more is better; None when they cannot be one play."""
    apart = abs(mine.at - theirs.at) if mine.at and theirs.at else None
    if apart is not None and apart > FAR:
        return None
    likeness = _song_likeness(mine, theirs)
    if likeness:
        return likeness + (0.5 if apart is not None and apart <= NEAR else 0)
    return SAME_MINUTE if apart is not None and apart <= NEAR and not doubt_of(theirs) else None


def _song_likeness(mine: Heard, theirs: Heard) -> float:
    if mine.song_key == theirs.song_key:
        return SAME_RECORDING
    if mine.work_key and mine.work_key == theirs.work_key:
        return SAME_WORK
    return ALIKE if _is_a_slip(_folded(mine.title), _folded(theirs.title)) and _may_be_one(mine, theirs) else 0.0


_folded = lru_cache(maxsize=20_000)(fold)


def _may_be_one(mine: Heard, theirs: Heard) -> bool:
    """Whether the artists could be the same: one is unknown, or they share a word."""
    one, other = set(_folded(mine.artist).split()), set(_folded(theirs.artist).split())
    return not one or not other or bool(one & other)


@lru_cache(maxsize=20_000)
def _is_a_slip(one: str, other: str) -> bool:
    """Whether two titles differ by slips of the pen only. Another number is another song."""
    one, other = one[:COMPARED], other[:COMPARED]
    if 2 * min(len(one), len(other)) < ALIKE_FROM * (len(one) + len(other)):
        return False  # most pairs: every song is compared with every other one
    if _NUMBERS.findall(one) != _NUMBERS.findall(other):
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= ALIKE_FROM and matcher.ratio() >= ALIKE_FROM


def doubt_of(file: Heard) -> str:
    """Why a line of a file may not have been danced to: only listened to beforehand, or broken off at once."""
    if not file.is_public:
        return "unheard"
    return "short" if file.seconds is not None and file.seconds < SHORT_SECONDS else ""


def sorted_by_time(lines: Sequence[Line]) -> list[Line]:
    """Lines that stand alone on either side of each other go by their time, where both know it; else as they came."""
    result = list(lines)
    for index in range(1, len(result)):
        place = index
        while place and _is_before(result[place], result[place - 1]):
            result[place - 1], result[place] = result[place], result[place - 1]
            place -= 1
    return result


def _is_before(one: Line, other: Line) -> bool:
    alone = {one.kind, other.kind} == {"extra", "missing"}
    mine, theirs = _time(one), _time(other)
    return alone and mine is not None and theirs is not None and mine < theirs


def _time(line: Line) -> datetime | None:
    found = line.ours or line.file
    return found.at if found else None


def times_for(lines: Sequence[Line], starts_at: datetime, ends_at: datetime) -> dict[str, datetime]:
    """When each missing line was played: as the file says, else spread evenly between its neighbors' times."""
    found: dict[str, datetime] = {}
    waiting: list[Line] = []
    before = starts_at
    for line in [*lines, None]:
        at = ends_at if line is None else (line.ours.at if line.ours else line.file.at if line.file else None)
        if line is not None and at is None:
            waiting.append(line)
            continue
        for number, late in enumerate(waiting, 1):
            found[late.key] = before + (at - before) * number / (len(waiting) + 1) if at and at > before else before
        waiting = []
        if line is not None and at is not None:
            before = max(before, at)
            if line.kind == "missing":
                found[line.key] = at
    return found
