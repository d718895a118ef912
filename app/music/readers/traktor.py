"""Traktor NML: collection, playlists, histories. Pure; raises Unreadable.

A history file carries more collection than was played: plays are the entries of its PROTOCOL list alone. Their times
are local wall times without a zone; a date of 0 or 1 means unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from xml.etree.ElementTree import Element

from app.music import keys
from app.music.readers import values
from app.music.readers.items import Item, Library, Listed

_WHOLE = re.compile(r"\d{1,12}")
_ROOT_NAMES = {"$ROOT", ""}


def read(root: Element, library: Library) -> None:
    """Fill the library from <NML>."""
    by_place: dict[str, Item] = {}
    for number, entry in enumerate(root.findall("COLLECTION/ENTRY"), 1):
        place = _place(entry.find("LOCATION"))
        item = _track(entry, place, f"track {number}")
        if item.title:
            by_place[place] = library.add(item)
        else:
            library.skip(item.where, "", "It has neither a title nor a file.")
    for node in root.findall("PLAYLISTS/NODE"):
        _node(node, "", by_place, library)


def _place(location: Element | None) -> str:
    """The key by which playlists name a track: volume, folders and file, parted by "/:"."""
    if location is None:
        return ""
    return f"{location.get('VOLUME', '')}{location.get('DIR', '')}{location.get('FILE', '')}"


def _path(place: str) -> str:
    return values.clean(place.replace("/:", "/"), 1000)


def _track(entry: Element, place: str, where: str) -> Item:
    info, tempo, album = _attributes(entry, "INFO"), _attributes(entry, "TEMPO"), _attributes(entry, "ALBUM")
    item = Item(
        title=values.clean(entry.get("TITLE")), artist=values.clean(entry.get("ARTIST")),
        album=values.clean(album.get("TITLE")), genre=values.clean(info.get("GENRE"), 120),
        comment=values.clean(info.get("COMMENT"), 500), path=_path(place), where=where,
        duration_seconds=values.seconds(info.get("PLAYTIME")) or values.seconds(info.get("PLAYTIME_FLOAT")),
    )  # fmt: skip
    values.set_bpm(item, tempo.get("BPM"))
    _set_key(item, info.get("KEY", ""), _attributes(entry, "MUSICAL_KEY").get("VALUE", ""))
    return values.name_by_path(item)


def _attributes(entry: Element, name: str) -> Mapping[str, str]:
    found = entry.find(name)
    return found.attrib if found is not None else {}


def _set_key(item: Item, said: str, analyzed: str) -> None:
    """The analysis counts; where it says nothing, what somebody wrote."""
    values.set_key(item, said)
    found = keys.from_traktor(int(analyzed)) if re.fullmatch(r"\d{1,2}", analyzed) else None
    item.key = found or item.key
    item.key_raw = item.key_raw or (found.open if found else "")


def _node(node: Element, folder: str, by_place: Mapping[str, Item], library: Library) -> None:
    name = values.clean(node.get("NAME"), 120)
    listed = node.find("PLAYLIST")
    if listed is not None:
        _playlist(listed, name or "Playlist", folder, by_place, library)
    if node.get("TYPE") == "SMARTLIST" or node.find("SMARTLIST") is not None:
        library.warn(f"playlist {name}", "A smart playlist is a question, not a list: only Traktor can answer it.")
    inside = folder if name in _ROOT_NAMES else f"{folder} / {name}" if folder else name
    for child in (*node.findall("SUBNODES/NODE"), *node.findall("NODE")):
        _node(child, inside, by_place, library)


def _playlist(listed: Element, name: str, folder: str, by_place: Mapping[str, Item], library: Library) -> None:
    is_history = listed.get("TYPE") == "PROTOCOL"
    made = Listed(name, folder, "history" if is_history else "list")
    for number, entry in enumerate(listed.findall("ENTRY"), 1):
        key = _attributes(entry, "PRIMARYKEY").get("KEY", "")
        item = by_place.get(key) or values.name_by_path(Item(path=_path(key), where=f"{name}, entry {number}"))
        if not item.title:
            library.skip(f"{name}, entry {number}", "", "The entry names no track.")
            continue
        made.items.append(item)
        if is_history:
            _play(item, _attributes(entry, "EXTENDEDDATA"), library)
    library.playlists.append(made)


def _play(item: Item, data: Mapping[str, str], library: Library) -> None:
    at = _started(data.get("STARTDATE", ""), data.get("STARTTIME", ""))
    library.play(
        item,
        at=at,
        wall_time=at.isoformat() if at else "",
        seconds_heard=values.seconds(data.get("DURATION")),
        is_public=data.get("PLAYEDPUBLIC", "1") != "0",
    )


def _started(packed: str, seconds: str) -> datetime | None:
    """STARTDATE is (year << 16) + (month << 8) + day; STARTTIME seconds after local midnight."""
    if not (_WHOLE.fullmatch(packed) and _WHOLE.fullmatch(seconds)):
        return None
    number = int(packed)
    try:
        day = date(number >> 16, number >> 8 & 0xFF, number & 0xFF)
        return datetime.combine(day, datetime.min.time()) + timedelta(seconds=int(seconds))
    except (ValueError, OverflowError):
        return None
