"""Decisions about events and rooms. Raises named refusals. No queries, no Flask."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from app.events.models import Announcement, Event, Room
from app.lib import clock
from app.lib.refusal import Refusal
from app.people.models import RoleGrant

RESERVED_SLUGS = frozenset({"new", "app", "static", "dev", "api"})
LONGEST_DAYS = 31
TEAM_MAX = 50


class SlugTaken(Refusal):
    """Another event lives at that address."""

    field = "slug"


class DatesCutSlots(Refusal):
    """New dates or hours would leave slots outside the event."""

    field = "ends_on"


class RoomInUse(Refusal):
    """A room with slots in it cannot go."""

    field = "rooms"


class NobodyThere(Refusal):
    """No account answers to that address or handle."""

    field = "who"
    status = 422


class LastOrganizer(Refusal):
    """An event keeps at least one organizer."""


class AnnouncementGone(Refusal):
    """It was withdrawn meanwhile."""


class NotUnderWay(Refusal):
    """One is there while the event lasts, not before and not after."""


class SlotUnknown(Refusal):
    """An announcement about a slot that is not there (any more)."""

    field = "slot"
    status = 422


def check_slug(slug: str, *, taken: bool) -> None:
    """An address that is free. Raises SlugTaken, with a proposal."""
    if slug in RESERVED_SLUGS or taken:
        raise SlugTaken(f"/e/{slug} is taken. Add the year or the city, like {slug}-{clock.now().year}.")


def check_days(starts_on: date, ends_on: date) -> None:
    """An event ends after it starts and within a month. Raises DatesCutSlots at its field."""
    if ends_on < starts_on:
        first, last = (f"{day.day} {day:%B}" for day in (starts_on, ends_on))
        raise DatesCutSlots(f"It starts {first}, so it cannot end {last}.", "ends_on")
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        raise DatesCutSlots(f"{LONGEST_DAYS} days are the most. Make two events of it.", "ends_on")


def check_slots_fit(event: Event, spans: Iterable[tuple[str, datetime, datetime]]) -> None:
    """Every slot stays within the event's days. Raises DatesCutSlots naming what would fall out."""
    outside = [title for title, start, end in spans if start < event.opens_at or end > event.closes_at]
    if outside:
        more = f" and {len(outside) - 2} more" if len(outside) > 2 else ""
        raise DatesCutSlots(f"These slots would lie outside: {', '.join(outside[:2])}{more}. Move them first.")


def check_room_empty(room: Room, slots_count: int) -> None:
    """Raises RoomInUse."""
    if slots_count:
        raise RoomInUse(
            f"{room.name} still has {slots_count} slot{'' if slots_count == 1 else 's'}. Move or delete them first."
        )


def check_not_last(team: Sequence[RoleGrant]) -> None:
    """Raises LastOrganizer."""
    if len(team) < 2:
        raise LastOrganizer("You are the only organizer. Add somebody before you leave.")


def check_not_withdrawn(announcement: Announcement) -> None:
    """Raises AnnouncementGone."""
    if announcement.withdrawn_at is not None:
        raise AnnouncementGone("It was withdrawn meanwhile. Write a new one.")


def check_slot_known(slot_id: str, known: Collection[str]) -> None:
    """Raises SlotUnknown."""
    if slot_id not in known:
        raise SlotUnknown("That slot is not on the schedule any more. Choose another one.")


def check_under_way(event: Event, at: datetime) -> None:
    """Raises NotUnderWay."""
    if at < event.opens_at:
        raise NotUnderWay(f"{event.name} has not begun yet.")
    if at >= event.closes_at:
        raise NotUnderWay(f"{event.name} was over by then.")
