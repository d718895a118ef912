"""Imports into a crate, on both engines: the same recording, what a file may change, pieces, plays, taking back."""

from __future__ import annotations

import threading

import pytest

from app.db import db
from app.music import queries, readers, rules
from app.music.actions import imports
from app.music.models import ImportedPlay, ImportFile, ImportRun, Playlist, Track
from app.music.readers.items import ITEMS_MAX, Library
from tests import factories
from tests.music.test_readers import NIGHT, TRAKTOR


@pytest.fixture
def jo(session):
    return factories.person("jo").id


def bring(person_id, content, name="list.csv", **chosen):
    raw = content if isinstance(content, bytes) else content.encode()
    library = readers.read(raw, name)
    run = queries.import_run(person_id, imports.keep(person_id, name, raw, library))
    run_id = run.id
    imports.choose(run_id, chosen)
    return imports.carry_out(run_id, library, lambda _: None)


def tracks(person_id):
    db.session.expire_all()
    return db.session.query(Track).filter_by(person_id=person_id, removed_at=None).order_by(Track.id).all()


HEAD = "Title,Artist,BPM,Key,Time,Album\n"


def test_the_same_recording_is_one_track(jo):
    bring(jo, HEAD + "Best Part (feat. H.E.R.),Daniel Caesar,75,9A,3:29,\n")
    counts = bring(
        jo,
        HEAD + 'Best Part,Daniel Caesar feat. H.E.R.,75,9A,3:31,\nBest Part,"Daniel Caesar,H.E.R.",,,4:10,\n',
        "b.csv",
    )
    assert (counts["same"], counts["new"]) == (1, 1)
    assert [track.duration_seconds for track in tracks(jo)] == [209, 250]


def test_a_double_within_the_file_is_one_track(jo):
    assert bring(jo, HEAD + "One,Ana,,,,\nOne,Ana,,,,\n") == {"new": 1, "same": 1, "playlists_new": 1}
    assert [len(p.entries) for p in db.session.query(Playlist)] == [2]


def test_the_same_file_twice_changes_nothing(jo):
    bring(jo, TRAKTOR, "h.nml")
    before = [(t.id, t.bpm, t.key_raw, t.path_hint) for t in tracks(jo)]
    counts = bring(jo, TRAKTOR, "h.nml")
    assert set(counts) == {"same"}
    assert [(t.id, t.bpm, t.key_raw, t.path_hint) for t in tracks(jo)] == before
    assert db.session.query(ImportedPlay).count() == 4


def test_blanks_are_filled_and_the_djs_own_tempo_stays(jo):
    bring(jo, HEAD + "One,Ana,190,,,\n")
    track = tracks(jo)[0]
    track.bpm_fixed = 95
    db.session.commit()
    bring(jo, "#EXTM3U\n#EXTINF:200,Ana - One\n/m/one.mp3\n", "x.m3u")
    counts = bring(jo, HEAD + "One,Ana,191,8A,,Alb\n", "b.csv")
    track = tracks(jo)[0]
    assert counts["changed"] == 1
    assert (track.bpm, track.bpm_fixed, track.duration_seconds, track.album) == (191, 95, 200, "Alb")
    assert (track.key.camelot, track.path_hint, track.working_bpm) == ("8A", "/m/one.mp3", 95)


def test_a_locked_tempo_is_not_touched(jo):
    bring(jo, HEAD + "One,Ana,96,,,\n")
    track = tracks(jo)[0]
    track.bpm_locked = True
    db.session.commit()
    bring(jo, HEAD + "One,Ana,192,,,\n", "b.csv")
    assert tracks(jo)[0].bpm == 96


def test_crate_finds_tracks_of_the_library_by_their_place(jo):
    library = (
        "<DJ_PLAYLISTS><COLLECTION><TRACK TrackID='1' Name='Real name' Artist='Ana' AverageBpm='96.00' "
        "TotalTime='200' Location='file://localhost/D:/Music/Fri/01.mp3'/></COLLECTION></DJ_PLAYLISTS>"
    )
    bring(jo, library, "x.xml")
    counts = bring(jo, "#EXTM3U\nE:\\Music\\Fri\\01.mp3\n", "x.m3u")
    assert counts == {"same": 1, "playlists_new": 1}
    assert [entry.track.title for entry in db.session.query(Playlist).one().entries] == ["Real name"]


def test_plays_become_moments_only_with_a_zone(jo):
    bring(jo, TRAKTOR, "h.nml")
    bring(jo, NIGHT, "2023-01-27.m3u")
    bring(jo, TRAKTOR + " ", "h.nml", zone="Europe/Budapest")
    plays = db.session.query(ImportedPlay).order_by(ImportedPlay.id).all()
    assert [(p.played_at and p.played_at.isoformat(), p.wall_time) for p in plays[:2]] == [
        (None, "2022-10-15T01:00:00"), (None, "2022-10-15T18:50:52"),
    ]  # fmt: skip
    assert plays[4].played_at.isoformat() == "2023-01-27T23:50:00+00:00"
    assert plays[8].played_at.isoformat() == "2022-10-15T16:50:52+00:00"
    assert [p.is_public for p in plays[:2]] == [False, True]
    assert plays[1].track.title == "Untold"


