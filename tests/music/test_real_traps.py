"""Traps that real files of other DJs laid, each in a small file written by hand: nothing is lost, guessed or mixed up."""
# ruff: noqa: E501  (other programs write long lines)

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.music import names, readers
from app.music.readers import grids, items, values


def read(content, name="list.txt", **more):
    return readers.read(content if isinstance(content, bytes) else content.encode(), name, **more)


def named(library):
    return [(item.artist, item.title) for item in library.tracks]


def ats(library):
    return [play.at and play.at.isoformat() for play in library.plays]


def said(library):
    return " ".join(note.sentence for note in library.warnings)


# ---- tables ----


def test_rekordbox_text_that_ends_with_the_path_is_no_list_of_paths():
    rows = [
        "#\tTrack Title\tArtist\tBPM\tTime\tKey\tLocation",
        "1\tLento\tÅsa\t95.00\t04:02\tAm\t/Music/Åsa/2-05 Lento.mp3",
        "2\tRapido\tBea\t110.50\t61:05\t8B\t/Music/Bea/Rapido.mp3",
    ]
    library = read("\r\n".join([*rows, ""]).encode("utf-16"), "Friday.txt")
    assert library.format == "rekordbox-txt"
    assert named(library) == [("Åsa", "Lento"), ("Bea", "Rapido")]
    assert [(item.bpm, item.key.camelot, item.duration_seconds) for item in library.tracks] == [
        (95.0, "8A", 242.0),
        (110.5, "8B", 3665.0),
    ]


def test_serato_in_finnish_parts_hours_by_dots_and_the_time_is_no_date():
    library = read(
        '"name","artist","start time","end time","playtime"\n"9.3.2022","","9.3.2022, 23.42.21 EET","",""\n'
        '"One","Ana","23.42.21 EET","23.45.00 EET","00:02:39"\n"Two","Bea","0.05.21 EET","",""\n'
    )
    assert ats(library) == ["2022-03-09T23:42:21", "2022-03-10T00:05:21"]


@pytest.mark.parametrize(
    ("cell", "day", "clock"),
    [
        ("12.05.21 EET", None, "12:05:21"),
        ("12.05.21", "2021-05-12", None),
        ("16.42.21", None, "16:42:21"),
        ("9.3.2022, 16.42.21", "2022-03-09", "16:42:21"),
        ("5.3.", None, None),
        ("16.5.2015 0:50:20", "2015-05-16", "00:50:20"),
    ],
)
def test_days_and_times_with_dots(cell, day, clock):
    found = values.day_and_clock(cell)
    assert [part and part.isoformat() for part in found] == [day, clock]


def test_table_with_moments_that_name_their_zone():
    library = read(
        "title,artist,played at\nOne,Ana,2024-05-05T21:10:00Z\nTwo,Bea,2024-05-05 23:14:30+02:00\nThree,Cy,1714943700\n"
    )
    assert [play.at for play in library.plays] == [
        datetime(2024, 5, 5, 21, 10, tzinfo=UTC),
        datetime(2024, 5, 5, 23, 14, 30, tzinfo=timezone(timedelta(hours=2))),
        datetime(2024, 5, 5, 21, 15, tzinfo=UTC),
    ]


def test_table_with_times_without_a_day_says_so():
    content = "Titel;Künstler;Gespielt um\nEins;Ana;23:50\nZwei;Bea;00:10\n"
    assert "times without a day" in said(read(content))
    assert ats(read(content, "Set 2024-05-05.csv")) == ["2024-05-05T23:50:00", "2024-05-06T00:10:00"]


def test_column_without_a_known_title_that_says_artist_and_title():
    library = read(
        "File\tTrack #\tSeconds in\tTitile\nmix.mp3\t1\t0\tAna - One\nmix.mp3\t2\t160\tBea & Cy - Two (Live)\n"
    )
    assert library.format == "csv"
    assert named(library) == [("Ana", "One"), ("Bea & Cy", "Two (Live)")]


