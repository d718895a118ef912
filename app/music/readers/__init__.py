"""Readers of music libraries, playlists and histories: `read(bytes, name)` finds out by the content what a file is.

Pure: no Flask, no database, no file is opened. A name only helps where the content says nothing (a list's name, the
day of a history). Raises items.Unreadable, with a sentence, for what is too large, damaged, dangerous or unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from app.music.names import song_key
from app.music.readers import (
    cue,
    grids,
    itunes,
    lists,
    rekordbox,
    serato,
    spotify,
    tables,
    texts,
    traktor,
    values,
    virtualdj,
    xmls,
)  # fmt: skip
from app.music.readers.items import BYTES_MAX, Item, Library, Unreadable

FORMATS = {
    "rekordbox-xml": "rekordbox library", "rekordbox-txt": "rekordbox list", "cue": "CUE sheet",
    "traktor-nml": "Traktor file", "serato-csv": "Serato history", "serato-txt": "Serato history",
    "serato-crate": "Serato crate", "serato-database": "Serato database", "serato-session": "Serato session",
    "virtualdj-m3u": "VirtualDJ playlist", "virtualdj-history": "VirtualDJ history",
    "virtualdj-tracklist": "VirtualDJ tracklist", "virtualdj-database": "VirtualDJ database",
    "virtualdj-folder": "VirtualDJ list", "itunes-xml": "iTunes library", "itunes-txt": "iTunes list",
    "m3u": "M3U playlist", "pls": "PLS playlist", "xspf": "XSPF playlist", "exportify-csv": "Spotify list (CSV)",
    "spotify-json": "Spotify data (JSON)", "chosic-csv": "Playlist analysis (CSV)", "energy-csv": "DJ spreadsheet",
    "mixxx-csv": "Mixxx list", "csv": "table", "text": "list of lines",
}  # fmt: skip
_FOREIGN = (
    (b"PK\x03\x04", "This is a zip or a spreadsheet file. Unpack it, or save it as CSV, then choose what is inside."),
    (b"\x1f\x8b", "This file is packed. Unpack it, then choose what is inside."),
    (b"Rar!", "This file is packed. Unpack it, then choose what is inside."),
    (b"7z\xbc\xaf", "This file is packed. Unpack it, then choose what is inside."),
    (b"SQLite format 3", "This is the program’s own database. Export a library, playlist or history from the program."),
    (b"bplist00", "This is a binary property list. Export the library as XML from the program."),
    (b"%PDF", "This is a PDF. Export the list as CSV or text."),
    (b"ID3", "This is a sound file. We want the list of your music, not the music."),
    (b"fLaC", "This is a sound file. We want the list of your music, not the music."),
    (b"RIFF", "This is a sound file. We want the list of your music, not the music."),
    (b"OggS", "This is a sound file. We want the list of your music, not the music."),
    (b"\x89PNG", "This is a picture. We want the list of your music."),
    (b"\xff\xd8\xff", "This is a picture. We want the list of your music."),
    (b"\xd0\xcf\x11\xe0", "This is an old spreadsheet or document. Save it as CSV, then choose that."),
)
_ENDINGS = {
    "rekordbox-xml": "xml", "traktor-nml": "nml", "itunes-xml": "xml", "virtualdj-database": "xml", "pls": "pls",
    "spotify-json": "json", "cue": "cue", "serato-crate": "crate", "serato-session": "session",
}  # fmt: skip
UNKNOWN = "This is no library, playlist or history that we know."


@dataclass(frozen=True, slots=True)
class Reader:
    """What a file is, and the function that reads it into a Library."""

    format: str
    fill: Callable[[Library], None]
    encoding: str = ""
    table: grids.Table | None = None


def read(raw: bytes, name: str, *, encoding: str = "", mapping: Mapping[int, str] | None = None) -> Library:
    """All that is in these bytes. `encoding` and `mapping` (column -> field) are a person's own choices."""
    reader = sniff(raw, name, encoding=encoding, mapping=mapping)
    library = Library(reader.format, reader.encoding)
    reader.fill(library)
    if reader.table is not None and library.format in {"csv", "mixxx-csv", "itunes-txt", "rekordbox-txt", "energy-csv"}:
        library.columns = tables.columns(reader.table, tables.guess(reader.table) if mapping is None else mapping)
    if library.is_empty and not library.skipped and not library.columns:
        raise Unreadable(f"There is nothing in it ({FORMATS[library.format]}).")
    _finish(library, name)
    return library


