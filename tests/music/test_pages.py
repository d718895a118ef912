"""The DJ's screens: choose, look, import, search, repair, playlists, export; nothing of anybody else's."""
# ruff: noqa: E501  (forms and files in one line each)

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import pytest

from app.db import db
from app.music import queries, readers
from app.music.models import ImportRun, Playlist, TempoBand, Track
from app.music.readers.items import BYTES_MAX
from jobs import outbox as worker
from tests import factories
from tests.music.test_imports import HEAD, bring
from tests.music.test_readers import BOMB
from tests.schedule.test_timeline import count_queries

SAMPLES = Path(__file__).parent / "samples"
CRATE = "/app/dj/crate"
SONGS = (
    HEAD
    + "Best Part,Daniel Caesar,75,9A,3:29,Freudian\nHalo,Beyoncé,160,11A,4:21,Sasha\nÁgætis byrjun,Sigur Rós,,,7:55,\n"
)


@pytest.fixture
def jo(session):
    return factories.dj()


@pytest.fixture
def web(client, jo):
    return factories.signed_in(client, jo)


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def post(client, path, page=CRATE + "/import", **typed):
    return client.post(path, data={"csrf_token": token_of(client.get(page).text), **typed})


def upload(client, raw, name="list.csv"):
    token = token_of(client.get(CRATE + "/import").text)
    raw = raw.encode() if isinstance(raw, str) else raw
    body = (b'--xx\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + token.encode()
            + b'\r\n--xx\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode() + b'"\r\n\r\n' + raw + b"\r\n--xx--\r\n")  # fmt: skip
    return client.post(CRATE + "/import", input_stream=io.BytesIO(body), content_length=len(body),
                       content_type="multipart/form-data; boundary=xx")  # fmt: skip


def text_of(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def titles(client, **query):
    page = client.get(CRATE, query_string=query).text
    return [html.unescape(t) for t in re.findall(r'<span class="list-row-title truncate">([^<]+)<', page)]


def tracks():
    db.session.expire_all()
    return db.session.query(Track).filter_by(removed_at=None).order_by(Track.id).all()


# ---- import ----


def test_upload_preview_import_and_back(web, jo):
    answer = upload(web, (SAMPLES / "rb66_demo_6tracks.xml").read_bytes(), "rb.xml")
    path = answer.headers["Location"]
    page = text_of(web.get(path))
    assert "6 tracks and 1 playlist" in page
    assert "Demo Track 1" in page
    assert "Take the 4 sampler sounds too" in page
    assert tracks() == []
    post(web, path, page=path, do="import", encoding="")
    assert "Waiting for its turn" in text_of(web.get(path))
    worker.run_due()
    assert "It is in your crate" in text_of(web.get(path))
    assert [track.title for track in tracks()] == ["Demo Track 1", "Demo Track 2"]
    assert "2 new" in text_of(web.get(CRATE + "/import"))
    post(web, path + "/undo", page=path)
    assert tracks() == []
    assert "Taken back" in text_of(web.get(path))


def test_the_same_file_again_says_so_and_changes_nothing(web):
    for _ in range(2):
        path = upload(web, SONGS).headers["Location"]
        page = text_of(web.get(path))
        post(web, path, page=path, do="import")
        worker.run_due()
    assert "You imported this very file" in page
    assert len(tracks()) == 3
    assert "There already" in text_of(web.get(path))


@pytest.mark.parametrize(
    ("raw", "name", "sentence"),
    [
        (BOMB.format(root="DJ_PLAYLISTS"), "x.xml", "defines entities of its own"),
        (b"PK\x03\x04" + b"\0" * 200, "x.zip", "This is a zip"),
        ("lorem ipsum", "x.csv", "no library, playlist or history"),
        ((SAMPLES / "collection_2tracks.nml").read_bytes()[:3000], "x.nml", "was cut off"),
    ],
)
def test_refused_files_say_why_at_the_field_and_leave_nothing(web, raw, name, sentence):
    answer = upload(web, raw, name)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert db.session.query(ImportRun).count() == 0


def test_a_large_library_is_taken_and_a_larger_one_refused_with_a_sentence(web):
    song = b"Artist %d,Title %d,100\n" + b" " * 900 + b"\n"
    rows = b"".join(song % (n, n) for n in range(15_000))
    assert upload(web, b"Artist,Title,BPM\n" + rows, "large.csv").status_code == 303
    answer = upload(web, b"a" * (BYTES_MAX + 1), "larger.csv")
    assert (answer.status_code, "larger than 20 MB" in text_of(answer)) == (413, True)
    assert upload(web, b"a" * (BYTES_MAX + 1024**2), "much-larger.csv").status_code == 413


def test_no_file_is_said_at_the_field(web):
    answer = post(web, CRATE + "/import")
    assert (answer.status_code, "Choose a file." in text_of(answer)) == (422, True)


def test_columns_can_be_mapped_and_the_encoding_changed(web):
    path = upload(web, "foo;bar\nŐz;Tűz\nKő;Hó\n".encode("cp1250")).headers["Location"]
    page = web.get(path).text
    assert "Which column is what?" in page
    answer = post(web, path, page=path, do="preview", encoding="cp1250", **{"col-0": "artist", "col-1": "title"})
    assert ("Tűz" in answer.text, "Őz" in answer.text) == (True, True)
    post(web, path, page=path, do="import", encoding="cp1250", **{"col-0": "artist", "col-1": "title"})
    worker.run_due()
    assert [(track.artist, track.title) for track in tracks()] == [("Őz", "Tűz"), ("Kő", "Hó")]


def test_a_wrong_zone_is_said_and_what_was_typed_stays(web):
    history = '"name","start time","deck","artist"\n"1/20/2025","","",""\n"One","8:04:14 PM","1","Ana"\n'
    path = upload(web, history).headers["Location"]
    answer = post(web, path, page=path, do="import", zone="Mars/Olympus")
    assert answer.status_code == 422
    assert 'value="Mars/Olympus"' in answer.text
    assert tracks() == []


def test_imports_are_ones_own(web, app):
    path = upload(web, SONGS).headers["Location"]
    nina = factories.person("nina")
    factories.signed_in(client := app.test_client(), nina)
    assert client.get(CRATE).status_code == 404  # no DJ
    factories.grant(nina, "dj")
    assert client.get(path).status_code == 404
    assert post(client, path, do="import").status_code == 404


# ---- crate ----


def test_search_folds_accents_and_forgives_a_slip(web, jo):
    bring(jo.id, SONGS)
    assert titles(web, q="beyonce") == ["Halo"]
    assert titles(web, q="sigur ros") == ["Ágætis byrjun"]
    assert titles(web, q="CAESAR best") == ["Best Part"]
    assert titles(web, q="beyonsé") == ["Halo"]
    assert titles(web, q="ceasar") == ["Best Part"]
    assert titles(web, q="zzzz") == []
    assert titles(web, q="freudian") == ["Best Part"]
    assert titles(web, q="%") == []


def test_filters_by_band_key_and_order(web, jo):
    bring(jo.id, SONGS)
    assert titles(web, band="Relaxed") == ["Halo"]  # 160 is shown as 80
    assert titles(web, band="?") == ["Ágætis byrjun"]
    assert titles(web, key="9A") == ["Best Part"]
    assert titles(web, sort="-bpm") == ["Halo", "Best Part", "Ágætis byrjun"]
    assert titles(web, sort="-new") == ["Ágætis byrjun", "Halo", "Best Part"]


def test_keys_in_the_notation_of_ones_choice(web, jo):
    bring(jo.id, SONGS)
    for notation, shown in (("camelot", "9A"), ("open", "2m"), ("musical", "Em")):
        post(web, CRATE + "/view", page=CRATE, key_notation=notation, dance="wcs")
        assert shown in text_of(web.get(CRATE, query_string={"q": "best"}))
    post(web, CRATE + "/view", page=CRATE, key_notation="open", dance="lindy")
    assert "160" in text_of(web.get(CRATE, query_string={"q": "halo"}))


def test_tempo_repair_of_many_with_undo(web, jo):
    bring(jo.id, SONGS)
    first, second, _ = tracks()
    web.post(CRATE + "/do", data={"csrf_token": token_of(web.get(CRATE).text), "do": "double",
                                  "track": [first.public_id, second.public_id]})  # fmt: skip
    assert [(t.bpm, t.bpm_fixed) for t in tracks()] == [(75, 150), (160, 160), (None, None)]
    page = web.get(CRATE).text
    assert "2 tracks at twice the tempo." in page
    undo = html.unescape(re.search(r'action="(/app/dj/crate/changes/[^"]+)"', page)[1])
    post(web, undo, page=CRATE)
    assert [t.bpm_fixed for t in tracks()] == [None, None, None]
    post(web, undo, page=CRATE)
    assert "changed again since" in text_of(web.get(CRATE))


def test_everything_found_is_more_than_the_page(web, jo):
    bring(jo.id, HEAD + "".join(f"Song {n},Ana,160,,,\n" for n in range(60)) + "Other,Bea,160,,,\n")
    post(web, CRATE + "/do", page=CRATE, do="fit", scope="found", q="ana")
    assert sum(track.bpm_fixed == 80 for track in tracks()) == 60


def test_locked_tracks_are_left_alone(web, jo):
    bring(jo.id, SONGS)
    for how in ("lock", "double"):
        post(web, CRATE + "/do", page=CRATE, do=how, track=tracks()[0].public_id)
    assert (tracks()[0].bpm_locked, tracks()[0].bpm_fixed) == (True, None)


def test_removed_tracks_come_back(web, jo):
    bring(jo.id, SONGS)
    post(web, CRATE + "/do", page=CRATE, do="remove", track=tracks()[0].public_id)
    assert titles(web) == ["Halo", "Ágætis byrjun"]
    undo = re.search(r'action="(/app/dj/crate/changes/[^"]+)"', web.get(CRATE).text)
    assert undo is None  # the toast was shown on the page above
    change = queries.last_change(jo.id)
    post(web, f"{CRATE}/changes/{change.public_id}/undo", page=CRATE)
    assert len(titles(web)) == 3


def test_a_track_is_edited_and_keeps_what_was_typed(web, jo):
    bring(jo.id, SONGS)
    path = f"{CRATE}/tracks/{tracks()[0].public_id}"
    typed = {
        "title": "Best Part",
        "artist": "Daniel Caesar",
        "bpm_fixed": "74,5",
        "key": "Am",
        "duration": "3:30",
        "energy": "2",
    }
    wrong = post(web, path, page=path, **(typed | {"key": "X#", "comment": "kept <b>"}))
    assert wrong.status_code == 422
    assert "We do not know this key" in text_of(wrong)
    assert "kept &lt;b&gt;" in wrong.text
    post(web, path, page=path, **typed)
    track = tracks()[0]
    assert (track.bpm_fixed, track.key.camelot, track.duration_seconds, track.energy) == (74.5, "8A", 210, 2)


def test_a_track_typed_by_hand_is_no_double(web):
    typed = {"title": "One", "artist": "Ana"}
    assert post(web, CRATE + "/new", page=CRATE + "/new", **typed).status_code == 303
    again = post(web, CRATE + "/new", page=CRATE + "/new", **typed)
    assert (again.status_code, "in your crate already" in text_of(again), len(tracks())) == (422, True, 1)


def test_tempo_bands_are_ones_own(web, jo, app):
    path = CRATE + "/tempos?dance=wcs"
    post(web, CRATE + "/tempos", page=path, dance="wcs", do="save",
         **{"name-0": "Chill", "low-0": "60", "high-0": "95", "name-1": "Go", "low-1": "95", "high-1": "130.5"})  # fmt: skip
    assert 'value="Chill"' in web.get(path).text
    bring(jo.id, SONGS)
    assert titles(web, band="Chill") == ["Halo", "Best Part"]
    wrong = post(
        web, CRATE + "/tempos", page=path, dance="wcs", do="save", **{"name-0": "Odd", "low-0": "99", "high-0": "50"}
    )
    assert (wrong.status_code, "from a lower tempo" in text_of(wrong)) == (422, True)
    post(web, CRATE + "/tempos", page=path, dance="wcs", do="defaults")
    assert db.session.query(TempoBand).count() == 0


# ---- playlists ----


def test_playlist_made_filled_ordered_and_removed(web, jo):
    bring(jo.id, SONGS)
    path = post(web, "/app/dj/playlists", page="/app/dj/playlists", name="Friday").headers["Location"]
    for track in tracks():
        post(web, path + "/entries", page=path, do="add", track=track.public_id)

    def order():
        return [
            html.unescape(t) for t in re.findall(r'<span class="list-row-title truncate">([^<]+)<', web.get(path).text)
        ]

    assert order() == ["Best Part", "Halo", "Ágætis byrjun"]
    entries = re.findall(r'id="entry-(\d+)"', web.get(path).text)
    post(web, path + "/entries", page=path, do="up", entry=entries[2], place=3)
    assert order() == ["Best Part", "Ágætis byrjun", "Halo"]
    post(web, path + "/entries", page=path, do="take_out", entry=entries[0])
    undo = html.unescape(re.search(r'action="([^"]+do=put_back[^"]*)"', web.get(path).text)[1])
    assert order() == ["Ágætis byrjun", "Halo"]
    post(web, undo, page=path)
    assert order() == ["Best Part", "Ágætis byrjun", "Halo"]
    gone = post(web, undo.replace("track=", "track=x"), page=path)
    assert (gone.status_code, order()) == (303, ["Best Part", "Ágætis byrjun", "Halo"])
    back = re.findall(r'id="entry-(\d+)"', web.get(path).text)[0]
    post(web, path + "/entries", page=path, do="take_out", entry=back)
    assert "Halo" in text_of(web.get(path, query_string={"q": "halo"}))
    post(web, path, page=path, name="Late", folder="Sets", about="slow")
    assert "Late" in text_of(web.get("/app/dj/playlists"))
    wrong = post(web, path, page=path, name="", about="kept")
    assert (wrong.status_code, "kept" in wrong.text) == (422, True)
    post(web, path + "/remove", page=path)
    assert web.get(path).status_code == 404
    post(web, path + "/back", page="/app/dj/playlists")
    assert order() == ["Ágætis byrjun", "Halo"]


def test_into_a_playlist_from_the_crate(web, jo):
    bring(jo.id, SONGS)
    mine = db.session.query(Playlist).first().public_id
    post(web, CRATE + "/do", page=CRATE, do=f"list:{mine}", track=tracks()[0].public_id)
    assert db.session.query(Playlist).first().entries[-1].track.title == "Best Part"


@pytest.mark.parametrize("kind", ["m3u8", "csv", "xml"])
def test_export_comes_back_as_the_same_tracks(web, jo, kind):
    bring(jo.id, SONGS)
    bring(jo.id, '<DJ_PLAYLISTS><COLLECTION><TRACK TrackID="1" Name="=1+1 &amp; &lt;x&gt;" Artist="@Ana" AverageBpm="96.00" Tonality="8A" '
                 'TotalTime="200" Comments="-x" Location="file://localhost/C:/M/a%20b.mp3"/></COLLECTION></DJ_PLAYLISTS>', "x.xml")  # fmt: skip
    answer = web.get(f"{CRATE}/export.{kind}")
    library = readers.read(answer.data, f"crate.{kind}")
    before = {(t.artist, t.title) for t in tracks()}
    ids = [t.id for t in tracks()]
    assert {(item.artist, item.title) for item in library.tracks} == before
    counts = bring(jo.id, answer.data, f"crate.{kind}")
    assert (counts["new"], [t.id for t in tracks()]) == (0, ids)
    if kind == "xml":
        assert [p.name for p in library.playlists] == ["list"]


def test_csv_holds_no_formula(web, jo):
    bring(jo.id, HEAD + '"=HYPERLINK(""x"")",@Ana,,,,-1\n')
    row = web.get(f"{CRATE}/export.csv").data.decode("utf-8-sig").splitlines()[1]
    assert row.startswith('"\'=HYPERLINK(""x"")",\'@Ana,\'-1')


def test_playlist_export(web, jo):
    bring(jo.id, SONGS)
    mine = db.session.query(Playlist).first().public_id
    answer = web.get(f"/app/dj/playlists/{mine}/export.m3u8")
    assert answer.data.decode().splitlines()[:4] == ["#EXTM3U", "#PLAYLIST:list", "#EXTINF:209,Daniel Caesar - Best Part",
                                                     "Daniel Caesar - Best Part.mp3"]  # fmt: skip
    assert web.get(f"/app/dj/playlists/{mine}/export.exe").status_code == 404


def test_pages_ask_the_same_number_of_questions_for_any_number_of_rows(web, jo):
    bring(jo.id, HEAD + "One,Ana,96,8A,,\n")
    path = "/app/dj/playlists/" + db.session.query(Playlist).first().public_id
    pages = (CRATE, "/app/dj/playlists", path, CRATE + "/import")
    few = [count_queries(web, page) for page in pages]
    bring(jo.id, HEAD + "".join(f"Song {n},Ana,96,8A,,\n" for n in range(30)))
    assert [count_queries(web, page) for page in pages] == few