def test_further_artists_have_columns_of_their_own():
    library = read("Video ID,Song Title,Album Title,Artist Name 1,Artist Name 2\nx1,One,A,Ana,\nx2,Two,B,Bea,Cy\n")
    assert named(library) == [("Ana", "One"), ("Bea, Cy", "Two")]


def test_one_link_does_not_make_a_table_spotifys():
    rows = "".join(f"T{n},Ana,A,3:0{n},95,Am,file:///m/T{n}.mp3\n" for n in range(3))
    assert read("Title,Artist,Album,Time,BPM,Key,URL\nOne,Ana,A,3:55,79.5,G,spotify:track:1\n" + rows).format == "csv"


def test_rows_that_do_not_fit_their_header_are_told():
    assert "another number of cells" in said(read("title,artist\nAna,One,95,x\nBea,Two,96,y\n"))
    assert "another number of cells" not in said(read("title,artist,,\nAna,One\nBea,Two\n"))


@pytest.mark.parametrize(
    ("last", "cell"), [("GBAYE0302516", "GBAYE"), ("GSDJ - a list", "GSDJ - a"), ("GSDJ - a list", "G")]
)
def test_table_that_ends_inside_of_its_last_cell_was_cut_off(last, cell):
    rows = "".join(f"One {n},Ana,{last}\n" for n in range(4))
    with pytest.raises(items.Unreadable, match="cut off"):
        read(f"title,artist,note\n{rows}Two,Bea,{cell}")
    assert len(read(f"title,artist,note\n{rows}Two,Bea,{last}").tracks) == 5
    assert len(read(f"title,artist,note\n{rows}Two,Bea,{cell}\n").tracks) == 5


def test_table_whose_last_cell_is_only_a_smaller_number_is_whole():
    rows = "".join(f"One {n},Ana,{100 + n}\n" for n in range(4))
    assert len(read(f"title,artist,bpm\n{rows}Two,Bea,95").tracks) == 5


def test_table_without_end_is_refused_before_all_of_it_is_read():
    with pytest.raises(items.Unreadable, match="more than 60,000"):
        grids._counted(["One", "Ana"] for _ in itertools.count())


def test_table_whose_first_cell_is_empty():
    assert named(read("\ttitle\tartist\n0\tOne\tAna\n1\tTwo\tBea\n")) == [("Ana", "One"), ("Bea", "Two")]


def test_table_without_titles_loses_no_row():
    text = "Ana,One,05 May 2024 21:10\nBea,Two,06 May 2024 21:15\nCy,Three,17 May 2024 09:19\n"
    assert [column.title for column in read(text).columns] == ["Column 1", "Column 2", "Column 3"]
    assert named(read(text, mapping={0: "artist", 1: "title"})) == [("Ana", "One"), ("Bea", "Two"), ("Cy", "Three")]
    assert "taken for the titles" in said(read("Ana\tOne\nBea\tTwo\nCy\tThree\n"))


def test_table_that_came_by_way_of_a_page():
    rows = "name,start time\nBig Night&#39;,8:11:00 PM PDT\nRock &amp; Roll,8:14:00 PM PDT\nAT&T; &c,8:17:00 PM PDT\n"
    assert [item.title for item in read(rows).tracks] == ["Big Night'", "Rock & Roll", "AT&T; &c"]


def test_table_of_commas_is_no_list_of_lines():
    library = read("Land,Nummer,Art,Beschreibung\nHU,1,A,Ana - One\nHU,2,A,Bea - Two\n")
    assert library.format == "csv"
    assert named(library) == [("Ana", "One"), ("Bea", "Two")]


# ---- Traktor ----

NML = """<NML VERSION="20"><COLLECTION ENTRIES="9">
<ENTRY TITLE="One" ARTIST="Ana"><LOCATION VOLUME="C:" DIR="/:M/:" FILE="a.mp3"/></ENTRY></COLLECTION>
<PLAYLISTS><NODE TYPE="FOLDER" NAME="$ROOT"><SUBNODES><NODE TYPE="PLAYLIST" NAME="HISTORY"><PLAYLIST TYPE="{}">{}</PLAYLIST>
</NODE></SUBNODES></NODE></PLAYLISTS></NML>"""
PLAY = '<ENTRY><PRIMARYKEY KEY="C:/:M/:a.mp3"/><EXTENDEDDATA PLAYEDPUBLIC="1" STARTDATE="{}" STARTTIME="{}"/></ENTRY>'


