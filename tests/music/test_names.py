"""The same recording under two spellings; the same song in another version."""

from __future__ import annotations

import pytest

from app.music.names import search_text, song_key, split_artist_title, work_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Daniel Caesar,H.E.R.", "Best Part (feat. H.E.R.)"), ("Daniel Caesar feat. H.E.R.", "Best Part")),
        (("Bob Moses", "Enough to Believe (Original Mix)"), ("bob moses", "Enough To Believe")),
        (("Genesis", "Naminanu - 2000 Digital Remaster"), ("Genesis", "Naminanu")),
        (("Beyoncé", "Halo"), ("BEYONCE", "halo")),
        (("Lady Gaga & Ariana Grande", "Rain On Me"), ("Ariana Grande, Lady Gaga", "Rain on Me")),
        (("The Rolling Stones", "Don't Stop"), ("Rolling Stones", "Dont Stop")),
        (("Earth, Wind & Fire", "September"), ("Earth Wind and Fire", "September")),
    ],
)
def test_song_key_same_recording(one, other):
    assert song_key(*one) == song_key(*other)


def test_song_key_tells_versions_and_artists_apart():
    assert song_key("Beyoncé", "Break My Soul") != song_key("Beyoncé", "Break My Soul (Terry Hunter Remix)")
    assert song_key("Khalid", "Better") != song_key("SYML", "Better")


@pytest.mark.parametrize(
    "title",
    ["Break My Soul", "BREAK MY SOUL (Terry Hunter Remix)", "Break my soul - Live at Wembley", "Break My Soul (Cover)",
     "Break My Soul [Extended Mix]", "Break My Soul (feat. Big Freedia)", "Break My Soul - Acoustic Version"],
)  # fmt: skip
def test_work_key_remix_and_cover_meet_the_original(title):
    assert work_key("Whoever", title) == "break my soul"


def test_work_key_keeps_brackets_that_belong_to_the_title():
    assert work_key("x", "(I Can't Get No) Satisfaction") == "i cant get no satisfaction"
    assert work_key("Prince", "(Remix)") == "remix"


def test_names_without_letters_still_have_keys():
    assert song_key("!!!", "???") != song_key("!!!", "¿¿")
    assert song_key("", "") == "|"


def test_search_text_is_folded():
    assert search_text("Beyoncé", "Don't Stop") == "beyonce dont stop"
    assert search_text("Sigur Rós", "Ágætis byrjun") == "sigur ros agaetis byrjun"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Jay Vegas - One Day", ("Jay Vegas", "One Day")),
        ("A - B - C", ("A", "B - C")),
        ("Angelo Ferreri  Man In Soul", ("", "Angelo Ferreri Man In Soul")),
        (" - X", ("", "X")),
    ],
)
def test_split_artist_title(text, parts):
    assert split_artist_title(text) == parts
