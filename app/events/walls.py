"""Wall times of a venue on the UTC line, with a sentence where the clock change leaves no such time. Pure.

Used by the forms of events and of the schedule.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from app.lib import clock

if TYPE_CHECKING:
    from app.events.models import Event


def instant_of(wall: datetime, zone: str) -> tuple[datetime, str | None]:
    """(instant, refusal). Of a time that happens twice the first is meant."""
    found = clock.resolve_local(wall, zone)
    if not found.gap:
        return found.instant, None
    better = clock.to_local(found.instant, zone)
    return found.instant, (
        f"{wall:%H:%M} does not exist that night: the clocks go forward. Did you mean {better:%H:%M}?"
    )


class WallClock:
    """Turns an event's wall times into instants."""

    def __init__(self, event: Event) -> None:
        self.zone, self.change = event.zone, event.day_change_hour

    @classmethod
    def of(cls, zone: str, change: int) -> WallClock:
        """The clock of a place that is no event of ours."""
        made = cls.__new__(cls)
        made.zone, made.change = zone, change
        return made

    def on_day(self, day: date, at: time) -> datetime:
        """The naive wall time of "01:30 on Saturday": after midnight it is the next calendar date."""
        return clock.wall_on_day(day, at, self.change)

    def end_on_day(self, day: date, start: time, end: time) -> datetime:
        """An end at or after the day change ("05:30 to 06:00", "22:00 to 07:00") lies on the next morning.

        Only within half a day: "14:30 to 14:10" is a slip, and stays one.
        """
        began, ended = self.on_day(day, start), self.on_day(day, end)
        next_morning = ended + timedelta(days=1)
        return next_morning if ended <= began and next_morning - began <= timedelta(hours=12) else ended

    def instant(self, wall: datetime, *, not_before: datetime | None = None) -> tuple[datetime, str | None]:
        """(instant, refusal). In the doubled hour the first is meant, unless it lies before `not_before`."""
        found, refusal = instant_of(wall, self.zone)
        if refusal is None and not_before is not None and found <= not_before:
            return clock.resolve_local(wall, self.zone, later=True).instant, None
        return found, refusal
