"""Every trap of every format, in files written by hand: what is counted, what stays unknown, what is refused."""
# ruff: noqa: E501  (other programs write long lines)

from __future__ import annotations

import contextlib
import json
import struct
from datetime import UTC, datetime

import pytest

from app.music import readers
from app.music.readers import items, xmls
from app.music.readers.items import Unreadable


def read(content, name="list.txt", **more):
    return readers.read(content if isinstance(content, bytes) else content.encode(), name, **more)


def names(library):
    return [(item.artist, item.title) for item in library.tracks]


def said(library):
    return " ".join(note.sentence for note in library.warnings)


# ---- rekordbox ----

REKORDBOX = """<?xml version="1.0" encoding="UTF-8"?>
<DJ_PLAYLISTS Version="1,0,0"><PRODUCT Name="rekordbox"/>
<COLLECTION Entries="3121">
 <TRACK TrackID="1" Name="One" Artist="Ana" AverageBpm="95,50" Tonality="8A" TotalTime="200" Location="file://localhost/C:/M/One.mp3"/>
 <TRACK TrackID="2" Artist="Bea" AverageBpm="0.00" Tonality="" TotalTime="0" Location="file://localhost/C:/M/Bea%20-%20Two%20%26%20Half.mp3"/>
 <TRACK TrackID="3" Name="Three" Artist="Cy" Tonality="2m"><TEMPO Inizio="0.1" Bpm="101.00"/><TEMPO Inizio="9" Bpm="120.00"/></TRACK>
 <TRACK TrackID="4"/>
</COLLECTION>
<PLAYLISTS><NODE Type="0" Name="ROOT" Count="2">
 <NODE Type="0" Name="Fri"><NODE Name="Set" Type="1" KeyType="0" Entries="9"><TRACK Key="2"/><TRACK Key="1"/><TRACK Key="77"/></NODE></NODE>
 <NODE Type="0" Name="Sat"><NODE Name="Set" Type="1" KeyType="1"><TRACK Key="file://localhost/C:/M/One.mp3"/><TRACK Key="file://localhost/C:/M/Nell%20-%20New.mp3"/></NODE></NODE>
</NODE></PLAYLISTS></DJ_PLAYLISTS>"""


def test_rekordbox_declared_counts_missing_names_and_both_kinds_of_keys():
    library = read(REKORDBOX, "lib.xml")
    assert names(library) == [("Ana", "One"), ("Bea", "Two & Half"), ("Cy", "Three")]
    assert [item.bpm for item in library.tracks] == [95.5, None, 101.0]
    assert [item.key and item.key.camelot for item in library.tracks] == ["8A", None, "9A"]
    assert library.tracks[1].duration_seconds is None
    assert len(library.skipped) == 1
    lists = [(p.folder, p.name, [item.title for item in p.items]) for p in library.playlists]
    assert lists == [("Fri", "Set", ["Two & Half", "One"]), ("Sat", "Set", ["One", "New"])]
    assert "not in the collection" in said(library)


def test_rekordbox_without_a_playlists_element():
    assert len(read("<DJ_PLAYLISTS><COLLECTION><TRACK Name='A' Artist='B'/></COLLECTION></DJ_PLAYLISTS>").tracks) == 1


REKORDBOX_TXT = (
    "#\tArtwork\tTrack Title\tArtist\tBPM\tRating\tTime\tKey\tDJ Play Count\r\n"
    '1\t\t12" Mix\tAna\t95.00\t     \t04:56\t8A\t3\r\n2\t\tTwo\t\t0.00\t     \t03:00\t\t0\r\n'
)  # fmt: skip


def test_rekordbox_text_is_utf_16_with_quotes_that_quote_nothing():
    library = read(b"\xff\xfe" + REKORDBOX_TXT.encode("utf-16-le"), "Set.txt")
    assert (library.format, library.encoding) == ("rekordbox-txt", "utf-16-le")
    assert names(library) == [("Ana", '12" Mix'), ("", "Two")]
    assert [(i.bpm, i.duration_seconds) for i in library.tracks] == [(95.0, 296.0), (None, 180.0)]
    assert library.plays == []


