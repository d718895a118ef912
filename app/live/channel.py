"""What one process knows of one topic: its newest regions, who listens, who waits, what is about to be sent.

The hub drives it. The rule that everything rests on: every member has been sent all up to `position` except what lies
in `pending`; so phones join only at an instant when nothing is pending. Pure state: no socket, no Redis, no greenlet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.live import frames
from app.live.phone import Phone
from app.live.regions import NOWHERE, Position, Region, State

HELD_MAX = 256  # changes heard while loading; dropping the oldest only means loading once more
NEWS_MAX = 64  # positions whose catch-up frame is kept for the next phone that returns with it
REGETS_PER_SECOND = 250  # how fast pages of one process are told to load anew
REGET_SECONDS_MAX = 2.0


class Waiting(NamedTuple):
    """A phone that has not joined yet: what it shows, and since when (monotonic) it waits."""

    phone: Phone
    at: Position | None
    since: float


class Channel:
    """One topic in this process."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.position = NOWHERE
        self.poked = 0
        self.regions: dict[str, Region] = {}
        self.is_known = False  # loaded at least once
        self.is_fresh = False  # subscribed, loaded, and no gap since
        self.is_subscribed = False
        self.is_loading = False
        self.loaded_at = 0.0  # when the newest load was asked for (monotonic)
        self.idle_since: float | None = None
        self.leased: tuple[int, float] = (0, 0.0)  # the phones count last put into Redis, and when
        self.is_counted = False  # somebody wants to know what its pages hold: app.live.holding
        self.holding: dict[Phone, int] = {}  # which number each page said it shows
        self.holding_news = False  # `holding` differs from what Redis was told
        self.holding_leased_at = 0.0
        self.holding_untold = False  # nobody was hinted at that difference yet
        self.members: dict[Phone, None] = {}  # in the order they came: sends in a row touch memory in a row
        self.waiting: list[Waiting] = []
        self.pending: list[bytes] = []
        self._held: deque[Mapping[str, Any]] = deque(maxlen=HELD_MAX)
        self._news: dict[Position | None, bytes] = {}

    @property
    def phones(self) -> int:
        return len(self.members) + sum(1 for waiting in self.waiting if not waiting.phone.is_gone)

    def hold(self, phone: Phone, number: int) -> None:
        """The page of a phone shows that number by now; 0 while it has said nothing yet."""
        if self.is_counted and self.holding.get(phone) != number:
            self.holding[phone] = number
            self.holding_news = self.holding_untold = True

    def part(self, phone: Phone) -> None:
        """A phone is gone."""
        self.members.pop(phone, None)
        if self.holding.pop(phone, None) is not None:
            self.holding_news = self.holding_untold = True

    def hear(self, change: Mapping[str, Any]) -> bool:
        """A change from Redis. False: it does not follow on what is known here, so load (which will bring it)."""
        if self.is_loading:
            self._held.append(change)
            return True
        if not self.is_fresh:
            return False
        at = Position(change["epoch"], int(change["version"]))
        if at.epoch == self.position.epoch and at.version <= self.position.version:
            return True  # known from a load
        if at.epoch != self.position.epoch or at.version != self.position.version + 1:
            self.is_fresh = False
            return False
        self._advance(at, change)
        return True

    def begin_load(self) -> None:
        """What was heard before the question is in the answer; only what is heard from now on may be newer."""
        self.is_loading = True
        self._held.clear()

    def learn(self, state: State, asked_at: float) -> bool:
        """All that Redis keeps, asked for at that moment: tell members what they missed. False: load once more."""
        before, self.position = self.position, state.position
        self.poked, self.regions = state.poked, state.regions
        self._news.clear()
        if self.is_known and before != self.position and self.members:
            self.pending.append(self._since(before))
        self.is_known = self.is_fresh = True
        self.is_loading = False
        self.loaded_at = asked_at
        held, self._held = list(self._held), deque(maxlen=HELD_MAX)
        for change in held:
            self.hear(change)
        return self.is_fresh

    def lose(self) -> None:
        """The subscription broke: what is known here may be old until it is loaded again."""
        self.is_subscribed = self.is_fresh = self.is_loading = False
        self._held.clear()

    def fits(self, at: Position | None) -> bool:
        """Whether this position can be served from what is known here without asking Redis again."""
        return at is None or (at.epoch == self.position.epoch and at.version <= self.position.version)

    def news(self, at: Position | None) -> bytes:
        """What a phone at this position lacks, as one frame; empty when it lacks nothing. At None it shows nothing."""
        if at not in self._news:
            if len(self._news) >= NEWS_MAX:
                self._news.clear()  # nobody may fill our memory by asking from ever other positions
            self._news[at] = self._everything() if at is None else self._since(at)
        return self._news[at]

    def seal(self) -> bytes:
        """Take all that is pending as one piece for one send."""
        sealed = b"".join(self.pending)
        self.pending.clear()
        return sealed

    def _advance(self, at: Position, change: Mapping[str, Any]) -> None:
        self.position = at
        self._news.clear()
        if change.get("reget"):
            self.poked = at.version
            self.is_fresh = False  # the regions behind a re-get are not in the message: load before anyone joins
            self.pending.append(self._reget())
            return
        changed = [(region_id, body[1:] if body.startswith("h") else None) for region_id, body in change["regions"]]
        self.regions.update((region_id, Region(at.version, html)) for region_id, html in changed)
        self.pending.append(frames.content(self.topic, at, changed) or self._reget())

    def _everything(self) -> bytes:
        kept = [(region_id, region.html) for region_id, region in self.regions.items() if region.html is not None]
        return frames.content(self.topic, self.position, kept) or self._reget()

    def _since(self, at: Position) -> bytes:
        if at == self.position:
            return b""
        if not self.fits(at) or at.version < self.poked:
            return self._reget()
        newer = [(region_id, r) for region_id, r in self.regions.items() if r.version > at.version]
        newer.sort(key=lambda pair: pair[1].version)
        return frames.content(self.topic, self.position, [(i, r.html) for i, r in newer]) or self._reget()

    def _reget(self) -> bytes:
        spread = min(REGET_SECONDS_MAX, (len(self.members) + len(self.waiting)) / REGETS_PER_SECOND)
        return frames.reget(self.topic, self.position, spread)
