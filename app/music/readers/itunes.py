"""iTunes and Music: "Library.xml", a property list. Pure; raises Unreadable.

Films, series, podcasts and books are left out. `Play Date` is a track's last play only, so there are no plays here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from app.lib import clock
from app.music.readers import values
from app.music.readers.items import Item, Library, Listed, Unreadable

_NO_MUSIC = {
    "Podcast": "a podcast", "Movie": "a film", "TV Show": "a series", "Has Video": "a video", "Audiobook": "a book",
    "iTunesU": "a lecture", "Voice Memo": "a voice memo",
}  # fmt: skip
_KINDS = (
    ("video", "a video"),
    ("movie", "a film"),
    ("book", "a book"),
    ("pdf", "a booklet"),
    ("ringtone", "a ringtone"),
)


def read(root: Element, library: Library) -> None:
    """Fill the library from <plist>."""
    document = _value(root[0]) if len(root) else None
    if not isinstance(document, dict) or not isinstance(document.get("Tracks"), dict):
        raise Unreadable("This is a property list, but no music library: there are no tracks in it.")
    by_id: dict[str, Item | None] = {}
    for number, (key, facts) in enumerate(document["Tracks"].items(), 1):
        if isinstance(facts, dict):
            by_id[_id(facts.get("Track ID", key))] = _track(facts, f"track {number}", library)
    playlists = document.get("Playlists")
    entries = [entry for entry in playlists if isinstance(entry, dict)] if isinstance(playlists, list) else []
    folders = {str(e.get("Playlist Persistent ID")): e for e in entries if e.get("Folder")}
    for entry in entries:
        if not entry.get("Folder"):
            library.playlists.append(_playlist(entry, folders, by_id, library))


def _value(element: Element) -> Any:
    """A value of a property list: dict, array, string, number, date, truth."""
    if element.tag == "dict":
        children = list(element)
        return {
            (k.text or ""): _value(v) for k, v in zip(children[::2], children[1::2], strict=False) if k.tag == "key"
        }
    if element.tag == "array":
        return [_value(child) for child in element]
    if element.tag in {"integer", "real"}:
        return values.number(element.text)
    if element.tag in {"true", "false"}:
        return element.tag == "true"
    return element.text or ""


def _id(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def _track(facts: Mapping[str, Any], where: str, library: Library) -> Item | None:
    title = values.clean(facts.get("Name"))
    reason = _no_music(facts)
    if reason:
        library.skip(where, title, f"It is {reason}, not music.")
        return None
    item = Item(
        title=title, artist=values.clean(facts.get("Artist")), album=values.clean(facts.get("Album")),
        genre=values.clean(facts.get("Genre"), 120), comment=values.clean(facts.get("Comments"), 500),
        duration_seconds=values.milliseconds(facts.get("Total Time")), path=values.path_text(facts.get("Location")),
        where=where,
    )  # fmt: skip
    bpm = facts.get("BPM")
    values.set_bpm(item, f"{bpm:g}" if isinstance(bpm, float) else bpm)
    values.name_by_path(item)
    if not item.title:
        library.skip(where, "", "It has neither a name nor a file.")
        return None
    if str(facts.get("Play Date UTC", ""))[:4] > str(clock.now().year):
        library.warn(where, "It was last played in the future, says the file. We take no plays from it.")
    return library.add(item)


def _no_music(facts: Mapping[str, Any]) -> str:
    found = next((word for key, word in _NO_MUSIC.items() if facts.get(key)), "")
    kind = str(facts.get("Kind", "")).casefold()
    return found or next((word for sign, word in _KINDS if sign in kind), "")


def _playlist(
    entry: Mapping[str, Any], folders: Mapping[str, Any], by_id: Mapping[str, Item | None], library: Library
) -> Listed:
    is_system = bool(entry.get("Master") or entry.get("Distinguished Kind"))
    name = values.clean(entry.get("Name"), 120) or "Playlist"
    made = Listed(name, _folder(entry, folders), "system" if is_system else "list")
    items = entry.get("Playlist Items")
    for member in items if isinstance(items, list) else []:
        key = _id(member.get("Track ID") if isinstance(member, dict) else None)
        item = by_id.get(key)
        if item is not None:
            made.items.append(item)
        elif key not in by_id:
            library.warn(f"playlist {name}", "The playlist names tracks that are not in the library.")
    return made


def _folder(entry: Mapping[str, Any], folders: Mapping[str, Any]) -> str:
    names: list[str] = []
    parent = str(entry.get("Parent Persistent ID", ""))
    while parent in folders and len(names) < 10:
        names.insert(0, values.clean(folders[parent].get("Name"), 60))
        parent = str(folders[parent].get("Parent Persistent ID", ""))
    return " / ".join(names)