@pytest.mark.parametrize(
    "header",
    ["#\tTrack-Titel\tInterpret\tBPM\tZeit\tTonart", "#\tTitre du morceau\tArtiste\tBPM\tDurée\tTonalité",
     "#\tTítulo de la pista\tArtista\tBPM\tTiempo\tTonalidad", "#\tトラックタイトル\tアーティスト\tBPM\t時間\tキー",
     "#\tTitolo brano\tArtista\tBPM\tDurata\tTonalità"],
)  # fmt: skip
def test_rekordbox_text_in_the_language_of_its_user(header):
    library = read(f"{header}\r\n1\tSong\tAna\t96.00\t03:20\t5A\r\n".encode("utf-16"), "x.txt")
    item = library.tracks[0]
    assert (item.title, item.artist, item.bpm, item.duration_seconds, item.key.camelot) == (
        "Song",
        "Ana",
        96,
        200,
        "5A",
    )


def test_rekordbox_history_text_is_a_history_without_times():
    library = read(REKORDBOX_TXT.encode("utf-16"), "HISTORY 2022-10-15.txt")
    assert [(play.item.title, play.at, play.position) for play in library.plays] == [
        ('12" Mix', None, 1),
        ("Two", None, 2),
    ]


# ---- Traktor ----

TRAKTOR = """<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<NML VERSION="19"><COLLECTION ENTRIES="3">
<ENTRY TITLE="A" ARTIST="Ana"><LOCATION DIR="/:M/:" FILE="a.mp3" VOLUME="HD"/><INFO KEY="8A" PLAYTIME="180"/><TEMPO BPM="111.999931"/><MUSICAL_KEY VALUE="14"/></ENTRY>
<ENTRY ARTIST="Bea"><LOCATION DIR="/:M/:" FILE="Untold.mp3" VOLUME="HD"/></ENTRY>
<ENTRY TITLE="Never played"><LOCATION DIR="/:M/:" FILE="c.mp3" VOLUME="HD"/><INFO KEY="Fm"/></ENTRY>
</COLLECTION><PLAYLISTS><NODE TYPE="FOLDER" NAME="$ROOT"><SUBNODES><NODE TYPE="PLAYLIST" NAME="HISTORY">
<PLAYLIST ENTRIES="99" TYPE="PROTOCOL">
<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="HD/:M/:a.mp3"/><EXTENDEDDATA DURATION="12.5" PLAYEDPUBLIC="0" STARTDATE="132516367" STARTTIME="3600"/></ENTRY>
<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="HD/:M/:Untold.mp3"/><EXTENDEDDATA DURATION="200" PLAYEDPUBLIC="1" STARTDATE="132516367" STARTTIME="67852"/></ENTRY>
<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="HD/:M/:a.mp3"/><EXTENDEDDATA DURATION="190" STARTDATE="0" STARTTIME="0"/></ENTRY>
<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="USB/:Old - Gone.mp3"/></ENTRY>
</PLAYLIST></NODE></SUBNODES></NODE></PLAYLISTS></NML>"""


def test_traktor_plays_are_the_protocol_not_the_collection():
    library = read(TRAKTOR, "history.nml")
    assert [item.title for item in library.tracks] == ["A", "Untold", "Never played"]
    assert [(p.item.title, p.at and p.at.isoformat(), p.seconds_heard, p.is_public) for p in library.plays] == [
        ("A", "2022-10-15T01:00:00", 12.5, False),
        ("Untold", "2022-10-15T18:50:52", 200, True),
        ("A", None, 190, True),
        ("Gone", None, None, True),
    ]
    assert "hours before the second" in said(library)
    assert "listened to it beforehand" in said(library)


def test_traktor_prefers_the_analyzed_key_and_keeps_what_was_written():
    first, second, third = read(TRAKTOR).tracks
    assert (first.key.camelot, first.key_raw) == ("7A", "8A")
    assert (second.key, second.key_raw) == (None, "")
    assert third.key.camelot == "4A"


# ---- Serato ----

SERATO_TIMES = (
    '"name","start time","end time","playtime","deck","notes"\n"8/5/23","7:55:45 PM PDT","12:40:00 AM PDT","","",""\n'
    '"Intro","7:55:45 PM PDT","7:59:00 PM PDT","00:03:15","1",""\n"Midnight","12:10:00 AM PDT","","52:19:32","2",""\n'
    '"Intro","12:14:00 AM PDT","","00:00:30","1",""\n'
)  # fmt: skip


def test_serato_first_row_is_the_session_and_midnight_is_passed():
    library = read(SERATO_TIMES, "8-5-23.csv")
    assert [(p.item.title, p.at.isoformat()) for p in library.plays] == [
        ("Intro", "2023-08-05T19:55:45"), ("Midnight", "2023-08-06T00:10:00"), ("Intro", "2023-08-06T00:14:00"),
    ]  # fmt: skip
    assert library.plays[1].seconds_heard == 188_372
    assert "left on" in said(library)
    assert [item.title for item in library.tracks] == ["Intro", "Midnight"]


