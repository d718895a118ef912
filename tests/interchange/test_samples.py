"""Every real schedule beside the checkout: read to the values of its manifest, imported, imported again, exported."""

from __future__ import annotations

import json

import jsonschema
import pytest
import time_machine

from app.interchange import routes
from app.interchange.rules import Refused
from app.lib import clock
from app.schedule import queries
from tests.interchange.conftest import SAMPLES, bring_in, make_event, read, sample, sentences, states

DEMOCON, WEEKEND, INVALID = "pretalx-democon.json", "wcs_weekend_mooseland_thu-sat.json", "invalid-example.json"
HEADLINES = {
    DEMOCON: "36 slots in 2 rooms over 3 days",
    WEEKEND: "46 slots in 6 rooms over 3 days",
    INVALID: "1 slots in 1 rooms over 1 days",
}


@pytest.mark.parametrize("name", HEADLINES)
def test_the_headline_says_what_the_manifest_says(name):
    assert read(sample(name)).headline == HEADLINES[name]


def test_the_first_slot_of_the_conference_is_as_its_manifest_says():
    source = read(sample(DEMOCON))
    first = source.items[0]
    assert (first.title, first.room, source.zone) == ("Focused 5thgeneration hardware", "Gray Room", "UTC")
    assert first.starts_at.isoformat() == "2020-12-14T08:00:00+00:00"
    assert clock.minutes(first.end - first.starts_at) == 30
    assert list(source.rooms) == ["Gray Room", "Tan Room"]
    manifest = json.loads((SAMPLES.parent / "MANIFEST.json").read_text())
    rows = manifest if isinstance(manifest, list) else manifest["files"]
    wanted = next(row["expect"] for row in rows if row["file"].endswith(DEMOCON))
    assert (wanted["days"], wanted["events"]) == (source.days, len(source.items))


def test_the_weekend_has_four_guessed_ends_and_two_that_end_on_the_next_day():
    source = read(sample(WEEKEND))
    assert sum("No end is given" in note.sentence for note in source.warnings) == 4
    later = [i.title for i in source.items if i.starts_at.date() != i.end.date() and "open" not in i.title]
    printed = {"Pre-Party WCS Social", "WCS Party - Theme Music"}
    assert printed <= set(later)
    assert source.items[0].starts_at.strftime("%a %H:%M") == "Thu 12:00"
    assert [i.room for i in source.items if i.title == "Break"] == ["Salongen", "Salongen"]


def test_every_fault_of_the_invalid_example_is_named_and_nothing_is_imported(session):
    source = read(sample(INVALID))
    entry = '$.schedule.conference.days[0].rooms["Winterchaos"][0]'
    assert [note.path for note in source.faults] == ["$.schedule.rooms", f"{entry}.persons[0].id"]
    assert {note.path for note in source.warnings} == {f"{entry}.id", f"{entry}.persons[0].code", f"{entry}.answers"}
    with pytest.raises(Refused, match=r"Nothing was imported. \$\.schedule\.rooms.* And 1 more"):
        make_event(sample(INVALID))
    event, _ = make_event(sample(INVALID), anyway=True)
    assert [slot.title for slot in queries.slots_of(event.id)] == ["Internal Penetration Testing Basics"]
    description = queries.slots_of(event.id)[0].description
    assert "<br" not in description
    assert "\n* Lokal Privilege" not in description
    assert "* Credential Dumping" in description


@pytest.mark.parametrize(
    ("name", "path", "sentence"),
    [
        ("wcs_events_2026.json", "$.events", "This is a list of 163 events"),
        ("wcs_weekend_rules.json", "$.facts", "This is a list of facts"),
        ("schedule.schema.json", "$", "This is JSON, but no schedule"),
    ],
)
def test_other_files_are_recognized_and_refused(name, path, sentence):
    found = sentences(read(sample(name)).problems)
    assert [(p, s.startswith(sentence)) for p, s in found] == [(path, True)]


@pytest.mark.parametrize("name", [DEMOCON, WEEKEND])
def test_the_same_file_twice_makes_no_doubles(session, name):
    event, done = make_event(sample(name))
    before = states(event)
    assert done.plan.count("new") == len(before) == len(read(sample(name)).items)
    again = bring_in(sample(name), event)
    assert (again.plan.count("same"), again.batch, states(event)) == (len(before), "", before)


def test_a_weekend_of_weekdays_means_the_same_days_next_month(session):
    with time_machine.travel("2026-06-01T10:00:00Z", tick=False):
        event, _ = make_event(sample(WEEKEND))
    with time_machine.travel("2026-07-06T10:00:00Z", tick=False):
        assert bring_in(sample(WEEKEND), event).batch == ""


@pytest.mark.parametrize("name", [DEMOCON, WEEKEND])
def test_the_export_validates_and_comes_back_without_a_change(app, session, name):
    event, _ = make_event(sample(name))
    document = routes.exported(event)
    schema = json.loads(sample("schedule.schema.json"))
    checker = jsonschema.Draft6Validator(schema, format_checker=jsonschema.Draft6Validator.FORMAT_CHECKER)
    assert [error.json_path for error in checker.iter_errors(document)] == []
    before = states(event)
    done = bring_in(document, event)
    assert (done.batch, done.plan.count("same"), states(event)) == ("", len(before), before)
    done = bring_in(routes.exported_csv(event), event)
    assert (done.batch, done.plan.count("same"), states(event)) == ("", len(before), before)


@pytest.mark.parametrize("name", [DEMOCON, WEEKEND])
def test_the_export_makes_the_same_event_elsewhere(session, name):
    event, _ = make_event(sample(name))
    copy, _ = make_event(routes.exported(event), "copy")
    assert (copy.starts_on, copy.ends_on, copy.zone, copy.day_change_hour) == (
        event.starts_on, event.ends_on, event.zone, event.day_change_hour
    )  # fmt: skip

    def bare(of):
        rooms = {room.public_id: room.name for room in of.rooms}
        return [{k: v for k, v in state.items() if k != "id"} | {"room": rooms[state["room"]]} for state in states(of)]

    def by_words(state):
        return state["starts_at"], state["room"]

    assert sorted(bare(copy), key=by_words) == sorted(bare(event), key=by_words)