def test_traktor_times_without_a_day_take_it_from_the_name_and_pass_midnight():
    content = NML.format("PROTOCOL", PLAY.format(1, 82800) + PLAY.format(1, 1200) + PLAY.format(0, 0))
    assert ats(read(content, "history_2024y03m09d_22h59m00s.nml")) == [
        "2024-03-09T23:00:00",
        "2024-03-10T00:20:00",
        None,
    ]
    library = read(content, "history.nml")
    assert ats(library) == [None, None, None]
    assert [play.wall_time for play in library.plays] == ["23:00:00", "00:20:00", ""]


def test_traktor_entries_that_name_their_track_themselves():
    library = read(NML.format("LIST", '<ENTRY TITLE="Two" ARTIST="Bea"/><ENTRY/>'), "p.nml")
    assert [(item.artist, item.title) for item in library.playlists[0].items] == [("Bea", "Two")]
    assert len(library.skipped) == 1


# ---- VirtualDJ ----


def test_virtualdj_sampler_sounds_are_marked():
    library = read(
        '<VirtualDJ_Database Version="2025"><Song FilePath="C:\\U\\VirtualDJ\\Sampler\\Audio\\Horn.vdjsample">'
        '<Tags Bpm="0.65"/></Song><Song FilePath="D:/M/One.mp3"><Tags Author="Ana" Title="One"/></Song></VirtualDJ_Database>'
    )
    assert [(item.title, item.is_sound) for item in library.tracks] == [("Horn", True), ("One", False)]
    assert "sampler" in said(library)


def test_virtualdj_playlist_with_last_plays_is_no_history():
    tags = "#EXTVDJ:<lastplaytime>{}</lastplaytime><artist>Ana</artist><title>{}</title>\r\nD:\\M\\{}.mp3\r\n"
    playlist = tags.format(1672704055, "One", "One") + tags.format(1572704055, "Two", "Two")
    assert read(playlist, "Friday.m3u").format == "virtualdj-m3u"
    night = tags.format(1672704055, "One", "One") + tags.format(1672704255, "Two", "Two")
    assert len(read(night, "Friday.m3u").plays) == len(read(playlist, "2023-01-03.m3u").plays) == 2


# ---- CUE ----


def test_cue_of_several_files_keeps_the_artists_of_each_apart():
    library = read(
        'FILE one.mp3 MP3\nPERFORMER "Ana"\nTITLE "Album A"\n TRACK 01 AUDIO\n  TITLE "A1"\n  INDEX 01 00:00:00\n'
        ' TRACK 02 AUDIO\n  TITLE "A2"\n  INDEX 01 05:03:68\nFILE two.mp3 MOTOROLA\nPERFORMER "Bea"\nTITLE "Album B"\n'
        ' TRACK 01 AUDIO\n  TITLE "B1"\n  PERFORMER Cy\n  INDEX 00 00:00:12\nFILE three.mp3 WAVE\nPERFORMER "Bea"\n'
        " TRACK 01 AUDIO\n  INDEX 01 00:01:00\n",
        "x.cue",
    )
    assert named(library) == [("Ana", "A1"), ("Ana", "A2"), ("Cy", "B1"), ("Bea", "three")]
    assert [item.path for item in library.tracks] == ["", "", "two.mp3", "three.mp3"]
    assert (library.playlists[0].name, library.plays) == ("Album A", [])


def test_cue_with_lone_returns():
    sheet = 'PERFORMER "Ana"\nFILE "a.wav" WAVE\n TRACK 01 AUDIO\n  TITLE "One"\n  INDEX 01 00:00:00\n'
    assert named(read(sheet.replace("\n", "\r"))) == [("Ana", "One")]