def test_serato_start_with_a_whole_date_in_the_session_row():
    library = read('"name","start time","end time","deck","artist"\n"1/20/2025","1/20/2025 8:04:14 PM","","",""\n'
                   '"Magalenha","8:04:14 PM","8:07:39 PM","1","Low Disco"\n')  # fmt: skip
    play = library.plays[0]
    assert (play.at.isoformat(), play.seconds_heard, play.item.artist) == ("2025-01-20T20:04:14", 205, "Low Disco")
    assert len(library.plays) == 1


def test_serato_history_as_text_of_fixed_width():
    library = read("name                start time               end time       playtime     deck     artist     \n"
                   "------------------------------------------------------------------------------------------\n"
                   "5/21/2018           5/21/2018 9:10:44 PM     \n"
                   "------------------------------------------------------------------------------------------\n"
                   "Arcane (X Remix)    9:10:44 PM               9:13:35 PM     00:02:51     1        KYRO!      \n")  # fmt: skip
    assert [(p.item.title, p.item.artist, p.seconds_heard) for p in library.plays] == [
        ("Arcane (X Remix)", "KYRO!", 171)
    ]
    assert library.plays[0].at.isoformat() == "2018-05-21T21:10:44"


def tlv(tag, value):
    value = value.encode("utf-16-be") if isinstance(value, str) else value
    return tag.encode() + struct.pack(">I", len(value)) + value


def test_serato_crate_in_a_crate_and_database():
    crate = tlv("vrsn", "1.0/Serato ScratchLive Crate") + tlv("otrk", tlv("ptrk", "Music/Ana - One.mp3"))
    listed = read(crate, "Fri%%Late.crate").playlists[0]
    assert (listed.folder, listed.name, listed.items[0].artist) == ("Fri", "Late", "Ana")
    track = (
        tlv("pfil", "Music/x.mp3")
        + tlv("tsng", "One")
        + tlv("tart", "Ana")
        + tlv("tbpm", "95.00")
        + tlv("tlen", "06:22.93")
    )
    database = tlv("vrsn", "2.0/Serato Scratch LIVE Database") + tlv(
        "otrk", track + tlv("tkey", "Am") + tlv("bmis", b"\0")
    )
    item = read(database, "database V2").tracks[0]
    assert (item.title, item.bpm, item.duration_seconds, item.key.camelot) == ("One", 95.0, 382.93, "8A")


# ---- VirtualDJ ----

NIGHT = (
    "\ufeff#EXTVDJ:<time>23:50</time><lastplaytime>1674863400</lastplaytime><artist>Nick Cave & The Bad Seeds</artist>"
    "<title>Hollywood</title><songlength>840.5</songlength>\r\nnetsearch://dz1873796677\r\n"
    "#EXTVDJ:<time>00:12</time><artist></artist><title>Kid 'N Play - Can You Dig That</title><remix>Extended Mix</remix>\r\n"
    "C:\\M\\x.mp3\r\n#EXTVDJ:<time>00:15</time><filesize>1</filesize>\r\n/Users/dj/Ana & Bea - Two.mp3\r\n"
)  # fmt: skip


def test_virtualdj_history_splits_names_and_passes_midnight():
    library = read(NIGHT, "2023-01-27.m3u")
    assert library.format == "virtualdj-history"
    assert [(p.item.artist, p.item.title) for p in library.plays] == [
        ("Nick Cave & The Bad Seeds", "Hollywood"), ("Kid 'N Play", "Can You Dig That (Extended Mix)"),
        ("Ana & Bea", "Two"),
    ]  # fmt: skip
    first, second, third = library.plays
    assert first.at == datetime(2023, 1, 27, 23, 50, tzinfo=UTC)
    assert first.wall_time == "2023-01-27T23:50:00"
    assert (second.at.isoformat(), third.at.isoformat()) == ("2023-01-28T00:12:00+00:00", "2023-01-28T00:15:00+00:00")


def test_virtualdj_epoch_gives_the_zone_and_may_be_in_milliseconds():
    library = read("#EXTVDJ:<time>14:30</time><lastplaytime>1704202200000</lastplaytime><artist>A</artist><title>B</title>\n"
                   "/a.mp3\n", "2024-01-02.m3u")  # fmt: skip
    assert library.plays[0].at.isoformat() == "2024-01-02T14:30:00+01:00"


