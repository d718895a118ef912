"""What happened to a gig, in the words of a notice: a title and a line below. Pure: reads the gig given.

Called by jobs/gigs.py when the news is due, so it speaks of the gig as it is then. None means: say nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.gigs import rules
from app.gigs.models import Gig
from app.lib import clock, money

SAYS_AN_OFFER = ("asked", "remind", "offer", "keep", "retime", "ask_again")


@dataclass(frozen=True, slots=True)
class News:
    """Title and body of a notice."""

    title: str
    body: str = ""


def asker_of(gig: Gig) -> str:
    """Who asks: the event, or whoever wrote."""
    return gig.event.name if gig.event else gig.asked_by_name


def when_of(gig: Gig) -> str:
    return rules.when(gig.starts_at, gig.ends_at, gig.zone)


def for_person(gig: Gig, verb: str, offer: int, note: str) -> News | None:
    """For the person asked."""
    if verb in SAYS_AN_OFFER and (gig.state != "pending" or gig.offer != offer):
        return None
    who, when = asker_of(gig), when_of(gig)
    titles = {
        "asked": f"{who} wants you for {when}",
        "remind": f"{who} waits for your answer: {when}",
        "offer": f"{who} makes you a new offer: {when}",
        "keep": f"{who} keeps to the first offer: {when}",
        "retime": f"{who} moved it: now {when}",
        "ask_again": f"{gig.title} moved: now {when}. Please confirm again",
        "restore": f"{gig.title} is back where you confirmed it: {when}",
        "accept": f"{who} takes your offer: {when}",
        "withdraw": f"{who} withdrew the offer for {when}",
        "cancel": f"{who} called off {when}",
        "expire": f"The offer of {who} for {when} ran out",
    }
    if verb not in titles:
        return None
    return News(titles[verb], _offer_line(gig) if verb in SAYS_AN_OFFER else note)


def _offer_line(gig: Gig) -> str:
    """What it is, where, for how much, and until when one may answer."""
    room = gig.slot.room.name if gig.slot else ", ".join(filter(None, (gig.venue_name, gig.city)))
    parts = [f"{gig.title}, {rules.DOING[gig.role]}", room, money.words(gig.fee_minor, gig.currency), gig.travel]
    line = ". ".join(part for part in parts if part) + "."
    if gig.expires_at is None:
        return line
    until = clock.to_local(gig.expires_at, gig.zone)
    return f"{line} Answer by {until:%a} {until.day} {until:%b} {until:%H:%M}."


def for_askers(gig: Gig, verb: str, note: str, following: str = "") -> News | None:
    """For those who ask. `following` is who was asked instead."""
    who, when = gig.person.name, when_of(gig)
    titles = {
        "confirm": f"{who} confirmed: {when}",
        "decline": f"{who} said no to {when}",
        "cancel": f"{who} called off {when}",
        "expire": f"{who} did not answer in time: {when}",
        "counter": f"{who}: not {when}{but(gig)}",
    }
    if verb not in titles or (verb == "counter" and gig.state != "countered"):
        return None
    lines = [f"{gig.title}.", note, f"{following} is asked now." if following else ""]
    return News(titles[verb], " ".join(line for line in lines if line))


def but(gig: Gig) -> str:
    """The counter-offer, as ", but Sat 20 June, 23:00 to 01:00 for €200"."""
    if gig.counter_starts_at is None or gig.counter_ends_at is None:
        return ""
    fee = f" for {money.words(gig.counter_fee_minor, gig.currency)}" if gig.counter_fee_minor is not None else ""
    return f", but {rules.when(gig.counter_starts_at, gig.counter_ends_at, gig.zone)}{fee}"