def sniff(raw: bytes, name: str, *, encoding: str = "", mapping: Mapping[int, str] | None = None) -> Reader:
    """The reader for these bytes, by their content. Raises Unreadable."""
    if len(raw) > BYTES_MAX:
        raise Unreadable(f"The file is larger than {BYTES_MAX // 1024**2} MB. Export a part of it.")
    if not raw.strip():
        raise Unreadable("The file is empty.")
    foreign = next((sentence for mark, sentence in _FOREIGN if raw.startswith(mark)), None)
    if foreign:
        raise Unreadable(foreign)
    title = stem(name)
    if serato.is_serato(raw):
        return Reader("serato-crate", lambda library: serato.read(raw, library, title))
    head = raw[:400].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<") or raw[:12].replace(b"\x00", b"").lstrip(b"\xff\xfe").startswith(
        (b"<?xml", b"<NML", b"<DJ_")
    ):
        return _xml(raw, title)
    return _text(raw, title, encoding, mapping)


def stem(name: str) -> str:
    """A file's name as the name of a list: without folders and ending."""
    base = re.split(r"[/\\]", name)[-1]
    return values.clean(re.sub(r"\.(?:\w{1,10})$", "", base), 120) or "Imported list"


def _xml(raw: bytes, name: str) -> Reader:
    lead = raw[:2000].lower()
    if b"<html" in lead or b"<!doctype html" in lead:
        raise Unreadable("This is a web page. Export the list as CSV, XML or text.")
    root = xmls.parse(raw.lstrip(b" \t\r\n"))
    known: dict[str, tuple[str, Callable[[Element, Library], None]]] = {
        "DJ_PLAYLISTS": ("rekordbox-xml", rekordbox.read),
        "NML": ("traktor-nml", lambda r, library: traktor.read(r, library, name)),
        "plist": ("itunes-xml", itunes.read),
        "VirtualDJ_Database": ("virtualdj-database", virtualdj.read_database),
        "VirtualFolder": ("virtualdj-folder", lambda r, library: virtualdj.read_folder(r, library, name)),
        "playlist": ("xspf", lambda r, library: lists.read_xspf(r, library, name)),
    }
    tag = str(root.tag).rsplit("}", 1)[-1]
    if tag == "FilterFolder":
        raise Unreadable("This is a filter of VirtualDJ: a question, not a list. Only VirtualDJ can answer it.")
    if tag not in known:
        raise Unreadable(f"This is XML, but no music library that we know: it begins with <{tag[:40]}>.")
    kind, fill = known[tag]
    return Reader(kind, lambda library: fill(root, library), "utf-8")


def _text(raw: bytes, name: str, encoding: str, mapping: Mapping[int, str] | None) -> Reader:
    text, found = texts.decode(raw, encoding)
    bare = text.lstrip("\ufeff \t\r\n")
    if re.match(r"\{|\[\s*[\[{\"\]]", bare):
        document = _json(bare)
        return Reader("spotify-json", lambda library: spotify.read(document, library, name), found)
    listed = _list_reader(bare, name)
    if listed is not None:
        kind, fill = listed
        return Reader(kind, _with_end(fill, is_open=kind != "pls" and not bare.endswith(("\n", "\r"))), found)
    return _table(text.lstrip("\ufeff\r\n "), name, found, mapping)  # a tab at the start is an empty first cell


def _with_end(fill: Callable[[Library], None], *, is_open: bool) -> Callable[[Library], None]:
    """The same, and a word about a last line that is not ended: more cannot be known of a list that was cut off."""

    def both(library: Library) -> None:
        fill(library)
        if is_open:
            library.warn("", "The last line is not ended: look whether the end of the list is there.")

    return both


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and (rows := _json_lines(text)):
            return rows
        if error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg:
            raise Unreadable(texts.CUT_OFF) from error
        raise Unreadable(f"This is not valid JSON: line {error.lineno}, column {error.colno}.") from error
    except (RecursionError, ValueError) as error:
        raise Unreadable("This JSON is nested too deep, or a number in it is too long.") from error


