"""Tables: CSV and its kin, from Serato, rekordbox, Mixxx, Exportify, Chosic, iTunes, or anybody's spreadsheet. Pure.

Columns go by their titles in several languages, or as somebody mapped them. A table with clock times, or of a Serato
session, is a history. How text becomes rows: grids.py.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise

from app.lib.text import fold
from app.music import keys
from app.music.names import song_key, split_artist_title
from app.music.readers import values
from app.music.readers.grids import Table
from app.music.readers.items import Column, Item, Library, Listed
from app.music.readers.titles import field_of

_ESCAPED = re.compile(r"&(?:#\d{2,5}|amp|quot|apos|lt|gt);")
_GUEST = re.compile(r"artist(?: name)? [2-9]")  # beside "Artist Name 1"
LIST_MAX = 1000  # a longer table without a name of a list is a library, not a playlist
FIELDS = {
    "title": "Title", "artist": "Artist", "artist_title": "Artist - Title", "album": "Album", "genre": "Genre",
    "bpm": "BPM", "key": "Key", "camelot": "Key (second column)", "mode": "Mode (1 is major)", "duration": "Length",
    "duration_ms": "Length in ms", "duration_s": "Length in seconds", "energy": "Energy", "familiarity": "Familiarity",
    "comment": "Comment", "path": "File or link", "isrc": "ISRC", "playlist": "Playlist", "position": "Number",
    "start": "Played at", "heard": "Time played", "end": "Played until", "offset": "Place in a recording",
}  # fmt: skip


# ---- columns ----


def guess(table: Table) -> dict[int, str]:
    """Which column is which field. Where two claim one the first that is not empty counts; contents settle "Time"."""
    chosen: dict[int, str] = {}
    for number, title in enumerate(table.header):
        name = _by_content(field_of(title), title, _cells(table, number))
        is_empty = not any(_cells(table, number))
        if name and not is_empty and name not in chosen.values():
            chosen[number] = name
    if not {"title", "artist_title"} & set(chosen.values()):
        spoken = next((n for n in range(len(table.header)) if n not in chosen and _is_spoken(_cells(table, n))), None)
        chosen |= {} if spoken is None else {spoken: "artist_title"}
    return chosen


def _is_spoken(cells: Sequence[str]) -> bool:
    """Whether a column without a title that we know says "Artist - Title"."""
    return len(cells) > 1 and sum(bool(split_artist_title(cell[:300])[0]) for cell in cells) >= 0.8 * len(cells)


def _cells(table: Table, number: int, most: int = 40) -> list[str]:
    return [row[number].strip() for row in table.rows[:most] if number < len(row) and row[number].strip()]


def _by_content(name: str, title: str, cells: Sequence[str]) -> str:
    """What the cells say of a title that means two things, in two programs or languages."""
    for field_name, is_other, meant in _DOUBTS:
        if name == field_name and cells and is_other(title, cells):
            return meant
    return name


def _are_places(cells: Sequence[str], *, long: float = float("inf")) -> bool:
    """Whether times are places in a recording: each behind the one before, from 0:00 on or to further than `long`."""
    if len(cells) < 3 or not all(re.fullmatch(r"(?:\d{1,2}:)?\d{1,3}:\d\d", cell) for cell in cells):
        return False
    places = [values.seconds(cell) or 0.0 for cell in cells]
    return all(a < b for a, b in pairwise(places)) and (places[0] == 0 or places[-1] > long)


# (field by its title, whether the cells say otherwise, the field that is meant)
_DOUBTS: tuple[tuple[str, Callable[[str, Sequence[str]], bool], str], ...] = (
    ("duration", lambda _, cells: _are_places(cells, long=20 * 60), "offset"),
    ("start", lambda _, cells: _are_places(cells), "offset"),
    ("bpm", lambda _, cells: all(":" in cell for cell in cells), "duration"),  # "Tempo" is Italian for time
    ("duration", lambda _, cells: all(re.fullmatch(r"\d{5,8}", cell) for cell in cells), "duration_ms"),
    (
        "duration",
        lambda _, cells: any(re.search(r"[ap]m\b", c, re.IGNORECASE) or values.day(c) for c in cells),
        "start",
    ),
    ("title", lambda title, cells: fold(title).strip(" #.") == "track" and all(map(str.isdigit, cells)), "position"),
    ("position", lambda _, cells: not all(cell.strip(".#").isdigit() for cell in cells), ""),
    ("start", lambda _, cells: not any(values.clock(c) or values.instant(c) for c in cells), ""),  # "Played" may count
    ("heard", lambda _, cells: not any(":" in cell or values.number(cell) for cell in cells), ""),
)


def columns(table: Table, mapping: Mapping[int, str]) -> list[Column]:
    return [Column(title or f"Column {number + 1}", mapping.get(number, ""),
                   list(dict.fromkeys(cell[:40] for cell in _cells(table, number, 12)))[:3])
            for number, title in enumerate(table.header)]  # fmt: skip


# ---- rows to tracks ----


def format_of(table: Table) -> str:
    """Whose table this is, by its columns."""
    titles = {" ".join(re.findall(r"[^\W_]+", fold(title))) for title in table.header}
    sample = " ".join(cell for row in table.rows[:20] for cell in row)
    is_tabbed = table.delimiter == "\t"
    links = len(re.findall(r"spotify:track:|open\.spotify\.com/track", sample))
    has_links = links > 0.5 * len(table.rows[:20])
    signs = (
        ("chosic-csv", {"spotify track id", "camelot"} <= titles),
        ("exportify-csv", has_links and len(titles) > 3),
        ("energy-csv", {"starting energy", "ending energy"} <= titles),
        ("serato-csv", "deck" in titles or {"name", "start time"} <= titles or {"name", "playtime"} <= titles),
        ("rekordbox-txt", is_tabbed and table.header[0] == "#"),
        ("itunes-txt", is_tabbed and bool({"grouping", "kind", "sample rate"} & titles)),
        ("mixxx-csv", {"bitrate", "grouping"} <= titles or {"rating", "preview"} <= titles),
    )
    return next((name for name, is_it in signs if is_it), "csv")


def read(table: Table, mapping: Mapping[int, str], library: Library, name: str) -> None:
    """Fill the library from the table. `mapping`: column number -> field."""
    _warn(table, mapping, library)
    places = {name_of: number for number, name_of in mapping.items()}
    energy_most = _energy_scale(table, places)
    rows: list[tuple[Item, dict[str, str]]] = []
    day: date | None = values.day(name)
    is_serato = library.format == "serato-csv"
    days: list[date | None] = []
    guests = [number for number, title in enumerate(table.header) if _GUEST.fullmatch(fold(title).strip())]
    for number, row in zip(table.numbers, table.rows, strict=True):
        cells = {f: _bare(row[at]) for f, at in places.items() if at < len(row) and row[at].strip()}
        if guests and "artist" in cells:
            cells["artist"] = ", ".join([cells["artist"], *(row[at] for at in guests if at < len(row) and row[at])])
        if is_serato and _is_session(cells):
            day = values.day(cells["title"])
            continue
        item = _item(cells, f"row {number}", energy_most)
        if item.title:
            rows.append((item, cells))
            days.append(day)
        else:
            library.skip(item.where, "", "The row has no title.")
    if (
        {"start", "offset"} & set(places)
        or is_serato
        or (library.format == "rekordbox-txt" and "history" in name.casefold())
    ):
        _history(rows, days, library)
    else:
        _lists(rows, library, name)


def _warn(table: Table, mapping: Mapping[int, str], library: Library) -> None:
    """What is odd of the header as a whole."""
    if not {"title", "artist_title", "path"} & set(mapping.values()):
        library.warn("", "No column is the title. Choose which one is.")
        if any(table.header) and not any(map(field_of, table.header)):
            library.warn("", "The first row was taken for the titles of the columns, though we know none of them.")
    if _is_askew(table):
        library.warn("", "The rows have another number of cells than the header: look whether the columns are right.")


def _is_askew(table: Table) -> bool:
    """Whether most rows have more or fewer cells than the header has titles, empty ones at the end apart."""
    width = len(table.header)
    titles = max((number for number, title in enumerate(table.header, 1) if title), default=0)
    odd = sum(len(row) < titles or any(cell.strip() for cell in row[width:]) for row in table.rows)
    return odd > 0.5 * len(table.rows)


def _bare(cell: str) -> str:
    """A cell without the apostrophe that an export puts before what a spreadsheet would take for a formula.

    Signs that came by way of a page are signs again: "Big Pimpin&#39;".
    """
    cell = cell.strip()
    cell = html.unescape(cell) if _ESCAPED.search(cell) else cell
    return cell[1:] if re.match(r"'[=+\-@]", cell) else cell


def _is_session(cells: Mapping[str, str]) -> bool:
    """The row above the plays of a session: its name is a date, and nobody plays it."""
    return bool(
        re.fullmatch(r"[\d./ -]{6,12}", cells.get("title", "")) and values.day(cells["title"])
    ) and not cells.get("artist")


def _energy_scale(table: Table, places: Mapping[str, int]) -> float:
    if "energy" not in places:
        return 5
    found = [value for cell in _cells(table, places["energy"], 500) if (value := values.number(cell)) is not None]
    most = max(found, default=5)
    return 1 if most <= 1 else 5 if most <= 5 else 10 if most <= 10 else 100


def _item(cells: Mapping[str, str], where: str, energy_most: float) -> Item:
    item = Item(
        title=values.clean(cells.get("title")), artist=_artists(cells.get("artist", "")),
        album=values.clean(cells.get("album")), genre=values.clean(cells.get("genre"), 120),
        comment=values.clean(cells.get("comment"), 500), path=values.path_text(cells.get("path")),
        isrc=values.clean(cells.get("isrc"), 20), duration_seconds=_length(cells), where=where,
        energy=values.scale(cells.get("energy"), energy_most), familiarity=values.scale(cells.get("familiarity"), 5),
    )  # fmt: skip
    values.set_bpm(item, cells.get("bpm"))
    _set_key(item, cells)
    if not item.title and cells.get("artist_title"):
        artist, item.title = split_artist_title(cells["artist_title"])
        item.artist = item.artist or artist
    if not item.title and values.has_audio_ending(item.path):
        values.name_by_path(item)
    return item


def _artists(text: str) -> str:
    """Names as they stand there, without the marks that Exportify puts before commas."""
    return values.clean(text.replace("\\,", ","))


def _length(cells: Mapping[str, str]) -> float | None:
    if "duration_ms" in cells:
        return values.milliseconds(cells["duration_ms"])
    return values.seconds(cells.get("duration") or cells.get("duration_s"))


def _set_key(item: Item, cells: Mapping[str, str]) -> None:
    """A key as text, as Spotify's number with a mode, or from the second column."""
    raw, mode = cells.get("key", ""), cells.get("mode", "")
    if re.fullmatch(r"-?\d{1,2}", raw) and mode:
        item.key_raw = f"{raw}/{mode}"
        item.key = keys.from_spotify(int(raw), int(mode) if mode in {"0", "1"} else None)
    else:
        values.set_key(item, raw)
    if item.key is None and cells.get("camelot"):
        item.key = keys.parse(cells["camelot"])
        item.key_raw = item.key_raw or values.clean(cells["camelot"], 40)


