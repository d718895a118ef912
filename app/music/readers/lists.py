"""Plain playlists: M3U and M3U8, PLS, XSPF, CUE, and lists of lines. Pure; raises Unreadable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from app.music.names import split_artist_title
from app.music.readers import values
from app.music.readers.items import Item, Library, Listed, Unreadable
from app.music.readers.texts import CUT_OFF, lines

_EXTINF = re.compile(r"#EXTINF\s*:?\s*(-?[\d.]+)?[^,]*?(?:,(.*))?$", re.IGNORECASE)
_PLS = re.compile(r"(file|title|length)\s*(\d{1,9})\s*=(.*)$", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:\d{1,4}\s*[.):]|#\d{1,4})\s*(?:\[?\(?(\d{1,2}:\d{2}(?::\d{2})?)\)?\]?\s*[-–|]?\s*)?(.*)$")
_TIMED = re.compile(r"\[?(\d{1,2}:\d{2}(?::\d{2})?)\]?\s*[-–|]?\s*(.+)$")
# Blanks of one line only: where each line begins, all empty lines below it would be looked through again.
_CUE_TRACK = re.compile(r"^[^\S\n]*TRACK[^\S\n]+\d+[^\S\n]+\w+", re.IGNORECASE | re.MULTILINE)
_CUE_FACT = re.compile(r"^[^\S\n]*(FILE|TITLE|PERFORMER|INDEX)\s", re.IGNORECASE | re.MULTILINE)
_INDEX = re.compile(r"INDEX\s+(\d{2})\s+(\d{1,3}):(\d{2}):(\d{2})", re.IGNORECASE)


# ---- M3U ----


def read_m3u(text: str, library: Library, name: str) -> None:
    """Fill the library from an M3U list."""
    listed, pending = Listed(name), None
    last = ""
    for number, line in enumerate(lines(text), 1):
        last = line or last
        if line.upper().startswith("#EXT-X-"):
            raise Unreadable("This list belongs to a video or radio stream. There are no tracks in it.")
        if line.upper().startswith("#EXTINF"):
            pending = _announced(line, number)
        elif line.upper().startswith(("#PLAYLIST:", "#EXTALB:", "#EXTART:", "#EXTGENRE:")):
            _directive(line, listed, pending)
        elif line and not line.startswith("#"):
            _entry(pending or Item(where=f"line {number}"), line, listed, library)
            pending = None
    _check_end(text, last, listed, has_pending=pending is not None)
    library.playlists.append(listed)


def _announced(line: str, number: int) -> Item:
    """What #EXTINF says: seconds (-1 and less are unknown), then "Artist - Title". Mixxx writes it bare."""
    found = _EXTINF.match(line)
    artist, title = split_artist_title(values.clean(found[2])) if found and found[2] else ("", "")
    length = values.seconds(found[1]) if found and found[1] else None
    return Item(title=title, artist=artist, duration_seconds=length, where=f"line {number}")


def _directive(line: str, listed: Listed, pending: Item | None) -> None:
    key, _, value = line.partition(":")
    value = values.clean(value, 120)
    if key.upper() == "#PLAYLIST" and value:
        listed.name = value
    elif pending is not None:
        field = {"#EXTALB": "album", "#EXTART": "artist", "#EXTGENRE": "genre"}.get(key.upper(), "")
        if field and not getattr(pending, field):
            setattr(pending, field, value)


def _entry(item: Item, line: str, listed: Listed, library: Library) -> None:
    item.path = values.path_text(line)
    values.name_by_path(item)
    if item.title:
        listed.items.append(library.add(item))
    else:
        library.skip(item.where, line, "The line names no track.")


def _check_end(text: str, last: str, listed: Listed, *, has_pending: bool) -> None:
    """A list that ends with an announcement, or inside of its last path, was cut off."""
    if has_pending:
        raise Unreadable(CUT_OFF)
    if text.endswith(("\n", "\r")) or not listed.items:
        return
    if len(listed.items) == 1 and "." not in values.base_name(last) and not values.has_audio_ending(last):
        raise Unreadable(CUT_OFF)
    others = listed.items[:-1]
    if all(values.has_audio_ending(item.path) for item in others) and not values.has_audio_ending(last):
        raise Unreadable(CUT_OFF)


