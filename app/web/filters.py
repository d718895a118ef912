"""Template filters: times, dates and counts as people read them. Every time is shown on the venue's clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask

from app.config import settings
from app.lib import clock, money
from app.lib.text import in_words, initials


def hm(instant: datetime, zone: str) -> str:
    """14:30 on the venue's clock."""
    return clock.to_local(instant, zone).strftime("%H:%M")


def day_short(day: date) -> str:
    """Sat 13."""
    return f"{day:%a} {day.day}"


def day_long(day: date) -> str:
    """Saturday 13 June."""
    return f"{day:%A} {day.day} {day:%B}"


def day_month(day: date) -> str:
    """1 March; with the year where it is another one."""
    return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != clock.now().year else "")


def date_range(first: date, last: date, *, year: bool = False) -> str:
    """12 to 14 June (2026); 30 May to 2 June; one day alone."""
    tail = f" {last.year}" if year else ""
    if first == last:
        return f"{last.day} {last:%B}{tail}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {last.day} {last:%B}{tail}"
    return f"{first.day} {first:%B} to {last.day} {last:%B}{tail}"


def duration(minutes: int) -> str:
    """45 min, 1 h, 1 h 30."""
    hours, rest = divmod(minutes, 60)
    return f"{rest} min" if not hours else f"{hours} h {rest:02d}" if rest else f"{hours} h"


def ago(instant: datetime) -> str:
    """Just now, 5 min ago, 3 h ago, then the date."""
    passed = clock.now() - instant
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{clock.minutes(passed)} min ago"
    return f"{clock.minutes(passed) // 60} h ago" if passed < timedelta(days=1) else f"{instant.day} {instant:%B %Y}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """1 slot, 2 slots."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def weekday_hm(instant: datetime, zone: str) -> str:
    """Saturday, 14:43 on the venue's clock."""
    return clock.to_local(instant, zone).strftime("%A, %H:%M")


def local_day(instant: datetime, zone: str) -> date:
    """The venue's calendar date of an instant."""
    return clock.to_local(instant, zone).date()


def minus_minutes(instant: datetime, minutes: int) -> datetime:
    """So many minutes before an instant."""
    return instant - timedelta(minutes=minutes)


def zone_words(zone: str) -> str:
    """Europe/Budapest as people say it: Budapest time."""
    return zone.rpartition("/")[2].replace("_", " ") + " time"


def same_date(thing: Any, zone: str, day: date) -> bool:
    """Whether something with `starts_at` starts on the calendar date of its dance day, or only still belongs to it."""
    return clock.to_local(thing.starts_at, zone).date() == day


def same_day_as(instant: datetime, other: datetime, zone: str) -> bool:
    """Whether two instants lie on one calendar date of the venue."""
    return clock.to_local(instant, zone).date() == clock.to_local(other, zone).date()


def fee(amount: int | None, currency: str) -> str:
    """€180 of minor units; nothing for no amount."""
    return money.words(amount, currency)


FILTERS = (
    fee,
    hm, weekday_hm, day_short, day_long, day_month, date_range, duration, ago, plural, initials, in_words,
    same_day_as,
    local_day, minus_minutes, zone_words, same_date,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Register the filters, and `public_url(path)`: a path as the address that people type."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals["public_url"] = lambda path: settings().public_url + path
