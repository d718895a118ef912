"""Decisions about slots, on objects given: times, free rooms, people in two places, stale edits, undo.

Raises named refusals. No queries, no clock, no Flask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from app.events.models import Event, Room
from app.lib import clock
from app.lib.refusal import Refusal
from app.lib.text import fold, in_words
from app.schedule import delays
from app.schedule.models import Slot, SlotChange
from app.schedule.snapshot import SlotView, State

LONGEST = timedelta(hours=18)


class BadTimes(Refusal):
    """Ends before it starts, lasts for ever, or lies outside the event."""

    status = 422


class RoomTaken(Refusal):
    """Something else is in that room at that time."""

    field = "room"


class ChangedMeanwhile(Refusal):
    """Somebody else edited the slot after it was opened."""


class ChangedSince(Refusal):
    """An undo would take back more than the edit it names."""


class NothingToUndo(Refusal):
    """The edit was taken back already."""


class AlreadyPublic(Refusal):
    """People have seen this slot: it can be cancelled, not deleted."""


class NothingToPublish(Refusal):
    """The draft and the public version are the same, or there is no slot at all."""


class ShiftedSince(Refusal):
    """A preview of a shift is older than the schedule."""


class ShiftTooLarge(Refusal):
    """More minutes than a night has."""

    field = "minutes"
    status = 422


class SlotCancelled(Refusal):
    """Nobody can be there, nor be told before it."""


class NothingToTell(Refusal):
    """The edit to be told of was taken back, or is not one of this slot."""


class ToldAlready(Refusal):
    """An edit is told of once."""


class SlotNotThere(Refusal):
    """The slot was cancelled or deleted meanwhile."""

    status = 404


def check_times(event: Event, starts_at: datetime, ends_at: datetime) -> None:
    """A slot ends after it starts, within the event's days. Raises BadTimes at the field to mend."""
    start, end = clock.to_local(starts_at, event.zone), clock.to_local(ends_at, event.zone)
    if ends_at <= starts_at:
        better = clock.to_local(starts_at + timedelta(hours=1), event.zone)
        raise BadTimes(f"It starts {start:%H:%M}, so it cannot end {end:%H:%M}. Did you mean {better:%H:%M}?", "end")
    if ends_at - starts_at > LONGEST:
        raise BadTimes("That is longer than 18 hours. Split it in two.", "end")
    first, last = event.opens_at, event.closes_at
    if starts_at < first or starts_at >= last:
        raise BadTimes(f"The event runs from {_span(event)}. This starts outside of it.", "start")
    if ends_at > last:
        close = clock.to_local(last, event.zone)
        raise BadTimes(f"The event closes {close:%a %H:%M}. This would end after it.", "end")


def _span(event: Event) -> str:
    first, last = clock.to_local(event.opens_at, event.zone), clock.to_local(event.closes_at, event.zone)
    return f"{first:%a} {first.day} {first:%b} {first:%H:%M} to {last:%a} {last.day} {last:%b} {last:%H:%M}"


def check_room_free(slot: Slot, others: Iterable[Slot], zone: str) -> None:
    """One thing at a time in a room; back to back is fine. Raises RoomTaken naming what is in the way."""
    if slot.is_cancelled:
        return
    in_way = [
        o for o in others if o is not slot and o.room_id == slot.room.id and not o.is_cancelled and _meet(slot, o)
    ]
    if in_way:
        named = in_words([f"{span(o, zone)} by {o.title}" for o in in_way[:3]])
        raise RoomTaken(f"{slot.room.name} is taken {named}.")


def warnings(slot: Slot, others: Iterable[Slot], zone: str) -> list[str]:
    """Sentences about people who would be in two rooms at once, or could not walk over in time. Nothing is refused."""
    if slot.is_cancelled:
        return []
    sentences = []
    for other in others:
        if other is slot or other.is_cancelled or other.id == slot.id:
            continue
        for name in _shared(slot, other):
            sentence = _warning(slot, other, name, zone)
            if sentence:
                sentences.append(sentence)
    return sentences


def _warning(slot: Slot, other: Slot, name: str, zone: str) -> str | None:
    if _meet(slot, other):
        return f"{name} is in {other.room.name} {span(other, zone)} ({other.title})."
    gap = max(slot.starts_at - other.ends_at, other.starts_at - slot.ends_at)
    walk = walk_minutes(slot.room, other.room)
    if gap < timedelta(minutes=walk):
        return (
            f"{name} has {clock.minutes(gap)} min between {slot.room.name} and {other.room.name}; the way takes {walk}."
        )
    return None


def walk_minutes(a: Room, b: Room) -> int:
    """The way between two rooms: both lie on paths from the main hall."""
    return 0 if a is b or a.id == b.id else a.walk_minutes + b.walk_minutes


def _shared(slot: Slot, other: Slot) -> list[str]:
    """Names on both slots: the same account, or the same name where no account is known."""
    theirs = {value for who, name in _named(other) for value in (who, fold(name)) if value}
    return list(dict.fromkeys(name for who, name in _named(slot) if who in theirs or fold(name) in theirs))


