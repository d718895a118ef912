"""The demo's crate: a hundred invented songs in three playlists of Jo's, some files saying double. Called by load.

Comes in by the import that DJs use. Artists and titles are made up.
"""

from __future__ import annotations

import csv
import io

from app.music import queries, readers
from app.music.actions import imports

ARTISTS = (
    "Odile Brun", "The Kite Club", "Ivy Lane", "Samuel Ode", "Nora Castell", "Wren Avery", "Jun & Olga", "Marlow Reed",
    "The Late Edition", "Dell Marsh", "Saint Orla", "Ágnes Tóth", "Big Porch", "Lumen", "Coral & Clay",
)  # fmt: skip
FIRST = (
    "Paper", "Harbor", "Velvet", "Second", "Copper", "Borrowed", "Sunday", "Half", "Quiet", "Honey", "Winter", "Corner",
    "Silver", "Late", "Little", "Wide", "Amber", "Ninth", "Salt", "Low",
)  # fmt: skip
SECOND = ("Letters", "Weather", "Radio", "Promise", "Avenue")
LISTS = ("Friday warm-up", "Saturday, before midnight", "Blues hour")
GENRES = ("Soul", "Contemporary", "Blues", "Pop", "R&B", "Acoustic")
SONGS = len(FIRST) * len(SECOND)


def load(person_id: int) -> None:
    """A hundred tracks, each in one of three playlists."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Title", "Artist", "Genre", "BPM", "Key", "Length", "Energy", "Familiarity", "Playlist"])
    writer.writerows(_row(number) for number in range(SONGS))
    raw = text.getvalue().encode()
    library = readers.read(raw, "jo-library.csv")
    run = queries.import_run(person_id, imports.keep(person_id, "jo-library.csv", raw, library))
    assert run is not None  # noqa: S101  (kept one line above)
    imports.carry_out(run.id, library, lambda _: None)


def _row(number: int) -> list[str]:
    """Tempos from 76 to 124 in waves; every eleventh file says double; every thirteenth knows no key."""
    bpm = 76 + (number * 17) % 49
    key = "" if number % 13 == 5 else f"{number * 5 % 12 + 1}{'AB'[number % 3 == 0]}"
    title = f"{FIRST[number % len(FIRST)]} {SECOND[number // len(FIRST)]}"
    return [
        title, ARTISTS[number * 7 % len(ARTISTS)], GENRES[number % len(GENRES)],
        str(bpm * 2 if number % 11 == 3 else bpm), key, f"{3 + number % 2}:{number * 13 % 60:02d}",
        str(number % 5 + 1), str((number * 3) % 5 + 1), LISTS[number % len(LISTS)],
    ]  # fmt: skip
