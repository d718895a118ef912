"""Gigs and days as a calendar page shows them: by month, week by week, in words. Pure: reads the rows given."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.gigs import rules
from app.gigs.models import Availability, Gig
from app.lib import money
from app.lib.text import in_words

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STRENGTH = ("confirmed", "pending", "blocked", "free")  # what a day shows when it has several


@dataclass(frozen=True, slots=True)
class Month:
    """A month, and its neighbors as links name them."""

    first: date

    @property
    def label(self) -> str:
        return f"{self.first:%B %Y}"

    @property
    def previous(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def following(self) -> str:
        return f"{self.first + timedelta(days=31):%Y-%m}"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a month's sheet. `kind`: confirmed, pending, blocked, free or ""; `gig` is where a tap leads."""

    day: date
    is_out: bool
    is_today: bool
    kind: str
    gig: Gig | None
    count: int


def month(text: str, today: date) -> Month:
    """The month named as 2026-06, or this one."""
    try:
        year, number = (int(part) for part in text.split("-"))
        return Month(date(year, number, 1)) if 2000 <= year <= 2100 else Month(today.replace(day=1))
    except ValueError:
        return Month(today.replace(day=1))


def day_of(gig: Gig) -> date:
    """The dance day of a gig, on its own clock."""
    return rules.gig_day(gig.starts_at, gig.zone, gig.event.day_change_hour if gig.event else 6)


def by_month(gigs: Iterable[Gig]) -> list[tuple[date, list[Gig]]]:
    """Months in the order given, each with its gigs."""
    found: dict[date, list[Gig]] = {}
    for gig in gigs:
        found.setdefault(day_of(gig).replace(day=1), []).append(gig)
    return list(found.items())


def weeks(of: Month, gigs: Sequence[Gig], days: Sequence[Availability], moment: datetime) -> list[list[Day]]:
    """The month's weeks, Monday first."""
    on_day: dict[date, list[Gig]] = {}
    for gig in gigs:
        if gig.state in {"pending", "countered", "confirmed", "ended"}:
            on_day.setdefault(day_of(gig), []).append(gig)
    sheet = calendar.Calendar().monthdatescalendar(of.first.year, of.first.month)
    today = moment.date()
    return [[_day(day, of, on_day.get(day, []), days, today) for day in week] for week in sheet]


def _day(day: date, of: Month, gigs: list[Gig], days: Sequence[Availability], today: date) -> Day:
    kinds = {"confirmed" if gig.state in {"confirmed", "ended"} else "pending" for gig in gigs}
    kinds.add(rules.standing(days, day))
    kind = next((name for name in STRENGTH if name in kinds), "")
    return Day(day, day.month != of.first.month, day == today, kind, gigs[0] if gigs else None, len(gigs))


def free_words(gigs: Iterable[Gig], days: Sequence[Availability]) -> dict[int, str]:
    """What one's own calendar says to each offer."""
    said = {"free": "You are free that day.", "blocked": "You blocked that day.", "": ""}
    return {gig.id: said[rules.standing(days, day_of(gig))] for gig in gigs}


def days_words(entry: Availability, long: Callable[[date], str]) -> str:
    """An entry as a sentence: "Fridays and Saturdays, from 1 June", "12 to 14 June"."""
    if entry.weekdays:
        named = in_words([WEEKDAYS[int(n) - 1] + "s" for n in entry.weekdays])
        until = f" to {long(entry.ends_on)}" if entry.ends_on else ""
        return f"{named}, from {long(entry.starts_on)}{until}"
    if entry.ends_on == entry.starts_on:
        return long(entry.starts_on)
    return f"{long(entry.starts_on)} to {long(entry.ends_on) if entry.ends_on else 'further notice'}"


def agreed_words(gig: Gig) -> str:
    """When the last agreement was for, where the offer is another one since."""
    terms = gig.frozen_terms
    if terms is None or gig.state not in {"pending", "countered"}:
        return ""
    starts_at, ends_at = (datetime.fromisoformat(terms[name]) for name in ("starts_at", "ends_at"))
    fee = money.words(terms["fee_minor"], terms["currency"])
    was = rules.when(starts_at, ends_at, terms["zone"])
    return f"{was}{f' for {fee}' if fee and terms['fee_minor'] != gig.fee_minor else ''}"
