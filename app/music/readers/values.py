"""Single values as DJ programs write them: tempos, lengths, times, dates, paths. Pure; None where nothing is said."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from urllib.parse import unquote

from app.lib.text import clean_line
from app.music import keys
from app.music.names import split_artist_title
from app.music.readers.items import Item

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?$")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+[.,]\d+$")
_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([ap])?\.?\s*(?:m\.?)?(?:\s+[A-Z][A-Za-z+:\-\d]{1,8})?$", re.IGNORECASE
)
_DOTTED_CLOCK = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{2})\.(\d{2})(\s+[A-Z][A-Za-z+:\-\d]{1,8})?$")  # 16.42.21 EET
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?\s*(?:Z|[+-]\d{2}:?\d{2})$")
_ISO_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_PLAIN_DATE = re.compile(r"(\d{1,2})([./-])\s?(\d{1,2})[./-]\s?(\d{4}|\d{2})\b")
_EXTENSION = re.compile(
    r"\.(?:mp3|m4a|mp4|aac|flac|wav|aiff?|alac|ogg|opus|wma|m4v|mov|avi|mkv|webm|stem\.mp4|vdj(?:stems|sample))$",
    re.IGNORECASE,
)
_TRACK_NUMBER = re.compile(  # "03 - ", "2-05 " (disc and track), "03-99 Problems"; not "24-7 Spyz"
    r"(?:(?:[1-9]-(?=\d{2}\b))?\d{1,3}(?:\s*[._)]\s*|\s*-\s*(?!\d)|\s+-?\s*)|0\d{1,2}\s*-\s*)(?=\S)"
)
LONGEST_SECONDS = 30 * 24 * 3600
VALUE_MAX = 80  # letters of a single value. The patterns above never see more, nor a run of blanks: both cost time


def clean(text: object, limit: int = 300) -> str:
    """One line of text, at most so long; a whole number as a person writes it."""
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    return clean_line(text)[:limit] if isinstance(text, str) else clean_line(str(text))[:limit] if text else ""


def number(text: object) -> float | None:
    """Reads 128, "128.00", "120,5", "1.234,5"; not "12:30"."""
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, int | float):
        return float(text) if abs(text) < 1e15 else None
    plain = clean(str(text).replace("\u00a0", ""), VALUE_MAX)
    if _THOUSANDS.match(plain):
        whole, part = re.split(r"[.,](?=\d+$)", plain)
        return float(re.sub(r"[.,]", "", whole) + "." + part)
    return float(plain.replace(",", ".")) if _NUMBER.match(plain) and len(plain) < 20 else None


def bpm(text: object) -> float | None:
    """Beats per minute to a hundredth; 0, "" and what no music has are unknown."""
    found = number(re.sub(r"\s*bpm$", "", clean(text, VALUE_MAX), flags=re.IGNORECASE)) if text is not None else None
    return round(found, 2) if found is not None and 20 <= found <= 500 else None


def seconds(text: object) -> float | None:
    """A length: "04:56", "1:02:03", "06:22.93", "182.5", 182; 0 and less are unknown."""
    if isinstance(text, str) and ":" in text:
        parts = [number(part) for part in clean(text, VALUE_MAX).split(":")]
        if len(parts) > 3 or any(part is None or part < 0 for part in parts):
            return None
        found = sum((part or 0.0) * 60**power for power, part in enumerate(reversed(parts)))
    else:
        found = number(text) or 0.0
    return round(found, 3) if 0 < found < LONGEST_SECONDS else None


def milliseconds(text: object) -> float | None:
    """The same of a whole number of milliseconds, in seconds."""
    found = number(text)
    return seconds(found / 1000) if found is not None else None


def scale(text: object, most: float) -> int | None:
    """1 to 5 of a number on a scale that ends at `most`: 5, 10, 100 or 1."""
    found = number(text)
    if found is None or found < 0 or found > most or (most == 5 and found < 1):
        return None
    return min(5, max(1, round(found if most == 5 else found / most * 5)))


def clock(text: str) -> time | None:
    """A time of day: "7:55:45 PM PDT", "22:11", "16.42.21 EET"; a date before it is passed over."""
    return day_and_clock(text)[1]


def day_and_clock(text: str) -> tuple[date | None, time | None]:
    """What a cell says of the day and of the time; "12.05.21" alone is a day, and "12.05.21 EET" a time."""
    text = clean(text, VALUE_MAX)
    found = _CLOCK.search(text)
    if found is not None:
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        if found[4]:
            hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
        return day(text[: found.start()]), _time(hour, minute, second)
    found = _DOTTED_CLOCK.search(text)
    if found is not None:
        before, at = day(text[: found.start()]), _time(int(found[1]), int(found[2]), int(found[3]))
        if at is not None and (before or found[4] or day(text) is None):
            return before, at
    return day(text), None


def _time(hour: int, minute: int, second: int) -> time | None:
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def instant(text: str) -> datetime | None:
    """A moment that names its zone: "2024-05-05T21:10:00Z", "2024-05-05 21:10+02:00", Unix seconds or milliseconds."""
    text = clean(text, VALUE_MAX)
    if _INSTANT.match(text):
        try:
            return datetime.fromisoformat(re.sub(r"\s(?=Z|[+-])", "", text))
        except ValueError:
            return None
    return epoch(text) if re.fullmatch(r"\d{10}|\d{13}", text) else None


def day(text: str) -> date | None:
    """A date: ISO, "8/5/23" (month first, as Serato writes it, unless that is no date), "05.08.2023" (day first)."""
    text = clean(text)
    iso = _ISO_DATE.search(text)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    plain = _PLAIN_DATE.search(text)
    if plain is None:
        return None
    first, second, year = int(plain[1]), int(plain[3]), int(plain[4])
    year += 2000 if year < 100 else 0
    if plain[2] == ".":
        return _date(year, second, first)
    return _date(year, first, second) or _date(year, second, first)


def _date(year: int, month: int, number_of_day: int) -> date | None:
    try:
        return date(year, month, number_of_day)
    except ValueError:
        return None


def epoch(text: object) -> datetime | None:
    """Unix seconds, or milliseconds, as an instant; None for 0 and for what lies outside of 1990 to 2100."""
    found = number(text) or 0.0
    found = found / 1000 if found > 1e11 else found
    return datetime.fromtimestamp(found, UTC) if 631_152_000 < found < 4_102_444_800 else None


def with_offset(instant: datetime, wall: time) -> datetime:
    """The instant in the zone whose clocks showed that time: to a quarter of an hour."""
    minutes = (wall.hour - instant.hour) * 60 + wall.minute - instant.minute
    quarter = round(((minutes + 720) % 1440 - 720) / 15) * 15
    return instant.astimezone(timezone(timedelta(minutes=quarter)))


def roll(start: date, times: list[time | None]) -> list[datetime | None]:
    """Wall times in order of play, from `start` on: a clock that goes back by hours has passed midnight."""
    current, last = start, None
    made: list[datetime | None] = []
    for moment in times:
        if moment is None:
            made.append(None)
            continue
        found = datetime.combine(current, moment)
        if last is not None and last - found > timedelta(hours=2):
            current += timedelta(days=1)
            found += timedelta(days=1)
        last = found
        made.append(found)
    return made


def path_text(path: object) -> str:
    """A path or address as one reads it; never opened."""
    text = str(path or "").strip()
    if text.lower().startswith("file:"):
        text = unquote(text.replace("file://localhost", "", 1).replace("file://", "", 1))
        text = re.sub(r"^/+(?=[A-Za-z]:)", "", text)
    return clean(text, 1000)


def base_name(path: str) -> str:
    """The name of a file without folders and without the ending of a sound file."""
    return _EXTENSION.sub("", re.split(r"[/\\]", path.rstrip("/\\"))[-1])


def has_audio_ending(path: str) -> bool:
    return bool(_EXTENSION.search(path.split("?", maxsplit=1)[0]))


def from_path(path: str) -> tuple[str, str]:
    """(artist, title) by the name of a file: "Artist - Title.mp3", "03 - Title.mp3", "06 5 Years.mp3"."""
    name = base_name(path)
    without = _TRACK_NUMBER.sub("", name, count=1) if _TRACK_NUMBER.match(name) and not name.isdigit() else name
    return split_artist_title(without)


def name_by_path(item: Item) -> Item:
    """Fill in a title, and an artist, that the file does not say, by the name of the track's own file."""
    if not item.title and item.path:
        artist, item.title = from_path(item.path)
        item.artist = item.artist or artist
    return item


def set_bpm(item: Item, raw: object) -> None:
    item.bpm_raw = clean(raw, 40)
    item.bpm = bpm(raw)


def set_key(item: Item, raw: object) -> None:
    item.key_raw = clean(raw, 40)
    item.key = keys.parse(item.key_raw)