def _json_lines(text: str) -> list[Any]:
    """One object in each line, as programs log what they play; none of them where a line is none."""
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return []


def _list_reader(text: str, name: str) -> tuple[str, Callable[[Library], None]] | None:
    """Formats that their first lines give away."""
    head = "\n".join(lists.first_lines(text)).upper()
    if virtualdj.MARK in head:
        day = values.day(name)
        return "virtualdj-m3u", lambda library: virtualdj.read_m3u(text, library, name, day)
    if head.startswith("#EXTM3U") or "#EXTINF" in head or lists.looks_like_paths(text):
        return "m3u", lambda library: lists.read_m3u(text, library, name)
    if head.startswith("[PLAYLIST]"):
        return "pls", lambda library: lists.read_pls(text, library, name)
    if virtualdj.is_tracklist(text):
        return "virtualdj-tracklist", lambda library: virtualdj.read_tracklist(text, library)
    if cue.is_sheet(text):
        return "cue", lambda library: cue.read(text, library, name)
    return None


def _table(text: str, name: str, encoding: str, mapping: Mapping[int, str] | None) -> Reader:
    if serato.is_fixed_width(text):
        table = grids.made(serato.fixed_width_rows(text), " ", is_closed=True)
    else:
        table = grids.parse(text)
    guessed = tables.guess(table) if table else {}
    is_known = {"title", "artist_title"} & set(guessed.values()) and len(guessed) > 1
    is_grid = table is not None and (table.delimiter == "\t" or len(table.header) > 3) and _is_plausible(table)
    if not is_known and not is_grid and mapping is None and lists.looks_like_lines(text):
        return Reader("text", lambda library: lists.read_lines(text, library, name), encoding)
    if table is not None and not table.rows and grids.is_header(table.header):
        raise Unreadable("There is a header, and no row below it.")
    if table is None or (not is_known and mapping is None and not _is_plausible(table)):
        raise Unreadable(UNKNOWN)
    chosen = guessed if mapping is None else mapping
    kind = tables.format_of(table)
    is_open = kind != "chosic-csv" and not text.endswith(("\n", "\r"))  # theirs never end their last line
    fill = _with_end(lambda library: tables.read(table, chosen, library, name), is_open=is_open)
    return Reader(kind, fill, encoding, table)


def _is_plausible(table: grids.Table) -> bool:
    """Whether columns could be mapped by hand: several rows of the same width, two columns and more."""
    even = sum(len(row) == len(table.header) for row in table.rows)
    return len(table.header) > 1 and len(table.rows) > 1 and even >= 0.8 * len(table.rows)


def _finish(library: Library, name: str) -> None:
    """What is said of every file: plays as tracks, a wrong ending, an encoding that was guessed, odd plays."""
    if not library.tracks:
        known: dict[str, Item] = {}
        for play in library.plays:
            play.item = known.setdefault(song_key(play.item.artist, play.item.title), play.item)
        library.tracks.extend(known.values())
    if library.encoding.endswith("cp1252"):
        library.warn("", "The text is not UTF-8; it was read as Windows-1252. Look whether the accents are right.")
    expected = _ENDINGS.get(library.format)
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if expected and ending and ending != expected and len(ending) <= 5:
        library.warn("", f"The name ends in .{ending}, but it is of another kind: {FORMATS[library.format]}.")
    _look_at_plays(library)


def _look_at_plays(library: Library) -> None:
    for play in library.plays:
        where = play.item.where
        if not play.is_public:
            library.warn(where, "The DJ only listened to it beforehand.")
        elif play.seconds_heard is not None and play.seconds_heard < 60:
            library.warn(where, "It was heard for less than a minute.")
        elif play.seconds_heard is not None and 900 < play.seconds_heard <= 12 * 3600:
            library.warn(where, "It was on for more than a quarter of an hour.")
    ats = [play.at for play in library.plays if play.at is not None]
    if len(ats) > 1 and (ats[1].replace(tzinfo=None) - ats[0].replace(tzinfo=None)).total_seconds() > 3 * 3600:
        library.warn(
            library.plays[0].item.where, "The first play is hours before the second: it may not belong to the set."
        )
