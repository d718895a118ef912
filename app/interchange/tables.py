"""CSV in and out: encoding and delimiter found out, columns by name or as mapped, formulas kept harmless.

`guess` proposes which column is what, `read` makes a Source of the rows, `write` gives a table that spreadsheets open
without running anything in it and that reads back without a change.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.events.models import Event
from app.interchange.items import Frame, Source
from app.interchange.rows import NAME_MARKS, Row, fill, people_of
from app.lib import clock
from app.lib.text import clean_line, fold
from app.schedule import snapshot
from app.schedule.forms import PEOPLE_MAX
from app.schedule.models import Slot

# field → what columns are called that hold it
FIELDS: dict[str, tuple[str, ...]] = {
    "title": ("title", "name", "what", "session", "activity", "workshop", "event", "titel", "was", "program",
              "subject"),
    "room": ("room", "floor", "where", "location", "hall", "raum", "saal", "place", "venue", "salle"),
    "day": ("day", "date", "when", "tag", "datum", "jour", "start date"),
    "start": ("start", "from", "begin", "begins", "starts", "time", "start time", "starts at", "von",
              "beginn", "heure"),
    "end": ("end", "to", "until", "ends", "finish", "end time", "ends at", "bis", "ende", "fin"),
    "duration": ("duration", "length", "minutes", "min", "dauer"),
    "kind": ("kind", "type", "category", "track", "art", "typ"),
    "level": ("level", "niveau", "stufe", "division"),
    "teachers": ("teachers", "teacher", "people", "persons", "who", "speakers", "speaker", "instructors", "instructor",
                 "lehrer", "hosts"),
    "djs": ("djs", "dj"),
    "judges": ("judges", "judge"),
    "places": ("places", "capacity", "seats", "max"),
    "flexibility": ("flexibility",),
    "description": ("description", "notes", "note", "text", "abstract", "beschreibung", "details", "comment"),
    "id": ("id", "guid", "uid", "key"),
}  # fmt: skip
LABELS = {
    "title": "Title", "room": "Room", "day": "Day or date", "start": "Start", "end": "End", "duration": "Length",
    "kind": "Kind", "level": "Level", "teachers": "Teachers", "djs": "DJs", "judges": "Judges", "places": "Places",
    "flexibility": "Flexible, fixed or buffer", "description": "Description", "id": "Id (keeps stars when it moves)",
}  # fmt: skip
PEOPLE = {"teachers": "teacher", "djs": "dj", "judges": "judge"}
HEADER = (
    "id", "day", "start", "end", "room", "title", "kind", "level", "flexibility", "teachers", "djs", "judges", "places",
    "description",
)  # fmt: skip
DANGEROUS = "=+-@\t\r\n\0'"  # what spreadsheets take for a formula when a cell begins with it, and our own mark
DELIMITERS = ",;\t|"
COLUMNS_MAX = 60


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text: its header, its rows with their line numbers, and how it was written."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    delimiter: str
    encoding: str


def decoded(raw: bytes) -> tuple[str, str]:
    """(text, encoding) by its byte order mark, else UTF-8, else UTF-16 by its zero bytes, else Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(encoding, "replace"), encoding.removesuffix("-sig").upper()
    if raw[1::2].count(0) > len(raw) // 4:
        return raw.decode("utf-16-le", "replace"), "UTF-16"
    if raw[::2].count(0) > len(raw) // 4:
        return raw.decode("utf-16-be", "replace"), "UTF-16"
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), "Windows-1252"


def parse(raw: bytes) -> Table | None:
    """The table in these bytes, or None where there is none."""
    text, encoding = decoded(raw)
    delimiter = _delimiter(text)
    if delimiter is None:
        return None
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    try:
        rows = [
            (reader.line_num, [unguarded(cell) for cell in cells]) for cells in reader if any(map(str.strip, cells))
        ]
    except csv.Error:
        return None
    if len(rows) < 2 or len(rows[0][1]) < 2:
        return None
    return Table([clean_line(cell) for cell in rows[0][1]][:COLUMNS_MAX], rows[1:], delimiter, encoding)