def looks_like_paths(text: str) -> bool:
    """Whether every line is a sound file: an M3U list without its heading."""
    found = [line for line in lines(text) if line and not line.startswith("#")]
    return bool(found) and all(values.has_audio_ending(line) for line in found)


# ---- PLS and XSPF ----


def read_pls(text: str, library: Library, name: str) -> None:
    """Fill the library from a PLS list; its numbers may begin at 0 or 1, its count may stand anywhere or lie."""
    entries: dict[int, dict[str, str]] = {}
    is_counted = False
    for line in lines(text):
        found = _PLS.match(line)
        if found:
            entries.setdefault(int(found[2]), {})[found[1].casefold()] = found[3].strip()
        is_counted = is_counted or line.casefold().startswith(("numberofentries", "version"))
        if line.casefold().startswith(("playlistname=", "x-gnome-title=")):
            name = values.clean(line.partition("=")[2], 120) or name
    if not is_counted and not text.endswith(("\n", "\r")):
        raise Unreadable(CUT_OFF)
    listed = Listed(name)
    for number, entry in sorted(entries.items()):
        artist, title = split_artist_title(values.clean(entry.get("title")))
        item = Item(title=title, artist=artist, duration_seconds=values.seconds(entry.get("length")),
                    where=f"entry {number}")  # fmt: skip
        _entry(item, entry.get("file", ""), listed, library)
    library.playlists.append(listed)


def read_xspf(root: Element, library: Library, name: str) -> None:
    """Fill the library from an XSPF list, of whatever namespace."""
    texts = {_tag(child): child.text for child in root}
    listed = Listed(values.clean(texts.get("title"), 120) or name)
    tracks = [e for e in root.iter() if _tag(e) == "track"]
    for number, element in enumerate(tracks, 1):
        facts = {_tag(child): child.text for child in element}
        item = Item(
            title=values.clean(facts.get("title")), artist=values.clean(facts.get("creator")),
            album=values.clean(facts.get("album")), duration_seconds=values.milliseconds(facts.get("duration")),
            where=f"track {number}",
        )  # fmt: skip
        _entry(item, facts.get("location") or "", listed, library)
    library.playlists.append(listed)


