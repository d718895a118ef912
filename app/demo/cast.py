"""The people of the demo: one for each role, and the few others who own something in it. Plain data.

Read by load, by the one-click sign-in of development, by the runner's print-out and by tests/cast.py. The password is
public, so nothing here may ever reach a production database (load refuses).
"""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "dance-all-night"  # noqa: S105  (public on purpose: it opens the demo only)


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody to sign in as. `role` is one or two words, `line` what there is to see with their eyes."""

    handle: str
    name: str
    role: str
    line: str
    city: str
    about: str

    @property
    def email(self) -> str:
        return f"{self.handle}@pika.example"


CAST = (
    Player(
        "dana", "Dana Kovács", "Dancer", "Dances all weekend, and starred two things at the same time.", "Budapest",
        "Dances since the winter the heating broke. Follows mostly, leads when the song asks for it.",
    ),
    Player(
        "jo", "Jo Brandt", "DJ", "Plays the big social tonight and the farewell tomorrow.", "Hamburg",
        "Vinyl at home, a laptop on the road. Ends every night with a slow one.",
    ),
    Player(
        "tess", "Tess Aubert", "Teacher", "Teaches at the weekend, and at the Swing Loft back home.", "Lyon",
        "Teaches connection before decoration. Has strong opinions about the anchor.",
    ),
    Player(
        "sam", "Sam Whitfield", "Studio owner", "Runs the Swing Loft, with two teachers.", "Vienna",
        "Turned an old paper mill into a dance floor and has been sweeping it ever since.",
    ),
    Player(
        "olive", "Olive Szabó", "Organizer", "Runs Budapest Swing Weekend this minute, and plans the next one.",
        "Budapest",
        "Began with forty people in a school gym. Still carries chairs.",
    ),
    Player(
        "petra", "Petra Lang", "Platform owner", "Sees whether the machine is well, and who is here.", "Vienna",
        "Keeps Pika! running, and dances when it does.",
    ),
    Player(
        "nina", "Nina Holt", "Newcomer", "Just signed up: no stars, no roles, every door still to open.", "Oslo",
        "",
    ),
)  # fmt: skip

# They own things, so that no list is lonely; nobody needs to sign in as them.
OTHERS = (
    Player(
        "rui", "Rui Salgueiro-Pinto", "Organizer", "Organizes Harbor Swing Porto in two months.", "Porto",
        "Harbor, wood floor, late dinner. In this order.",
    ),
    Player(
        "zsofia", "Zsófia Bartal", "Teacher", "Teaches at the weekend and at the Swing Loft.", "Vienna",
        "Footwork first. Counts in three languages.",
    ),
)  # fmt: skip
