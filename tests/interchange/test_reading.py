"""Liberal in what is read, and exact about what cannot be: variants of real files, and every problem by its path."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from app.interchange import clocks, reading, words
from app.interchange.items import Frame
from tests.interchange.conftest import conference, days_of, entry, read, sentences

pytestmark = pytest.mark.one_engine
ENTRY = '$.schedule.conference.days[0].rooms["Danube Hall"][0]'


def only(source):
    assert sentences(source.problems) == []
    assert len(source.items) == 1
    return source.items[0]


def hm(instant):
    return f"{instant.astimezone(UTC):%d %H:%M}"


@pytest.mark.parametrize(
    ("change", "start", "end"),
    [
        ({}, "13 12:00", "13 13:00"),
        ({"date": "2026-06-13T14:00:00.000+02:00"}, "13 12:00", "13 13:00"),
        ({"date": "2026-06-13T12:00:00Z"}, "13 12:00", "13 13:00"),
        ({"date": "2026-06-13 14:00"}, "13 12:00", "13 13:00"),  # naive: the zone's clock
        ({"date": "2026-06-13"}, "13 12:00", "13 13:00"),  # a day, and `start`
        ({"date": "-"}, "13 12:00", "13 13:00"),  # the day's own date, and `start`
        ({"date": "-", "start": "01:30"}, "13 23:30", "14 00:30"),  # after midnight is still Saturday
        ({"date": "-", "start": "25:30"}, "13 23:30", "14 00:30"),
        ({"duration": "01:00:00"}, "13 12:00", "13 13:00"),
        ({"duration": 45}, "13 12:00", "13 12:45"),
        ({"duration": "45"}, "13 12:00", "13 12:45"),
        ({"duration": "PT1H30M"}, "13 12:00", "13 13:30"),
        ({"duration": "-", "end": "2026-06-13T15:30:00+02:00"}, "13 12:00", "13 13:30"),
        ({"duration": "0:05", "end": "2026-06-13T15:30:00+02:00"}, "13 12:00", "13 13:30"),  # end is the newer word
        ({"duration": "-"}, "13 12:00", "13 13:00"),  # what is usual for a workshop
        ({"duration": "30:00"}, "13 12:00", "14 06:00"),  # cut to 18 hours
    ],
)
def test_times_as_files_write_them(change, start, end):
    item = only(read(conference(entry(**change))))
    assert (hm(item.starts_at), hm(item.end)) == (start, end)


@pytest.mark.parametrize(
    ("change", "key"),
    [({}, "swivels"), ({"guid": "-", "id": 25}, "id:25"), ({"guid": "-", "id": "25"}, "id:25"),
     ({"guid": None, "code": "ABC"}, "code:ABC"), ({"guid": "", "slug": "a-b"}, "slug:a-b"), ({"guid": "-"}, None)],
)  # fmt: skip
def test_what_makes_a_slot_the_same_one_next_time(change, key):
    assert only(read(conference(entry(**change)))).key == key


def test_the_same_id_twice_is_two_slots():
    source = read(conference(entry(), entry("Swivels again", "16:00", guid="swivels")))
    assert [item.key for item in source.items] == ["swivels", "swivels#2"]


@pytest.mark.parametrize(
    ("persons", "names"),
    [
        ([{"name": "Tess"}], ["Tess"]), ([{"public_name": "Tess", "id": 3}], ["Tess"]),
        (["Tess", "Noa"], ["Tess", "Noa"]),
        ([{"name": "Smith, John"}], ["Smith John"]), ([{"name": "@olive"}], ["olive"]), ([{"id": 1}], []),
        ([{"name": "Tess"}, {"name": "Tess"}], ["Tess"]), ([], []),
    ],
)  # fmt: skip
def test_persons(persons, names):
    assert only(read(conference(entry(persons=persons)))).people == [("teacher", name) for name in names]


@pytest.mark.parametrize(
    ("rooms", "found"),
    [
        ({"Hall": [entry()]}, ["Hall"]),
        ([{"name": "Hall", "events": [entry()]}], ["Hall"]),
        ({"": [entry(room="Hall")]}, ["Hall"]),
        ({"Hall": [], "Other": [entry()]}, ["Hall", "Other"]),
        ({"Hall": None, "Other": [entry()]}, ["Hall", "Other"]),
        ({"": [entry()]}, ["Main floor"]),
    ],
)
def test_rooms_as_files_write_them(rooms, found):
    document = conference()
    days_of(document)[0]["rooms"] = rooms
    source = read(document)
    assert sentences(source.problems) == []
    assert list(source.rooms) == found
    assert len(source.items) == 1


def test_wrappings_that_are_left_out_and_days_without_rooms():
    document = conference(entry())
    head = document["schedule"]["conference"]
    assert len(read({"conference": head}).items) == 1
    assert len(read({"schedule": {"days": head["days"], "title": "Bare"}}).items) == 1
    head["days"].append({"index": 2, "date": "2026-06-14", "rooms": {}})
    head["days"].append({"index": 3, "date": "2026-06-15"})
    assert read(document).headline == "1 slots in 1 rooms over 3 days"


def test_html_becomes_lines_and_what_only_looks_like_it_stays():
    text = "<p>One &amp; two</p><ul><li>three</li></ul><script>alert(1)</script>a<br/>b"
    assert words.plain(text) == "One & two\n\n* three\na\nb"
    assert words.plain("a < b and c > d") == "a < b and c > d"
    assert words.plain("AT&amp;T") == "AT&T"
    assert only(read(conference(entry(abstract="<b>x</b>", description="y")))).description == "x\n\ny"


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (("Talk", ""), "other"), (("Workshop", ""), "workshop"), (("Lightning Talks", ""), "other"),
        (("", "Party"), "social"),
        (("", "", "Lunch break"), "break"), (("competition",), "competition"), (("Jack & Jill Finals",), "competition"),
        (("meal",), "break"), (("Ballroom",), "other"), (("Seminar",), "other"), (("Dance classes",), "workshop"),
        (("xyz", "unheard", "of"), "other"), (("social",), "social"), (("hands-on",), "workshop"), (("desk",), "other"),
    ],
)  # fmt: skip
def test_kinds_by_words(texts, kind):
    assert words.kind_of(*texts) == kind


def test_a_zone_that_is_not_named_is_guessed_from_the_offsets():
    source = read(conference(entry(), time_zone_name="-"))
    assert source.zone == "Europe/Berlin"
    assert any("time zone" in sentence for _, sentence in sentences(source.warnings))
    odd = conference(entry(date="2026-06-13T14:00:00-11:00"))
    del odd["schedule"]["conference"]["time_zone_name"]
    assert read(odd).zone == "Etc/GMT+11"


def test_an_offset_that_is_not_the_zones_keeps_its_moment_and_is_told():
    source = read(conference(entry(date="2026-06-13T14:00:00+00:00")))
    assert only(source).starts_at == datetime(2026, 6, 13, 14, tzinfo=UTC)
    assert [path for path, _ in sentences(source.warnings)] == [f"{ENTRY}.date"]


@pytest.mark.parametrize(
    ("start", "end", "hour"),
    [
        ("2026-06-13T04:00:00+02:00", "2026-06-14T03:59:00+02:00", 4),
        ("2026-06-13T00:00:00+02:00", "2026-06-13T23:59:59+02:00", 0),
        ("2026-06-13T09:00:00+02:00", "2026-06-13T18:00:00+02:00", 6), (None, None, 6),
    ],
)  # fmt: skip
def test_days_last_until_where_the_file_says(start, end, hour):
    document = conference(entry())
    days_of(document)[0] |= {"day_start": start, "day_end": end}
    assert read(document).day_change_hour == hour


def test_long_texts_are_cut_and_told():
    source = read(conference(entry("x" * 200, description="word " * 900), room="R" * 90))
    item = only(source)
    assert (len(item.title), len(item.room)) == (120, 60)
    assert len(item.description) <= 2000
    assert item.description.endswith("word…")
    assert len(list(source.warnings)) == 2


@pytest.mark.parametrize(
    ("raw", "path", "sentence"),
    [
        (b"", "$", "The file is empty."),
        (b'{"schedule": ', "line 1, column 14", "This is not valid JSON"),
        (b"[1, 2]", "$", "This is a list"),
        (b'"schedule"', "$", "This is neither JSON nor a table"),
        (b"{}", "$", "This is JSON, but no schedule"),
        (b'{"schedule": []}', "$.schedule", "The schedule is a list"),
        (b'{"schedule": {}}', "$.schedule.conference", "The conference is missing"),
        (b'{"schedule": {"conference": 7}}', "$.schedule.conference", "The conference is a number"),
        (b'{"schedule": {"conference": {}}}', "$.schedule.conference.days", "The list of days is missing"),
        (b'{"schedule": {"conference": {"days": {}}}}', "$.schedule.conference.days", "The list of days is an object"),
        (b'{"schedule": {"conference": {"days": []}}}', "$", "There is no slot"),
        (b"[" * 100_000, "$", "This JSON is nested too deep"),
        (b'{"a": ' + b"9" * 5000 + b"}", "$", "This JSON is nested too deep, or a number"),
        (b"<schedule><day/></schedule>", "$", "This is XML"),
        (b"PK\x03\x04rest", "$", "This is a spreadsheet"),
        (b"just words", "$", "This is neither JSON nor a table"),
    ],
)
def test_files_that_are_no_schedule(raw, path, sentence):
    found = sentences(read(raw, filename="file").problems)
    assert [(p, s[: len(sentence)]) for p, s in found] == [(path, sentence)]


def test_every_problem_is_named_with_its_path():
    document = conference(
        entry(title=""), "no object", entry(date="yesterday"), entry(duration="long"), entry(persons="Tess"),
        entry(end="2026-06-13T13:00:00+02:00"), entry(date="-", start="-"),
    )  # fmt: skip
    days_of(document).append("Sunday")
    days_of(document).append({"date": "not a day", "rooms": 5})
    days_of(document).append({"date": "2026-06-14", "rooms": {"Hall": {"a": 1}}})
    days = "$.schedule.conference.days"
    room = f'{days}[0].rooms["Danube Hall"]'
    assert [path for path, _ in sentences(read(document).problems)] == [
        f"{room}[0].title", f"{room}[1]", f"{room}[2].date", f"{room}[3].duration", f"{room}[4].persons",
        f"{room}[5].end",
        f"{room}[6].date", f"{days}[1]", f"{days}[2].date", f"{days}[2].rooms", f'{days}[3].rooms["Hall"]',
    ]  # fmt: skip


def test_more_than_five_megabytes_are_not_read():
    found = reading.opened(b" " * (reading.BYTES_MAX + 1), "big.json")
    assert found.problem == ("$", "The file is larger than 5 MB.")


def test_too_many_slots_and_rooms_are_refused():
    many = conference(*(entry(f"n{n}") for n in range(3001)))
    assert [s for _, s in sentences(read(many).problems)] == ["3,001 slots are too many at once; 3,000 are the most."]
    halls = conference()
    days_of(halls)[0]["rooms"] = {f"R{n}": [entry(guid=str(n))] for n in range(151)}
    assert [s for _, s in sentences(read(halls).problems)] == ["151 rooms; 150 are the most."]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("14:30", 870), ("9.30", 570), ("9:30 pm", 1290), ("12 am", 0), ("12:00 p.m.", 720), ("25:30", 1530),
     ("14h30", 870),
     ("7", None), ("noon", None), ("24:75", None), ("", None)],
)  # fmt: skip
def test_wall_times(text, minutes):
    found = clocks.wall_of(text)
    assert (found.minutes if found else None) == minutes


@pytest.mark.parametrize(
    ("text", "month_first", "day"),
    [
        ("2026-06-13", False, date(2026, 6, 13)), ("13.06.2026", False, date(2026, 6, 13)),
        ("06/13/2026", True, date(2026, 6, 13)), ("13/06/2026", False, date(2026, 6, 13)),
        ("Sat 13 June 2026", False, date(2026, 6, 13)), ("June 13th, 2026", False, date(2026, 6, 13)),
        ("31.02.2026", False, None), ("Saturday", False, None),
    ],
)  # fmt: skip
def test_dates(text, month_first, day):
    assert clocks.date_of(text, month_first=month_first) == day


def test_weekdays_become_days_of_the_event():
    slots = [
        {"day": day, "room": "Hall", "start": "20:00", "end": "02:00", "title": day}
        for day in ("Fri", "Samstag", "sun")
    ]
    frame = Frame("Europe/Budapest", 6, (date(2026, 6, 12), date(2026, 6, 13), date(2026, 6, 14)))
    source = read({"slots": slots}, frame)
    assert [hm(item.starts_at) for item in source.items] == ["12 18:00", "13 18:00", "14 18:00"]
    assert [hm(item.end) for item in source.items] == ["13 00:00", "14 00:00", "15 00:00"]
    chosen = read({"slots": slots}, Frame("UTC", starts_on=date(2026, 8, 1)))
    assert [item.starts_at.date().day for item in chosen.items] == [7, 8, 9]


def test_rows_that_cannot_be_read_are_problems_at_their_cell():
    slots = [
        {"day": "Fri", "start": "x", "title": "a"},
        {"day": "someday", "start": "10:00", "title": "b"},
        5,
        {"day": "Fri"},
    ]
    found = sentences(read({"slots": slots}).problems)
    assert [path for path, _ in found] == ["$.slots[2]", "$.slots[0].start", "$.slots[1].day", "$.slots[3].title",
                                           "$.slots[3].start"]  # fmt: skip


@pytest.mark.parametrize("junk", [None, 5, True, "x", [], {}, [[]], {"name": {}}])
@pytest.mark.parametrize("field", ["title", "date", "start", "duration", "end", "guid", "id", "persons", "type",
                                   "track",
                                   "abstract", "room", "url", "links"])  # fmt: skip
def test_nothing_in_a_file_makes_reading_fall_over(field, junk):
    source = read(conference(entry() | {field: junk}))
    assert len(source.items) + len(source.problems) >= 1


@pytest.mark.parametrize("junk", [None, 5, True, "x", [], {}, [[]], {"x": 1}, [None], ["x"]])
@pytest.mark.parametrize("field", ["days", "rooms", "title", "acronym", "time_zone_name", "meta"])
def test_nothing_in_a_head_makes_reading_fall_over(field, junk):
    read(json.loads(json.dumps(conference(entry(), **{field: junk}))))
    document = conference(entry()) | {"generator": {"name": "Pika!"}}
    document["schedule"]["conference"]["meta"] = {"pika": {field: junk, "slots": {"swivels": junk}, "rooms": junk}}
    read(document)


# Each of these held the process up for minutes, or broke it: read wrongly, this test does not end.
@pytest.mark.parametrize(
    ("change", "is_good"),
    [
        ({"description": "<p " * 100_000}, True),
        ({"description": "<b>x</b>" + "<p " * 100_000}, True),
        ({"description": "<b>x</b>" + "<a b='" * 100_000}, True),
        ({"description": "<b>x</b>" + "<!--" * 100_000}, True),
        ({"duration": "1" * 5_000}, False),
        ({"duration": f"P{'1' * 5_000}D"}, False),
        ({"date": "0001-01-01T00:00:00+14:00"}, False),
        ({"date": "0001-01-01"}, False),
    ],
    ids=["open tags", "open tags behind a closed one", "open attributes", "open comments", "a number without end",
         "days without end", "the first moment", "the first day"],
)  # fmt: skip
def test_no_text_takes_longer_than_it_is_long_and_no_number_breaks_it(change, is_good):
    source = read(conference(entry(**change)))
    assert (not sentences(source.problems)) is is_good


def test_text_around_what_only_looks_like_a_tag_stays():
    found = words.plain("<p>a < b &amp; c</p><ul><li>x<li>y</ul><!-- no --><a href='#'>z</a> 3<4<script>no()</script>")
    assert found == "a < b & c\n\n* x\n* y\nz 3<4"