def test_virtualdj_tracklist_of_two_days():
    library = read("\ufeffVirtualDJ History 2025/06/20\n------------------------------\n23:57 : A - One\n00:02 :  - X\n"
                   "\nVirtualDJ History 2025/06/21\n------------------------------\n12:00 : B - Three\n", "tracklist.txt")  # fmt: skip
    assert [(p.item.artist, p.item.title, p.at.isoformat()) for p in library.plays] == [
        ("A", "One", "2025-06-20T23:57:00"), ("", "X", "2025-06-21T00:02:00"), ("B", "Three", "2025-06-21T12:00:00"),
    ]  # fmt: skip


def test_virtualdj_database_tempos_are_seconds_per_beat_and_stems_are_no_tracks():
    library = read("""<VirtualDJ_Database Version="2024">
      <Song FilePath="C:\\M\\a.mp3"><Tags Author="Ana" Title="One" Bpm="0.696864" Key="Gm"/><Infos SongLength="201.5" PlayCount="3"/><Scan Bpm="0.523104" AltBpm="0.697" Key="Am"/></Song>
      <Song FilePath="C:\\M\\b.mp3"><Tags Author="Bea" Title="Two" Bpm="132.003"/></Song>
      <Song FilePath="C:\\M\\Cy - Three.mp3"><Scan Bpm="0.5" Key="A#m"/></Song>
      <Song FilePath="C:\\M\\stems\\Cy - Three (vocals).wav"/><Song FilePath="C:\\M\\x.vdjstems"/></VirtualDJ_Database>""", "database.xml")  # fmt: skip
    assert names(library) == [("Ana", "One"), ("Bea", "Two"), ("Cy", "Three")]
    assert [item.bpm for item in library.tracks] == [86.1, 132.0, 120.0]
    assert [item.key and item.key.camelot for item in library.tracks] == ["6A", None, "3A"]
    assert len(library.skipped) == 2


def test_virtualdj_list_in_its_own_order():
    library = read("""<?xml version="1.0" encoding="UTF-8"?><VirtualFolder noDuplicates="no">
      <song path="F:\\b.mp3" songlength="213.7" bpm="132.000" key="Am" artist="Bea" title="Two" idx="1"/>
      <song path="F:\\Ana - One.mp3" size="5" idx="0"/></VirtualFolder>""", "Fri.vdjfolder")  # fmt: skip
    assert [item.title for item in library.playlists[0].items] == ["One", "Two"]
    assert (library.playlists[0].name, library.tracks[1].bpm) == ("Fri", 132.0)


# ---- iTunes ----


def test_itunes_leaves_films_and_podcasts_out_and_takes_no_plays():
    def entry(number, **facts):
        return f"<key>{number}</key><dict><key>Track ID</key><integer>{number}</integer>" + "".join(
            f"<key>{k.replace('_', ' ')}</key>" + (f"<integer>{v}</integer>" if isinstance(v, int) and v is not True else
                                                   "<true/>" if v is True else f"<string>{v}</string>")
            for k, v in facts.items()) + "</dict>"  # fmt: skip

    tracks = (
        entry(1, Name="One", Artist="Ana", BPM=96, Total_Time=200_500, Location="file:///M/One%20%C3%A9.mp3")
        + entry(2, Name="Film", Has_Video=True, Movie=True)
        + entry(3, Name="Cast", Podcast=True)
        + entry(4, Name="Later", Play_Date_UTC="2040-02-06T06:28:16Z")
    )
    lists = ("<dict><key>Name</key><string>Lib</string><key>Master</key><true/><key>Playlist Items</key><array/></dict>"
             "<dict><key>Name</key><string>Fri</string><key>Folder</key><true/><key>Playlist Persistent ID</key><string>F</string></dict>"
             "<dict><key>Name</key><string>Late</string><key>Parent Persistent ID</key><string>F</string><key>Playlist Items</key>"
             "<array><dict><key>Track ID</key><integer>4</integer></dict><dict><key>Track ID</key><integer>2</integer></dict></array></dict>")  # fmt: skip
    library = read(f'<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://x/p.dtd"><plist version="1.0"><dict>'
                   f"<key>Tracks</key><dict>{tracks}</dict><key>Playlists</key><array>{lists}</array></dict></plist>", "Library.xml")  # fmt: skip
    assert [(i.title, i.bpm, i.duration_seconds) for i in library.tracks] == [("One", 96, 200.5), ("Later", None, None)]
    assert library.tracks[0].path == "/M/One é.mp3"
    assert [skip.reason for skip in library.skipped] == ["It is a film, not music.", "It is a podcast, not music."]
    assert [(p.folder, p.name, p.kind, len(p.items)) for p in library.playlists] == [
        ("", "Lib", "system", 0),
        ("Fri", "Late", "list", 1),
    ]
    assert library.plays == []
    assert "in the future" in said(library)


