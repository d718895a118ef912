"""What changed between two public versions, slot by slot, in words. Pure: reads the two schedules given."""

from __future__ import annotations

from dataclasses import dataclass

from app.lib import clock
from app.lib.text import in_words
from app.schedule.snapshot import Schedule, SlotView

WORDS = {
    "title": "title", "kind": "kind", "level": "level", "description": "description", "capacity_hint": "places",
    "people": "people", "marshal_minutes": "marshalling",
}  # fmt: skip

SAID = {"added": "is new", "removed": "is gone", "cancelled": "is cancelled", "restored": "takes place again"}


@dataclass(frozen=True, slots=True)
class Change:
    """One slot, before and after. `before` is None for a new slot, `after` for one that is gone."""

    before: SlotView | None
    after: SlotView | None

    @property
    def slot(self) -> SlotView:
        """The slot as it is now, or as it was last."""
        found = self.after or self.before
        assert found is not None  # noqa: S101  (a change has at least one side)
        return found

    @property
    def verb(self) -> str:
        """added, removed, cancelled, restored, moved (time or room), edited."""
        if self.before is None or self.after is None:
            return "added" if self.before is None else "removed"
        if self.before.cancelled != self.after.cancelled:
            return "cancelled" if self.after.cancelled else "restored"
        return "moved" if self.is_moved or self.is_in_another_room else "edited"

    @property
    def is_moved(self) -> bool:
        if self.before is None or self.after is None:
            return False
        return (self.before.starts_at, self.before.ends_at) != (self.after.starts_at, self.after.ends_at)

    @property
    def is_in_another_room(self) -> bool:
        return self.before is not None and self.after is not None and self.before.room.id != self.after.room.id

    def sentence(self, zone: str) -> str:
        """As "starts Sat 14:45 instead of 14:30, in Margit Room instead of Danube Hall"."""
        if self.verb in {"added", "removed", "cancelled", "restored"}:
            when = clock.to_local(self.slot.starts_at, zone)
            said = {
                "added": "is new",
                "removed": "is gone",
                "cancelled": "is cancelled",
                "restored": "takes place again",
            }
            return f"{said[self.verb]}, {when:%a %H:%M} in {self.slot.room.name}"
        assert self.before is not None  # noqa: S101  (the verb says so)
        assert self.after is not None  # noqa: S101  (the same)
        return ", ".join(filter(None, (_time_words(self.before, self.after, zone), self._room_words(), self._other())))

    def _room_words(self) -> str:
        if not self.is_in_another_room or self.before is None or self.after is None:
            return ""
        return f"in {self.after.room.name} instead of {self.before.room.name}"

    def _other(self) -> str:
        changed = [word for name, word in WORDS.items() if getattr(self.before, name) != getattr(self.after, name)]
        return f"{in_words(changed)} changed" if changed else ""


def _time_words(before: SlotView, after: SlotView, zone: str) -> str:
    old, new = clock.to_local(before.starts_at, zone), clock.to_local(after.starts_at, zone)
    if old != new:
        was = f"{old:%H:%M}" if old.date() == new.date() else f"{old:%a %H:%M}"
        return f"starts {new:%a %H:%M} instead of {was}"
    old_end, new_end = clock.to_local(before.ends_at, zone), clock.to_local(after.ends_at, zone)
    return f"ends {new_end:%H:%M} instead of {old_end:%H:%M}" if old_end != new_end else ""


def between(old: Schedule, new: Schedule) -> list[Change]:
    """Every slot that a person would notice, in order of time. Plans and edit counters alone are no change."""
    found = [Change(old.by_id.get(slot_id), new.by_id.get(slot_id)) for slot_id in {*old.by_id, *new.by_id}]
    noticed = [change for change in found if _noticed(change)]
    return sorted(noticed, key=lambda change: (change.slot.starts_at, change.slot.title, change.slot.id))


def _noticed(change: Change) -> bool:
    if change.before is None or change.after is None:
        return True
    return change.verb != "edited" or any(getattr(change.before, n) != getattr(change.after, n) for n in WORDS)
