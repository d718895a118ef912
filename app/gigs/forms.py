"""What is typed about gigs, as clean values: offers, answers, own gigs, days, enquiries. Wall times become instants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.events.models import Event
from app.events.walls import WallClock
from app.gigs import rules
from app.gigs.actions.asking import Offer
from app.gigs.actions.enquiries import Enquiry
from app.gigs.actions.own import OwnGig
from app.gigs.models import ROLES, Gig
from app.lib import clock, money
from app.lib.text import clean_line
from app.schedule.models import Slot
from app.web.forms import Form

CURRENCIES = [(code, code) for code in money.CURRENCIES]
DAYS = [(str(days), "1 day" if days == 1 else f"{days} days") for days in rules.EXPIRES_IN_DAYS]
DAY_CHANGE = 6  # for gigs outside of our events: before it the night still belongs to the evening before


class GigForm(Form):
    """The fields that forms about gigs share."""

    def fee(self, name: str = "fee") -> None:
        """An amount in the currency chosen, or none."""
        currency = self.choice("currency", "Currency", money.CURRENCIES, default="EUR") or "EUR"
        typed = clean_line(self._raw(name))
        amount = money.minor(typed, currency) if typed else None
        if typed and amount is None:
            self.error(name, "Type an amount, like 180 or 180.50.")
        self.clean["fee_minor"] = amount

    def span(self, walls: WallClock, day: date | None) -> None:
        """From-to on a dance day, as instants."""
        start, end = self.wall_time("start", "From"), self.wall_time("end", "To")
        if day is None or start is None or end is None:
            return
        starts_at, first = walls.instant(walls.on_day(day, start))
        ends_at, second = walls.instant(walls.end_on_day(day, start, end), not_before=starts_at)
        for field, refusal in (("start", first), ("end", second)):
            if refusal:
                self.error(field, refusal)
        self.clean |= {"starts_at": starts_at, "ends_at": ends_at}

    def seen(self) -> None:
        """Which offer was answered."""
        self.whole("offer", "The offer", least=1, most=10**6)

    def handles(self, name: str) -> None:
        """Next choices, with commas between them."""
        typed = self._raw(name).replace("\n", ",").split(",")
        self.clean[name] = list(dict.fromkeys(text for part in typed if (text := clean_line(part)[:254])))


class OfferForm(GigForm):
    """Times within a slot and terms. `with_who` asks somebody; without it an offer is made anew."""

    def __init__(
        self, event: Event, slot: Slot, typed: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None, *, with_who: bool = True,
    ) -> None:  # fmt: skip
        self.event, self.slot, self.with_who = event, slot, with_who
        super().__init__(typed, initial)

    def read(self) -> None:
        if self.with_who:
            self.line("who", "Whom you ask", limit=254)
            self.choice("role", "Role", ROLES, default="dj")
            self.handles("next")
            self.clean["substitute_for"] = clean_line(self._raw("substitute_for"))[:16]
        else:
            self.seen()
        day = clock.event_day(self.slot.starts_at, self.event.zone, self.event.day_change_hour)
        self.span(WallClock(self.event), day)
        self.fee()
        self.line("travel", "Travel", limit=300, required=False)
        self.block("notes", "The notes", limit=1000)
        self.choice("days", "Answer within", [str(days) for days in rules.EXPIRES_IN_DAYS], default="7")

    @property
    def made(self) -> Offer:
        """The offer. Only for a valid form."""
        names = ("starts_at", "ends_at", "fee_minor", "currency", "travel", "notes")
        return Offer(**{name: self.clean[name] for name in names}, days=int(self.clean["days"]))


class CounterForm(GigForm):
    """Another time or fee than what was offered."""

    def __init__(
        self, gig: Gig, typed: Mapping[str, Any] | None = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        self.gig = gig
        super().__init__(typed, initial)

    def read(self) -> None:
        self.seen()
        change = change_hour(self.gig)
        self.span(WallClock.of(self.gig.zone, change), rules.gig_day(self.gig.starts_at, self.gig.zone, change))
        self.values["currency"] = self.gig.currency
        typed = clean_line(self._raw("fee"))
        self.clean["fee_minor"] = money.minor(typed, self.gig.currency) if typed else None
        if typed and self.clean["fee_minor"] is None:
            self.error("fee", "Type an amount, like 180 or 180.50.")
        self.line("note", "The note", limit=300, required=False)


class EnquirerForm(CounterForm):
    """The same, by whoever enquired: what they offer instead."""

    @property
    def made(self) -> Offer:
        """The offer. What is left empty stays as it was. Only for a valid form."""
        fee = self.clean["fee_minor"]
        return Offer(
            self.clean["starts_at"], self.clean["ends_at"], self.gig.fee_minor if fee is None else fee,
            self.gig.currency, self.gig.travel, self.gig.notes, 14,
        )  # fmt: skip


class ReasonForm(Form):
    """Why not: may stay empty."""

    def read(self) -> None:
        self.line("reason", "The reason", limit=300, required=False)


class ChoicesForm(GigForm):
    """Who is asked next."""

    def read(self) -> None:
        self.handles("next")


class PlacedForm(GigForm):
    """A gig somewhere else: what, where, when."""

    def read(self) -> None:
        self.line("title", "What it is", limit=120)
        self.line("venue_name", "The venue", limit=120, required=False)
        self.line("city", "The city", limit=80, required=False)
        zone = clean_line(self._raw("zone"))
        if zone not in clock.zone_names() and zone != "UTC":
            self.error("zone", "Choose the venue's time zone, like Europe/Budapest.")
            zone = "UTC"
        self.clean["zone"] = zone
        self.span(WallClock.of(zone, DAY_CHANGE), self.day("day", "Day"))
        self.fee()
        self.block("notes", "The notes", limit=1000)


class OwnForm(PlacedForm):
    """A gig that one writes down for oneself."""

    def read(self) -> None:
        super().read()
        self.choice("role", "Role", ROLES, default="dj")

    @property
    def gig(self) -> OwnGig:
        """Only for a valid form."""
        return OwnGig(**{name: self.clean[name] for name in OwnGig.__slots__})


class EnquiryForm(PlacedForm):
    """The public "book me"."""

    def read(self) -> None:
        self.line("name", "Your name", limit=80)
        self.email()
        super().read()

    @property
    def enquiry(self) -> Enquiry:
        """Only for a valid form."""
        return Enquiry(**{name: self.clean[name] for name in Enquiry.__slots__})


class DaysForm(Form):
    """Days that are free or blocked: one, from-to, or on weekdays."""

    def read(self) -> None:
        self.choice("kind", "What", ("blocked", "free"), default="blocked")
        self.day("starts_on", "From")
        self.clean["ends_on"] = None
        if clean_line(self._raw("ends_on")):
            self.day("ends_on", "Until")
        self.clean["weekdays"] = "".join(str(n) for n in range(1, 8) if self._raw(f"weekday-{n}"))
        if not self.clean["ends_on"] and not self.clean["weekdays"]:
            self.clean["ends_on"] = self.clean["starts_on"]  # a single day
        self.line("note", "The note", limit=120, required=False)


class SettingsForm(GigForm):
    """How one may be booked from outside."""

    def read(self) -> None:
        self.flag("takes_enquiries")
        self.fee()
        self.line("fee_note", "The hint", limit=120, required=False)


def change_hour(gig: Gig) -> int:
    """When a night ends where the gig is."""
    return gig.event.day_change_hour if gig.event else DAY_CHANGE


def offer_values(gig: Gig) -> dict[str, Any]:
    """A gig's present offer as a form shows it."""
    start, end = clock.to_local(gig.starts_at, gig.zone), clock.to_local(gig.ends_at, gig.zone)
    return {
        "start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "fee": money.plain(gig.fee_minor, gig.currency),
        "currency": gig.currency, "travel": gig.travel, "notes": gig.notes, "days": str(rules.DEFAULT_DAYS),
        "offer": gig.offer,
    }  # fmt: skip


