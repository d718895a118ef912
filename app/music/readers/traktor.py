"""Traktor NML: collection, playlists, histories. Pure; raises Unreadable.

A history file carries more collection than was played: plays are the entries of its PROTOCOL list alone. Their times
are local wall times without a zone; a date of 0 or 1 means unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from xml.etree.ElementTree import Element

from app.music import keys
from app.music.readers import values
from app.music.readers.items import Item, Library, Listed

_WHOLE = re.compile(r"\d{1,12}")
_ROOT_NAMES = {"$ROOT", ""}
_NAMED_DAY = re.compile(r"(\d{4})y(\d{2})m(\d{2})d")


@dataclass(frozen=True, slots=True)
class _Source:
    """What playlists refer to: the collection by place, and the day in the name of a history."""

    by_place: Mapping[str, Item]
    day: date | None


def read(root: Element, library: Library, name: str) -> None:
    """Fill the library from <NML>. The file's name may hold the day of a history."""
    by_place: dict[str, Item] = {}
    for number, entry in enumerate(root.findall("COLLECTION/ENTRY"), 1):
        place = _place(entry.find("LOCATION"))
        item = _track(entry, place, f"track {number}")
        if item.title:
            by_place[place] = library.add(item)
        else:
            library.skip(item.where, "", "It has neither a title nor a file.")
    named = _NAMED_DAY.search(name)
    source = _Source(by_place, values.day("-".join(named.groups())) if named else None)
    for node in root.findall("PLAYLISTS/NODE"):
        _node(node, "", source, library)


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


def _node(node: Element, folder: str, source: _Source, library: Library) -> None:
    name = values.clean(node.get("NAME"), 120)
    listed = node.find("PLAYLIST")
    if listed is not None:
        _playlist(listed, folder, name or "Playlist", source, library)
    if node.get("TYPE") == "SMARTLIST" or node.find("SMARTLIST") is not None:
        library.warn(f"playlist {name}", "A smart playlist is a question, not a list: only Traktor can answer it.")
    inside = folder if name in _ROOT_NAMES else f"{folder} / {name}" if folder else name
    for child in (*node.findall("SUBNODES/NODE"), *node.findall("NODE")):
        _node(child, inside, source, library)


def _playlist(listed: Element, folder: str, name: str, source: _Source, library: Library) -> None:
    is_history = listed.get("TYPE") == "PROTOCOL"
    made = Listed(name, folder, "history" if is_history else "list")
    played: list[tuple[Item, Mapping[str, str]]] = []
    for number, entry in enumerate(listed.findall("ENTRY"), 1):
        item = _entry(entry, f"{name}, entry {number}", source)
        if not item.title:
            library.skip(item.where, "", "The entry names no track.")
            continue
        made.items.append(item)
        played.append((item, _attributes(entry, "EXTENDEDDATA")))
    if is_history:
        _plays(played, source.day, library)
    library.playlists.append(made)


def _entry(entry: Element, where: str, source: _Source) -> Item:
    """The track that an entry names: in the collection, or by the entry's own words, or by the name of the file."""
    location = entry.find("LOCATION")
    key = _attributes(entry, "PRIMARYKEY").get("KEY", "") or _place(location)
    found = source.by_place.get(key)
    return found if found is not None and key else _track(entry, key, where)


def _plays(played: Sequence[tuple[Item, Mapping[str, str]]], day: date | None, library: Library) -> None:
    """Newer versions leave the day out: then it is the one in the file's name, and a clock going back is midnight."""
    days = [_day(data.get("STARTDATE", "")) for _, data in played]
    times = [_time(data.get("STARTTIME", ""), has_day=own is not None)
             for (_, data), own in zip(played, days, strict=True)]  # fmt: skip
    loose = [None if own else at for own, at in zip(days, times, strict=True)]
    rolled = values.roll(day, loose) if day else [None] * len(loose)
    for (item, data), own, clock, found in zip(played, days, times, rolled, strict=True):
        at = datetime.combine(own, clock) if own and clock else found
        library.play(
            item,
            at=at,
            wall_time=at.isoformat() if at else clock.isoformat() if clock else "",
            seconds_heard=values.seconds(data.get("DURATION")),
            is_public=data.get("PLAYEDPUBLIC", "1") != "0",
        )


def _day(packed: str) -> date | None:
    """STARTDATE is (year << 16) + (month << 8) + day; 0 and 1 are no day."""
    number = int(packed) if _WHOLE.fullmatch(packed) else 0
    try:
        return date(number >> 16, number >> 8 & 0xFF, number & 0xFF)
    except (ValueError, OverflowError):
        return None


def _time(seconds: str, *, has_day: bool) -> time | None:
    """STARTTIME is seconds after local midnight; without a day 0 says nothing."""
    number = int(seconds) if _WHOLE.fullmatch(seconds) else -1
    if not 0 <= number < 24 * 3600 or (number == 0 and not has_day):
        return None
    return time(number // 3600, number // 60 % 60, number % 60)
