"""Bytes as text: by byte order mark, UTF-8, else Windows-1252, or as somebody chose. Pure; raises Unreadable."""

from __future__ import annotations

import re

from app.music.readers.items import Unreadable

ENCODINGS = {
    "": "As found", "utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252 (western)",
    "cp1250": "Windows-1250 (central European)", "cp1251": "Windows-1251 (Cyrillic)", "mac-roman": "Mac Roman",
    "shift_jis": "Shift JIS",
}  # fmt: skip
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_SWAPPED = re.compile("[\u0a00\u0d00\u0900\u2000]")  # a line break, a tab or a blank with its two bytes exchanged
LINE_MAX = 5_000  # letters: paths and tags have fewer; patterns take longer than a line is long
CUT_OFF = "The file ends in the middle: it was cut off. Export it again."


def decode(raw: bytes, encoding: str = "") -> tuple[str, str]:
    """(text, what it was written in)."""
    if encoding:
        return _chosen(raw, encoding), encoding
    for bom, name in _BOMS:
        if raw.startswith(bom):
            return _with_bom(raw[len(bom) :], name), name
    if b"\x00" in raw[:4096]:
        return _without_bom(raw)
    if _BINARY.search(raw):
        raise Unreadable("This is not text, and no library or playlist that we know.")
    try:
        return raw.decode(), "utf-8"
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and _is_utf8(raw[: error.start]):
            raise Unreadable(CUT_OFF) from error
    return _line_by_line(raw)


def _chosen(raw: bytes, encoding: str) -> str:
    if encoding not in ENCODINGS:
        raise Unreadable("We do not know that encoding.")
    if encoding == "utf-8":
        raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is not written in {ENCODINGS[encoding]}. Choose another encoding.") from error


def _with_bom(raw: bytes, name: str) -> str:
    if name != "utf-8" and len(raw) % 2:
        raise Unreadable(CUT_OFF)
    try:
        text = raw.decode(name)
    except UnicodeDecodeError as error:
        raise Unreadable("The byte order mark at the start of the file contradicts what follows.") from error
    if "\x00" in text or (name != "utf-8" and "\n" not in text and "\r" not in text and _SWAPPED.search(text)):
        raise Unreadable("The byte order mark at the start of the file contradicts what follows.")
    return text


def _without_bom(raw: bytes) -> tuple[str, str]:
    """UTF-16 without its mark shows by zero bytes at every second place."""
    head = raw[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    name = "utf-16-le" if odd > 4 * even and odd > len(head) / 5 else "utf-16-be"
    if name == "utf-16-be" and not (even > 4 * odd and even > len(head) / 5):
        raise Unreadable("This is not text, and no library or playlist that we know.")
    return _with_bom(raw, name), name


def _is_utf8(raw: bytes) -> bool:
    """Whether this is UTF-8 with at least one character that is not plain ASCII: then its end was cut."""
    try:
        return not raw.decode().isascii()
    except UnicodeDecodeError:
        return False


def _line_by_line(raw: bytes) -> tuple[str, str]:
    """Windows-1252, but lines that are UTF-8 as such: playlists that two programs wrote hold both."""
    made, has_utf8 = [], False
    for line in raw.split(b"\n"):
        try:
            text = line.decode()
            has_utf8 = has_utf8 or not text.isascii()
        except UnicodeDecodeError:
            text = line.decode("cp1252", errors="replace")
        made.append(text)
    return "\n".join(made), "utf-8 and cp1252" if has_utf8 else "cp1252"


def lines(text: str) -> list[str]:
    """Lines, however they end (old iTunes wrote a lone carriage return), without blanks around and never endless."""
    return [line.strip()[:LINE_MAX] for line in re.split(r"\r\n|\n|\r", text)]
