"""The command line: what it prints, and its exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from app import outbox
from app.db import db
from app.demo import weekend
from app.events import queries as events
from app.lib import clock
from app.people.models import RoleGrant
from app.schedule import actions, queries
from app.schedule.models import ScheduleVersion
from tests import factories
from tests.servers import ROOT


def run(app, *words: str):
    """(exit status, what was printed) of `flask --app wsgi …`, in a context of its own."""
    db.session.rollback()
    done = app.test_cli_runner().invoke(args=[str(word) for word in words])
    db.session.rollback()
    db.session.expire_all()
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture
def swing(session):
    """A live event with two workshops on Saturday, by the actions."""
    event = factories.event("swing")
    rooms, olive = [room.public_id for room in event.rooms], factories.person("olive")
    for title, start, room in (("Swivels without tears", "14:00", 0), ("Swing out, slowly", "15:00", 0)):
        values = actions.SlotValues(
            title, "workshop", rooms[room], factories.at(start), factories.at(start) + timedelta(hours=1)
        )
        actions.add_slot(event.id, values, olive)
    return events.event_by_slug("swing")


# ---- demo ----


@pytest.mark.one_engine
@pytest.mark.slow
def test_demo_load_says_who_is_there_and_reset_starts_anew(app, session):
    status, printed = run(app, "demo", "load")
    assert status == 0
    assert "Budapest Swing Weekend is under way: 64 slots" in printed
    assert "dance-all-night" in printed
    assert "petra@pika.example" in printed
    assert run(app, "check") == (0, "All 11 checks hold.\n")
    first_id = events.event_by_slug(weekend.SLUG).public_id
    status, printed = run(app, "demo", "load")
    assert status == 1
    assert "demo reset" in printed
    assert run(app, "demo", "reset")[0] == 0
    assert events.event_by_slug(weekend.SLUG).public_id != first_id


# ---- doctor ----


def lines(printed: str) -> dict[str, str]:
    """Finding name to its state."""
    found = {}
    for line in printed.splitlines():
        state, _, rest = line.partition("  ")
        if state in {"ok", "warn", "missing"} and rest:
            found[rest.strip().split("  ")[0]] = state
    return found


def test_doctor_is_content_with_a_sound_house(app, session):
    factories.grant(factories.person("petra"), "owner")
    status, printed = run(app, "doctor")
    assert status == 0
    found = lines(printed)
    assert found | dict.fromkeys(("database", "migrations", "Redis", "outbox", "owners", "mail"), "ok") == found
    assert "missing" not in found.values()


@pytest.mark.one_engine
def test_doctor_names_no_secret(app, session, monkeypatch):
    settings = replace(
        app.config["PIKA"],
        smtp_url="smtp://pika:hunter-two@mail.example:587",
        redis_url=app.config["PIKA"].redis_url,
        sentry_dsn="https://abcdef@sentry.example/1",
    )
    monkeypatch.setitem(app.config, "PIKA", settings)
    _, printed = run(app, "doctor")
    for secret in ("hunter-two", "abcdef", settings.secret_key, settings.data_key):
        assert secret not in printed
    assert "smtp://pika@mail.example:587" in printed


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("changes", "environ", "name", "state"),
    [
        ({"environment": "production", "smtp_url": ""}, {}, "mail", "missing"),
        ({"environment": "production"}, {}, "Sentry", "warn"),
        ({"environment": "production"}, {}, "proxy", "warn"),
        ({"environment": "production", "redis_url": "unix:///nowhere.sock"}, {}, "Redis", "missing"),
        ({"redis_url": "unix:///nowhere.sock"}, {}, "Redis", "warn"),
        ({"public_url": "pika.example"}, {}, "address", "missing"),
        ({"public_url": "https://pika.example/app"}, {}, "address", "warn"),
        ({"public_url": "http://pika.example"}, {}, "address", "warn"),
        ({"public_url": "http://localhost:9", "port": 8000}, {}, "address", "warn"),
        ({}, {"WEB_CONCURRENCY": "4"}, "web processes", "warn"),
        ({}, {"WEB_CONCURRENCY": "many"}, "web processes", "missing"),
        ({}, {}, "owners", "warn"),
    ],
)
def test_doctor_sees_what_is_wrong(app, session, monkeypatch, changes, environ, name, state):
    monkeypatch.setitem(app.config, "PIKA", replace(app.config["PIKA"], **changes))
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    status, printed = run(app, "doctor")
    assert lines(printed)[name] == state
    assert status == (1 if "missing" in lines(printed).values() else 0)


@pytest.mark.one_engine
def test_doctor_sees_what_waits_and_what_was_given_up(app, session):
    with outbox.transaction() as writing:
        writing.add(item("due", clock.now() - timedelta(minutes=20)))
        writing.add(item("dead", clock.now()))
    found = lines(run(app, "doctor")[1])
    assert (found["outbox"], found["failed jobs"]) == ("warn", "warn")


@pytest.mark.one_engine
def test_doctor_sees_that_others_may_look_into_the_data_directory(app, session, monkeypatch, tmp_path):
    monkeypatch.setitem(app.config, "PIKA", replace(app.config["PIKA"], var=tmp_path))
    tmp_path.chmod(0o755)
    assert lines(run(app, "doctor")[1])["data directory"] == "warn"
    tmp_path.chmod(0o700)
    assert lines(run(app, "doctor")[1])["data directory"] == "ok"


@pytest.mark.one_engine
def test_doctor_sees_a_database_that_was_not_migrated(app, session):
    old = db.session.execute(db.text("SELECT version_num FROM alembic_version")).scalar_one()
    set_revision("0000")
    try:
        status, printed = run(app, "doctor")
    finally:
        set_revision(old)
    assert status == 1
    assert lines(printed)["migrations"] == "missing"
    assert "db upgrade" in printed


def set_revision(number: str) -> None:
    db.session.execute(db.text("UPDATE alembic_version SET version_num = :number"), {"number": number})
    db.session.commit()


@pytest.mark.one_engine
def test_doctor_prints_a_fresh_key_each_time(app, session):
    from app.config import _is_data_key

    first, second = (run(app, "doctor", "--new-key")[1].strip() for _ in range(2))
    assert first != second
    assert _is_data_key(first.removeprefix("DATA_KEY="))


def doctor_alone(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`flask doctor` as a process, in a production whose settings are refused."""
    env = {"PATH": os.environ["PATH"], "PIKA_ENV": "production", **environment}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.one_engine
