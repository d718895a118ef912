"""The command line: what is printed, what is refused with exit status 1, and that a dry run changes nothing."""

from __future__ import annotations

import json

import pytest

from app.db import db
from app.events import queries as events
from app.people.viewer import Viewer
from app.schedule import queries
from tests import factories
from tests.interchange.conftest import conference, entry

TWO = conference(entry("Swivels", "14:00"), entry("Basics", "16:00"), title="New", acronym="new_one")


@pytest.fixture
def run(app, session, tmp_path):
    """`run(document, *options)`: import a file; or `run(None, "export", …)` for another command."""

    def call(document, *options):
        db.session.rollback()
        if document is None:
            return app.test_cli_runner().invoke(args=["events", *options])
        path = tmp_path / ("file.csv" if isinstance(document, bytes) else "file.json")
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        return app.test_cli_runner().invoke(args=["events", "import", str(path), *options])

    return call


def titles(slug):
    db.session.expire_all()
    event = events.event_by_slug(slug)
    return [slot.title for slot in queries.slots_of(event.id)] if event else None


def test_the_first_line_counts(run):
    factories.person("olive")
    result = run(TWO, "--organizer", "@olive")
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == "2 slots in 1 rooms over 1 days"
    assert result.output.splitlines()[-1] == "Imported into the new event new-one. Only its team sees it."
    assert Viewer(factories.person("olive")).organizes(events.event_by_slug("new-one"))
    again = run(TWO)
    assert (again.output.splitlines()[-1], titles("new-one")) == ("Nothing to change.", ["Swivels", "Basics"])


def test_a_dry_run_changes_nothing(run):
    result = run(TWO, "--dry-run")
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "Dry run: nothing was changed."
    assert titles("new-one") is None


def test_into_an_event_by_its_slug(run):
    factories.event("swing", mode="planning")
    result = run(TWO, "--slug", "swing")
    assert "into the event swing." in result.output
    assert titles("swing") == ["Swivels", "Basics"]


def test_every_problem_is_printed_and_nothing_imported(run):
    result = run(conference(entry("Good"), entry("Bad", date="never"), entry("Worse", duration="x")))
    assert result.exit_code == 1
    room = '$.schedule.conference.days[0].rooms["Danube Hall"]'
    assert f"  {room}[1].date: “never” is no date with a time." in result.output
    assert f"  {room}[2].duration: “x” is no length like 00:45." in result.output
    assert result.output.endswith("Error: Nothing was imported.\n")
    assert events.event_by_slug("swing") is None


def test_overlaps_are_answered_by_an_option(run):
    overlapping = conference(entry("A", "14:00"), entry("B", "14:30"), acronym="over_lap")
    refused = run(overlapping, "--refuse-overlaps")
    assert (refused.exit_code, titles("over-lap")) == (1, None)
    assert "“B” overlaps “A”, 14:00 to 15:00." in refused.output
    assert run(overlapping, "--split-overlaps").exit_code == 0
    assert titles("over-lap") == ["A", "B"]


def test_what_would_change_is_listed(run):
    run(TWO)
    changed = conference(entry("Swivels", "18:00"), entry("Third", "20:00"), title="New", acronym="new_one")
    result = run(changed, "--dry-run", "--cancel-gone")
    assert "1 new, 1 moved, 1 no longer in the file." in result.output
    assert "No longer in the file, to be cancelled:\n  Basics: Danube Hall" in result.output


def test_a_table_with_columns_named_by_options(run):
    raw = b"A;B;C\n2026-06-13;14:00;Swivels\n"
    options = (
        "--slug",
        "table",
        "--column",
        "day=A",
        "--column",
        "start=B",
        "--column",
        "title=C",
        "--zone",
        "Europe/Vienna",
    )
    result = run(raw, *options)
    assert result.exit_code == 0, result.output
    assert (titles("table"), events.event_by_slug("table").zone) == (["Swivels"], "Europe/Vienna")
    assert "fields are title" in run(raw, "--column", "x=A").output


def test_bad_options_are_sentences(run):
    assert "is no time zone" in run(TWO, "--zone", "Mars/Olympus").output
    assert "--slug" in run(TWO, "--slug", "No Slug").output
    assert "Nobody with a proven address" in run(TWO, "--organizer", "@nobody").output
    assert "There is no event nowhere." in run(None, "export", "nowhere").output


def test_the_export_prints_json_or_a_table(run):
    run(TWO)
    document = json.loads(run(None, "export", "new-one").stdout)
    assert document["schedule"]["conference"]["acronym"] == "new_one"
    assert run(document).output.splitlines()[-1] == "Nothing to change."
    assert "Swivels" in run(None, "export", "new-one", "--csv").stdout
