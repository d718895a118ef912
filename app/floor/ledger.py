"""Where a play belongs in a set's ledger: merging taps that come late, doubles, contradictions. Pure.

A tap carries the moment it was made. On time, it simply is what plays now. After a Wi-Fi gap it finds its place among
what others (the feed, a second device) wrote meanwhile; where both cannot be true, it becomes a question for the DJ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.floor.models import HEARD_STATUSES, DjSet, Play, SavedMinute
from app.floor.rules import LONGEST_SONG

SAME_SONG_WITHIN = timedelta(seconds=90)  # the same song twice so soon is one play told twice
CONTRADICTS_WITHIN = timedelta(seconds=60)  # two songs cannot both have begun within a minute
SKEW_MOST = timedelta(hours=12)  # a phone whose clock is further off tells us nothing
GAP_LEAST = timedelta(seconds=20)  # a tap that took longer to arrive was waiting for a network


@dataclass(frozen=True, slots=True)
class Placement:
    """What to do with a tap. `verb`: now | between | double | ask | late. `rival`: whom it contradicts or doubles."""

    verb: str
    rival: Play | None = None
    ends_at: datetime | None = None


def true_moment(tapped_at: datetime | None, sent_at: datetime | None, moment: datetime) -> datetime:
    """When a tap was made by the server's clock.

    A device tells its own times of the tap and of the sending; their difference is how long it waited, however wrong
    that clock is. Nonsense counts as now, and nothing lies ahead of now.
    """
    if tapped_at is None:
        return moment
    waited = (sent_at - tapped_at) if sent_at else (moment - tapped_at)
    return moment - waited if timedelta() <= waited <= SKEW_MOST else moment


def place(plays: Sequence[Play], dj_set: DjSet, song_key: str, at: datetime, *, arrived: datetime) -> Placement:
    """Where a song that began at `at` belongs. `plays` are the set's, in order of time; only heard ones count."""
    heard = [play for play in plays if play.status in HEARD_STATUSES]
    if dj_set.ended_at is not None and at > dj_set.ended_at:
        return Placement("ask", None, at)
    near = [play for play in heard if abs(play.played_at - at) <= SAME_SONG_WITHIN]
    double = next((play for play in near if play.song_key == song_key), None)
    if double is not None:
        return Placement("double", double)
    after = next((play for play in heard if play.played_at > at), None)
    came_late = arrived - at >= GAP_LEAST
    rival = next((play for play in heard if _contradicts(play, at)), None)
    if came_late and rival is not None:
        return Placement("ask", rival, at)
    if after is not None:
        return Placement("between", None, after.played_at)
    if dj_set.ended_at is not None:
        return Placement("late", None, dj_set.ended_at)
    return Placement("now")


def _contradicts(play: Play, at: datetime) -> bool:
    """Whether a tap that comes late cannot simply follow this play.

    A tap soon after another tap is a change of mind, also offline. What the feed told, or somebody tapped right after
    it elsewhere, this finger could not see.
    """
    near = abs(play.played_at - at) < CONTRADICTS_WITHIN
    return near and (play.source == "feed" or play.played_at > at)


def before(plays: Sequence[Play], at: datetime) -> Play | None:
    """The heard play that was on at that moment, whose end a newly placed one sets."""
    heard = [play for play in plays if play.status in HEARD_STATUSES and play.played_at <= at]
    return heard[-1] if heard else None


def playing_at(plays: Sequence[Play], moment: datetime, longest: timedelta) -> Play | None:
    """What was on at that moment, by the ledger; None in a gap. A song's end is the next one's beginning."""
    found = before(plays, moment)
    if found is None or moment - found.played_at > longest:
        return None
    return found if found.ended_at is None or moment <= found.ended_at else None


def song_of_minute(minute: SavedMinute, plays: Sequence[Play]) -> Play | None:
    """The song of a saved minute: what was known then, unless taken back since; else what the ledger says now."""
    if minute.play is not None and minute.play.status in HEARD_STATUSES:
        return minute.play
    return playing_at(plays, minute.minute_at + timedelta(seconds=30), LONGEST_SONG)
