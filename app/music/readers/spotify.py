"""Spotify JSON: playlists, pages of tracks, single tracks, audio features, plays, the export of one's own data. Pure.

A page says how many there are in all; what stands in it counts. Keys are pitch classes with a mode, -1 unknown.
`added_at` is no play. Any list of objects with a title is read as well. Raises Unreadable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from app.music import keys
from app.music.readers import values
from app.music.readers.items import Item, Library, Listed, Unreadable

_TITLES = ("name", "trackName", "track", "title", "song", "master_metadata_track_name")
_ARTISTS = ("artistName", "artist", "artists", "performer", "master_metadata_album_artist_name")
_SPOKEN = ("episodeName", "episode_name", "audiobookName", "audiobook_title", "audiobook_chapter_title")
_ALBUMS = ("albumName", "album", "master_metadata_album_album_name")


def read(document: Any, library: Library, name: str) -> None:
    """Fill the library from a JSON document."""
    if isinstance(document, Mapping) and document.get("schedule"):
        raise Unreadable("This is a schedule, not music.")
    if _is_features(document):
        _features([document], library)
    elif isinstance(document, Mapping) and isinstance(document.get("audio_features"), list):
        _features(document["audio_features"], library)
    else:
        for title, folder, entries in _lists(document, name):
            _list(title, folder, entries, library)
    _in_order(library)
    if library.is_empty and not library.skipped:
        raise Unreadable("This is JSON, but there are no tracks in it that we recognize.")


def _is_features(document: Any) -> bool:
    return isinstance(document, Mapping) and "tempo" in document and "key" in document and "name" not in document


def _lists(document: Any, name: str) -> Iterator[tuple[str, str, Sequence[Any]]]:
    """(name, folder, entries) of each list in the document."""
    if isinstance(document, list):
        yield name, "", document
    elif isinstance(document, Mapping):
        yield from _lists_of(document, name)


def _lists_of(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, Sequence[Any]]]:
    own = values.clean(document.get("name"), 120) if isinstance(document.get("name"), str) else ""
    nested = document.get("playlists")
    for playlist in nested if isinstance(nested, list) else []:
        yield from _lists(playlist, name)
    entries = next(
        (found for key in ("tracks", "items", "songs", "queue") if (found := _entries(document.get(key)))), None
    )
    if entries is not None:
        yield own or name, "", entries
    elif document.get("type") == "track" or (own and document.get("artists")):
        yield name, "", [document]
    elif isinstance(document.get("item"), Mapping):  # what plays now
        yield name, "", [document["item"]]


def _entries(value: Any) -> Sequence[Any] | None:
    """A list, or the items of a page."""
    found = value.get("items") if isinstance(value, Mapping) else value
    return found if isinstance(found, list) else None


def _is_track(entry: Any) -> bool:
    """Whether this is, or was, a track: a name alone may be anything."""
    if not isinstance(entry, Mapping):
        return False
    track = _track_of(entry)
    return track is None or bool(
        str(track.get("uri", "")).startswith("spotify:local:")
        or (_named(track, _TITLES) and (_named(track, _ARTISTS) or {"duration_ms", "uri", "trackUri"} & set(track)))
    )


def _list(title: str, folder: str, entries: Sequence[Any], library: Library) -> None:
    if not any(_is_track(entry) for entry in entries):
        return
    listed, plays_before = Listed(title, folder), len(library.plays)
    for number, entry in enumerate(entries, 1):
        _entry(entry, f"{title}, entry {number}" if title else f"entry {number}", listed, library)
    if listed.items or len(library.plays) == plays_before:
        library.playlists.append(listed)


def _in_order(library: Library) -> None:
    """Plays by their time, once for all lists: a file may hold very many."""
    library.plays.sort(key=lambda play: play.at or datetime.min.replace(tzinfo=UTC))
    for position, play in enumerate(library.plays, 1):
        play.position = position


def _entry(entry: Any, where: str, listed: Listed, library: Library) -> None:
    """A line of a list: a play when it says when, else a track."""
    track = _track_of(entry)
    item = _item(track, where) if track is not None else Item()
    reason = _reason(entry, track) or ("" if item.title else "It has no title.")
    if reason:
        library.skip(where, item.title or _named(track or {}, _SPOKEN), reason)
        return
    said = _played(entry)
    if said:
        at, heard = _moment(said), values.milliseconds(entry.get("msPlayed") or entry.get("ms_played"))
        library.play(item, at=at, wall_time="" if at else said[:30], seconds_heard=heard)
        return
    listed.items.append(library.add(item))
    if entry.get("is_local") or item.path.startswith("spotify:local:"):
        library.warn(where, "It is a file of somebody's own computer: Spotify knows little of it.")


def _track_of(entry: Any) -> Mapping[str, Any] | None:
    """The track in an entry of a list: {"track": {…}}, {"item": {…}}, what stands in its place, or the entry itself."""
    if not isinstance(entry, Mapping):
        return None
    for key in ("track", "item", "localTrack", "episode", "audiobook"):
        if isinstance(entry.get(key), Mapping):
            found: Mapping[str, Any] = entry[key]
            return found
    if ("track" in entry and entry["track"] is None) or ("item" in entry and entry["item"] is None):
        return None
    return entry


def _reason(entry: Any, track: Mapping[str, Any] | None) -> str:
    if isinstance(entry, Mapping) and track is None:
        return "Spotify has removed it."
    facts = track or {}
    kind = str(facts.get("type") or "track")
    if kind in {"episode", "show"} or facts.get("episode") is True or _named(facts, ("episodeName", "episode_name")):
        return "It is a podcast, not music."
    if _named(facts, ("audiobookName", "audiobook_title", "audiobook_chapter_title")):
        return "It is an audiobook, not music."
    if kind in {"album", "artist", "playlist", "user", "chapter", "audiobook"}:
        return f"It is an {kind}, not a track." if kind[0] in "aeiou" else f"It is a {kind}, not a track."
    return ""


def _item(track: Mapping[str, Any], where: str) -> Item:
    ids = track.get("external_ids")
    item = Item(
        title=_named(track, _TITLES), artist=_named(track, _ARTISTS), album=_named(track, _ALBUMS), where=where,
        genre=_named(track, ("genre", "genres"))[:120],
        duration_seconds=values.milliseconds(track.get("duration_ms") or track.get("durationMs"))
        or _length(track.get("duration_seconds") or track.get("duration") or track.get("length")),
        path=values.path_text(track.get("uri") or track.get("trackUri") or track.get("spotify_track_uri")),
        isrc=values.clean(ids.get("isrc") if isinstance(ids, Mapping) else track.get("isrc"), 20),
    )  # fmt: skip
    features = track.get("audio_features")
    _set_features(item, features if isinstance(features, Mapping) else track)
    return item if item.title else _with_local_name(item, track)


def _length(said: Any) -> float | None:
    """A length of whatever program: "3:05", seconds, or milliseconds where seconds would be hours."""
    found = said if isinstance(said, int | float) and not isinstance(said, bool) else None
    return values.milliseconds(said) if found and found >= 20_000 else values.seconds(said)


def _with_local_name(item: Item, track: Mapping[str, Any]) -> Item:
    """Name a file of somebody's own by its address, spotify:local:Artist:Album:Title:seconds, escaped as in a form."""
    address = str(track.get("uri") or track.get("trackUri") or "")
    if address.startswith("spotify:local:") and address.count(":") == 5:
        artist, album, title, length = (unquote_plus(part) for part in address.split(":")[2:])
        item.artist, item.album, item.title = values.clean(artist), values.clean(album), values.clean(title)
        item.duration_seconds = values.seconds(length)
    return item


