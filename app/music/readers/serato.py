"""Serato's own files: crates, "database V2", history sessions, and its history as fixed-width text. Pure.

The binary ones are records of a four-letter tag (in a session's `adat` a number), a length and a value, big-endian;
texts are UTF-16. A crate holds paths and nothing else. Raises Unreadable.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from app.music.readers import values
from app.music.readers.items import ITEMS_MAX, Item, Library, Listed, TooMany, Unreadable
from app.music.readers.texts import CUT_OFF, LINE_MAX

COLUMNS_MAX = 60
_TEXTS = {"tsng": "title", "tart": "artist", "talb": "album", "tgen": "genre", "tcom": "comment"}
_PATH, _TITLE, _ARTIST, _ALBUM, _GENRE, _LENGTH, _BPM, _COMMENT = 2, 6, 7, 8, 9, 10, 15, 17
_START, _HEARD, _IS_PLAYED, _KEY = 28, 45, 50, 51


def is_serato(raw: bytes) -> bool:
    return raw.startswith(b"vrsn")


def read(raw: bytes, library: Library, name: str) -> None:
    """Fill the library from a crate, a database or a session: the records in it tell which."""
    records = list(_records(raw))
    version = _text(records[0][1]) if records else ""
    if any(tag == "oent" for tag, _ in records) or "Review" in version:
        library.format = "serato-session"
        _session(records, library)
    elif "Database" in version or any(tag == "otrk" and b"pfil" in value for tag, value in records):
        library.format = "serato-database"
        _database(records, library)
    else:
        library.format = "serato-crate"
        _crate(records, library, name)


def _records(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """(tag, value) of each record. Raises Unreadable where a length reaches beyond the end."""
    at = 0
    while at < len(raw):
        if at + 8 > len(raw):
            raise Unreadable(CUT_OFF)
        tag, length = raw[at : at + 4], int.from_bytes(raw[at + 4 : at + 8], "big")
        if not tag.isalnum() and not tag.replace(b"_", b"").isalnum():
            raise Unreadable("This Serato file is damaged.")
        if at + 8 + length > len(raw):
            raise Unreadable(CUT_OFF)
        yield tag.decode("ascii", "replace"), raw[at + 8 : at + 8 + length]
        at += 8 + length


def _text(value: bytes) -> str:
    return values.clean(value.decode("utf-16-be", "replace").rstrip("\x00"), 1000)


def _crate(records: list[tuple[str, bytes]], library: Library, name: str) -> None:
    """A crate in a crate has the names of both in its file's name, joined by "%%"."""
    *folders, own = [values.clean(part, 100) for part in name.split("%%")]
    listed = Listed(own or "Crate", " / ".join(folders))
    for tag, value in records:
        if tag != "otrk":
            continue
        path = next((_text(inner) for key, inner in _records(value) if key == "ptrk"), "")
        item = values.name_by_path(Item(path=path, where=f"track {len(listed.items) + 1}"))
        if item.title:
            listed.items.append(library.add(item))
        else:
            library.skip(item.where, "", "The record names no file.")
    library.playlists.append(listed)
    if listed.items:
        library.warn("", "A crate holds only paths: artists and titles are taken from the names of the files.")


def _database(records: list[tuple[str, bytes]], library: Library) -> None:
    for tag, value in records:
        if tag == "otrk":
            _database_track(dict(_records(value)), f"track {len(library.tracks) + len(library.skipped) + 1}", library)


def _database_track(facts: dict[str, bytes], where: str, library: Library) -> None:
    texts = {key: _text(value) for key, value in facts.items() if key[:1] in {"t", "p"}}
    item = Item(path=texts.get("pfil", ""), where=where, duration_seconds=values.seconds(texts.get("tlen", "")))
    for key, field in _TEXTS.items():
        setattr(item, field, values.clean(texts.get(key), 120 if field == "genre" else 300))
    values.set_bpm(item, texts.get("tbpm", ""))
    values.set_key(item, texts.get("tkey", ""))
    values.name_by_path(item)
    if item.title:
        library.add(item)
    else:
        library.skip(where, "", "It has neither a title nor a file.")


def _session(records: list[tuple[str, bytes]], library: Library) -> None:
    for tag, value in records:
        if tag != "oent":
            continue
        for inner_tag, inner in _records(value):
            if inner_tag == "adat":
                _session_play(_fields(inner), f"play {len(library.plays) + 1}", library)


def _fields(raw: bytes) -> dict[int, bytes]:
    """Of `adat`: numbered fields."""
    found, at = {}, 0
    while at + 8 <= len(raw):
        number, length = struct.unpack(">II", raw[at : at + 8])
        if at + 8 + length > len(raw):
            raise Unreadable(CUT_OFF)
        found[number] = raw[at + 8 : at + 8 + length]
        at += 8 + length
    return found


def _session_play(fields: dict[int, bytes], where: str, library: Library) -> None:
    texts = {
        number: _text(fields.get(number, b"")) for number in (_PATH, _TITLE, _ARTIST, _ALBUM, _GENRE, _COMMENT, _KEY)
    }
    item = Item(
        title=texts[_TITLE][:300], artist=texts[_ARTIST][:300], album=texts[_ALBUM][:300], genre=texts[_GENRE][:120],
        path=texts[_PATH], duration_seconds=values.seconds(_text(fields.get(_LENGTH, b""))), where=where,
    )  # fmt: skip
    values.set_bpm(item, str(_number(fields, _BPM)) if _number(fields, _BPM) else "")
    values.set_key(item, texts[_KEY])
    values.name_by_path(item)
    if not item.title:
        library.skip(where, "", "The record names no track.")
        return
    at = values.epoch(_number(fields, _START))
    is_public = fields.get(_IS_PLAYED, b"\x01") != b"\x00"
    heard = values.seconds(_number(fields, _HEARD))
    library.play(item, at=at, wall_time="", seconds_heard=heard, is_public=is_public)


def _number(fields: dict[int, bytes], number: int) -> int:
    return int.from_bytes(fields.get(number, b"")[:8], "big")


# ---- the history as text, in columns of blanks ----

_FIXED_HEADER = re.compile(r"name {2,}(?:\S.*)?(?:start time|playtime|artist|deck)", re.IGNORECASE)


def is_fixed_width(text: str) -> bool:
    first, _, rest = text.lstrip("\ufeff").partition("\n")
    return bool(_FIXED_HEADER.match(first[:LINE_MAX])) and rest.lstrip().startswith("-----")


def fixed_width_rows(text: str) -> list[list[str]]:
    """The same rows as in the CSV: columns begin where their titles do."""
    found = [line for line in text.lstrip("\ufeff").splitlines() if line.strip() and line.strip("-\r ")]
    if len(found) > ITEMS_MAX + COLUMNS_MAX:
        raise TooMany
    starts = [match.start() for match in re.finditer(r"\S+(?: \S+)*", found[0][:LINE_MAX])][:COLUMNS_MAX]
    ends = [*starts[1:], None]
    return [[line[start:end].strip() for start, end in zip(starts, ends, strict=True)] for line in found]
