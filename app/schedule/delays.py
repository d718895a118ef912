"""Running late: what "+15 from here" does to everything behind it. Pure; the maker previews it, an action applies it.

The shift runs through the later slots of the same room and dance day. Flexible slots move by what is left of it; a
buffer gives up its own time and absorbs as much; a fixed slot never moves and stops it. What then overlaps, in the room
or in somebody's calendar, is a conflict and is named, never created silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.events.models import Event
from app.lib import clock
from app.lib.text import fold
from app.schedule.models import Slot

LARGEST_MINUTES = 12 * 60
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A slot as this reckoning sees it. `people` are folded names or accounts; `day` is its dance day."""

    id: str
    title: str
    room: str
    starts_at: datetime
    ends_at: datetime
    flexibility: str = "flexible"
    people: frozenset[str] = frozenset()
    day: object = None

    def overlaps(self, other: Piece) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to one slot. `outcome`: moved, absorbed, fixed (holds, nothing hits it) or conflict.

    `after` is None for a buffer that is used up whole. `was_so` marks a conflict that was there before.
    """

    before: Piece
    after: Piece | None
    outcome: str
    against: tuple[Piece, ...] = ()
    person: str = ""
    was_so: bool = False

    @property
    def is_change(self) -> bool:
        return self.after != self.before


@dataclass(frozen=True, slots=True)
class Plan:
    """All effects, the slot it starts from first, then in order of time."""

    effects: tuple[Effect, ...]

    @property
    def changes(self) -> list[Effect]:
        return [effect for effect in self.effects if effect.is_change]

    @property
    def moved(self) -> list[Effect]:
        """Changed slots that still take place; a buffer that only shrinks is not one of them."""
        return [effect for effect in self.changes if effect.after and effect.outcome != "absorbed"]

    @property
    def room_conflicts(self) -> list[Effect]:
        """Those that must be solved before anything is applied: two things in one room."""
        return [effect for effect in self.effects if effect.outcome == "conflict" and not effect.person]


def piece_of(slot: Slot, event: Event) -> Piece:
    """A slot's row for this reckoning: people by folded name."""
    people = frozenset(fold(name) for name in (*(p.name for p in slot.people), *(p.person.name for p in slot.booked)))
    day = clock.event_day(slot.starts_at, event.zone, event.day_change_hour)
    return Piece(
        slot.public_id, slot.title, slot.room.public_id, slot.starts_at, slot.ends_at, slot.flexibility, people, day
    )


def plan(pieces: Sequence[Piece], from_id: str, minutes: int) -> Plan:
    """The effects of shifting `from_id` by that many minutes (negative: earlier). Callers leave cancelled slots out.

    A fixed slot that is itself the start does move: somebody said so by hand.
    """
    first = next(piece for piece in pieces if piece.id == from_id)
    shift = timedelta(minutes=minutes)
    behind = [p for p in pieces if p.room == first.room and p.day == first.day and p.starts_at > first.starts_at]
    effects = [_moved(first, shift)]
    effects += _cascade(sorted(behind, key=lambda piece: (piece.starts_at, piece.id)), shift)
    touched = {effect.before.id for effect in effects}
    others = [piece for piece in pieces if piece.id not in touched]
    return Plan(tuple(_with_conflicts(effects, others)))


def _moved(piece: Piece, shift: timedelta) -> Effect:
    after = replace(piece, starts_at=piece.starts_at + shift, ends_at=piece.ends_at + shift)
    return Effect(piece, after, "moved" if shift else "fixed")


def _cascade(behind: Sequence[Piece], shift: timedelta) -> list[Effect]:
    """Each later slot of the room in turn; what is left of the shift is handed on."""
    effects, left = [], shift
    for piece in behind:
        if piece.flexibility == "fixed" or not left:
            effects.append(Effect(piece, piece, "fixed"))
            left = NOTHING
        elif piece.flexibility == "buffer":
            effect, left = _absorb(piece, left)
            effects.append(effect)
        else:
            effects.append(_moved(piece, left))
    return effects


def _absorb(buffer: Piece, shift: timedelta) -> tuple[Effect, timedelta]:
    """A buffer keeps its end and begins later (or earlier): it gives up its own time, or takes what was gained."""
    length = buffer.ends_at - buffer.starts_at
    if shift >= length:
        return Effect(buffer, None, "absorbed"), shift - length
    return Effect(buffer, replace(buffer, starts_at=buffer.starts_at + shift), "absorbed"), NOTHING


def _with_conflicts(effects: list[Effect], others: Sequence[Piece]) -> list[Effect]:
    """Mark what would overlap: in the room first (it must be solved), then people who would be in two places."""
    standing = [effect.after for effect in effects if effect.after]
    marked: list[Effect] = []
    for effect in effects:
        hit = _hit(effect, [*(p for p in standing if p.id != effect.before.id), *others])
        marked.append(hit or effect)
    marked += _elsewhere(effects, others)
    head, tail = marked[0], marked[1:]
    return [head, *sorted(tail, key=lambda effect: (effect.before.starts_at, effect.before.id))]


def _hit(effect: Effect, standing: Sequence[Piece]) -> Effect | None:
    """The conflict with everything in the same room that the slot, as it would be, runs into."""
    after = effect.after
    hits = tuple(p for p in standing if after and p.room == after.room and p.overlaps(after))
    return replace(effect, outcome="conflict", against=hits) if hits else None


def _elsewhere(effects: Sequence[Effect], others: Sequence[Piece]) -> list[Effect]:
    """Slots in other rooms that share somebody with a moved one and would now be at the same time."""
    found = []
    for other in others:
        for effect in effects:
            if effect.after is None or not effect.is_change:
                continue
            shared = sorted(effect.after.people & other.people)
            if shared and other.overlaps(effect.after):
                was_so = other.overlaps(effect.before)
                found.append(Effect(other, other, "conflict", (effect.after,), shared[0], was_so=was_so))
                break
    return found