def test_cue_whose_file_changes_between_two_indexes():
    library = read(
        'PERFORMER "Ana"\nFILE "01.wav" WAVE\n TRACK 01 AUDIO\n  TITLE "One"\n  INDEX 01 00:00:00\n TRACK 02 AUDIO\n'
        '  TITLE "Two"\n  INDEX 00 03:10:00\nFILE "02.wav" WAVE\n  INDEX 01 00:00:00\n',
        "x.cue",
    )
    assert [(item.title, item.path) for item in library.tracks] == [("One", ""), ("Two", "02.wav")]


# ---- lines ----


def test_lines_in_quotes_below_a_row_of_titles():
    assert named(read('Artist - Title\n"Ana - One"\n"Bea - Two [12" Mix]\nCy - Three\n'))[0] == ("Ana", "One")
    assert len(read("Artist - Title\nAna - One\nBea - Two\n").tracks) == 2


def test_lines_that_end_with_their_length():
    library = read("01. Ana - One [5:12]\n02. Bea - Two (Mix) [4:44]\n03. Cy - Three - 1:02:10\n")
    assert named(library) == [("Ana", "One"), ("Bea", "Two (Mix)"), ("Cy", "Three")]
    assert [item.duration_seconds for item in library.tracks] == [312.0, 284.0, 3730.0]


def test_lines_that_end_with_their_place_in_the_set_tell_no_length():
    library = read("Ana - One - 00:10:42\nBea - Two (2000) - 00:19:23\nCy - Three - 00:22:05\n")
    assert named(library) == [("Ana", "One"), ("Bea", "Two (2000)"), ("Cy", "Three")]
    assert [item.duration_seconds for item in library.tracks] == [None] * 3
    assert named(read("Geko - 6:30\nAna - One\nBea - Two\nCy - Three\n"))[0] == ("Geko", "6:30")


def test_lines_of_a_set_that_somebody_wrote_down():
    library = read("DJ X, May 2024\n[00:00] Ana - One\n[03:20] w/ Bea - Two\n[??:??] ID - ID\n[??:??] Cy - Three\n")
    assert named(library) == [("Ana", "One"), ("Bea", "Two"), ("Cy", "Three")]
    assert [skip.where for skip in library.skipped] == ["line 4"]


def test_dash_inside_of_brackets_parts_nothing():
    assert names.split_artist_title("Live (Friday 20:00 - 22:00)") == ("", "Live (Friday 20:00 - 22:00)")
    assert names.split_artist_title("Ana (x - y) - One") == ("Ana (x - y)", "One")
    assert names.split_artist_title("Ana :( - One") == ("Ana :(", "One")


def test_disc_and_track_number_before_a_name():
    assert values.from_path("/M/2-05 Lento.mp3") == ("", "Lento")
    assert values.from_path("/M/03-99 Reasons.mp3") == ("", "99 Reasons")
    assert values.from_path("/M/24-7 Ana - One.mp3") == ("24-7 Ana", "One")


# ---- Spotify ----


def test_spotify_list_with_a_file_of_ones_own_an_episode_and_a_hole():
    entries = [
        {"track": {"trackName": "One", "artistName": "Ana", "trackUri": "spotify:track:1"}, "episode": None},
        {"track": None, "localTrack": {"uri": "spotify:local:Bea:Morning+Glory:Two%3F:258"}},
        {"track": None, "episode": {"episodeName": "Talk", "episodeUri": "spotify:episode:1"}, "localTrack": None},
        {"track": None, "episode": None, "localTrack": None},
    ]
    library = read(json.dumps({"playlists": [{"name": "Trip", "items": entries}]}), "Playlist1.json")
    assert named(library) == [("Ana", "One"), ("Bea", "Two?")]
    assert (library.tracks[1].album, library.tracks[1].duration_seconds) == ("Morning Glory", 258.0)
    assert [(skip.title, skip.reason) for skip in library.skipped] == [
        ("Talk", "It is a podcast, not music."),
        ("", "Spotify has removed it."),
    ]


