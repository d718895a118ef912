"""VirtualDJ: database.xml, My Lists (.vdjfolder), playlists and histories (.m3u), tracklist.txt. Pure.

Its .m3u tags look like XML and are none (raw "&"). A night past midnight stays in the file of its first day. Tempos
in the database are seconds per beat; what is 10 and more is taken for beats per minute, as some writers have it. Raises
Unreadable.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from itertools import pairwise
from xml.etree.ElementTree import Element

from app.music.names import split_artist_title
from app.music.readers import values
from app.music.readers.items import ITEMS_MAX, Item, Library, Listed, TooMany, Unreadable
from app.music.readers.texts import CUT_OFF, lines

MARK = "#EXTVDJ:"
_OPENING = re.compile(r"<(\w{1,40})>")
_ENTITY = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_HEADING = re.compile(r"VirtualDJ History (\d{4})/(\d{1,2})/(\d{1,2})", re.IGNORECASE)
_LINE = re.compile(r"(\d{1,2}:\d{2}(?::\d{2})?)\s*:\s*(.*)$")
_STEM = re.compile(
    r"(?:^|[\s_\-(\[.])(?:vocals?|instrumental|drums?|bass|melody|kick|hi-?hats?|acapella|other|piano|guitar)\s*[)\]]?$",
    re.IGNORECASE,
)


# ---- database.xml and .vdjfolder ----


def read_database(root: Element, library: Library) -> None:
    """Fill the library from <VirtualDJ_Database>."""
    for number, song in enumerate(root.findall("Song"), 1):
        item = _song(song, f"song {number}")
        if _is_stem(item, song):
            library.skip(item.where, item.title or values.base_name(item.path), "It is a stem of a track, not a track.")
            continue
        values.name_by_path(item)
        if item.title:
            item.is_sound = _is_sound(item)
            library.add(item)
        else:
            library.skip(item.where, "", "It has neither a title nor a file.")
        if item.is_sound:
            library.warn(item.where, "This is a sound of the sampler, not music. An import leaves it out.")


def _song(song: Element, where: str) -> Item:
    tags, infos, scan = ({} if (e := song.find(name)) is None else e.attrib for name in ("Tags", "Infos", "Scan"))
    display = {} if (found := song.find("Display")) is None else found.attrib  # before version 8
    item = Item(
        title=values.clean(tags.get("Title") or display.get("Title") or song.get("Title")),
        artist=values.clean(tags.get("Author") or display.get("Author") or song.get("Author")),
        album=values.clean(tags.get("Album") or display.get("Album")),
        genre=values.clean(tags.get("Genre") or display.get("Genre"), 120),
        comment=values.clean(song.findtext("Comment"), 500),
        duration_seconds=values.seconds(infos.get("SongLength") or display.get("SongLength")),
        path=values.path_text(song.get("FilePath")), where=where,
    )  # fmt: skip
    _with_remix(item, tags.get("Remix"))
    old = {} if (found := song.find("BPM")) is None else found.attrib
    for raw in (tags.get("Bpm"), scan.get("Bpm"), old.get("Bpm")):
        if item.bpm is None and raw:
            item.bpm_raw, item.bpm = values.clean(raw, 40), _tempo(raw)
    values.set_key(item, tags.get("Key") or scan.get("Key"))
    return item


def _tempo(raw: str) -> float | None:
    """Seconds per beat below 10; samples per beat (at 44.1 kHz) above 1000; else beats per minute."""
    found = values.number(raw)
    if not found or found < 0:
        return None
    return values.bpm(60 / found if found < 10 else 44_100 * 60 / found if found > 1000 else found)


def _is_sound(item: Item) -> bool:
    """Horns and laughter of the sampler: every VirtualDJ brings them along."""
    path = item.path.replace("\\", "/").casefold()
    return path.endswith(".vdjsample") or "/virtualdj/sampler/" in path


def _is_stem(item: Item, song: Element) -> bool:
    """Parts that its stem separation wrote: files of their own, most without a title."""
    path = item.path.casefold()
    if path.endswith(".vdjstems") or song.get("Type", "").casefold() == "stem":
        return True
    return not item.title and path.endswith(".wav") and (
        "stem" in path or bool(_STEM.search(values.base_name(item.path)))
    )  # fmt: skip


def read_folder(root: Element, library: Library, name: str) -> None:
    """Fill the library from <VirtualFolder>."""
    listed = Listed(name)
    songs = [*root.iter("song"), *root.iter("Song")]
    for number, song in enumerate(sorted(songs, key=lambda song: values.number(song.get("idx")) or 0), 1):
        item = Item(
            title=values.clean(song.get("title")), artist=values.clean(song.get("artist")),
            path=values.path_text(song.get("path")), duration_seconds=values.seconds(song.get("songlength")),
            where=f"song {number}",
        )  # fmt: skip
        item.bpm_raw, item.bpm = values.clean(song.get("bpm"), 40), _tempo(song.get("bpm", ""))
        values.set_key(item, song.get("key"))
        _with_remix(item, song.get("remix"))
        values.name_by_path(item)
        if item.title:
            listed.items.append(library.add(item))
        else:
            library.skip(item.where, "", "It has neither a title nor a file.")
    library.playlists.append(listed)


def _with_remix(item: Item, remix: str | None) -> None:
    words = values.clean(remix, 120)
    if item.title and words and words.casefold() not in item.title.casefold():
        item.title = f"{item.title} ({words})"


# ---- .m3u ----


def read_m3u(text: str, library: Library, name: str, day: date | None) -> None:
    """Fill the library from a playlist, or from a night's history where the tags hold times."""
    entries = _entries(text, library)
    if not _is_history([tags for _, tags in entries], day):
        for item, _ in entries:
            library.add(item)
        library.playlists.append(Listed(name, items=[item for item, _ in entries]))
        return
    times = [values.clock(tags.get("time", "")) for _, tags in entries]
    started = next((when for _, tags in entries if (when := values.epoch(tags.get("lastplaytime")))), None)
    rolled = values.roll(day, times) if day else [None] * len(times)
    zone = None  # an epoch beside a wall time tells the zone, for those without one too
    for (item, tags), wall, local in zip(entries, times, rolled, strict=True):
        when = values.epoch(tags.get("lastplaytime"))
        at = values.with_offset(when, wall) if when and wall else when or (local and local.replace(tzinfo=zone))
        zone = at.tzinfo if when and wall and at else zone
        library.play(item, at=at, wall_time=local.isoformat() if local else wall.isoformat() if wall else "")
    library.format = "virtualdj-history"
    if day is None and started is None:
        library.warn("", "The file’s name holds no date, so the plays have times without a day.")


