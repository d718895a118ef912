"""Real files: those beside this test by value, and every file of ../shared/samples by its manifest, where it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.music import readers
from app.music.readers.items import Unreadable

HERE = Path(__file__).parent / "samples"
SHARED = Path(__file__).parents[3] / "shared" / "samples"
EMPTY = {"", None}


def read(name, folder=HERE):
    path = folder / name
    return readers.read(path.read_bytes(), path.name)


def facts(item):
    return (item.title, item.artist, item.bpm, item.key and item.key.camelot, item.duration_seconds)


def test_rekordbox_counts_what_is_there_and_names_the_sounds():
    library = read("rb66_demo_6tracks.xml")
    assert library.format == "rekordbox-xml"
    assert [facts(item) for item in library.tracks[:2]] == [
        ("Demo Track 1", "Loopmasters", 128.0, "4A", 172), ("Demo Track 2", "Loopmasters", 120.0, "4A", 128),
    ]  # fmt: skip
    assert [(item.title, item.bpm, item.key, item.is_sound) for item in library.tracks[2:]] == [
        ("HORN", None, None, True), ("NOISE", None, None, True), ("SINEWAVE", None, None, True),
        ("SIREN", None, None, True),
    ]  # fmt: skip
    assert library.tracks[0].bpm_raw == "128.00"
    assert library.tracks[0].key_raw == "Fm"
    assert library.tracks[5].bpm_raw == "0.00"
    assert [(p.name, len(p.items)) for p in library.playlists] == [("Trial playlist - Cloud Library Sync", 0)]
    assert library.warnings[0].count == 4


def test_rekordbox_without_playlists():
    library = read("rb56_2tracks_cues.xml")
    assert facts(library.tracks[1]) == ("Savannah", "The Keyboys", 105.54, "8A", 221)
    assert library.tracks[1].path.startswith("D:/Music/Collections/")
    assert library.playlists == []


def test_traktor_collection():
    first, second = read("collection_2tracks.nml").tracks
    assert facts(first) == ("Get Down On It (Rocco Raimundo Edit)", "Kool & The Gang", 112.0, "9B", 466)
    assert (first.bpm_raw, first.key_raw) == ("111.999931", "2d")
    assert facts(second)[3] == "5A"  # no text, but an analysis: 12 is C minor
    assert second.artist == "Duke Dumont ft. A*M*E"


def test_serato_history_without_times():
    library = read("history_2023-08-03.csv")
    assert (library.format, len(library.plays), len(library.tracks)) == ("serato-csv", 22, 22)
    first, last = library.plays[0], library.plays[-1]
    assert facts(first.item) == ("House Party", "INDOX", 126.0, "1A", None)
    assert (first.at, first.seconds_heard, first.position) == (None, 227.0, 1)
    assert (last.item.title, last.item.key.camelot, last.seconds_heard) == ("Hood Bodega", "4A", 12611.0)
    assert library.plays[11].item.key is None  # "" stays unknown


def test_serato_session_is_a_play_per_record():
    library = read("1.session")
    assert (library.format, len(library.plays), len(library.tracks)) == ("serato-session", 16, 7)
    first = library.plays[0]
    assert facts(first.item) == ("10,000 Years (Peace Is Now)", "LĪVE", 120.0, "2A", None)
    assert first.at.isoformat() == "2021-02-06T20:38:18+00:00"
    assert library.plays[1].item.artist == "Björk"


def test_serato_crate_holds_only_paths():
    library = read("TestCrate.crate")
    assert [(item.artist, item.title) for item in library.tracks] == [
        ("Tripp St.", "Enlighten"), ("Slaycub", "Visceral Planet"), ("Zeds Dead", "In The Beginning"),
    ]  # fmt: skip
    assert library.tracks[0].path == "Users/bvand/Music/DJ Tracks/Tripp St. - Enlighten.mp3"
    assert [(p.name, len(p.items)) for p in library.playlists] == [("TestCrate", 3)]


def test_virtualdj_playlist_has_raw_ampersands_and_no_plays():
    library = read("playlist_videos.m3u")
    assert (library.format, len(library.tracks), len(library.plays)) == ("virtualdj-m3u", 3, 0)
    assert facts(library.tracks[2])[:2] == ("My Culture (feat. Robbie Williams & Maxi Jazz)", "1 Giant Leap")
    assert library.tracks[0].duration_seconds == 180.976


def test_itunes_lists_its_own_playlists_as_its_own():
    library = read("itunes_library_unix.xml")
    assert [(p.name, p.kind, len(p.items)) for p in library.playlists] == [
        ("Library", "system", 3),
        ("Music", "system", 3),
    ]
    assert facts(library.tracks[0]) == ("Tessellate", "alt-J", None, None, 182.674)
    assert library.plays == []


def test_m3u8_of_paths():
    library = read("playlist_windows.m3u8")
    assert [item.path for item in library.tracks] == [
        "x:\\This\\is\\å\\path\\to_a_file.mp3", "x:\\This\\is\\another\\path\\tö_a_file.mp3",
    ]  # fmt: skip


def test_spotify_page_counts_its_items_not_its_total():
    library = read("playlist_tracks.json")
    assert [facts(item) for item in library.tracks] == [
        ("Naminanu - 2000 Digital Remaster", "Genesis", None, None, 234.066)
    ]
    assert library.tracks[0].isrc == "GBAAA0000806"
    assert library.plays == []


def test_spotify_features_name_no_track():
    library = read("track_audio_features.json")
    assert facts(library.tracks[0]) == ("", "", 98.0, "4A", 255.349)
    assert library.tracks[0].bpm_raw == "98.002"


# ---- every file of the shared samples, by its manifest ----


def manifest():
    path = SHARED / "MANIFEST.json"
    return [entry for entry in json.loads(path.read_text()) if _is_music(entry)] if path.exists() else []


def _is_music(entry):
    return not entry["file"].startswith("schedules/") and not entry["file"].endswith("music4dance_dances.json")


def test_shared_samples_are_here():
    if not SHARED.exists():
        pytest.skip("the shared samples are not beside this checkout")
    assert manifest()


@pytest.mark.parametrize("entry", manifest(), ids=lambda entry: entry["file"])
def test_sample_matches_its_manifest(entry):
    library, expected = read(entry["file"], SHARED), entry["expect"]
    count = next((expected[key] for key in ("tracks", "collection_tracks", "rows", "entries", "items_in_page",
                                            "plays_or_entries") if key in expected), None)  # fmt: skip
    if count is not None:
        assert len(library.tracks) == count
    if "plays" in expected:
        assert len(library.plays) == expected["plays"]
    _check_playlists(library, expected)
    for place, at in (("first", 0), ("last", -1)):
        if isinstance(expected.get(place), dict) and (library.tracks or library.plays):
            items = [play.item for play in library.plays] if "plays" in expected else library.tracks
            _check_track(items[at], expected[place], entry["file"])
    for key, empty in (("zero_bpm", "bpm"), ("empty_key", "key"), ("empty_artist", "artist")):
        if key in expected:
            assert sum(getattr(item, empty) in EMPTY for item in library.tracks) == expected[key]


def _check_playlists(library, expected):
    lists = expected.get("playlists")
    if isinstance(lists, int):
        assert len(library.playlists) == lists
    for found, wanted in zip(library.playlists, lists if isinstance(lists, list) else [], strict=False):
        name, entries = (wanted["name"], wanted["entries"]) if isinstance(wanted, dict) else wanted
        assert (found.name, len(found.items)) == (name, entries)
        if isinstance(wanted, dict) and "plays" in wanted:
            assert len(library.plays) == wanted["plays"]
            assert sum(play.is_public for play in library.plays) == wanted["played_public"]
            assert library.plays[0].at.isoformat() == wanted["first_start_local"]
            assert library.plays[-1].at.isoformat() == wanted["last_start_local"]
            assert library.plays[0].seconds_heard == pytest.approx(wanted["first_heard_s"], abs=0.01)


def _check_track(item, wanted, file):
    said = {key.casefold(): value for key, value in wanted.items()}
    title = next((said[key] for key in ("name", "title", "song", "track name") if key in said), None)
    if title is not None:
        assert item.title == title
    artist = next((said[key] for key in ("artist", "artist name(s)", "artists") if said.get(key)), None)
    if artist is not None:
        assert item.artist == (", ".join(artist) if isinstance(artist, list) else artist)
    bpm = next((said[key] for key in ("averagebpm", "bpm", "tempo") if said.get(key)), None)
    if bpm is not None:
        assert (item.bpm or 0) == pytest.approx(float(bpm), abs=0.01)
    if "camelot" in said:
        assert item.key.camelot == said["camelot"]
    if "musical_key" in said:
        number = int(said["musical_key"])
        assert (item.key.pitch, item.key.is_major) == (number % 12, number < 12)
    seconds = next((said[key] for key in ("totaltime", "seconds", "songlength") if said.get(key)), None)
    if seconds is not None:
        assert item.duration_seconds == pytest.approx(float(seconds), abs=0.001), file


@pytest.mark.parametrize("entry", manifest(), ids=lambda entry: entry["file"])
@pytest.mark.parametrize("part", [0.33, 0.5])
def test_sample_cut_off_is_refused_or_says_so(entry, part):
    raw = (SHARED / entry["file"]).read_bytes()
    try:
        library = readers.read(raw[: int(len(raw) * part)], entry["file"])
    except Unreadable:
        return
    assert any("last line" in note.sentence for note in library.warnings)