def test_bad_rows_never_block_good_ones(jo):
    counts = bring(jo, HEAD + ",Nobody,,,,\nGood,Ana,nonsense,Q#,99:99:99:9,\n")
    assert counts["new"] == 1
    track = tracks(jo)[0]
    assert (track.bpm, track.key, track.duration_seconds) == (None, None, None)
    assert (track.bpm_raw, track.key_raw) == ("nonsense", "Q#")


def test_a_crate_is_ones_own(jo):
    dana = factories.person("dana").id
    bring(jo, HEAD + "One,Ana,,,,\n")
    bring(dana, HEAD + "One,Ana,,,,\n")
    assert (len(tracks(jo)), len(tracks(dana))) == (1, 1)


def test_take_back_and_bring_back(jo):
    bring(jo, HEAD + "Old,Ana,,,,\n")
    bring(jo, HEAD + "Old,Ana,,,,\nNew,Bea,,,,\n", "b.csv")
    run = queries.imports_of(jo)[0]
    imports.take_back(jo, run.public_id)
    assert [track.title for track in tracks(jo)] == ["Old"]
    assert [p.name for p in db.session.query(Playlist).filter_by(removed_at=None)] == ["list"]
    with pytest.raises(rules.CannotUndo):
        imports.take_back(jo, run.public_id)
    counts = bring(jo, HEAD + "Old,Ana,,,,\nNew,Bea,,,,\n", "b.csv")
    assert (counts["same"], counts["back"], counts["playlists_changed"]) == (1, 1, 1)
    with pytest.raises(rules.Gone):
        imports.take_back(factories.person("dana").id, run.public_id)


def test_into_a_chosen_playlist_behind_what_is_there(jo):
    bring(jo, HEAD + "One,Ana,,,,\nTwo,Bea,,,,\n", "a.csv")
    mine = db.session.query(Playlist).one()
    bring(jo, HEAD + "Three,Cy,,,,\nOne,Ana,,,,\n", "b.csv", into_playlist=mine.public_id)
    db.session.expire_all()
    assert [entry.track.title for entry in mine.entries] == ["One", "Two", "Three"]


def test_progress_counts_up_and_the_file_goes(jo, monkeypatch):
    monkeypatch.setattr(imports, "PIECE", 2)
    raw = (HEAD + "".join(f"Song {n},Ana,,,,\n" for n in range(5))).encode()
    library = readers.read(raw, "x.csv")
    run_id = queries.import_run(jo, imports.keep(jo, "x.csv", raw, library)).id
    seen = []
    imports.carry_out(run_id, library, lambda _: seen.append(db.session.get(ImportRun, run_id).progress))
    run = db.session.get(ImportRun, run_id)
    assert (seen, run.state, run.total) == ([2, 4, 5, 5], "done", 5)
    assert db.session.query(ImportFile).count() == 0


def test_an_interrupted_import_is_done_again_without_doubles(jo, monkeypatch):
    monkeypatch.setattr(imports, "PIECE", 2)
    raw = (HEAD + "".join(f"Song {n},Ana,,,,\n" for n in range(5))).encode()
    library = readers.read(raw, "x.csv")
    run_id = queries.import_run(jo, imports.keep(jo, "x.csv", raw, library)).id

    def killed(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.carry_out(run_id, library, killed)
    counts = imports.carry_out(run_id, library, lambda _: None)
    assert (counts["same"], counts["new"], len(tracks(jo))) == (2, 3, 5)


def test_two_imports_at_once_make_no_doubles(app, jo):
    raw = (HEAD + "".join(f"Song {n},Ana,,,,\n" for n in range(60))).encode()
    library = readers.read(raw, "x.csv")
    runs = [queries.import_run(jo, imports.keep(jo, "x.csv", raw, library)).id for _ in range(4)]
    db.session.rollback()
    barrier, errors = threading.Barrier(4), []

    def work(run_id):
        with app.app_context():
            barrier.wait()
            try:
                imports.carry_out(run_id, readers.read(raw, "x.csv"), lambda _: None)
            except Exception as error:  # noqa: BLE001  (it must reach the test's own thread)
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(run_id,)) for run_id in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert (len(tracks(jo)), db.session.query(Playlist).count()) == (60, 1)


def test_a_crate_has_an_end(jo, monkeypatch):
    monkeypatch.setattr(rules, "TRACKS_MAX", 1)
    with pytest.raises(rules.CrateFull):
        bring(jo, HEAD + "One,Ana,,,,\nTwo,Bea,,,,\n")
    assert ITEMS_MAX < 100_000


def test_old_previews_are_thrown_away(jo):
    library = Library("csv")
    imports.keep(jo, "x.csv", b"old", library)
    db.session.query(ImportRun).one().created_at = factories.at("10:00")
    db.session.commit()
    imports.keep(jo, "y.csv", b"new", library)
    assert [run.file_name for run in db.session.query(ImportRun)] == ["y.csv"]


def test_few_previews_of_a_dj_wait(session, jo):
    for number in range(imports.PREVIEWS_MOST + 3):
        raw = f"Ana - Song {number}\nBea - Song {number}\n".encode()
        newest = imports.keep(jo, f"{number}.txt", raw, readers.read(raw, f"{number}.txt"))
    waiting = session.query(ImportRun).filter_by(person_id=jo, state="previewed").order_by(ImportRun.id).all()
    assert len(waiting) == imports.PREVIEWS_MOST
    assert waiting[-1].public_id == newest