def _is_history(tags: list[dict[str, str]], day: date | None) -> bool:
    """Times of day, or last plays that follow one another in one night; a playlist's are of any day, in any order."""
    if any(tag.get("time") for tag in tags):
        return True
    ats = [values.epoch(tag.get("lastplaytime")) for tag in tags]
    known = [at for at in ats if at is not None]
    if day is not None or len(known) < len(ats) or not known:
        return bool(day and known)
    is_in_order = all(first <= second for first, second in pairwise(known))
    return is_in_order and known[-1] - known[0] < timedelta(days=1)


def _entries(text: str, library: Library) -> list[tuple[Item, dict[str, str]]]:
    """(item, its tags), in order. A tag line without a file is an entry, and so is a file without tags."""
    found: list[tuple[Item, dict[str, str]]] = []
    is_waiting = False
    for number, line in enumerate(lines(text), 1):
        if len(found) > ITEMS_MAX:
            raise TooMany
        if line.startswith(MARK):
            if line.count("<") and not line.rstrip().endswith(">"):
                raise Unreadable(CUT_OFF)
            tags = {key.casefold(): _plain(value) for key, value in _tags(line)}
            found.append((_tagged(tags, f"line {number}"), tags))
            is_waiting = True
        elif line and not line.startswith("#"):
            if not is_waiting:
                found.append((Item(where=f"line {number}"), {}))
            found[-1][0].path = values.path_text(line)
            is_waiting = False
    if found and not text.endswith(("\n", "\r")) and _breaks_off(found[-1][0], is_waiting=is_waiting):
        raise Unreadable(CUT_OFF)
    return [(item, tags) for item, tags in found if _is_named(item, library)]


def _tags(line: str) -> list[tuple[str, str]]:
    """(name, text) of each tag. A name that is never closed is looked for once, not from each place where it opens."""
    found: list[tuple[str, str]] = []
    unclosed: set[str] = set()
    at = 0
    for opening in _OPENING.finditer(line):
        name = opening[1]
        if opening.start() < at or name in unclosed:
            continue
        end = line.find(f"</{name}>", opening.end())
        if end < 0:
            unclosed.add(name)
            continue
        found.append((name, line[opening.end() : end]))
        at = end + len(name) + 3
    return found


def _breaks_off(last: Item, *, is_waiting: bool) -> bool:
    """Whether a list without a last line end stops inside of a path, or before it."""
    return is_waiting or not (values.has_audio_ending(last.path) or "://" in last.path)


def _plain(text: str) -> str:
    for entity, sign in _ENTITY.items():
        text = text.replace(entity, sign)
    return values.clean(text)


def _tagged(tags: dict[str, str], where: str) -> Item:
    item = Item(
        title=tags.get("title", ""), artist=tags.get("artist", ""), where=where,
        duration_seconds=values.seconds(tags.get("songlength")),
    )  # fmt: skip
    _with_remix(item, tags.get("remix"))
    return item


def _is_named(item: Item, library: Library) -> bool:
    """Complete a name by its own " - ", or by the file; what stays nameless is left out."""
    if item.title and not item.artist:
        item.artist, item.title = split_artist_title(item.title)
    if not item.path.startswith("netsearch:"):
        values.name_by_path(item)
    if not item.title:
        library.skip(item.where, item.path, "It has neither a title nor a file of its own.")
    return bool(item.title)


# ---- tracklist.txt ----


def is_tracklist(text: str) -> bool:
    return bool(_HEADING.search(text[:2000]))


def read_tracklist(text: str, library: Library) -> None:
    """Fill the library from tracklist.txt: days with a heading, lines "22:50 : Artist - Title"."""
    day: date | None = None
    block: list[tuple[time | None, Item]] = []
    for number, line in enumerate(lines(text), 1):
        heading, found = _HEADING.match(line), _LINE.match(line)
        if len(block) > ITEMS_MAX:
            raise TooMany
        if heading:
            _close(day, block, library)
            day, block = values.day("-".join(heading.groups())), []
        elif found:
            artist, title = split_artist_title(values.clean(found[2]))
            if title:
                block.append((values.clock(found[1]), Item(title=title, artist=artist, where=f"line {number}")))
            else:
                library.skip(f"line {number}", "", "The line names no track.")
        elif line.strip("-= "):
            library.warn(f"line {number}", "The line is neither a day nor a track.")
    _close(day, block, library)


def _close(day: date | None, block: list[tuple[time | None, Item]], library: Library) -> None:
    rolled = values.roll(day, [at for at, _ in block]) if day else [None] * len(block)
    for (_, item), at in zip(block, rolled, strict=True):
        library.play(item, at=at, wall_time=at.isoformat() if at else "")
