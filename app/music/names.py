"""When two names mean the same: keys of artist and title for the same recording, and for the same song. Pure.

`song_key` is equal for one recording however a program writes it: order and joining of artists, "feat." in title or
artist, "(Original Mix)", "- 2011 Remaster", diacritics, case. `work_key` leaves the artist and every version word out,
so that a remix or a cover meets its original. Two songs of one title meet as well: it may warn, never decide.
"""

from __future__ import annotations

import re

from app.lib.text import clean_line, fold

_FEAT = re.compile(r"[\s(\[]+(?:feat(?:uring)?|ft|f/)\b\.?\s+([^()\[\]]+)[)\]]?", re.IGNORECASE)
_JOINERS = {"and", "feat", "featuring", "ft", "x", "vs", "with", "the", "und", "et", "y", "e", "presents", "pres"}
_SAME = (
    r"(?:original(?: mix| version)?|album version|single version|explicit(?: version)?|"
    r"official (?:audio|(?:music )?video)|(?:\d{4} )?(?:digital )?remaster(?:ed)?(?: \d{4})?(?: version)?)"
)
_SAME_RECORDING = re.compile(rf"\s*[(\[]\s*{_SAME}\s*[)\]]|\s+-\s+{_SAME}\s*$", re.IGNORECASE)
_VERSION_WORDS = (
    r"remix|mix|edit|version|live|acoustic|cover|remaster(?:ed)?|instrumental|extended|radio|rework|re-?work|bootleg|"
    r"mash-?up|vip|dub|demo|karaoke|unplugged|sessions?|explicit|clean|dirty|original|sped up|slowed|reverb|reboot|"
    r"flip|refix|re-?edit|remake|tribute|stripped|piano|a ?cappella|intro|outro|club|soundtrack|from|feat|ft|with|"
    r"featuring|bonus|mono|stereo|deluxe|reprise|recorded|performed"
)
_VERSION_IN_BRACKETS = re.compile(rf"\s*[(\[][^()\[\]]*\b(?:{_VERSION_WORDS})\b[^()\[\]]*[)\]]", re.IGNORECASE)
_VERSION_BEHIND_DASH = re.compile(rf"\s+[-–—]\s+[^-–—]*\b(?:{_VERSION_WORDS})\b.*$", re.IGNORECASE)
_VERSION_AT_END = re.compile(r"\s+(?:remix|instrumental|karaoke|remaster(?:ed)?)\s*$", re.IGNORECASE)
_APOSTROPHES = re.compile(r"['’`´ʼ‘]")
_DASHES = (re.compile(" - "), re.compile(" – "), re.compile(" — "))
_LIMIT = 300
SEARCHED = 600  # characters; an index row of PostgreSQL must hold them


def song_key(artist: str, title: str) -> str:
    """The same for the same recording: "daniel caesar h e r|best part"."""
    guests = " ".join(found[1] for found in _FEAT.finditer(title))
    plain = _SAME_RECORDING.sub("", _FEAT.sub(" ", title)) or title
    names = sorted({word for word in _words(f"{artist} {guests}") if word not in _JOINERS})
    return f"{' '.join(names)}|{' '.join(_words(plain))}"[:_LIMIT]


def work_key(artist: str, title: str) -> str:
    """The same for remixes and covers too. The artist counts only where the title has no word of its own."""
    plain = _FEAT.sub(" ", title)
    plain = _VERSION_IN_BRACKETS.sub("", plain)
    plain = _VERSION_BEHIND_DASH.sub("", plain)
    plain = _VERSION_AT_END.sub("", plain)
    words = [word for word in _words(plain) if word != "the"] or _words(title)
    return " ".join(words or ["", *_words(artist)])[:_LIMIT]


def search_text(*parts: str) -> str:
    """What is searched: folded words without apostrophes and signs."""
    return " ".join(_words(" ".join(parts)))[:SEARCHED]


def tidy_artists(text: str) -> str:
    """Several artists as one reads them: "A,B" and "A;B" become "A, B"; "10,000 Maniacs" stays."""
    return clean_line(re.sub(r"\s*;\s*|,(?=[^\W\d])", ", ", text))[:300]


def split_artist_title(text: str) -> tuple[str, str]:
    """("Artist", "Title") of "Artist - Title"; the first " - " outside of brackets parts them; else no artist."""
    for dash in _DASHES:
        for found in dash.finditer(text):
            artist, title = text[: found.start()], text[found.end() :]
            if title.strip() and not _is_inside(artist, title):
                return clean_line(artist), clean_line(title)
    return "", clean_line(text.removeprefix("- "))


def _is_inside(before: str, behind: str) -> bool:
    """Whether a bracket is open that is closed further on: "Live (20:00 - 22:00)"."""
    return any(before.count(o) > before.count(c) and c in behind for o, c in ("()", "[]"))


def _words(text: str) -> list[str]:
    folded = fold(_APOSTROPHES.sub("", text).replace("&", " and "))
    return re.findall(r"[^\W_]+", folded) or re.findall(r"\S+", folded)
