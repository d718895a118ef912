"""CSV: encodings, delimiters, columns by name or mapped, reasons row by row, formulas kept harmless, there and back."""

from __future__ import annotations

import csv
import io

import pytest

from app.interchange import routes, tables
from app.interchange.items import Frame
from app.schedule import actions as schedule
from app.schedule import queries
from tests import factories
from tests.factories import at
from tests.interchange.conftest import bring_in, make_event, read, sentences, states
from tests.schedule.test_actions import add

PLAIN = (
    "Day,Start,End,Room,Title,Teachers\n"
    "2026-06-13,14:00,15:00,Hall,Swivels,Tess & Noa\n"
    "2026-06-13,23:00,02:00,Hall,Fête,\n"
)
FRAME = Frame("Europe/Budapest", 6)
FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")',
    "'=1", "''", "'t Huis",
    " =1", "-", "+", "=", "@", "a=b", "=1,2", '="x"', "=1\n=2", "\0=1", "'", "'@x", "'+", "=IMPORTXML(CONCAT())",
    "%0A=1",
    "@", "-2+3", "+cmd", "=;x",
]  # fmt: skip


@pytest.mark.one_engine
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(encoding, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(PLAIN)))
    source = read(out.getvalue().encode(encoding), FRAME)
    assert [(i.title, f"{i.starts_at:%d %H:%M}", f"{i.end:%d %H:%M}") for i in source.items] == [
        ("Swivels", "13 12:00", "13 13:00"), ("Fête", "13 21:00", "14 00:00"),
    ]  # fmt: skip
    assert source.items[0].people == [("teacher", "Tess"), ("teacher", "Noa")]
    assert source.headline == "2 slots in 1 rooms over 1 days"


@pytest.mark.one_engine
def test_columns_are_guessed_by_their_names():
    header = ["Datum", "Von", "Bis", "Raum", "Titel", "Lehrer", "Something"]
    assert tables.guess(header) == {0: "day", 1: "start", 2: "end", 3: "room", 4: "title", 5: "teachers"}
    assert tables.guess(["Start time", "Session title", "Where"]) == {0: "start", 2: "room", 1: "title"}


@pytest.mark.one_engine
def test_a_mapping_says_what_names_do_not():
    raw = b"A;B;C;D\n2026-06-13;14:00;90;Swivels\n"
    assert sentences(read(raw, FRAME).problems) == [("row 1", "No column is said to be the title or the start.")]
    source = read(raw, FRAME, mapping={0: "day", 1: "start", 2: "duration", 3: "title"})
    assert [(i.title, f"{i.end:%H:%M}") for i in source.items] == [("Swivels", "13:30")]


@pytest.mark.one_engine
def test_each_row_that_cannot_be_read_has_its_reason():
    raw = (
        b"Day,Start,End,Title\n2026-06-13,14:00,15:00,Good\n2026-06-13,late,15:00,Bad\n,14:00,15:00,\n"
        b"never,1:00 pm,?,Odd\n"
    )
    found = sentences(read(raw, FRAME).problems)
    assert found == [
        ("row 3, column “Start”", "“late” is no time like 14:30."),
        ("row 4, column “Title”", "The title is missing."),
        ("row 5, column “Day”", "“never” is no day."),
    ]


@pytest.mark.one_engine
def test_whole_dates_in_one_column_and_american_ones():
    source = read(b"When,Start,Title\n,2026-06-13 14:00,A\n,2026-06-13T15:00:00+02:00,B\n", FRAME)
    assert [f"{i.starts_at:%H:%M}" for i in source.items] == ["12:00", "13:00"]
    source = read(b"Date,Start,Title\n6/13/2026,2:00 PM,A\n6/12/2026,2:00 PM,B\n", FRAME)
    assert [f"{i.starts_at:%m-%d %H:%M}" for i in source.items] == ["06-13 12:00", "06-12 12:00"]


@pytest.mark.one_engine
@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula_and_each_comes_back(text):
    cell = tables.guarded(text)
    assert cell.lstrip(" ")[:1] not in {"=", "+", "-", "@", "\t", "\r", "\0", "\n"}
    assert tables.unguarded(cell) == text


def test_the_export_of_hostile_texts_is_harmless_and_comes_back(session):
    event = factories.event("swing", mode="planning")
    for number, text in enumerate(FORMULAS):
        title = " ".join(text.replace("\0", " ").split())
        if title:
            factories.slot(event, title, f"{8 + number // 4}:{15 * (number % 4):02d}",
                           f"{8 + (number + 1) // 4}:{15 * ((number + 1) % 4):02d}", level=title[:40])  # fmt: skip
    raw = routes.exported_csv(event)
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert {len(row) for row in rows} == {len(tables.HEADER)}
    assert not [cell for row in rows[1:] for cell in row if cell.lstrip(" ")[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    assert raw.count(b"\r\n") == len(rows)
    before = states(event)
    assert bring_in(raw, event).batch == ""
    assert states(event) == before


def test_a_table_that_was_edited_moves_what_moved(session):
    event = factories.event("swing", mode="planning")
    edit = add(event, "Swivels", people=[("teacher", "Max & Anna"), ("dj", "Jo"), ("judge", "Noa")], level="Novice")
    raw = routes.exported_csv(event).replace(b"14:00", b"16:00").replace(b"15:00", b"17:00").replace(b"Novice", b"All")
    assert bring_in(raw, event).plan.counts == "1 moved"
    slot = queries.slots_of(event.id)[0]
    assert (slot.public_id, slot.starts_at, slot.level) == (edit.slot_id, at("16:00"), "All")
    assert [(p.role, p.name) for p in slot.people] == [("teacher", "Max & Anna"), ("dj", "Jo"), ("judge", "Noa")]


def test_a_row_taken_out_of_our_own_export_is_gone(session):
    event = factories.event("swing", mode="planning")
    add(event, "Swivels"), add(event, "Basics", "16:00", "17:00")
    lines = routes.exported_csv(event).splitlines(keepends=True)
    done = bring_in(b"".join(lines[:-1]), event, cancel_gone=True)
    assert [slot.title for slot in done.plan.gone] == ["Basics"]


@pytest.mark.parametrize("zone", ["Europe/Budapest", "Australia/Lord_Howe"])
@pytest.mark.parametrize("night", ["2026-10-24", "2026-03-28", "2026-04-04", "2026-10-03"])
def test_nights_on_which_the_clocks_change_come_back_exactly(session, zone, night):
    from datetime import date, timedelta

    day = date.fromisoformat(night)
    event = factories.event("dst", zone=zone, starts_on=day, ends_on=day, mode="planning")
    for n in range(14):
        start = event.opens_at + timedelta(hours=16, minutes=30 * n)
        if start + timedelta(minutes=30) <= event.closes_at:
            values = schedule.SlotValues(
                f"n{n}", "social", event.rooms[0].public_id, start, start + timedelta(minutes=30)
            )
            schedule.add_slot(event.id, values, None)
    before = states(event)
    assert bring_in(routes.exported_csv(event), event).batch == ""
    assert bring_in(routes.exported(event), event).batch == ""
    assert states(event) == before


def test_a_table_becomes_an_event(session):
    event, _ = make_event(PLAIN.encode(), frame=FRAME)
    assert [(slot.title, slot.kind) for slot in queries.slots_of(event.id)] == [("Swivels", "other"), ("Fête", "other")]
