"""The command line: what is printed and written, what a dry run leaves alone, what is refused with exit status 1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.db import db
from app.music.models import ImportedPlay, ImportRun, Playlist, Track
from tests import factories

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def jo(session):
    return factories.dj()


@pytest.fixture
def run(app, session):
    def call(file, *options):
        db.session.rollback()
        return app.test_cli_runner().invoke(args=["crate", "import", str(file), *options])

    return call


def count(table):
    db.session.expire_all()
    return db.session.query(table).count()


def test_json_is_one_object_of_all_that_was_read(run):
    result = run(SAMPLES / "collection_2tracks.nml", "--dry-run", "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert set(document) >= {"format", "tracks", "playlists", "plays", "skipped", "warnings"}
    assert document["format"] == "traktor-nml"
    first = document["tracks"][0]
    wanted = ("title", "artist", "bpm", "key", "duration_seconds", "played_at", "position")
    assert {key: first[key] for key in wanted} == {
        "title": "Get Down On It (Rocco Raimundo Edit)", "artist": "Kool & The Gang", "bpm": 112.0, "key": "9B",
        "duration_seconds": 466.0, "played_at": None, "position": 1,
    }  # fmt: skip
    assert count(Track) == 0


def test_json_of_a_history_has_plays_in_order(run):
    plays = json.loads(run(SAMPLES / "1.session", "--dry-run", "--json").stdout)["plays"]
    assert [play["position"] for play in plays] == list(range(1, 17))
    assert (plays[0]["title"], plays[0]["played_at"]) == ("10,000 Years (Peace Is Now)", "2021-02-06T20:38:18+00:00")


def test_unknown_is_null(run):
    sound = json.loads(run(SAMPLES / "rb66_demo_6tracks.xml", "--dry-run", "--json").stdout)["tracks"][5]
    assert (sound["title"], sound["artist"], sound["bpm"], sound["key"]) == ("SIREN", None, None, None)
    assert sound["bpm_raw"] == "0.00"


def test_lines_for_people(run):
    result = run(SAMPLES / "1.session", "--dry-run")
    assert result.output.splitlines()[:2] == ["Serato session (serato-session)", "7 tracks, 0 playlists, 16 plays."]
    assert result.output.splitlines()[-1] == "Dry run: nothing was written."


def test_import_and_the_same_file_again(run, jo):
    first = run(SAMPLES / "TestCrate.crate", "--dj", "@jo")
    assert first.output.splitlines()[-1] == "Imported into the crate of Jo Brandt: 3 new, 1 playlists made."
    again = run(SAMPLES / "TestCrate.crate", "--dj", "Jo Brandt")
    assert again.output.splitlines()[-1].endswith("3 there already, 1 playlists there already.")
    assert (count(Track), count(Playlist), count(ImportRun)) == (3, 1, 2)


def test_sounds_are_left_out_unless_asked_for(run, jo):
    assert "2 new, 4 sampler sounds left out" in run(SAMPLES / "rb66_demo_6tracks.xml", "--dj", "jo").output
    assert count(Track) == 2
    assert "4 new, 2 there already" in run(SAMPLES / "rb66_demo_6tracks.xml", "--dj", "jo", "--sounds").output


def test_plays_are_kept_once(run, jo):
    run(SAMPLES / "1.session", "--dj", "jo")
    run(SAMPLES / "1.session", "--dj", "jo")
    assert (count(Track), count(ImportedPlay)) == (7, 16)


def test_refusals_are_a_sentence_and_exit_status_1(run, jo, tmp_path):
    bad = tmp_path / "x.xml"
    bad.write_bytes((SAMPLES / "rb66_demo_6tracks.xml").read_bytes()[:900])
    for options in (("--dry-run",), ("--dry-run", "--json"), ("--dj", "@jo")):
        result = run(bad, *options)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.strip() == "Error: The file ends in the middle: it was cut off. Export it again."
    assert count(Track) == count(ImportRun) == 0


def test_whose_crate_must_be_said_and_be_a_djs(run, jo):
    factories.person("dana")
    file = SAMPLES / "TestCrate.crate"
    assert "Whose crate?" in run(file).stderr
    assert "Nobody with a proven address" in run(file, "--dj", "@nobody").stderr
    assert "is no DJ" in run(file, "--dj", "@dana").stderr
    assert count(Track) == 0


def test_columns_and_encoding_can_be_named(run, tmp_path):
    table = tmp_path / "x.csv"
    table.write_bytes("foo;bar\nŐz;Tűz\nKő;Hó\n".encode("cp1250"))
    result = run(
        table, "--dry-run", "--json", "--encoding", "cp1250", "--column", "title=bar", "--column", "artist=foo"
    )
    assert [(t["artist"], t["title"]) for t in json.loads(result.stdout)["tracks"]] == [("Őz", "Tűz"), ("Kő", "Hó")]
    assert "columns are foo, bar" in run(table, "--dry-run", "--column", "title=nope").stderr
