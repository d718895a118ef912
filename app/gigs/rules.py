"""The handshake's decisions, on objects given: which move leads where, who may still answer, times, terms, free days.

Raises named refusals. No queries, no clock, no Flask. docs/gigs.md draws the same table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.gigs.models import Availability, Gig
from app.lib import clock
from app.lib.refusal import Refusal
from app.schedule.models import Slot

EXPIRES_IN_DAYS = (1, 2, 3, 5, 7, 14)
DEFAULT_DAYS = 7
CHOICES_MAX = 10
DAYS_MAX = 200
LONGEST = timedelta(hours=18)
REMIND_EVERY = timedelta(hours=12)

# verb: (states it leads from, the state it leads to). Each is one conditional UPDATE: of two that race, one wins.
MOVES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "confirm": (("pending",), "confirmed"),  # the person asked says yes
    "decline": (("pending", "countered"), "declined"),  # or no, also after an offer of their own
    "counter": (("pending", "countered"), "countered"),  # or "not 22:00, but 23:00", and may mend that
    "accept": (("countered",), "confirmed"),  # who asks takes the other offer
    "keep": (("countered",), "pending"),  # or does not, and the first one stands again
    "offer": (("pending", "countered"), "pending"),  # or makes a new one
    "withdraw": (("pending", "countered"), "withdrawn"),  # or takes it all back
    "cancel": (("confirmed",), "cancelled"),  # either side, after it was agreed
    "expire": (("pending", "countered"), "expired"),  # nobody answered in time
    "retime": (("pending", "countered"), "pending"),  # the slot moved while the offer was open
    "ask_again": (("confirmed",), "pending"),  # the slot moved after it was agreed
    "restore": (("pending",), "confirmed"),  # it moved back to what was agreed, before anybody answered
    "end": (("confirmed",), "ended"),  # it took place
}
ANSWERS = ("confirm", "counter")  # these must come before the offer runs out

VERBS = {
    "asked": "asked", "confirm": "confirmed", "decline": "said no", "counter": "made another offer",
    "accept": "took the other offer", "keep": "kept to the first offer", "offer": "made a new offer",
    "withdraw": "withdrew it", "cancel": "called it off", "expire": "ran out without an answer",
    "retime": "moved the time", "ask_again": "moved the time and asks again", "end": "took place",
    "restore": "moved the time back: what was agreed stands", "own": "wrote it down", "remind": "reminded",
}  # fmt: skip
ROLE_WORDS = {"dj": "DJ", "teacher": "Teacher", "judge": "Judge", "mc": "MC", "helper": "Helper"}
DOING = {"dj": "to play", "teacher": "to teach", "judge": "to judge", "mc": "as MC", "helper": "to help"}


class NobodyThere(Refusal):
    """No account answers to that name."""

    field = "who"
    status = 422


class AskedAlready(Refusal):
    """The person has an open or agreed offer for the very same."""

    field = "who"


class BadTimes(Refusal):
    """Ends before it starts, lies outside of its slot, or is over."""

    field = "start"
    status = 422


class DoesNotFit(Refusal):
    """The other offer lies outside of the slot: the slot must move first, or another offer be made."""


class AnsweredAlready(Refusal):
    """The gig is in another state than the one that was answered."""


class OfferChanged(Refusal):
    """What is on the table is not what was seen."""


class TooLate(Refusal):
    """The offer ran out."""


class TooSoon(Refusal):
    """Somebody was reminded a short while ago."""


class TooManyChoices(Refusal):
    """A list of next choices that is longer than anybody reads."""

    field = "next"
    status = 422


class TooManyDays(Refusal):
    """More entries than a calendar needs, or an end before the start."""

    field = "ends_on"
    status = 422


class NoEnquiries(Refusal):
    """Somebody takes no enquiries."""

    status = 404


def expires_at(asked_at: datetime, days: int, starts_at: datetime, ends_at: datetime) -> datetime:
    """When an offer runs out: after so many days, at the latest when it begins (what runs already: when it ends)."""
    begins = starts_at if starts_at > asked_at + timedelta(minutes=5) else ends_at
    return min(asked_at + timedelta(days=days), begins)


def check_length(starts_at: datetime, ends_at: datetime) -> None:
    """From-to in the right order, of a length that a person stands. Raises BadTimes."""
    if ends_at <= starts_at:
        raise BadTimes("It ends before it starts.", "end")
    if ends_at - starts_at > LONGEST:
        raise BadTimes("That is longer than 18 hours.", "end")


def check_times(starts_at: datetime, ends_at: datetime, moment: datetime) -> None:
    """The same for what is offered, which lies ahead. Raises BadTimes."""
    check_length(starts_at, ends_at)
    if ends_at <= moment:
        raise BadTimes("That is over already.")


def check_in_slot(slot: Slot, starts_at: datetime, ends_at: datetime, zone: str) -> None:
    """A part lies within its slot, and the slot takes place. Raises BadTimes."""
    if slot.is_cancelled:
        raise BadTimes("This slot is cancelled.")
    if starts_at < slot.starts_at or ends_at > slot.ends_at:
        raise BadTimes(f"The slot runs {span(slot.starts_at, slot.ends_at, zone)}. Stay within it.")


def check_fits(gig: Gig, slot: Slot | None) -> None:
    """A counter-offer that is taken must lie within its slot. Raises DoesNotFit."""
    if slot is None or gig.counter_starts_at is None or gig.counter_ends_at is None:
        return
    if gig.counter_starts_at < slot.starts_at or gig.counter_ends_at > slot.ends_at:
        raise DoesNotFit(
            f"The slot runs {span(slot.starts_at, slot.ends_at, gig.zone)}, the offer "
            f"{span(gig.counter_starts_at, gig.counter_ends_at, gig.zone)}. Move the slot first, or make another offer."
        )


def refusal_for(gig: Gig | None, verb: str, offer: int | None, moment: datetime) -> Refusal:
    """Why a move did not happen, from the gig as it is now."""
    if gig is None:
        return AnsweredAlready("This offer is not there any more.")
    if gig.state not in MOVES[verb][0]:
        return AnsweredAlready(_STANDS[gig.state])
    if offer is not None and gig.offer != offer:
        return OfferChanged(f"The offer changed meanwhile. Now it is {when(gig.starts_at, gig.ends_at, gig.zone)}.")
    if gig.expires_at is not None and gig.expires_at <= moment:
        return TooLate("Too late: the offer ran out. Write to whoever asked you.")
    return AnsweredAlready("Somebody else was quicker. Look at it again.")


_STANDS = {
    "pending": "There is no other offer to answer: the first one stands and waits.",
    "countered": "There is another offer on the table. It waits for an answer.",
    "confirmed": "This is confirmed already.",
    "declined": "This was declined already.",
    "expired": "Too late: the offer ran out.",
    "withdrawn": "The offer was withdrawn.",
    "cancelled": "This was called off.",
    "ended": "This is over.",
}


def terms_of(gig: Gig, event_name: str, place: str, asked_by: str, person: str, agreed_at: datetime) -> dict[str, Any]:
    """What both agreed to, as JSON values: kept as it is, whatever changes later."""
    return {
        "what": gig.title, "event": event_name, "place": place, "role": gig.role, "zone": gig.zone,
        "starts_at": iso(gig.starts_at), "ends_at": iso(gig.ends_at),
        "fee_minor": gig.fee_minor, "currency": gig.currency, "travel": gig.travel, "notes": gig.notes,
        "asked_by": asked_by, "person": person, "agreed_at": iso(agreed_at), "offer": gig.offer,
    }  # fmt: skip


def iso(instant: datetime) -> str:
    """An instant as terms keep it: in UTC."""
    return instant.astimezone(UTC).isoformat()


# ---- when a slot moves ----


@dataclass(frozen=True, slots=True)
class Span:
    """From-to."""

    starts_at: datetime
    ends_at: datetime


def moved(gig: Span, slot_before: Span, slot_after: Span) -> Span:
    """Where a part lies after its slot moved: the whole stays the whole, a part moves along, or is cut to what is left.

    A slot that only grew moves nobody.
    """
    if gig == slot_before:
        return slot_after
    shift = slot_after.starts_at - slot_before.starts_at
    if slot_after.ends_at - slot_before.ends_at == shift:
        return Span(gig.starts_at + shift, gig.ends_at + shift)
    cut = Span(max(gig.starts_at, slot_after.starts_at), min(gig.ends_at, slot_after.ends_at))
    return cut if cut.starts_at < cut.ends_at else slot_after


# ---- availability ----


def check_days(count: int, starts_on: date, ends_on: date | None) -> None:
    """One more entry. Raises TooManyDays."""
    if count >= DAYS_MAX:
        raise TooManyDays(f"{DAYS_MAX} entries are the most. Remove some that are over.")
    if ends_on is not None and ends_on < starts_on:
        raise TooManyDays("It ends before it starts.")


def covers(entry: Availability, day: date) -> bool:
    """Whether an entry speaks of this day."""
    begun = entry.starts_on <= day and (entry.ends_on is None or day <= entry.ends_on)
    return begun and (not entry.weekdays or str(day.isoweekday()) in entry.weekdays)


def standing(entries: Iterable[Availability], day: date) -> str:
    """How somebody stands to a day: "blocked", "free" or "" (nothing said). Blocked outweighs free."""
    kinds = {entry.kind for entry in entries if covers(entry, day)}
    return "blocked" if "blocked" in kinds else "free" if kinds else ""


def gig_day(starts_at: datetime, zone: str, day_change_hour: int = 6) -> date:
    """The dance day of a gig: what begins at 00:30 belongs to the evening before."""
    return clock.event_day(starts_at, zone, day_change_hour)


def meet(a: Span, b: Span) -> bool:
    return a.starts_at < b.ends_at and b.starts_at < a.ends_at


# ---- words ----


def span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """As "22:00 to 00:00", on the venue's clock."""
    return f"{clock.to_local(starts_at, zone):%H:%M} to {clock.to_local(ends_at, zone):%H:%M}"


def when(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """As "Sat 20 June, 22:00 to 00:00", on the venue's clock."""
    local = clock.to_local(starts_at, zone)
    return f"{local:%a} {local.day} {local:%B}, {span(starts_at, ends_at, zone)}"