# ---- M3U, PLS, XSPF, CUE, lines ----


def test_m3u_names_and_lengths():
    library = read("#EXTM3U\r\n#EXTINF:391,Angelo Ferreri  Man In Soul\r\n/a/1.mp3\r\n#EXTINF:-1,Ana, Bea - One - Two\r\n/a/2.mp3\r\n"
                   "#EXTINF\r\n/a/Cy - Three.mp3\r\n\r\n/a/04 - Four.flac\r\n", "Fri.m3u8")  # fmt: skip
    assert names(library) == [
        ("", "Angelo Ferreri Man In Soul"),
        ("Ana, Bea", "One - Two"),
        ("Cy", "Three"),
        ("", "Four"),
    ]
    assert [item.duration_seconds for item in library.tracks] == [391, None, None, None]
    assert library.playlists[0].name == "Fri"


def test_m3u_in_windows_1252_with_lone_returns_says_so():
    library = read("#EXTM3U\r#EXTINF:1,Beyoncé - Déjà Vu\rC:\\Musik\\x.mp3\r".encode("cp1252"), "x.m3u")
    assert (names(library), library.encoding) == ([("Beyoncé", "Déjà Vu")], "cp1252")
    assert "Windows-1252" in said(library)


def test_m3u_of_two_programs_holds_both_encodings():
    library = read("#EXTM3U\n/a/Ana - Ágnes.mp3\n".encode() + "/a/Bea - Déjà.mp3\n".encode("cp1252"), "x.m3u")
    assert names(library) == [("Ana", "Ágnes"), ("Bea", "Déjà")]


def test_encoding_may_be_chosen():
    raw = "#EXTM3U\n#EXTINF:1,Őze Áron - Tűz\nx.mp3\n".encode("cp1250")
    assert names(read(raw, "x.m3u", encoding="cp1250")) == [("Őze Áron", "Tűz")]
    with pytest.raises(Unreadable, match="Choose another"):
        read(raw, "x.m3u", encoding="utf-8")


def test_m3u_of_a_stream_is_refused():
    with pytest.raises(Unreadable, match="stream"):
        read("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9.9,\nhttp://x/a.ts\n", "x.m3u8")


def test_pls_counts_from_nought_or_one_and_declares_what_it_likes():
    library = read("[playlist]\nFile0=/a/0.mp3\nTitle0=Ana - Nought\nLength0=-1\nFile10=/a/Cy - Ten.mp3\nfile2=/a/2.mp3\n"
                   "title2=Two\nLENGTH2=61\nnumberofentries=77\n", "x.pls")  # fmt: skip
    assert names(library) == [("Ana", "Nought"), ("", "Two"), ("Cy", "Ten")]
    assert [item.duration_seconds for item in library.tracks] == [None, 61, None]


def test_xspf():
    library = read('<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Fri</title><trackList><track><title>One</title>'
                   "<creator>Ana</creator><duration>200000</duration></track></trackList></playlist>", "x.xspf")  # fmt: skip
    assert (names(library), library.tracks[0].duration_seconds) == ([("Ana", "One")], 200)


def test_cue_of_rekordbox_counts_hours_and_hides_performers():
    library = read('REM RECORDED_BY "rekordbox-dj"\r\nTITLE "Night"\r\nPERFORMER "DJ Jo"\r\nFILE "01.wav" WAVE\r\n'
                   '\tTRACK 01 AUDIO\r\n\t\tTITLE "One"\r\n\t\tREM PERFORMER "Ana"\r\n\t\tFILE "/a.mp3" WAVE\r\n\t\tINDEX 01 00:00:00\r\n'
                   '\tTRACK 02 AUDIO\r\n\t\tTITLE "Two"\r\n\t\tFILE "/b.mp3" WAVE\r\n\t\tINDEX 01 01:03:48\r\n', "x.cue")  # fmt: skip
    assert names(library) == [("Ana", "One"), ("", "Two")]
    assert [(p.offset_seconds, p.seconds_heard) for p in library.plays] == [(0, 3828), (3828, None)]


def test_cue_of_a_disc_counts_frames_and_is_no_night():
    library = read('PERFORMER "Ana"\nTITLE "Album"\nFILE "a.flac" WAVE\n  TRACK 01 AUDIO\n    TITLE One\n    INDEX 00 00:00:00\n'
                   "    INDEX 01 00:02:37\n  TRACK 02 AUDIO\n    TITLE Two\n    PERFORMER Bea\n    INDEX 01 04:00:00\n")  # fmt: skip
    assert names(library) == [("Ana", "One"), ("Bea", "Two")]
    assert library.plays == []


