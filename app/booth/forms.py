"""What a DJ types: where a set is, a question to the floor, the card for the next DJ. Input into clean values."""

from __future__ import annotations

from app.floor.rules import OPTIONS_MOST, SECONDS_LEAST, SECONDS_MOST
from app.lib import clock
from app.lib.text import clean_line
from app.music.tempo import DANCES
from app.web.forms import Form


class StartForm(Form):
    """A set outside an event."""

    def read(self) -> None:
        self.line("title", "What is it called", limit=120)
        self.line("place", "Where", limit=80, required=False)
        zone = self.line("zone", "Time zone", limit=60)
        if zone and zone not in clock.zone_names():
            self.error("zone", "We do not know this time zone. Choose one of the list, like Europe/Budapest.")
        self.choice("dance", "Dance", DANCES, default="wcs")


class PollForm(Form):
    """A question and its answers. `later`: prepare it only."""

    def read(self) -> None:
        self.line("question", "The question", limit=120)
        self.clean["options"] = [
            text for n in range(1, OPTIONS_MOST + 1) if (text := clean_line(self._raw(f"option-{n}"))[:80])
        ]
        self.whole("seconds", "Seconds", least=SECONDS_LEAST, most=SECONDS_MOST)
        self.flag("later")


class HandoverForm(Form):
    """Who is next, and what they should know."""

    def read(self) -> None:
        self.line("to", "The next DJ", limit=60)
        self.block("note", "Note", limit=1000)
        self.block("do_not_play", "Do not play", limit=1000)