def _tag(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


# ---- CUE ----


def is_cue(text: str) -> bool:
    return bool(_CUE_TRACK.search(text) and _CUE_FACT.search(text))


def read_cue(text: str, library: Library, name: str) -> None:
    """Fill the library from a CUE sheet. Of a recording, every track is a play too, at its place in it.

    rekordbox writes INDEX as hours, minutes, seconds, where the standard says minutes, seconds, frames.
    """
    sheet, tracks = _sheet(text)
    if tracks and "index" not in tracks[-1] and all("index" in track for track in tracks[:-1]):
        raise Unreadable(CUT_OFF)
    is_recording = "recorded_by" in sheet or all("file" in track for track in tracks)
    in_hours = "rekordbox" in sheet.get("recorded_by", "").casefold() or any(
        int(track["index"].split(":")[2]) > 74 for track in tracks if "index" in track
    )
    listed = Listed(values.clean(sheet.get("title"), 120) or name, kind="history" if is_recording else "list")
    for number, facts in enumerate(tracks, 1):
        performer = facts.get("performer") or ("" if is_recording else sheet.get("performer", ""))
        item = Item(title=values.clean(facts.get("title")), artist=values.clean(performer),
                    path=values.path_text(facts.get("file")), where=f"track {number}")  # fmt: skip
        values.name_by_path(item)
        if not item.title:
            library.skip(item.where, "", "The track has no title.")
            continue
        listed.items.append(library.add(item))
        if is_recording:
            library.play(item, offset_seconds=_offset(facts.get("index", ""), in_hours=in_hours),
                         wall_time=f"+{facts['index']}" if "index" in facts else "")  # fmt: skip
    for play, following in zip(library.plays, library.plays[1:], strict=False):
        if play.offset_seconds is not None and following.offset_seconds is not None:
            play.seconds_heard = max(0.0, following.offset_seconds - play.offset_seconds)
    library.playlists.append(listed)


def _sheet(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """(facts of the sheet, facts of each track). REM may hide a field: REM PERFORMER "…"."""
    sheet: dict[str, str] = {}
    tracks: list[dict[str, str]] = []
    for number, line in enumerate(lines(text)):
        words = re.sub(r"^REM\s+", "", line, flags=re.IGNORECASE)
        key, _, value = words.partition(" ")
        key = key.casefold()
        if key == "track":
            tracks.append({})
        elif key == "index":
            _index(line, tracks)
        elif key in {"title", "performer", "file", "recorded_by", "date"}:
            if value.count('"') == 1:
                raise Unreadable(CUT_OFF if number else "This CUE sheet is damaged.")
            (tracks[-1] if tracks else sheet).setdefault(key, _quoted(value))
    return sheet, tracks


def _index(line: str, tracks: list[dict[str, str]]) -> None:
    found = _INDEX.match(line)
    if found is None:
        raise Unreadable(CUT_OFF)
    if tracks and (found[1] == "01" or "index" not in tracks[-1]):
        tracks[-1]["index"] = f"{found[2]}:{found[3]}:{found[4]}"


def _quoted(text: str) -> str:
    found = re.match(r'\s*"(.*)"', text)
    return found[1] if found else re.sub(r"\s(?:WAVE|MP3|AIFF|BINARY)$", "", values.clean(text, 1000))


def _offset(index: str, *, in_hours: bool) -> float | None:
    if not index:
        return None
    first, second, third = (int(part) for part in index.split(":"))
    return first * 3600 + second * 60 + third if in_hours else first * 60 + second + third / 75


# ---- lines ----


def looks_like_lines(text: str) -> bool:
    """Whether most lines are "Artist - Title", perhaps numbered: a list somebody pasted."""
    found = [line for line in lines(text) if line]
    if not found or len(found) > 5000 or max(map(len, found)) > 400:
        return False
    body = found if _is_line(found[0]) or len(found) < 3 else found[1:]  # a heading may stand above
    return sum(_is_line(line) for line in body) >= max(1, 0.7 * len(body))


def _is_line(line: str) -> bool:
    _, words = _line(line)
    return bool(re.search(r"\S\s[-–—]\s+\S", words)) or bool(_NUMBERED.match(line) and " by " in words)


def _line(line: str) -> tuple[str, str]:
    """(time into the set or "", the words) of "01. 0:00:00 Artist - Title", "[12:30] Artist - Title"."""
    found = _NUMBERED.match(line) or _TIMED.match(line)
    return (found[1] or "", found[2]) if found and found[2] else ("", line)


def read_lines(text: str, library: Library, name: str) -> None:
    """Fill the library from lines "Artist - Title", or "3. Title by Artist"; a heading above them names the list."""
    listed = Listed(name)
    found = [(number, line) for number, line in enumerate(lines(text), 1) if line]
    for number, line in found:
        if not _is_line(line):
            if number == found[0][0]:
                listed.name = values.clean(line, 120)
            else:
                library.skip(f"line {number}", line, "The line does not say “Artist - Title”.")
            continue
        _, words = _line(line)
        artist, title = split_artist_title(words)
        if not artist and " by " in words:
            title, _, artist = words.rpartition(" by ")
        listed.items.append(library.add(Item(title=values.clean(title), artist=values.clean(artist),
                                             where=f"line {number}")))  # fmt: skip
    library.playlists.append(listed)


def first_lines(text: str, count: int = 40) -> Sequence[str]:
    return [line for line in lines(text[:20_000]) if line][:count]