@pytest.mark.parametrize(
    "text",
    ["HISTORY\n1. One by Ana\n2. Two (X Mix) by Bea, Cy\n", "Ana - One\nBea, Cy – Two (X Mix)\n",
     "01. 0:00:00 Ana - One\n02. 0:03:20 Bea, Cy - Two (X Mix)\n"],
)  # fmt: skip
def test_lines_that_somebody_pasted(text):
    assert names(read(text)) == [("Ana", "One"), ("Bea, Cy", "Two (X Mix)")]


# ---- Spotify ----


def test_spotify_playlist_with_removed_local_and_podcast():
    document = {"name": "Fri", "tracks": {"total": 999, "items": [
        {"added_at": "2013-08-21T15:10:32Z", "track": {"name": "One", "artists": [{"name": "Ana"}, {"name": "Bea"}], "duration_ms": 200123}},
        {"track": None}, {"is_local": True, "track": {"name": "Own", "artists": [{"name": ""}], "duration_ms": 0, "uri": "spotify:local:x"}},
        {"track": {"name": "Cast", "type": "episode", "duration_ms": 5}},
    ]}}  # fmt: skip
    library = read(json.dumps(document), "x.json")
    assert names(library) == [("Ana, Bea", "One"), ("", "Own")]
    assert [item.duration_seconds for item in library.tracks] == [200.123, None]
    assert [skip.reason for skip in library.skipped] == ["Spotify has removed it.", "It is a podcast, not music."]
    assert (library.playlists[0].name, library.plays) == ("Fri", [])


def test_spotify_unknown_key_and_own_data():
    features = {"audio_features": [{"tempo": 96.5, "key": -1, "mode": 1, "duration_ms": 1000}, None]}
    item = read(json.dumps(features)).tracks[0]
    assert (item.bpm, item.key, item.key_raw) == (96.5, None, "-1/1")
    history = [{"endTime": "2024-05-02 21:10", "artistName": "Bea", "trackName": "Two", "msPlayed": 61000},
               {"endTime": "2024-05-02 21:01", "artistName": "Ana", "trackName": "One", "msPlayed": 1000}]  # fmt: skip
    plays = read(json.dumps(history)).plays
    assert [(p.position, p.item.title, p.seconds_heard) for p in plays] == [(1, "One", 1.0), (2, "Two", 61.0)]
    lists = {
        "playlists": [
            {
                "name": "Fri",
                "items": [{"track": {"trackName": "One", "artistName": "Ana", "trackUri": "spotify:track:1"}}],
            }
        ]
    }
    assert read(json.dumps(lists)).playlists[0].name == "Fri"


# ---- tables ----


def test_exportify_in_both_layouts():
    watson = ('"Track URI","Track Name","Artist URI(s)","Artist Name(s)","Album Name","Track Duration (ms)","ISRC","Added At"\n'
              '"spotify:track:1","One","x","Emerson\\, Lake & Palmer, Bea","Alb","261000","GBAAA1234567","2020-01-01T00:00:00Z"\n')  # fmt: skip
    library = read(watson, "fri.csv")
    item = library.tracks[0]
    assert library.format == "exportify-csv"
    assert (item.artist, item.duration_seconds, item.isrc) == ("Emerson, Lake & Palmer, Bea", 261, "GBAAA1234567")
    pavel = ("Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Energy,Key,Loudness,Mode,Tempo\n"
             'spotify:track:1,One,Alb,"Ana;Bea",2020,200040,90,0.7,5,-8.1,0,98.002\nspotify:track:2,Two,Alb,Cy,2020,1000,1,0.1,-1,0,0,0\n')  # fmt: skip
    one, two = read(pavel, "fri.csv").tracks
    assert (one.bpm, one.key.camelot, one.key_raw, one.duration_seconds, one.energy) == (98.0, "4A", "5/0", 200.04, 4)
    assert (two.bpm, two.key) == (None, None)


def test_exportify_in_spanish():
    library = read('"URI de la canción","Nombre de la canción","Nombre(s) del artista","Duración de la canción (ms)"\n'
                   '"spotify:track:1","One","Ana","200000"\n')  # fmt: skip
    assert (names(library), library.tracks[0].duration_seconds) == ([("Ana", "One")], 200)


