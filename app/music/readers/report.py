"""What was read as one JSON object and as lines for people. Pure; called by the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.music.readers import FORMATS
from app.music.readers.items import Item, Library, Played

SHOWN = 5


def document(library: Library) -> dict[str, Any]:
    """{"format", "encoding", "tracks", "playlists", "plays", "skipped", "warnings"}; unknown is null."""
    places = {id(item): number for number, item in enumerate(library.tracks, 1)}
    return {
        "format": library.format,
        "encoding": library.encoding or None,
        "tracks": [_item(item, number) for number, item in enumerate(library.tracks, 1)],
        "playlists": [
            {
                "name": listed.name, "folder": listed.folder or None, "kind": listed.kind, "count": len(listed.items),
                "tracks": [
                    _item(item, number) | {"track": places.get(id(item))}
                    for number, item in enumerate(listed.items, 1)
                ],
            }
            for listed in library.playlists
        ],
        "plays": [_play(play) for play in library.plays],
        "skipped": [
            {"where": skip.where, "title": skip.title or None, "reason": skip.reason} for skip in library.skipped
        ],
        "warnings": [
            {"sentence": note.sentence, "count": note.count, "where": note.places} for note in library.warnings
        ],
    }  # fmt: skip


def _item(item: Item, position: int) -> dict[str, Any]:
    """A track. `key` is its hour on the Camelot wheel; what the file said stands beside, as for the tempo."""
    return {
        "position": position, "title": item.title or None, "artist": item.artist or None, "album": item.album or None,
        "genre": item.genre or None, "bpm": item.bpm, "bpm_raw": item.bpm_raw or None,
        "key": item.key.camelot if item.key else None, "key_name": item.key.musical if item.key else None,
        "key_raw": item.key_raw or None, "duration_seconds": item.duration_seconds, "played_at": None,
        "energy": item.energy, "familiarity": item.familiarity, "isrc": item.isrc or None, "path": item.path or None,
        "is_sound": item.is_sound,
    }  # fmt: skip


def _play(play: Played) -> dict[str, Any]:
    """A play. `played_at` has an offset where the file tells one, else it is a wall time; null when unknown."""
    return _item(play.item, play.position) | {
        "played_at": play.at.isoformat() if play.at else None,
        "wall_time": play.wall_time or None,
        "offset_seconds": play.offset_seconds,
        "seconds_heard": play.seconds_heard,
        "is_public": play.is_public,
    }


def lines(library: Library) -> Iterator[str]:
    """The same in words."""
    kind = FORMATS[library.format]
    written = f", written in {library.encoding}" if library.encoding else ""
    yield f"{kind[:1].upper()}{kind[1:]} ({library.format}){written}"
    counts = (_count(library.tracks, "track"), _count(library.playlists, "playlist"), _count(library.plays, "play"))
    yield f"{', '.join(counts)}."
    yield from _some("Tracks", [_words(item) for item in library.tracks])
    yield from _some("Playlists", [f"{f'{p.folder} / ' if p.folder else ''}{p.name}: {_count(p.items, 'track')}"
                                   for p in library.playlists])  # fmt: skip
    yield from _some("Plays", [f"{_when(play)}{_words(play.item)}" for play in library.plays])
    yield from _some("Skipped", [f"{s.where}: {s.title or 'nameless'}. {s.reason}" for s in library.skipped], 20)
    yield from _some(
        "Warnings", [f"{note.sentence}{_places(note.places, note.count)}" for note in library.warnings], 20
    )


def _count(things: list[Any], word: str) -> str:
    return f"{len(things):,} {word}{'' if len(things) == 1 else 's'}"


def _words(item: Item) -> str:
    tempo, key = f"{item.bpm:g} BPM" if item.bpm else "", item.key.camelot if item.key else ""
    name = f"{item.artist} - {item.title}" if item.artist else item.title or item.path or "nameless"
    told = ", ".join(filter(None, (tempo, key, _length(item.duration_seconds))))
    return f"{name} ({told})" if told else name


def _length(seconds: float | None) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}" if seconds else ""


def _when(play: Played) -> str:
    return f"{play.at:%Y-%m-%d %H:%M:%S} " if play.at else f"{play.wall_time} " if play.wall_time else ""


def _places(places: list[str], count: int) -> str:
    if not places:
        return ""
    more = f" and {count - len(places)} more" if count > len(places) else ""
    return f" ({', '.join(places)}{more})"


def _some(title: str, found: list[str], most: int = SHOWN) -> Iterator[str]:
    if found:
        yield f"{title}:"
        yield from (f"  {line}" for line in found[:most])
    if len(found) > most:
        yield f"  … and {len(found) - most:,} more"