def test_spotify_history_with_talk_a_book_and_a_broken_date():
    rows = [
        {
            "ts": "2024-03-01T18:00:42Z",
            "ms_played": 214000,
            "master_metadata_track_name": "One",
            "master_metadata_album_artist_name": "Ana",
        },
        {"ts": "2024-03-01T19:00:00Z", "master_metadata_track_name": None, "episode_name": "Talk"},
        {"ts": "2024-03-01T20:00:00Z", "master_metadata_track_name": None, "audiobook_title": "Tome"},
        {"ts": "yesterday", "master_metadata_track_name": "Two", "master_metadata_album_artist_name": "Bea"},
    ]
    library = read(json.dumps(rows), "Streaming_History_Audio_2024_0.json")
    assert [(play.item.title, play.wall_time) for play in library.plays] == [("Two", "yesterday"), ("One", "")]
    assert [skip.reason for skip in library.skipped] == [
        "It is a podcast, not music.",
        "It is an audiobook, not music.",
    ]
    assert library.playlists == []


def test_json_of_whatever_program_tells_lengths_in_its_own_way():
    rows = [{"title": "One", "artist": "Ana", "duration": length} for length in (185, "3:05", 185000, None, True)]
    assert [item.duration_seconds for item in read(json.dumps(rows)).tracks] == [185.0, 185.0, 185.0, None, None]


def test_json_with_an_object_in_each_line():
    rows = [{"time": f"2024-05-05T21:1{n}:00.000Z", "artist": "Ana", "title": f"T{n}"} for n in range(3)]
    library = read("\n".join(map(json.dumps, rows)) + "\n", "played.jsonl")
    assert ats(library) == [f"2024-05-05T21:1{n}:00+00:00" for n in range(3)]
    with pytest.raises(items.Unreadable, match="not valid JSON"):
        read('{"artist": "Ana", "title": "One"}\nDear Bea,\n')
    assert read('[{"time": "00:34:38", "artist": "Ana", "title": "One"}]').plays == []


def test_xml_below_an_empty_line():
    assert (
        len(
            read(
                "\n <?xml version='1.0'?><DJ_PLAYLISTS><COLLECTION><TRACK Name='A'/></COLLECTION></DJ_PLAYLISTS>"
            ).tracks
        )
        == 1
    )


@pytest.mark.parametrize("title", ["Time", "Start Time"])
def test_times_from_zero_on_are_places_in_a_recording(title: str):
    library = read(f"{title},Artist,Title\n0:00,Ana,A\n4:30,Bea,B\n1:02:03,Cy,C\n", "mix 2024-05-05.csv")
    assert [(play.item.title, play.offset_seconds, play.at) for play in library.plays] == [
        ("A", 0.0, None),
        ("B", 270.0, None),
        ("C", 3723.0, None),
    ]
    assert [item.duration_seconds for item in library.tracks] == [None, None, None]


def test_times_of_lengths_or_of_a_day_stay_so():
    lengths = read("Time,Artist,Title\n3:00,Ana,A\n4:30,Bea,B\n5:03,Cy,C\n")
    assert [item.duration_seconds for item in lengths.tracks] == [180.0, 270.0, 303.0]
    clocks = read("Start Time,Artist,Title\n21:00:00,Ana,A\n21:04:30,Bea,B\n21:09:03,Cy,C\n", "2024-05-05.csv")
    assert [play.offset_seconds for play in clocks.plays] == [None, None, None]
    assert ats(clocks)[0].startswith("2024-05-05T21:00:00")


def test_a_whole_number_for_a_name_in_itunes():
    key = "<key>Tracks</key><dict><key>1</key><dict><key>Track ID</key><integer>1</integer>"
    facts = "<key>Name</key><integer>1999</integer><key>Artist</key><integer>42</integer>"
    library = read(f'<?xml version="1.0"?><plist version="1.0"><dict>{key}{facts}</dict></dict></dict></plist>')
    assert [(item.artist, item.title) for item in library.tracks] == [("42", "1999")]