# ---- plays, lists ----


def _history(rows: Sequence[tuple[Item, Mapping[str, str]]], days: Sequence[date | None], library: Library) -> None:
    """Every row is a play; the tracks are the different ones among them. Times need a date to be moments."""
    known: dict[str, Item] = {}
    ats = _moments(rows, days)
    for (item, cells), at in zip(rows, ats, strict=True):
        track = known.setdefault(song_key(item.artist, item.title), item)
        heard = values.seconds(cells.get("heard"))
        wall = at.isoformat() if at else cells.get("start", "")[:30]
        play = library.play(track, at=at, wall_time=wall, seconds_heard=heard or _between(cells))
        if "offset" in cells:
            play.offset_seconds, play.wall_time = values.seconds(cells["offset"]) or 0.0, f"+{cells['offset'][:30]}"
        if heard and heard > 12 * 3600:
            library.warn(item.where, "It was played for half a day and more, says the file: the laptop was left on.")
    for track in known.values():
        library.add(track)
    if any(play.offset_seconds is not None for play in library.plays):
        library.warn("", "The times were taken for places in a recording, not times of day or lengths.")
    elif any(values.clock(cells.get("start", "")) for _, cells in rows) and not any(ats):
        library.warn("", "The file’s name holds no date, so the plays have times without a day.")
    elif rows and not any(ats):
        library.warn("", "The file holds no times of day: only the order of the plays is known.")


