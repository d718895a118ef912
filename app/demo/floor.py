"""The demo's floor: Jo at the decks tonight after Zsófia opened, a crate, hearts, tempo votes. Called by load.

Comes in by the actions that DJs and dancers call; taps carry their own moment, as after a gap. Songs are invented.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.events.models import Event
from app.floor import actions, queries
from app.floor.actions import SetPlan, Song
from app.lib import clock
from app.music import keys, readers
from app.music import queries as music
from app.music.actions import imports
from app.people import devices
from app.people import queries as people
from app.people.models import Person
from app.people.viewer import Viewer
from app.schedule.models import Slot

# artist, title, BPM, key, length
OPENING = (
    ("Odile Brun", "Paper Lanterns", 88, "9A", "3:41"), ("The Kite Club", "Northbound", 96, "8A", "3:58"),
    ("Ivy Lane", "Glasshouse", 92, "7A", "4:02"), ("Samuel Ode", "River Mouth", 101, "8B", "3:36"),
    ("Nora Castell", "Velvet Hour", 84, "5A", "4:11"),
)  # fmt: skip
PLAYED = (
    ("Wren Avery", "Tall Grass", 98, "3A", "3:29"), ("Jun & Olga", "Kinder Light", 100, "4A", "3:47"),
    ("Marlow Reed", "Second Balcony", 104, "9B", "4:05"), ("Ivy Lane", "Sunday Coat", 106, "4B", "3:33"),
    ("The Late Edition", "Corner Table", 112, "8A", "3:52"), ("Dell Marsh", "Brass Knuckle Tea", 118, "5A", "3:18"),
    ("Odile Brun", "Harbor Lights Go Out", 94, "10A", "4:20"), ("Saint Orla", "Half a Promise", 90, "9A", "3:56"),
    ("The Kite Club", "Telegram", 102, "8B", "3:44"),
)  # fmt: skip
NOW = ("Marlow Reed", "Slow Current (long blend)", 97, "4A", "13:40")
NEXT = (("The Late Edition", "Honey & Smoke", 104, "3B", "3:50"), ("Dell Marsh", "Copper Wire", 103, "5A", "3:40"))
REST = (
    ("Pale Ferry", "Lowercase Love", 87, "2A", "4:08"), ("Hollis & Wray", "Second Wind Blues", 76, "6A", "4:31"),
    ("Saint Orla", "Paper Lanterns (cover)", 91, "9A", "3:25"), ("Jun & Olga", "Night Tram", 115, "7B", "3:39"),
    ("Nora Castell", "Quarter to Three", 126, "4B", "3:12"), ("Pale Ferry", "Undertow", 99, "1A", "4:15"),
    ("Wren Avery", "All the Good Chairs", 109, "11B", "3:30"), ("Hollis & Wray", "Kitchen Floor", 94, "10A", "3:48"),
)  # fmt: skip
EVERY = timedelta(minutes=4)
GUESTS = 18
LIKES = (5, 9, 12, 7, 14, 11, 6, 13, 8)  # how many of them like each song that Jo played
ON_NOW = 11
VOTES = ("perfect",) * 6 + ("faster",) * 3 + ("slower",)


def fill(event: Event, slot: Slot, cast: Mapping[str, Person]) -> None:
    """A night that began three quarters of an hour before Jo did."""
    jo_id, zsofia, jo = cast["jo"].id, cast["zsofia"], cast["jo"]
    plan = SetPlan(slot.title, event.zone, slot.room.name, event_id=event.id, slot_id=slot.id)
    _crate(jo_id)
    moment = clock.now()
    began = moment - EVERY * len(PLAYED) - timedelta(seconds=50)
    opening = _begin(zsofia, plan, began - EVERY * len(OPENING))
    _play(opening, OPENING, began - EVERY * len(OPENING))
    mine = _begin(jo, plan, began)
    _play(mine, PLAYED, began)
    _play(mine, (NOW,), moment - timedelta(seconds=40))
    for row in NEXT:
        actions.line_up(mine, _song(row))
    actions.prepare(mine, "The last song tonight?", ["Slow and blue", "One more fast one", "Surprise us"], 60)
    _dancers(mine, cast["dana"])


def _begin(person: Person, plan: SetPlan, at: datetime) -> int:
    return queries.own_set(Viewer(person), actions.start(person, plan, started_at=at)).id


def _song(row: tuple[str, str, int, str, str]) -> Song:
    artist, title, bpm, key_text, length = row
    key = keys.parse(key_text)
    minutes, _, seconds = length.partition(":")
    return Song(
        title, artist, bpm, key.pitch if key else None, key.mode if key else None, int(minutes) * 60 + int(seconds)
    )


def _play(set_id: int, rows: tuple[tuple[str, str, int, str, str], ...], began: datetime) -> None:
    for number, row in enumerate(rows):
        actions.play(set_id, _song(row), tapped_at=began + EVERY * number + timedelta(seconds=2))


def _crate(person_id: int) -> None:
    """Jo's library, through the import that DJs use."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Artist", "Title", "BPM", "Key", "Length"])
    writer.writerows([*OPENING[:2], *PLAYED, NOW, *NEXT, *REST])
    raw = text.getvalue().encode()
    library = readers.read(raw, "jo.csv")
    run = music.import_run(person_id, imports.keep(person_id, "jo.csv", raw, library))
    assert run is not None  # noqa: S101  (kept one line above)
    imports.carry_out(run.id, library, lambda _run_id: None)


def _dancers(set_id: int, dana: Person) -> None:
    """Guests with phones, and Dana: hearts, words on the tempo, a minute to find again."""
    plays = [play.public_id for play in queries.plays_of(set_id)]
    tokens = [devices.new_token() for _ in range(GUESTS)]
    for number, token in enumerate(tokens):
        viewer = Viewer(device=people.device_by_token(token))
        if number < len(VOTES):
            actions.vote_tempo(viewer, set_id, VOTES[number], device_token=token)
        else:
            actions.here(viewer, set_id, device_token=token)
        viewer = Viewer(device=people.device_by_token(token))
        for play_id, likes in zip(plays, (*LIKES, ON_NOW), strict=True):
            if (number * 7 + likes * 5) % GUESTS < likes:
                actions.heart(viewer, set_id, play_id, on=True)
    actions.heart(Viewer(dana), set_id, plays[-1], on=True)
    actions.save_minute(Viewer(dana), set_id)
