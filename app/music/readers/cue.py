"""CUE sheets: of a disc, of several files, of a recording. Pure; raises Unreadable.

rekordbox writes INDEX as hours, minutes, seconds, where the standard says minutes, seconds, frames.
"""

from __future__ import annotations

import re
from itertools import pairwise

from app.music.readers import values
from app.music.readers.items import Item, Library, Listed, Unreadable
from app.music.readers.texts import CUT_OFF, lines

_PLACED = {"track", "index", "title", "performer", "file"}  # what may stand behind a FILE
# Blanks of one line only: where each line begins, all empty lines below it would be looked through again.
_TRACK = re.compile(r"^[^\S\n]*TRACK[^\S\n]+\d+[^\S\n]+\w+", re.IGNORECASE | re.MULTILINE)
_FACT = re.compile(r"^[^\S\n]*(FILE|TITLE|PERFORMER|INDEX)\s", re.IGNORECASE | re.MULTILINE)
_INDEX = re.compile(r"INDEX\s+(\d{2})\s+(\d{1,3}):(\d{2}):(\d{2})", re.IGNORECASE)


def is_sheet(text: str) -> bool:
    head = text[:100_000].replace("\r", "\n")  # a lone return ends a line too
    return bool(_TRACK.search(head) and _FACT.search(head))


def read(text: str, library: Library, name: str) -> None:
    """Fill the library from a CUE sheet. Of a recording, every track is a play too, at its place in it."""
    sheet, tracks = _sheet(text)
    if tracks and "index" not in tracks[-1] and all("index" in track for track in tracks[:-1]):
        raise Unreadable(CUT_OFF)
    is_recording = "recorded_by" in sheet or all("file" in track for track in tracks)
    in_hours = "rekordbox" in sheet.get("recorded_by", "").casefold() or any(
        int(track["index"].split(":")[2]) > 74 for track in tracks if "index" in track
    )
    listed = Listed(values.clean(sheet.get("title"), 120) or name, kind="history" if is_recording else "list")
    for number, facts in enumerate(tracks, 1):
        performer = facts.get("performer") or ("" if is_recording else facts.get("album_performer", ""))
        item = Item(
            title=values.clean(facts.get("title")), artist=values.clean(performer), where=f"track {number}",
            path=values.path_text(facts.get("file") or facts.get("alone_in")),
        )  # fmt: skip
        values.name_by_path(item)
        if not item.title:
            library.skip(item.where, "", "The track has no title.")
            continue
        listed.items.append(library.add(item))
        if is_recording:
            library.play(item, offset_seconds=_offset(facts.get("index", ""), in_hours=in_hours),
                         wall_time=f"+{facts['index']}" if "index" in facts else "")  # fmt: skip
    for play, following in pairwise(library.plays):
        if play.offset_seconds is not None and following.offset_seconds is not None:
            play.seconds_heard = max(0.0, following.offset_seconds - play.offset_seconds)
    library.playlists.append(listed)


def _sheet(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """(facts of the sheet, facts of each track). REM may hide a field: REM PERFORMER "…".

    A FILE is a track's own where its INDEX follows; else a part of the sheet begins with it, and what stands before the
    next TRACK is said of that part.
    """
    sheet: dict[str, str] = {}
    tracks: list[dict[str, str]] = []
    part, is_between, first = sheet, True, 0
    words = [_words(line, number) for number, line in enumerate(lines(text))]
    for (key, value), following in zip(words, _following(words), strict=True):
        if key == "track":
            tracks.append({"album_performer": part.get("performer", "") or sheet.get("performer", "")})
            is_between = False
        elif key == "index":
            _index(value, tracks)
        elif key == "file" and following != "index":
            _close(part, tracks[first:])
            part, is_between, first = ({} if tracks else sheet), True, len(tracks)
            part["file"] = value
        elif key in _PLACED or key in {"recorded_by", "date"}:
            (part if is_between else tracks[-1]).setdefault(key, value)
    _close(part, tracks[first:])
    return sheet, tracks


def _following(words: list[tuple[str, str]]) -> list[str]:
    """For each line the next keyword that matters."""
    made, key = [], ""
    for own, _ in reversed(words):
        made.append(key)
        key = own if own in _PLACED else key
    return made[::-1]


def _close(part: dict[str, str], tracks: list[dict[str, str]]) -> None:
    """A track that is alone in a file is that file."""
    if len(tracks) == 1 and "file" in part:
        tracks[0]["alone_in"] = part["file"]


def _words(line: str, number: int) -> tuple[str, str]:
    """(keyword, value) of a line; the line itself as the value of an INDEX. Raises Unreadable for half a value."""
    key, _, value = re.sub(r"^REM\s+", "", line, flags=re.IGNORECASE).partition(" ")
    key = key.casefold()
    if key == "index":
        return key, line
    if key in {"title", "performer", "file", "recorded_by", "date"}:
        if value.count('"') == 1:
            raise Unreadable(CUT_OFF if number else "This CUE sheet is damaged.")
        return key, _quoted(value)
    return key, value


def _index(line: str, tracks: list[dict[str, str]]) -> None:
    found = _INDEX.match(line)
    if found is None:
        raise Unreadable(CUT_OFF)
    if tracks and (found[1] == "01" or "index" not in tracks[-1]):
        tracks[-1]["index"] = f"{found[2]}:{found[3]}:{found[4]}"


def _quoted(text: str) -> str:
    found = re.match(r'\s*"(.*)"', text)
    plain = values.clean(text, 1000)
    return found[1] if found else re.sub(r"\s(?:WAVE|MP3|AIFF|FLAC|OGG|BINARY|MOTOROLA)$", "", plain)


def _offset(index: str, *, in_hours: bool) -> float | None:
    if not index:
        return None
    first, second, third = (int(part) for part in index.split(":"))
    return first * 3600 + second * 60 + third if in_hours else first * 60 + second + third / 75