def test_analyzed_playlist_with_mixed_sharps_and_flats():
    library = read('#,Song,Artist,Popularity,BPM,Time,Energy,Key,Added At,Spotify Track Id,Camelot,ISRC\n'
                   '1,"Us",Ana,33,93,03:11,50,C♯/D♭ Major,2024-08-02,7luf,3B,GB1\n2,"Up",Bea,33,167,04:01,20,G#/A♭ Minor,2024-08-02,7luf,1A,GB2', "x.csv")  # fmt: skip
    assert library.format == "chosic-csv"
    assert [(i.bpm, i.key.camelot, i.duration_seconds, i.energy) for i in library.tracks] == [
        (93, "3B", 191, 2),
        (167, "1A", 241, 1),
    ]


def test_european_spreadsheet_with_a_title_row():
    library = read(
        "Meine Songs;;;\r\n\r\nTitel;Interpret;BPM;Dauer\r\nEins;Änne;120,5;03:20\r\n;Niemand;;\r\n".encode("cp1252"),
        "x.csv",
    )
    item = library.tracks[0]
    assert (item.title, item.artist, item.bpm, item.duration_seconds) == ("Eins", "Änne", 120.5, 200)
    assert [skip.reason for skip in library.skipped] == ["The row has no title."]


def test_unknown_columns_can_be_mapped():
    text = "foo,bar,baz\nOne,Ana,96\nTwo,Bea,97\n"
    assert "Choose which one is" in said(read(text, "x.csv"))
    assert [column.title for column in read(text, "x.csv").columns] == ["foo", "bar", "baz"]
    library = read(text, "x.csv", mapping={0: "title", 1: "artist", 2: "bpm"})
    assert [(i.title, i.artist, i.bpm) for i in library.tracks] == [("One", "Ana", 96), ("Two", "Bea", 97)]


def test_mixxx_writes_one_return_too_many_and_counts_plays():
    text = '"Artist","Title","Duration","BPM","Key","Bitrate","Grouping","Played"\r\r\n"Ana","One","1:02:03","95.5","Am","320","","3"\r\r\n'
    library = read(text, "x.csv")
    assert (names(library), library.tracks[0].duration_seconds, library.plays) == ([("Ana", "One")], 3723, [])


def test_sheet_of_a_dj_has_energy_familiarity_and_sets():
    library = read(
        "Track Name,Artist Name(s),Starting energy,Ending energy,BPM,Familiarity,Set\nOne,Ana,2,3,98,4,Fri\nTwo,Bea,,,,,Sat\n",
        "x.csv",
    )
    assert library.format == "energy-csv"
    assert [(i.energy, i.familiarity, i.bpm) for i in library.tracks] == [(2, 4, 98), (None, None, None)]
    assert [p.name for p in library.playlists] == ["Fri", "Sat"]


# ---- what is refused ----

BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><{root}>&b;</{root}>'


@pytest.mark.parametrize("root", ["DJ_PLAYLISTS", "NML", "plist", "VirtualDJ_Database"])
def test_entity_bombs_are_refused(root):
    with pytest.raises(Unreadable, match="entities"):
        read(BOMB.format(root=root), "x.xml")


