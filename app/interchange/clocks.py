"""Days, times and lengths as people and programs write them. Pure; answers None where a text says nothing to us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.lib.text import clean_line, fold

WEEKDAYS = (
    ("mon", "montag", "lundi", "lunes", "hetfo"), ("tue", "dienstag", "mardi", "martes", "kedd"),
    ("wed", "mittwoch", "mercredi", "miercoles", "szerda"), ("thu", "donnerstag", "jeudi", "jueves", "csutortok"),
    ("fri", "freitag", "vendredi", "viernes", "pentek"), ("sat", "samstag", "samedi", "sabado", "szombat"),
    ("sun", "sonntag", "dimanche", "domingo", "vasarnap"),
)  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
YEARS = range(1900, 2201)  # at the ends of the calendar no other zone can be told
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*([ap])?\.?(?:m\.?)?\s*([+-]\d{2}:?\d{2})?$")
_ISO_LENGTH = re.compile(r"p(?:(\d{1,5})d)?(?:t(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:\d+s)?)?$")
_WORD_LENGTH = re.compile(r"(?:(\d{1,5})\s*h(?:ours?|rs?)?)?\s*(?:(\d{1,5})\s*(?:m(?:in(?:utes?|s)?)?)?)?$")


@dataclass(frozen=True, slots=True)
class Wall:
    """A time of day in minutes (25:30 is possible), with an offset where the text names one."""

    minutes: int
    offset: timedelta | None = None


def wall_of(text: str) -> Wall | None:
    """Reads "14:30", "9.30", "9:30 pm", "25:30", "02:30+01:00"."""
    found = _TIME.match(fold(clean_line(text)))
    if found is None:
        return None
    hour, minute, half, offset = int(found[1]), int(found[2] or 0), found[3], found[4]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    elif found[2] is None:
        return None  # a bare number is no time
    if hour > 36 or minute > 59:
        return None
    return Wall(hour * 60 + minute, _offset_of(offset) if offset else None)


def _offset_of(text: str) -> timedelta:
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1)


def instant_of(text: str) -> datetime | None:
    """A whole date and time as ISO 8601 (or with a blank for the T); naive where the text names no offset."""
    text = clean_line(text)
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d", text):
        return None
    try:
        found = datetime.fromisoformat(text).replace(second=0, microsecond=0)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def minutes_of(value: object) -> int | None:
    """A length in minutes: "00:30", "01:00:00", "1:02:30" (hours first), "PT45M", "1 h 30", 90, "90"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if 0 <= value < 10**6 else None
    text = fold(clean_line(value)) if isinstance(value, str) else ""
    if re.fullmatch(r"\d{1,3}:\d{2}(:\d{2})?", text):
        hours, minutes = text.split(":")[:2]
        return int(hours) * 60 + int(minutes)
    if re.fullmatch(r"\d{1,5}(\.0)?", text):
        return int(float(text))
    return _worded_minutes(text)


def _worded_minutes(text: str) -> int | None:
    iso = _ISO_LENGTH.match(text)
    if iso and any(iso.groups()):
        days, hours, minutes = (int(part or 0) for part in iso.groups())
        return (days * 24 + hours) * 60 + minutes
    words = _WORD_LENGTH.match(text)
    if text and words and any(words.groups()):
        return int(words[1] or 0) * 60 + int(words[2] or 0)
    return None


def weekday_of(text: str) -> int | None:
    """0 for Monday, by its name in full or short, in five languages."""
    word = re.split(r"[^a-z]+", fold(clean_line(text)))[0]
    if len(word) < 2:
        return None
    for number, names in enumerate(WEEKDAYS):
        if word.startswith(names[0]) or any(name.startswith(word) for name in names):
            return number
    return None


def date_of(text: str, *, month_first: bool = False) -> date | None:
    """2026-06-13, 13.06.2026, 13/06/2026 (06/13/2026 with `month_first`), 13 June 2026, June 13, 2026."""
    text = fold(clean_line(text))
    iso = re.search(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    plain = re.search(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b", text)
    if plain:
        first, second, year = int(plain[1]), int(plain[2]), int(plain[3])
        return _date(year, first, second) if month_first else _date(year, second, first)
    return _worded_date(text)


def _worded_date(text: str) -> date | None:
    year = re.search(r"\b(\d{4})\b", text)
    day = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b", text)
    month = next((n for word in re.findall(r"[a-z]{3,}", text) if (n := _month(word))), None)
    return _date(int(year[1]), month, int(day[1])) if year and day and month else None


def _month(word: str) -> int | None:
    return next((n for n, name in enumerate(MONTHS, 1) if word.startswith(name)), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


def is_month_first(texts: list[str]) -> bool:
    """Whether dates like 06/13/2026 stand in this column: a second number above 12 tells, a first one tells against."""
    pairs = [re.search(r"\b(\d{1,2})/(\d{1,2})/\d{4}\b", text) for text in texts]
    found = [(int(pair[1]), int(pair[2])) for pair in pairs if pair]
    return any(b > 12 for _, b in found) and not any(a > 12 for a, _ in found)