def _delimiter(text: str) -> str | None:
    """The one that parts the first lines into the most columns, equally many in each."""
    best, most = None, 1
    for delimiter in DELIMITERS:
        try:
            lines = list(csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=delimiter))[:10]
        except csv.Error:
            continue
        widths = [len(line) for line in lines if any(map(str.strip, line))]
        even = widths and sum(width == widths[0] for width in widths) * 2 >= len(widths)
        if even and widths[0] > most:
            best, most = delimiter, widths[0]
    return best


def guess(header: Sequence[str]) -> dict[int, str]:
    """Column number → field, by what columns are called; each field once. Whole names win over parts of them."""
    mapping: dict[int, str] = {}
    for is_part in (False, True):
        for number, name in enumerate(header):
            words = fold(name).strip(" :*")
            field = next(
                (
                    f
                    for f, names in FIELDS.items()
                    if f not in mapping.values() and _fits(words, names, in_part=is_part)
                ),
                None,
            )
            if number not in mapping and field:
                mapping[number] = field
    return mapping


def _fits(words: str, names: Iterable[str], *, in_part: bool) -> bool:
    return any(name in words.split() if in_part else name == words for name in names)


def is_mapped(mapping: Mapping[int, str]) -> bool:
    """Whether title, start and a way to the day are known: what a slot needs at the least."""
    return {"title", "start"} <= set(mapping.values())


def read(table: Table, mapping: Mapping[int, str], frame: Frame, name: str, today: date) -> Source:
    """The rows as items, by this mapping."""
    source = Source("a table", name=name)
    if frame.zone is None:
        source.warnings.add("$", "A table names no time zone: UTC is taken. Choose the venue’s own.")
    if not is_mapped(mapping):
        missing = [LABELS[field].lower() for field in ("title", "start") if field not in mapping.values()]
        source.problems.add("row 1", f"No column is said to be the {' or the '.join(missing)}.")
        return source
    return fill(source, [_row(table, mapping, line, cells) for line, cells in table.rows], frame, today)


def _row(table: Table, mapping: Mapping[int, str], line: int, cells: Sequence[str]) -> Row:
    said = {field: cells[number] if number < len(cells) else "" for number, field in mapping.items()}
    title, day, start, end, duration, room, kind = (
        said.get(key, "").strip() for key in ("title", "day", "start", "end", "duration", "room", "kind")
    )
    row = Row(f"row {line}", title, day, start, end, duration, room, kind, is_ours=table.header == list(HEADER))
    row.columns = {
        field: f"row {line}, column “{table.header[n]}”" for n, field in mapping.items() if n < len(table.header)
    }
    row.level, row.description = said.get("level"), said.get("description")
    row.flexibility, row.places = said.get("flexibility"), said.get("places")
    row.key = clean_line(said.get("id", ""))[:110]
    if PEOPLE.keys() & said.keys():
        marks = () if row.is_ours else NAME_MARKS
        row.people = [
            pair
            for column, role in PEOPLE.items()
            for pair in people_of(said.get(column, ""), role, PEOPLE_MAX, marks=marks)
        ]
    return row


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ")[:1] in DANGEROUS and text else text


def unguarded(cell: str) -> str:
    """The cell without the mark that `guarded` put before it."""
    rest = cell[1:]
    return rest if cell[:1] == "'" and rest.lstrip(" ")[:1] in DANGEROUS and rest else cell


def write(event: Event, slots: Iterable[Slot], keys: Mapping[str, str]) -> bytes:
    """All slots that take place, as RFC 4180 with a byte order mark (else Excel guesses the encoding)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for slot in slots:
        cells = [
            keys[slot.public_id], clock.event_day(slot.starts_at, event.zone, event.day_change_hour).isoformat(),
            _wall(slot, "starts_at", event.zone), _wall(slot, "ends_at", event.zone), slot.room.name, slot.title,
            slot.kind, slot.level, slot.flexibility,
            *(", ".join(who for part, who in snapshot.named(slot) if part == role) for role in PEOPLE.values()),
            str(slot.capacity_hint or ""), slot.description,
        ]  # fmt: skip
        writer.writerow([guarded(cell) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _wall(slot: Slot, name: str, zone: str) -> str:
    """14:30; with the offset where the clock change makes the wall time say two things."""
    instant = getattr(slot, name)
    local = clock.to_local(instant, zone)
    found = clock.resolve_local(local.replace(tzinfo=None), zone)
    return f"{local:%H:%M%z}" if found.fold else f"{local:%H:%M}"