def _named(facts: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of these fields that holds a text, a named thing, or a list of such."""
    for name in names:
        value = facts.get(name)
        if isinstance(value, list):
            value = ", ".join(filter(None, (_one(part) for part in value)))
        found = values.clean(_one(value))
        if found:
            return found
    return ""


def _one(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name")
    return value if isinstance(value, str) else ""


def _set_features(item: Item, facts: Mapping[str, Any]) -> None:
    values.set_bpm(item, facts.get("tempo") if facts.get("tempo") is not None else facts.get("bpm"))
    pitch, mode = facts.get("key"), facts.get("mode")
    if isinstance(pitch, int) and not isinstance(pitch, bool):
        item.key = keys.from_spotify(pitch, mode if isinstance(mode, int) else None)
        item.key_raw = f"{pitch}/{mode}" if mode is not None else str(pitch)
    elif isinstance(pitch, str):
        values.set_key(item, pitch)


def _features(entries: Sequence[Any], library: Library) -> None:
    """Audio features name no track: they are read, but an import has nothing to call them."""
    for number, facts in enumerate(entries, 1):
        if not isinstance(facts, Mapping):
            library.skip(f"entry {number}", "", "Spotify knows no features of it.")
            continue
        item = Item(where=f"entry {number}", duration_seconds=values.milliseconds(facts.get("duration_ms")),
                    path=values.path_text(facts.get("uri")))  # fmt: skip
        _set_features(item, facts)
        library.add(item)
        library.warn(item.where, "Audio features name no track, so an import leaves them out.")


def _played(entry: Any) -> str:
    """When a line of a history says that it was played. "time" and "timestamp" may say other things too."""
    said = str(next((entry[key] for key in ("played_at", "endTime", "ts") if isinstance(entry.get(key), str)), ""))
    others = (str(entry.get(key, "")) for key in ("timestamp", "time"))
    return said or next((text for text in others if "-" in text and values.instant(text)), "")


def _moment(text: str) -> datetime | None:
    """Times without a zone are UTC here."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
