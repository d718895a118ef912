"""Keys as programs write them, in one form and three notations."""

from __future__ import annotations

import pytest

from app.music import keys
from app.music.keys import Key


@pytest.mark.parametrize(
    ("text", "camelot"),
    [
        ("8A", "8A"), ("08A", "8A"), ("8a", "8A"), ("1m", "8A"), ("1d", "8B"), ("Am", "8A"), ("Amin", "8A"),
        ("A minor", "8A"), ("A", "11B"), ("Amaj", "11B"), ("Dbmaj", "3B"), ("C#min", "12A"), ("Gbm", "11A"),
        ("G#/A♭ Minor", "1A"), ("C♯/D♭ Major", "3B"), ("A#/B♭ Major", "6B"), ("Fm", "4A"), ("2m", "9A"), ("Eb", "5B"),
        ("B", "1B"), ("Bb", "6B"), ("Bbm", "3A"), ("8A - Am", "8A"), ("Fm (4A)", "4A"), ("F♯ Minor", "11A"),
        ("Cis moll", "12A"), ("12m", "7A"), ("12d", "7B"), (" 5A ", "5A"),
    ],
)  # fmt: skip
def test_parse_reads_what_programs_write(text, camelot):
    assert keys.parse(text).camelot == camelot


@pytest.mark.parametrize("text", ["", "0", "13A", "0A", "-", "n/a", "C/D minor", "drums", "A" * 60, "128", "X"])
def test_parse_unknown_stays_unknown(text):
    assert keys.parse(text) is None


def test_every_key_in_every_notation_reads_back():
    every = [Key(pitch, is_major) for pitch in range(12) for is_major in (True, False)]
    for key in every:
        assert [keys.parse(keys.show(key, notation)) for notation in keys.NOTATIONS] == [key] * 3
    assert len({key.camelot for key in every}) == len({key.open for key in every}) == 24


def test_wheel_stands_right():
    assert Key(9, is_major=False).camelot == "8A"
    assert Key(9, is_major=False).open == "1m"
    assert Key(0, is_major=True).camelot == "8B"
    assert Key(0, is_major=True).open == "1d"


def test_traktor_and_spotify_numbers():
    assert keys.from_traktor(17) == Key(5, is_major=False)
    assert keys.from_traktor(7) == Key(7, is_major=True)
    assert keys.from_traktor(24) is None
    assert keys.from_spotify(5, 0).camelot == "4A"
    assert keys.from_spotify(-1, 1) is None
    assert keys.from_spotify(5, None) is None