def counter_values(gig: Gig) -> dict[str, Any]:
    """What a counter-offer begins with: what is on the table."""
    starts_at, ends_at = gig.counter_starts_at or gig.starts_at, gig.counter_ends_at or gig.ends_at
    start, end = clock.to_local(starts_at, gig.zone), clock.to_local(ends_at, gig.zone)
    return {
        "start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "offer": gig.offer, "note": gig.counter_note,
        "fee": money.plain(gig.counter_fee_minor if gig.counter_fee_minor is not None else gig.fee_minor, gig.currency),
    }  # fmt: skip


def own_values(gig: Gig) -> dict[str, Any]:
    """An own gig as its form shows it."""
    day = rules.gig_day(gig.starts_at, gig.zone, DAY_CHANGE)
    return offer_values(gig) | {
        "title": gig.title, "venue_name": gig.venue_name, "city": gig.city, "zone": gig.zone, "role": gig.role,
        "day": day.isoformat(),
    }  # fmt: skip


def fresh_offer(event: Event, slot: Slot, role: str = "") -> dict[str, Any]:
    """Asking begins with the whole slot, and with the role that its kind needs."""
    start, end = clock.to_local(slot.starts_at, event.zone), clock.to_local(slot.ends_at, event.zone)
    usual = {"workshop": "teacher", "competition": "judge"}.get(slot.kind, "dj")
    return {
        "start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "role": role if role in ROLES else usual, "currency": "EUR",
        "days": str(rules.DEFAULT_DAYS),
    }  # fmt: skip
