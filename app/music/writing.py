"""A crate or a playlist as M3U8, CSV, rekordbox XML: what our own readers read back to the same tracks. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from app.music.models import Track

KINDS = {"m3u8": "audio/x-mpegurl; charset=utf-8", "csv": "text/csv; charset=utf-8", "xml": "application/xml"}
HEADER = (
    "Title",
    "Artist",
    "Album",
    "Genre",
    "BPM",
    "Key",
    "Length",
    "Energy",
    "Familiarity",
    "Comment",
    "ISRC",
    "Path",
)
Lists = Sequence[tuple[str, str, Sequence[Track]]]  # (folder, name, tracks)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what begins like one."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def m3u8(tracks: Sequence[Track], name: str) -> bytes:
    """UTF-8 with lengths and names; a track without a place of its own gets its name as one."""
    lines = ["#EXTM3U", f"#PLAYLIST:{name}"]
    for track in tracks:
        seconds = round(track.duration_seconds) if track.duration_seconds else -1
        shown = f"{track.artist} - {track.title}" if track.artist else track.title
        lines.append(f"#EXTINF:{seconds},{shown}")
        lines.append(track.path_hint or re.sub(r"[/\\#]", "_", shown) + ".mp3")
    return ("\r\n".join(lines) + "\r\n").encode()


def table(tracks: Sequence[Track]) -> bytes:
    """CSV with a byte order mark, else Excel guesses the encoding."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for track in tracks:
        writer.writerow([guarded(cell) for cell in _cells(track)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cells(track: Track) -> list[str]:
    return [
        track.title, track.artist, track.album, track.genre, _bpm(track), track.key_as("camelot") or track.key_raw,
        _length(track.duration_seconds), str(track.energy or ""), str(track.familiarity or ""), track.comment,
        track.isrc, track.path_hint,
    ]  # fmt: skip


def _bpm(track: Track) -> str:
    bpm = track.bpm_fixed if track.bpm_fixed is not None else track.bpm
    return f"{bpm:g}" if bpm else ""


def _length(seconds: float | None) -> str:
    return f"{int(round(seconds) // 60)}:{round(seconds) % 60:02d}" if seconds else ""


def rekordbox(tracks: Sequence[Track], lists: Lists) -> bytes:
    """Rekordbox XML: the collection, and playlists in their folders."""
    root = Element("DJ_PLAYLISTS", Version="1.0.0")
    SubElement(root, "PRODUCT", Name="Pika!", Version="1", Company="Pika!")
    collection = SubElement(root, "COLLECTION", Entries=str(len(tracks)))
    numbers = {track.id: str(number) for number, track in enumerate(tracks, 1)}
    for track in tracks:
        SubElement(
            collection, "TRACK", {key: _NOT_XML.sub("", value) for key, value in _attributes(track, numbers).items()}
        )
    top = SubElement(SubElement(root, "PLAYLISTS"), "NODE", Type="0", Name="ROOT", Count=str(len(lists)))
    folders: dict[str, Element] = {"": top}
    for folder, name, members in lists:
        parent = _folder(folders, folder)
        node = SubElement(parent, "NODE", Name=_NOT_XML.sub("", name), Type="1", KeyType="0", Entries=str(len(members)))
        for track in members:
            SubElement(node, "TRACK", Key=numbers[track.id])
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")


def _attributes(track: Track, numbers: dict[int, str]) -> dict[str, str]:
    found = {
        "TrackID": numbers[track.id], "Name": track.title, "Artist": track.artist, "Album": track.album,
        "Genre": track.genre, "TotalTime": str(round(track.duration_seconds or 0)), "Comments": track.comment,
        "Tonality": track.key_as("camelot") or track.key_raw,
        "AverageBpm": f"{float(_bpm(track) or 0):.2f}",
    }  # fmt: skip
    if track.path_hint:
        found["Location"] = "file://localhost/" + quote(track.path_hint.replace("\\", "/").lstrip("/"), safe="/:,")
    return found


def _folder(folders: dict[str, Element], path: str) -> Element:
    if path not in folders:
        parent, _, name = path.rpartition(" / ")
        folders[path] = SubElement(_folder(folders, parent), "NODE", Type="0", Name=_NOT_XML.sub("", name or path))
    return folders[path]