@pytest.mark.slow
def test_doctor_speaks_where_nothing_else_starts():
    done = doctor_alone("doctor", SECRET_KEY="short")
    assert done.returncode == 1
    found = lines(done.stdout)
    assert {"SECRET_KEY", "DATA_KEY", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL"} <= found.keys()
    assert set(found.values()) == {"missing"}
    assert "Traceback" not in done.stderr
    key = doctor_alone("doctor", "--new-key")
    assert (key.returncode, key.stdout.startswith("DATA_KEY=")) == (0, True)
    assert doctor_alone("check").returncode != 0


# ---- check ----


def item(state: str, due_at, error: str = "MailFailed: gone") -> outbox.OutboxItem:
    return outbox.OutboxItem(
        kind="people.knock", subject={}, dedupe_key=f"{state}:{due_at}", due_at=due_at, state=state, last_error=error
    )


def test_check_is_content_with_what_actions_made(app, swing):
    assert run(app, "check") == (0, "All 11 checks hold.\n")


def broken(app) -> str:
    status, printed = run(app, "check")
    assert status == 1
    return printed


def test_check_sees_an_overlap_in_a_room(app, swing):
    slot = queries.slots_of(swing.id)[0]
    slot.ends_at += timedelta(minutes=30)
    db.session.commit()
    assert "Swivels without tears and Swing out, slowly are in Danube Hall at the same time." in broken(app)


def test_check_lets_a_cancelled_slot_lie_under_another(app, swing):
    slot = queries.slots_of(swing.id)[0]
    actions.cancel_slot(swing.id, slot.public_id, slot.version, None)
    other = queries.slots_of(swing.id)[1]
    actions.shift_slot(swing.id, other.public_id, -30, None)
    assert run(app, "check")[0] == 0


def test_check_sees_a_slot_outside_its_event(app, swing):
    swing.ends_on = swing.starts_on
    db.session.commit()
    assert "lies outside the event" in broken(app)


def test_check_sees_a_version_that_is_missing_or_numbered_wrong(app, swing):
    newest = db.session.query(ScheduleVersion).filter_by(event_id=swing.id, number=2).one()
    newest.number = 7
    db.session.commit()
    printed = broken(app)
    assert "versions are not numbered 1 to 2" in printed
    assert "says version 2, the newest is 7" in printed


def test_check_sees_a_version_that_cannot_be_read(app, swing):
    newest = db.session.query(ScheduleVersion).filter_by(event_id=swing.id, number=2).one()
    newest.content = {"rooms": []}
    db.session.commit()
    assert "version 2 cannot be read" in broken(app)


def test_check_sees_a_draft_in_live_mode(app, swing):
    swing.revision += 1
    db.session.commit()
    assert "is live, but 1 edits are not public" in broken(app)


def test_check_sees_a_revision_from_the_future(app, swing):
    swing.published_revision = swing.revision + 1
    db.session.commit()
    assert f"revision {swing.published_revision} is public" in broken(app)


def test_check_sees_that_the_public_is_shown_something_else(app, swing):
    queries.slots_of(swing.id)[0].title = "Written past the actions"
    db.session.commit()
    assert "is not as version 2 shows it" in broken(app)


def test_check_sees_an_event_without_an_organizer(app, swing):
    db.session.query(RoleGrant).delete()
    db.session.commit()
    assert "swing: nobody organizes it." in broken(app)


def test_check_sees_what_was_given_up_and_what_waits(app, session):
    db.session.add(item("dead", clock.now()))
    db.session.add(item("due", clock.now() - timedelta(minutes=11)))
    db.session.add(item("due", clock.now() - timedelta(minutes=9)))
    db.session.commit()
    printed = broken(app)
    assert "was given up: MailFailed: gone" in printed
    assert "2 broken." in printed


# ---- events ----


def test_events_are_listed_with_what_matters(app, swing):
    status, printed = run(app, "events", "list")
    assert status == 0
    assert printed.split() == (
        ["swing", "2026-06-12", "to", "2026-06-14", "public", "live", "version", "2", "2", "slots", "Swing", "Weekend"]
    )  # fmt: skip
    assert run(app, "events", "list")[1] == printed


@pytest.mark.one_engine
def test_an_empty_list_says_so(app, session):
    assert run(app, "events", "list") == (0, "No events yet.\n")


@pytest.mark.parametrize("named", ["swing out", "SWING OUT, SLOWLY", "id"])
def test_shift_moves_a_slot_by_the_makers_action(app, swing, named):
    slot_id = queries.slots_of(swing.id)[1].public_id
    status, printed = run(app, "events", "shift", "swing", slot_id if named == "id" else named, "15")
    assert (status, printed) == (0, "Swing out, slowly: Sat 15:00 → Sat 15:15.\nVersion 3 is public.\n")
    change = queries.changes_of(swing.id)[0]
    assert (change.verb, change.actor_name, change.version) == ("moved", "The command line", 3)
    assert queries.public_schedule(events.event_by_slug("swing")).by_id[slot_id].late_minutes == 15


def test_shift_takes_a_minus_without_ado(app, swing):
    assert run(app, "events", "shift", "swing", "swivels", "-30")[0] == 0
    slot = queries.slots_of(swing.id)[0]
    assert slot.starts_at == factories.at("13:30")


def test_shift_prints_warnings(app, swing):
    tess = ("teacher", "Tess")
    room = swing.rooms[1].public_id
    values = actions.SlotValues(
        "Late class", "workshop", room, factories.at("15:30"), factories.at("16:30"), people=[tess]
    )
    actions.add_slot(swing.id, values, None)
    first = queries.slots_of(swing.id)[0]
    teaching = actions.SlotValues(
        first.title, "workshop", swing.rooms[0].public_id, first.starts_at, first.ends_at, people=[tess]
    )
    actions.edit_slot(swing.id, first.public_id, teaching, first.version, None)
    status, printed = run(app, "events", "shift", "swing", "late", "-28")
    assert status == 0
    assert "Warning: Tess has 2 min between Margit Room and Danube Hall; the way takes 4." in printed


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("swing", "swivels", "15"), "Danube Hall is taken 15:00 to 16:00 by Swing out, slowly."),
        (("swing", "sw", "15"), "2 slots fit “sw”"),
        (("swing", "tango", "15"), "No slot of swing is called “tango”."),
        (("swing", "  ", "15"), "No slot of swing is called"),
        (("nowhere", "sw", "15"), "There is no event nowhere."),
        (("swing", "swivels", "0"), "MINUTES is a whole number"),
        (("swing", "swivels", "1441"), "MINUTES is a whole number"),
        (("swing", "swivels", "-9000"), "MINUTES is a whole number"),
    ],
)
def test_shift_refuses_with_a_sentence(app, swing, words, sentence):
    before = queries.changes_of(swing.id)
    status, printed = run(app, "events", "shift", *words)
    assert status == 1
    assert sentence in printed
    assert len(queries.changes_of(swing.id)) == len(before)


@pytest.mark.one_engine
def test_shift_wants_a_number(app, swing):
    status, printed = run(app, "events", "shift", "swing", "swivels", "soon")
    assert status == 2
    assert "not a valid integer" in printed


@pytest.mark.one_engine
def test_shift_in_planning_mode_says_that_it_waits(app, session):
    event = factories.event("plan", mode="planning")
    factories.slot(event, "Swivels")
    status, printed = run(app, "events", "shift", "plan", "swivels", "15")
    assert status == 0
    assert "public with the next version" in printed


# ---- people ----


@pytest.mark.parametrize("who", ["@petra", "petra@pika.example", "PETRA@pika.example"])
def test_the_first_owner_is_named_at_the_command_line(app, session, who):
    factories.person("petra")
    assert run(app, "people", "grant", who, "owner") == (0, "Petra Lang is an owner of the platform now.\n")
    assert run(app, "people", "grant", who, "owner")[0] == 0
    assert db.session.query(RoleGrant).filter_by(role="owner").count() == 1


@pytest.mark.one_engine
def test_nobody_without_a_proven_address_gets_a_role(app, session):
    status, printed = run(app, "people", "grant", "@nobody", "dj")
    assert status == 1
    assert "sign up first" in printed
