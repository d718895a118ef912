"""Musical keys: one form (pitch class, mode), read from whatever programs write, shown in three notations. Pure.

Formulas, not tables: two public pages print the wheel wrongly. Checked in tests against 8A = 1m = Am and 8B = 1d = C.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NOTATIONS = {"camelot": "Camelot (8A)", "open": "Open Key (1m)", "musical": "Musical (Am)"}
MAJOR_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_NAMES = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11, "H": 11}  # H is the German B
_WHEEL = re.compile(r"0?(1[0-2]|[1-9])\s*([abdm])$", re.IGNORECASE)
_NOTE = r"([A-Ha-h])\s*-?\s*(##|bb|[#♯b♭]|sharp|flat|is|es|s)?"
_NAMED = re.compile(
    rf"{_NOTE}(?:\s*/\s*{_NOTE})?\s*-?\s*(major|maj|dur|M|minor|min|moll|mol|mi|m)?\.?$",
    re.IGNORECASE,
)
_SHARPS = {"#": 1, "♯": 1, "sharp": 1, "is": 1, "##": 2}
_FLATS = {"b": -1, "♭": -1, "flat": -1, "es": -1, "s": -1, "bb": -2}


@dataclass(frozen=True, slots=True)
class Key:
    """A key: `pitch` 0 (C) to 11 (B)."""

    pitch: int
    is_major: bool

    @property
    def mode(self) -> str:
        return "major" if self.is_major else "minor"

    @property
    def number(self) -> int:
        """Its hour on the Camelot wheel."""
        relative = self.pitch if self.is_major else self.pitch - 9
        return (7 * relative + 7) % 12 + 1

    @property
    def camelot(self) -> str:
        return f"{self.number}{'B' if self.is_major else 'A'}"

    @property
    def open(self) -> str:
        return f"{(self.number + 4) % 12 + 1}{'d' if self.is_major else 'm'}"

    @property
    def musical(self) -> str:
        return (MAJOR_NAMES if self.is_major else MINOR_NAMES)[self.pitch]


def show(key: Key | None, notation: str) -> str:
    """The key in that notation; "" when unknown."""
    if key is None:
        return ""
    return {"open": key.open, "musical": key.musical}.get(notation, key.camelot)


def from_camelot(number: int, *, is_major: bool) -> Key:
    """The key at that hour of the wheel."""
    pitch = 7 * (number - 8) % 12  # 7 is its own inverse modulo 12
    return Key(pitch if is_major else (pitch + 9) % 12, is_major)


def from_traktor(value: int) -> Key | None:
    """Traktor's MUSICAL_KEY: 0–11 C to B major, 12–23 C to B minor."""
    return Key(value % 12, value < 12) if 0 <= value < 24 else None


def from_spotify(pitch: int, mode: int | None) -> Key | None:
    """Spotify's pitch class (-1: unknown) and mode (1: major). Without a mode it is no key."""
    return Key(pitch, mode == 1) if 0 <= pitch < 12 and mode in {0, 1} else None


def parse(text: str) -> Key | None:
    """Reads "8A", "08a", "1m", "1d", "Am", "A minor", "A" (major), "Dbmaj", "C#min", "G#/A♭ Minor"; else None.

    Of several keys in one text ("8A - Am") the first one that says something.
    """
    text = " ".join(text.split())
    found = _one(text)
    if found is None and len(text) <= 40:
        parts = re.split(r"\s*[-,;|()\[\]]\s*|\s+/\s+", text)
        found = next((key for part in parts if len(parts) > 1 and (key := _one(part)) is not None), None)
    return found


def _one(text: str) -> Key | None:
    wheel = _WHEEL.match(text)
    if wheel:
        number, letter = int(wheel[1]), wheel[2].lower()
        if letter in "dm":  # Open Key
            return from_camelot((number + 6) % 12 + 1, is_major=letter == "d")
        return from_camelot(number, is_major=letter == "b")
    named = _NAMED.match(text)
    if named is None:
        return None
    first, second = _pitch(named[1], named[2]), _pitch(named[3], named[4]) if named[3] else None
    if second is not None and first != second:
        return None  # "C/D minor" names two keys
    word = named[5] or ""
    is_minor = word == "m" or (word.lower() in {"minor", "min", "moll", "mol", "mi"})
    if not word and named[1].islower() and not named[2]:
        is_minor = True  # "a" alone is how some write A minor
    return Key(first, not is_minor)


def _pitch(letter: str, sign: str | None) -> int:
    shift = (_SHARPS | _FLATS).get((sign or "").lower(), 0)
    return (_STEPS[letter.upper()] + shift) % 12