def _moments(rows: Sequence[tuple[Item, Mapping[str, str]]], days: Sequence[date | None]) -> list[datetime | None]:
    said = [values.day_and_clock(cells.get("start", "")) for _, cells in rows]
    own, times = [pair[0] for pair in said], [pair[1] for pair in said]
    found = [values.instant(cells.get("start", "")) for _, cells in rows]
    by_day: dict[date | None, list[int]] = {}
    for number, day in enumerate(days):
        if own[number] is None and found[number] is None:
            by_day.setdefault(day, []).append(number)
    for day, members in by_day.items():
        rolled = values.roll(day, [times[n] for n in members]) if day else [None] * len(members)
        for number, at in zip(members, rolled, strict=True):
            found[number] = at
    for number, (date_of, time_of) in enumerate(zip(own, times, strict=True)):
        if date_of and time_of and found[number] is None:
            found[number] = datetime.combine(date_of, time_of)
    return found


def _between(cells: Mapping[str, str]) -> float | None:
    start, end = values.clock(cells.get("start", "")), values.clock(cells.get("end", ""))
    if start is None or end is None:
        return None
    length = (end.hour - start.hour) * 3600 + (end.minute - start.minute) * 60 + end.second - start.second
    return float(length % 86_400) or None


def _lists(rows: Sequence[tuple[Item, Mapping[str, str]]], library: Library, name: str) -> None:
    """All rows are tracks; a column that names lists parts them, else a table of moderate length is one list."""
    listed: dict[str, Listed] = {}
    for item, cells in rows:
        library.add(item)
        title = values.clean(cells.get("playlist"), 120)
        if title:
            listed.setdefault(title, Listed(title)).items.append(item)
    if not listed and 0 < len(rows) <= LIST_MAX:
        listed[name] = Listed(name, items=[item for item, _ in rows])
    library.playlists.extend(listed.values())
