"""Finds out what a file is and has it read: conference JSON, a weekend's JSON, or CSV. Called by routes and commands.

Never raises for what is in a file: whatever is wrong stands in the Source as a problem with its path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from app.interchange import conference, tables, weekend
from app.interchange.items import Frame, Source
from app.interchange.tables import Table
from app.lib.text import clean_line, slugify

BYTES_MAX = 5 * 1024 * 1024
ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as far as it can be read without knowing the event: JSON, a table, or nothing we know."""

    filename: str
    document: Any = None
    table: Table | None = None
    problem: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """A name for what has none of its own: the file's."""
        return clean_line(PurePath(self.filename).stem.replace("_", " ").replace("-", " "))[:120].capitalize()


def opened(raw: bytes, filename: str) -> Opened:
    """What is in these bytes. The content decides; the name's ending only tells how to complain."""
    if len(raw) > BYTES_MAX:
        return Opened(filename, problem=("$", f"The file is larger than {BYTES_MAX // 1024**2} MB."))
    if not raw.strip():
        return Opened(filename, problem=("$", "The file is empty."))
    text, _ = tables.decoded(raw)
    if text.lstrip()[:1] in "{[" or filename.lower().endswith(".json"):
        return _json(text, filename)
    is_table = not text.lstrip().startswith("<") and not raw.startswith(ZIP)
    table = tables.parse(raw) if is_table else None
    return Opened(filename, table=table, problem=None if table else ("$", _no_table(raw, text)))


def _no_table(raw: bytes, text: str) -> str:
    if raw.startswith(ZIP):
        return "This is a spreadsheet file. Save it as CSV first, then choose that."
    if text.lstrip().startswith("<"):
        return "This is XML or a web page. Export the schedule as JSON or CSV."
    return "This is neither JSON nor a table with a header line."


def _json(text: str, filename: str) -> Opened:
    try:
        return Opened(filename, document=json.loads(text))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        return Opened(filename, problem=(where, f"This is not valid JSON: {error.msg}."))
    except (RecursionError, ValueError):
        return Opened(filename, problem=("$", "This JSON is nested too deep, or a number in it is too long."))


def read(file: Opened, frame: Frame, today: date, mapping: Mapping[int, str] | None = None) -> Source:
    """The schedule in the file for an event of this frame. `mapping` says which column of a table is what."""
    if file.table is not None:
        chosen = tables.guess(file.table.header) if mapping is None else mapping
        source = tables.read(file.table, chosen, frame, file.name, today)
    elif file.problem is not None:
        source = Source("a file", frame=frame)
        source.problems.add(*file.problem)
    elif conference.is_conference(file.document):
        source = conference.read(file.document, frame)
    elif weekend.is_weekend(file.document):
        source = weekend.read(file.document, frame, file.name, today)
    else:
        source = Source("a file", frame=frame)
        source.problems.add(*weekend.what_else(file.document))
    source.name = source.name or file.name
    source.slug = source.slug or slugify(source.name)
    return source
