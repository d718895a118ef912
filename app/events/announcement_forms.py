"""Forms of announcements: what to say, to whom, and when, on the venue's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.events.audience import AUDIENCES
from app.events.forms import wall_instant, wall_value
from app.events.models import Announcement, Event
from app.lib import clock
from app.lib.text import clean_line
from app.web.forms import Form

FARTHEST = timedelta(days=366)


class AnnouncementForm(Form):
    """A new one, or one that is not posted yet. `clean["post_at"]` is None for "now"."""

    def __init__(
        self, event: Event, typed: Mapping[str, Any] | None = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        self.event = event
        super().__init__(typed, initial)

    def read(self) -> None:
        self._words()
        self.choice("audience", "Who hears it", AUDIENCES, default="everybody")
        self.clean["slot"] = clean_line(self._raw("slot")) or None
        if self.clean["audience"] == "starred" and not self.clean["slot"]:
            self.error("slot", "Choose the slot whose stars count.")
        self._when()

    def _words(self) -> None:
        self.line("title", "The headline", limit=120)
        self.block("body", "The text", limit=1000)
        for name in ("is_urgent", "is_pinned"):
            self.flag(name)
            self.values[name] = self.clean[name]  # a box that was emptied is not in what was typed

    def _when(self) -> None:
        self.clean["post_at"] = at = wall_instant(self, "post_at", self.event.zone)
        if at is None or "post_at" in self.errors:
            return
        if at < clock.now() - timedelta(minutes=1):
            local = clock.to_local(clock.now(), self.event.zone)
            self.error("post_at", f"That is over: it is {local:%H:%M} there now. Leave it empty to post it at once.")
        elif at > clock.now() + FARTHEST:
            self.error("post_at", "That is more than a year away.")


class PostedForm(AnnouncementForm):
    """One that is posted: its words, and whether those who heard it hear it again."""

    def read(self) -> None:
        self._words()
        self.flag("again")


def values_of(announcement: Announcement, event: Event) -> dict[str, Any]:
    """An announcement as its form shows it."""
    names = ("title", "body", "is_urgent", "is_pinned", "audience")
    return {name: getattr(announcement, name) for name in names} | {
        "slot": announcement.slot_public_id or "",
        "post_at": wall_value(announcement.post_at, event.zone),
    }
