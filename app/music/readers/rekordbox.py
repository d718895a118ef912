"""rekordbox XML: a collection, and nested playlists that refer to it by id or by place. Pure; raises Unreadable.

`Entries` is never believed: what stands there counts. Keys are written as the DJ shows them, all notations in one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from app.music.readers import values
from app.music.readers.items import Item, Library, Listed

SOUND_SECONDS = 20  # what is shorter, has no artist and no tempo is a sampler's sound


def read(root: Element, library: Library) -> None:
    """Fill the library from <DJ_PLAYLISTS>."""
    by_id, by_place = {}, {}
    collection = root.find("COLLECTION")
    for number, element in enumerate(collection.findall("TRACK") if collection is not None else [], 1):
        item = _track(element, f"track {number}")
        if not item.title:
            library.skip(item.where, "", "It has neither a name nor a file.")
            continue
        library.add(item)
        by_id[element.get("TrackID", "")] = by_place[item.path] = item
        if item.is_sound:
            library.warn(item.where, "This is a sound of the sampler, not music. An import leaves it out.")
    for top in root.findall("PLAYLISTS/NODE"):
        for node in top.findall("NODE") if top.get("Type", "0") == "0" else [top]:
            _node(node, "", by_id, by_place, library)


def _track(element: Element, where: str) -> Item:
    item = Item(
        title=values.clean(element.get("Name")), artist=values.clean(element.get("Artist")),
        album=values.clean(element.get("Album")), genre=values.clean(element.get("Genre"), 120),
        comment=values.clean(element.get("Comments"), 500), path=values.path_text(element.get("Location")),
        duration_seconds=values.seconds(element.get("TotalTime")), where=where,
    )  # fmt: skip
    values.set_bpm(item, element.get("AverageBpm"))
    if item.bpm is None and not item.bpm_raw:  # some writers leave the average out and keep the grid
        grid = element.find("TEMPO")
        values.set_bpm(item, grid.get("Bpm") if grid is not None else "")
    values.set_key(item, element.get("Tonality"))
    mix = values.clean(element.get("Mix"))
    if item.title and mix and mix.casefold() not in item.title.casefold():
        item.title = f"{item.title} ({mix})"
    values.name_by_path(item)
    item.is_sound = _is_sound(item)
    return item


def _is_sound(item: Item) -> bool:
    """NOISE, SIREN, HORN and their like: every rekordbox brings them along."""
    in_sampler = "/sampler/" in item.path.replace("\\", "/").casefold()
    is_short = item.duration_seconds is not None and item.duration_seconds <= SOUND_SECONDS
    return in_sampler or (is_short and item.bpm is None and not item.artist)


def _node(
    node: Element, folder: str, by_id: Mapping[str, Item], by_place: Mapping[str, Item], library: Library
) -> None:
    name = values.clean(node.get("Name"), 120) or "Playlist"
    if node.get("Type") == "1" or node.find("TRACK") is not None:
        library.playlists.append(_playlist(node, name, folder, by_id, by_place, library))
        return
    inside = f"{folder} / {name}" if folder else name
    for child in node.findall("NODE"):
        _node(child, inside, by_id, by_place, library)


def _playlist(
    node: Element, name: str, folder: str, by_id: Mapping[str, Item], by_place: Mapping[str, Item], library: Library
) -> Listed:
    made = Listed(name, folder)
    by_location = node.get("KeyType") == "1"
    for entry in node.findall("TRACK"):
        key = entry.get("Key", "")
        item = by_place.get(values.path_text(key)) if by_location else by_id.get(key)
        if item is None and by_location:
            item = values.name_by_path(Item(path=values.path_text(key), where=f"playlist {name}"))
        if item is None:
            library.warn(f"playlist {name}", "The playlist names tracks that are not in the collection.")
        else:
            made.items.append(item)
    return made
