"""Text as rows under a header: delimiter, header line and a cut-off end are found out. Pure; raises Unreadable."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from app.music.readers import values
from app.music.readers.items import ITEMS_MAX, TooMany, Unreadable
from app.music.readers.texts import CUT_OFF
from app.music.readers.titles import field_of

COLUMNS_MAX = 120
CELL_MAX = 1_000_000  # letters
ROWS_ABOVE = 10_000  # headings and empty rows that a table of the greatest length may have besides


@dataclass(slots=True)
class Table:
    """Rows under a header. `numbers` are the rows' numbers in the file."""

    header: list[str]
    rows: list[list[str]]
    numbers: list[int] = field(default_factory=list)
    delimiter: str = ","


def parse(text: str) -> Table | None:
    """The table in this text; None when it is none. Raises Unreadable when it was cut off."""
    text = text.lstrip("\ufeff")
    delimiter = _delimiter(text)
    if delimiter is None:
        return None
    rows = _rows(text, delimiter)
    return made(rows, delimiter, is_closed=text.endswith(("\n", "\r")))


def made(rows: Sequence[list[str]], delimiter: str, *, is_closed: bool) -> Table | None:
    """A table of these rows: the header is the first of them that knows a title or an artist, else the first."""
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    if not numbered:
        return None
    at = next((n for n, (_, row) in enumerate(numbered[:15]) if is_header(row)), None)
    if at is None and _is_data([row for _, row in numbered[:20]]):
        header, body = [""] * min(len(numbered[0][1]), COLUMNS_MAX), numbered
    else:
        header = [values.clean(cell, 80) for cell in numbered[at or 0][1]][:COLUMNS_MAX]
        body = numbered[(at or 0) + 1 :]
    if len(header) < 2 and not is_header(header):
        return None
    _check_end([row for _, row in body], len(header), is_closed=is_closed)
    return Table(header, [row for _, row in body], [number for number, _ in body], delimiter)


def _is_data(rows: Sequence[list[str]]) -> bool:
    """Whether the first row is one like the others: a cell with figures has the shape of nearly all below it."""
    first, below = rows[0], rows[1:]
    for number, cell in enumerate(first):
        shapes = [_shape(row[number]) for row in below if number < len(row)]
        if re.search(r"\d", cell) and len(shapes) > 1 and shapes.count(_shape(cell)) >= 0.8 * len(below):
            return True
    return False


def _shape(cell: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", cell[:80]))


def _delimiter(text: str) -> str | None:
    """The sign by which the first lines fall into the same number of cells, most of them."""
    head = "\n".join(re.split(r"\r\n|\n|\r", text[:60_000])[:60])
    best, score = None, 0.0
    for sign in "\t;,|":
        counts = Counter(len(row) for row in _lenient(head, sign) if row)
        width, times = max(counts.items(), key=lambda pair: (pair[1] * (pair[0] > 1), pair[0]), default=(1, 0))
        worth = times / max(1, sum(counts.values())) * min(width, 12) if width > 1 else 0
        if worth > score * 1.05:
            best, score = sign, worth
    return best


def _lenient(text: str, sign: str) -> list[list[str]]:
    if sign == "\t" and not text.lstrip().startswith('"'):
        return _counted(csv.reader(io.StringIO(text, newline=""), delimiter=sign, quoting=csv.QUOTE_NONE))
    return _counted(csv.reader(io.StringIO(text, newline=""), delimiter=sign))


def _counted(rows: Iterable[list[str]]) -> list[list[str]]:
    """The rows, as far as a library may reach: nobody waits for millions of rows that are refused in the end."""
    found = list(islice(rows, ITEMS_MAX + ROWS_ABOVE))
    if len(found) == ITEMS_MAX + ROWS_ABOVE:
        raise TooMany
    return found


def _rows(text: str, sign: str) -> list[list[str]]:
    csv.field_size_limit(CELL_MAX)
    if any(len(line) > CELL_MAX for line in text.replace("\r", "\n").split("\n")):
        raise Unreadable("A line of this table is longer than any title. It may be damaged.")
    text = text.replace("\r\r\n", "\r\n")  # Mixxx on Windows
    if sign == "\t" and not text.startswith('"'):
        return _lenient(text, sign)
    try:
        return _counted(csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise Unreadable(CUT_OFF) from error
    try:
        return _lenient(text, sign)
    except csv.Error as error:
        raise Unreadable("A cell of this table is longer than any title. It may be damaged.") from error


def _check_end(body: list[list[str]], width: int, *, is_closed: bool) -> None:
    """A last row without a line's end was cut off where it is shorter than all others, or its last cell is."""
    if is_closed or not body:
        return
    full = sum(len(row) >= width for row in body[:-1])
    if len(body[-1]) < width and full >= 0.9 * (len(body) - 1):
        raise Unreadable(CUT_OFF)
    others = [row[-1] for row in body[:-1] if len(row) == width and row[-1]]
    if len(body[-1]) == width and _is_cut(body[-1][-1], others):
        raise Unreadable(CUT_OFF)


def _is_cut(last: str, others: Sequence[str]) -> bool:
    """Whether a cell is a part of the value that nearly all others have, or shorter than all: a number like an ISRC."""
    if not last or len(others) < 3:
        return False
    common, times = Counter(others).most_common(1)[0]
    is_part = len(common) >= 5 and common.startswith(last) and last not in others and times >= 0.5 * len(others)
    lengths = {len(cell) for cell in others}
    return is_part or (len(lengths) == 1 and len(last) < max(lengths) >= 8)


def is_header(row: Sequence[str]) -> bool:
    known = {field_of(cell) for cell in row}
    return bool(known & {"title", "artist_title"}) and (len(known - {""}) > 1 or len(row) == 1)