def _named(slot: Slot) -> list[tuple[int | None, str]]:
    """(account, name) of everybody on a slot, typed or booked."""
    return [(p.person_id, p.name) for p in slot.people] + [(p.person_id, p.person.name) for p in slot.booked]


def _meet(a: Slot, b: Slot) -> bool:
    return a.starts_at < b.ends_at and b.starts_at < a.ends_at


def span(slot: Slot, zone: str) -> str:
    """From to, as "14:15 to 15:15"."""
    return f"{clock.to_local(slot.starts_at, zone):%H:%M} to {clock.to_local(slot.ends_at, zone):%H:%M}"


def check_version(slot: Slot, expected: int, last_actor: str, zone: str) -> None:
    """The edit was made on the slot as it is now. Raises ChangedMeanwhile with how it is now."""
    if slot.version != expected:
        raise ChangedMeanwhile(f"{last_actor} changed it a moment ago: now {span(slot, zone)} in {slot.room.name}.")


def check_undo(expected: State | None, present: State | None) -> None:
    """An undo only takes back its own edit: the slot must still be as that edit left it. Raises ChangedSince."""
    if expected != present:
        raise ChangedSince("It was changed again after that. Undo the newer change first.")


def describe(before: State | None, after: State | None, zone: str, rooms: dict[str, str]) -> str:
    """One sentence for the log: what an edit did, times first."""
    if before is None or after is None:
        state = after or before or {}
        word = "Added" if after else "Deleted"
        return f"{word} {state['title']}, {_when(state, zone)} in {rooms.get(state['room'], 'a room')}."
    parts = [
        text
        for text in (_moved(before, after, zone), _room_change(before, after, rooms), _other(before, after))
        if text
    ]
    return f"{after['title']}: {', '.join(parts) or 'saved without a change'}."


def _moved(before: State, after: State, zone: str) -> str:
    old, new = _when(before, zone), _when(after, zone)
    if old == new:
        return ""
    old_start, new_start = old.split(" to ")[0], new.split(" to ")[0]
    return (
        f"{old_start} → {new_start}"
        if old_start != new_start
        else f"ends {old.split(' to ')[1]} → {new.split(' to ')[1]}"
    )


def _when(state: State, zone: str) -> str:
    start = clock.to_local(datetime.fromisoformat(state["starts_at"]), zone)
    end = clock.to_local(datetime.fromisoformat(state["ends_at"]), zone)
    return f"{start:%a %H:%M} to {end:%H:%M}"


def _room_change(before: State, after: State, rooms: dict[str, str]) -> str:
    if before["room"] == after["room"]:
        return ""
    return f"{rooms.get(before['room'], 'a room')} → {rooms.get(after['room'], 'a room')}"


def _other(before: State, after: State) -> str:
    if before["cancelled"] != after["cancelled"]:
        return "cancelled" if after["cancelled"] else "back on"
    words = {
        "title": "title",
        "kind": "kind",
        "flexibility": "flexibility",
        "level": "level",
        "description": "description",
        "capacity_hint": "places",
        "people": "people",
        "marshal_minutes": "marshalling",
    }
    changed: Sequence[str] = [word for name, word in words.items() if before[name] != after[name]]
    return in_words(changed) + " changed" if changed else ""


def check_shift(minutes: int, *, is_there: bool) -> None:
    """A shift of some minutes from a slot that takes place. Raises SlotNotThere, ShiftTooLarge."""
    if not is_there:
        raise SlotNotThere("That slot does not take place any more.")
    if not minutes or abs(minutes) > delays.LARGEST_MINUTES:
        raise ShiftTooLarge(f"Choose 1 to {delays.LARGEST_MINUTES} minutes, later or earlier.")


def check_plan(made: delays.Plan, event: Event) -> None:
    """Two things in one room must be solved before a shift is applied. Raises RoomTaken naming the first."""
    for effect in made.room_conflicts:
        other = effect.against[0]
        when = clock.to_local(other.starts_at, event.zone)
        raise RoomTaken(f"{effect.before.title} would run into {other.title} at {when:%H:%M}. Free that first.")


def shift_sentence(made: delays.Plan, minutes: int) -> str:
    """What a shift did: "Swivels and 2 more: 15 min later."."""
    first, more = made.effects[0].before.title, len(made.moved) - 1
    return (
        f"{first}{f' and {more} more' if more > 0 else ''}: {abs(minutes)} min {'later' if minutes > 0 else 'earlier'}."
    )


def check_telling(change: SlotChange | None, *, is_told: bool) -> None:
    """An edit that stands and was not told of yet. Raises NothingToTell, ToldAlready."""
    if change is None or change.undone_at is not None:
        raise NothingToTell("That change was taken back. There is nothing to tell.")
    if is_told:
        raise ToldAlready("They were told of that change already.")


def check_takes_place(slot: SlotView | None) -> None:
    """Decided by what is public: a draft tells nobody anything. Raises SlotCancelled."""
    if slot is not None and slot.cancelled:
        raise SlotCancelled(f"“{slot.title}” was cancelled.")
