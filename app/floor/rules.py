"""What is allowed on the floor, and what is true of a play, a vote or a poll at a moment. Pure.

Called by actions, queries and live. Numbers with a name here are the product's promises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.floor.models import CHOICES, DjSet, Play, Poll
from app.lib.refusal import Refusal

FADES_AFTER = timedelta(seconds=90)  # a tempo vote
VOTERS_LEAST = 5  # below that totals would point at people
IDLE_AFTER = timedelta(minutes=20)  # then a visit is over
STALE_AFTER = timedelta(minutes=12)  # a song of unknown length: nobody plays one for longer
LONGEST_SONG = timedelta(minutes=15)
GRACE = timedelta(seconds=60)  # after a song's own length: the next one is being mixed in
SECONDS_LEAST, SECONDS_MOST = 10, 600
OPTIONS_LEAST, OPTIONS_MOST = 2, 5
QUEUE_MOST = 100
RESULTS_SHOWN_FOR = timedelta(minutes=3)


class SetOver(Refusal):
    """The set has ended."""


class SetNotLive(Refusal):
    """Nobody plays here yet, or any more."""


class NotOnNow(Refusal):
    """A heart for something that is not of this set."""


class PollOver(Refusal):
    """A vote after the end."""


class PollRunning(Refusal):
    """One question at a time."""


class BadPoll(Refusal):
    """A question without two answers, or the like."""

    status = 422


class NobodyToTakeOver(Refusal):
    """Hand over to whom?"""

    status = 422


class QueueFull(Refusal):
    """More lined up than a night has songs."""


class NothingPlays(Refusal):
    """There is no song that this could be about."""


# ---- the set ----


def must_be_live(dj_set: DjSet) -> None:
    """Raises SetOver or SetNotLive."""
    if dj_set.is_over:
        raise SetOver("This set has ended. What was played stays in its list.")
    if not dj_set.is_live:
        raise SetNotLive("This set has not begun. Start it first.")


# ---- what plays ----


def goes_stale_at(play: Play) -> datetime:
    """When the room stops believing in a song without news: its length and a minute, or twelve minutes."""
    if play.duration_seconds is None:
        return play.played_at + STALE_AFTER
    return play.played_at + min(timedelta(seconds=play.duration_seconds), LONGEST_SONG) + GRACE


def plays_now(play: Play | None, dj_set: DjSet, moment: datetime) -> bool:
    """Whether the room may be told that this plays: the set is live, it is the newest, and it is not stale."""
    return play is not None and dj_set.is_live and play.status == "playing" and moment < goes_stale_at(play)


# ---- tempo ----


@dataclass(frozen=True, slots=True)
class Tempo:
    """Votes that have not faded yet. Totals are None below VOTERS_LEAST voters."""

    slower: int = 0
    perfect: int = 0
    faster: int = 0

    @property
    def voters(self) -> int:
        return self.slower + self.perfect + self.faster

    @property
    def is_shown(self) -> bool:
        return self.voters >= VOTERS_LEAST

    @property
    def wish(self) -> str:
        """What the floor asks for: "faster", "slower" or "" when most are content or too few spoke."""
        if not self.is_shown or self.perfect * 2 >= self.voters:
            return ""
        return "faster" if self.faster > self.slower else "slower" if self.slower > self.faster else ""


def tempo_of(choices: Iterable[str]) -> Tempo:
    """Totals of the votes that still count."""
    counts = Counter(choices)
    return Tempo(*(counts[choice] for choice in CHOICES))


# ---- polls ----


def check_poll(question: str, options: Sequence[str], seconds: int) -> None:
    """Raises BadPoll with the sentence at its field."""
    if not question:
        raise BadPoll("Type the question.", "question")
    if len(options) < OPTIONS_LEAST:
        raise BadPoll("A poll needs two answers.", "option-2")
    if len(options) > OPTIONS_MOST:
        raise BadPoll(f"At most {OPTIONS_MOST} answers: people read them while they dance.", "options")
    if len({option.casefold() for option in options}) < len(options):
        raise BadPoll("Two answers are the same.", "options")
    if not SECONDS_LEAST <= seconds <= SECONDS_MOST:
        raise BadPoll(f"A poll runs from {SECONDS_LEAST} seconds to {SECONDS_MOST // 60} minutes.", "seconds")


@dataclass(frozen=True, slots=True)
class Result:
    """An answer and its share."""

    label: str
    votes: int
    percent: int


def results(labels: Sequence[str], votes: Sequence[int]) -> list[Result]:
    """Shares in whole percent that add up to 100 (largest remainders), or to 0 when nobody voted."""
    total = sum(votes)
    if not total:
        return [Result(label, 0, 0) for label in labels]
    exact = [count * 100 / total for count in votes]
    shares = [int(share) for share in exact]
    order = sorted(range(len(exact)), key=lambda n: (shares[n] - exact[n], n))
    for n in order[: 100 - sum(shares)]:
        shares[n] += 1
    return [Result(*row) for row in zip(labels, votes, shares, strict=True)]


def shows_results(poll: Poll, moment: datetime, *, voted: bool) -> bool:
    """Hidden until one voted or the poll is over."""
    return voted or poll.is_closed(moment)


def is_on_show(poll: Poll, moment: datetime) -> bool:
    """Whether the floor still sees it: while open, and its result for three minutes."""
    end = poll.closed_at or poll.closes_at
    return end is not None and (poll.is_open(moment) or moment < end + RESULTS_SHOWN_FOR)
