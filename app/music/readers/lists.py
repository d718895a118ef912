"""Plain playlists: M3U and M3U8, PLS, XSPF, and lists of lines. Pure; raises Unreadable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element

from app.music.names import split_artist_title
from app.music.readers import values
from app.music.readers.items import Item, Library, Listed, Unreadable
from app.music.readers.texts import CUT_OFF, lines
from app.music.readers.titles import field_of

_EXTINF = re.compile(r"#EXTINF\s*:?\s*(-?[\d.]+)?[^,]*?(?:,(.*))?$", re.IGNORECASE)
_PLS = re.compile(r"(file|title|length)\s*(\d{1,9})\s*=(.*)$", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:\d{1,4}\s*[.):]|#\d{1,4})\s*(?:\[?\(?(\d{1,2}:\d{2}(?::\d{2})?)\)?\]?\s*[-–|]?\s*)?(.*)$")
_TIMED = re.compile(r"\[?(\d{1,2}:\d{2}(?::\d{2})?|\?+:\?+)\]?\s*[-–|]?\s*(?:w/\s+)?(.+)$")
_TAIL = re.compile(r"\s*(?:[\[(](\d{1,2}:\d{2}(?::\d{2})?)[\])]|\s[-–—|]\s+(\d{1,2}:\d{2}(?::\d{2})?))$")


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
    """Whether every line is a sound file: an M3U list without its heading. A table may end with its column of paths."""
    if "\t" in text or re.match(r"#[,;|]", text):
        return False
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
    if len(line) > 2 and line[0] == line[-1] == '"' and '"' not in line[1:-1]:
        line = line[1:-1].strip()
    found = _NUMBERED.match(line) or _TIMED.match(line)
    return (found[1] or "", found[2]) if found and found[2] else ("", line)


def read_lines(text: str, library: Library, name: str) -> None:
    """Fill the library from lines "Artist - Title", or "3. Title by Artist"; a heading above them names the list."""
    listed = Listed(name)
    found = [(number, line) for number, line in enumerate(lines(text), 1) if line]
    named = [(number, values.clean(_line(line)[1], 400)) for number, line in found if _is_line(line)]
    if len(named) > 1 and _is_title_row(named[0][1]):
        named = named[1:]
    lengths = _lengths([words for _, words in named])
    for number, line in found:
        if not _is_line(line):
            if number == found[0][0]:
                listed.name = values.clean(line, 120)
            else:
                library.skip(f"line {number}", line, "The line does not say “Artist - Title”.")
    for number, words in named:
        plain, length = (words, None) if lengths is None else (_TAIL.sub("", words), lengths.get(words))
        artist, title = split_artist_title(plain)
        if not artist and " by " in plain:
            title, _, artist = plain.rpartition(" by ")
        if artist.casefold() == title.casefold() == "id":  # as those who write down sets say it
            library.skip(f"line {number}", plain, "Nobody knows which track it was.")
            continue
        listed.items.append(library.add(Item(title=values.clean(title), artist=values.clean(artist),
                                             duration_seconds=length, where=f"line {number}")))  # fmt: skip
    library.playlists.append(listed)


def _is_title_row(words: str) -> bool:
    """Whether the first line says what the lines hold: "Artist - Name"."""
    artist, title = split_artist_title(words)
    return field_of(artist) == "artist" and field_of(title) == "title"


def _lengths(found: Sequence[str]) -> dict[str, float | None] | None:
    """Times at the ends of most lines: lengths, or unknown where they grow like places in a set. None without any."""
    tails = {words: values.seconds(tail[1] or tail[2]) for words in found if (tail := _TAIL.search(words))}
    if len(tails) < max(1, 0.7 * len(found)):
        return None
    told = [seconds or 0.0 for seconds in tails.values()]
    grows = all(first < second for first, second in pairwise(told))
    return dict.fromkeys(tails) if grows else dict(tails)


def first_lines(text: str, count: int = 40) -> Sequence[str]:
    return [line for line in lines(text[:20_000]) if line][:count]
