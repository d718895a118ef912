"""Who is told what by which channel, and when not: decided from what a person chose, at the moment of sending.

Called by actions and jobs with everything given. Urgent messages pass quiet hours and the budget. Alerts are what
people asked for slot by slot: they pass the budget, yet count in it, so that the rest yields to them (PRODUCT Z16).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.lib import clock
from app.lib.refusal import Refusal
from app.notify.messages import Message

SUBSCRIPTIONS_MAX = 16
_MAIL_ON = frozenset({"registration", "gig"})  # everything else would be too late, or too much, by mail


class EndpointTaken(Refusal):
    """The address is another holder's, and this browser cannot show the keys that came with it."""

    status = 409


class NoSuchPushService(Refusal):
    """The address is none that a browser would be given."""

    status = 422


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose; as it is here, what nobody changed. Guests have the defaults."""

    lead_minutes: int = 10
    pushes_per_hour: int = 6
    is_quiet: bool = True
    quiet_from_minute: int = 240
    quiet_to_minute: int = 540
    choices: Mapping[tuple[str, str], bool] = field(default_factory=dict)  # (category, channel) -> on

    def wants(self, category: str, channel: str) -> bool:
        chosen = self.choices.get((category, channel))
        return is_on_by_default(category, channel) if chosen is None else chosen


DEFAULTS = Preferences()


def is_on_by_default(category: str, channel: str) -> bool:
    return channel != "mail" or category in _MAIL_ON


def is_quiet_at(preferences: Preferences, moment: datetime, zone: str) -> bool:
    """Whether this instant lies in the quiet hours, on the wall clock of the event. They may pass midnight."""
    if not preferences.is_quiet:
        return False
    wall = clock.to_local(moment, zone)
    minute, start, end = wall.hour * 60 + wall.minute, preferences.quiet_from_minute, preferences.quiet_to_minute
    return start <= minute < end if start <= end else minute >= start or minute < end


def push_verdict(preferences: Preferences, message: Message, moment: datetime, sent_last_hour: int) -> str:
    """Either "send", or the state in which a push ends unsent: late, off, quiet, budget."""
    if message.is_over(moment):
        return "late"
    if not preferences.wants(message.category, "push"):
        return "off"
    if message.is_urgent:
        return "send"
    if is_quiet_at(preferences, moment, message.zone):
        return "quiet"
    has_room = message.category == "alert" or sent_last_hour < preferences.pushes_per_hour
    return "send" if has_room else "budget"


def mail_verdict(preferences: Preferences, message: Message, moment: datetime) -> str:
    """The same for mail, which wakes nobody and so has no quiet hours."""
    if message.is_over(moment):
        return "late"
    return "send" if preferences.wants(message.category, "mail") else "off"