def test_outside_entities_are_refused():
    with pytest.raises(Unreadable):
        read('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><NML>&a;</NML>', "x.nml")


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "empty"), (b"   \n", "empty"), (b"PK\x03\x04" + b"\0" * 99, "zip"), (b"\x1f\x8b\x08" + b"\0" * 99, "packed"),
        (b"SQLite format 3\x00" + b"\0" * 99, "database"), (b"bplist00" + b"\0" * 9, "binary"), (b"%PDF-1.4", "PDF"),
        (b"ID3\x04" + b"\0" * 99, "sound"), (b"\x89PNG\r\n", "picture"), (b"\0" * 999, "not text"),
        (bytes(range(1, 256)) * 9, "not text"), (b"<!DOCTYPE html><html><p>hi</html>", "web page"),
        (b"<svg xmlns='x'/>", "<svg>"), (b"<FilterFolder filter='top 50'/>", "filter"),
        (b'{"schedule": {"version": 1}}', "schedule"), (b'{"a": 1}', "no tracks"), (b"[" * 100_000, "nested"),
        (b"Dear Ana,\nthank you for the lovely night.\nYours, Bea\n", "no library"), (b"lorem ipsum", "no library"),
        (b"title,artist,bpm\n", "no row"), (b"vrsn\x00\x00\xff\xff", "cut off"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_sentence(raw, word):
    with pytest.raises(Unreadable, match=word) as refusal:
        read(raw, "file.csv")
    assert refusal.value.sentence.endswith(".")


def test_size_depth_and_number_have_an_end(monkeypatch):
    with pytest.raises(Unreadable, match="20 MB"):
        read(b"a" * (items.BYTES_MAX + 1))
    with pytest.raises(Unreadable, match="nested"):
        read("<NML>" + "<a>" * 70 + "</a>" * 70 + "</NML>")
    monkeypatch.setattr(items, "ITEMS_MAX", 10)
    with pytest.raises(Unreadable, match="more than 10"):
        read("#EXTM3U\n" + "x.mp3\n" * 11)
    monkeypatch.setattr(xmls, "ELEMENTS_MAX", 10)
    with pytest.raises(Unreadable, match="more in this XML"):
        read("<NML>" + "<a/>" * 11 + "</NML>")


@pytest.mark.parametrize("name", ["x.mp3", "collection.csv", "noending", "x.m3u8"])
def test_content_decides_not_the_name(name):
    assert read(TRAKTOR, name).format == "traktor-nml"


def test_a_wrong_ending_is_told():
    assert "ends in .csv" in said(read(TRAKTOR, "x.csv"))


@pytest.mark.parametrize("text", [REKORDBOX_TXT, SERATO_TIMES, NIGHT, "Title,Artist,BPM\nOne,Ana,96\n"])
def test_swapped_byte_order_is_refused(text):
    with pytest.raises(Unreadable, match="byte order"):
        read(b"\xfe\xff" + text.lstrip("\ufeff").encode("utf-16-le"))


@pytest.mark.parametrize(
    "text",
    [REKORDBOX, TRAKTOR, NIGHT, SERATO_TIMES, '{"items": [{"track": {"name": "One", "artists": [{"name": "A"}]}}]}'],
)
def test_cut_off_files_are_refused(text):
    raw = text.encode()
    for part in (0.4, 0.6, 0.75):
        with pytest.raises(Unreadable):
            read(raw[: int(len(raw) * part)], "x")


def test_xml_in_another_encoding_than_it_says_is_refused():
    with pytest.raises(Unreadable, match="not valid XML"):
        read(REKORDBOX.replace("Ana", "Änne").encode("cp1252"), "x.xml")


# A pattern that tries again from every place of a long run holds the whole process up for minutes, in a thread as well:
# each of these files did. Read wrongly, this test does not end.
HOSTILE = {
    "a time, then blanks": ("Title,Artist,Start Time\na,b,22:00\nc,d,12:34" + " " * 20_000 + "!\n", "x.csv"),
    "a tempo with a gap": ("Title,Artist,BPM\na,b,100\nc,d,1" + " " * 300_000 + "1\n", "x.csv"),
    "a tempo in XML": (
        f'<DJ_PLAYLISTS><COLLECTION><TRACK Name="a" AverageBpm="1{" " * 300_000}1"/></COLLECTION></DJ_PLAYLISTS>',
        "x.xml",
    ),
    "many empty lines": ("a - b\n" + "\n" * 300_000 + "c - d\n", "x.txt"),
    "a file name with a gap": (
        f"TITLE x\nFILE a{' ' * 200_000}b\nTRACK 01 AUDIO\nTITLE y\nINDEX 01 00:00:00\n",
        "x.cue",
    ),
    "tags that are never closed": (f"#EXTM3U\n#EXTVDJ:{'<a>' * 100_000}<title>x</title>\nC:\\a.mp3\n", "x.m3u"),
    "a header of very many columns": (f"name    artist  {'a  ' * 200_000}\n-----\n" + "xx\n" * 3_000, "x.txt"),
    "very many lists of one play": (
        json.dumps({"playlists": [
            {"name": "a", "items": [{"name": f"x{n}", "artistName": "y", "ts": "2020-01-01T00:00:00Z"}]}
            for n in range(30_000)
        ]}),
        "x.json",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "name"), HOSTILE.values(), ids=HOSTILE)
def test_no_file_takes_longer_than_it_is_long(text, name):
    with contextlib.suppress(Unreadable):
        assert read(text.encode(), name).tracks


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"[playlist]\nFile{'9' * 5_000}=x.mp3\nNumberOfEntries=1\n", "x.pls"),
        ('<NML><COLLECTION><ENTRY TITLE="x"><MUSICAL_KEY VALUE="²"/></ENTRY></COLLECTION></NML>', "x.nml"),
    ],
    ids=["digits without end", "a digit that is no number"],
)
def test_odd_numbers_break_nothing(text, name):
    assert read(text.encode(), name).format in {"pls", "traktor-nml"}


def test_half_a_letter_of_json_is_left_out():
    [item] = read(rb'[{"name": "\ud800Slow", "artistName": "y", "uri": "z"}]', "x.json").tracks
    assert item.title == "Slow"
