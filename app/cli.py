"""The command line, `flask --app wsgi …`: demo, doctor, check, events, people, crate. Speaks to who is at the terminal.

Every command calls the same queries and actions as the pages; a refusal is its sentence and exit status 1.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from app.config import UnsafeSettings
from app.lib.refusal import Refusal

demo = AppGroup("demo", help="Budapest Swing Weekend, under way today. Not in production.")
events = AppGroup("events", help="Look at events, and move their slots.")
people = AppGroup("people", help="Roles that hold everywhere.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    from app.interchange.commands import export_command, import_command
    from app.music.commands import crate

    events.add_command(import_command)
    events.add_command(export_command)
    for command in (demo, events, people, crate, doctor, check):
        app.cli.add_command(command)


@contextmanager
def doctor_instead() -> Iterator[None]:
    """Around create_app in wsgi.py: where settings are refused, `doctor` still speaks, and says which."""
    try:
        yield
    except UnsafeSettings as refusal:
        if "doctor" not in sys.argv[1:]:
            raise
        from app.owner import doctor as examination

        if "--new-key" in sys.argv:
            print(f"DATA_KEY={examination.new_key()}")
            sys.exit(0)
        sys.exit(_report(examination.of_refusal(refusal)))


@contextmanager
def _sentences() -> Iterator[None]:
    """A refusal is a sentence, not a traceback."""
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal


# ---- demo ----


@demo.command("load")
def demo_load() -> None:
    """Bring the demo into an empty database."""
    from app.demo import load

    _timed(load.load)


@demo.command("reset")
def demo_reset() -> None:
    """Throw away EVERYTHING there is, and load the demo anew."""
    from app.demo import load

    _timed(load.reset)


def _timed(work: Callable[[], str]) -> None:
    from app.demo.cast import CAST, PASSWORD

    began = time.monotonic()
    with _sentences():
        sentence = work()
    print(f"{sentence} ({time.monotonic() - began:.1f} s)")
    print(f"\nSign in with the password {PASSWORD} as")
    print(_table([[player.email, player.role, player.line] for player in CAST]))


# ---- health ----


@click.command("doctor")
@click.option("--new-key", is_flag=True, help="Only print a fresh DATA_KEY.")
@with_appcontext
def doctor(new_key: bool) -> None:  # noqa: FBT001  (click gives flags by name)
    """Look at the whole configuration and say what is missing. Exit status 1 when something is."""
    from app.owner import doctor as examination

    if new_key:
        print(f"DATA_KEY={examination.new_key()}")
        return
    sys.exit(_report(examination.examine(os.environ)))


def _report(findings: Iterable[object]) -> int:
    """One line each; the exit status."""
    from app.owner.doctor import Finding

    listed = [finding for finding in findings if isinstance(finding, Finding)]
    print(_table([[finding.state, finding.name, finding.sentence] for finding in listed]))
    missing = sum(finding.state == "missing" for finding in listed)
    odd = sum(finding.state == "warn" for finding in listed)
    print(f"\n{len(listed)} looked at, {missing} missing, {odd} to look at.")
    return 1 if missing else 0


@click.command("check")
@with_appcontext
def check() -> None:
    """Look whether the data are as they must always be. Exit status 1 and a list when not."""
    from app.owner import invariants

    sentences = invariants.broken()
    for sentence in sentences:
        print(sentence)
    if sentences:
        print(f"\n{len(sentences)} broken.")
        sys.exit(1)
    print(f"All {len(invariants.CHECKS)} checks hold.")


# ---- events ----


@events.command("list")
def events_list() -> None:
    """All events, those that begin last first."""
    from app.events import queries
    from app.owner.queries import slot_counts

    found = queries.all_events(limit=1_000)
    counts = slot_counts(event.id for event in found)
    rows = [
        [event.slug, f"{event.starts_on} to {event.ends_on}", "public" if event.is_published else "hidden",
         event.schedule_mode, f"version {event.schedule_version}", f"{counts.get(event.id, 0)} slots", event.name]
        for event in found
    ]  # fmt: skip
    print(_table(rows) if rows else "No events yet.")


@events.command("shift", context_settings={"ignore_unknown_options": True})  # so that -15 is a number, not an option
@click.argument("slug")
@click.argument("slot")
@click.argument("minutes", type=int)
def events_shift(slug: str, slot: str, minutes: int) -> None:
    """Move SLOT of the event SLUG by so many MINUTES, later or (with a minus) earlier.

    SLOT is its id, or a part of its title that no other slot has.
    """
    from app.schedule import actions

    event_id, slot_id = _one_slot(slug, slot)
    if not 0 < abs(minutes) <= 24 * 60:
        raise click.ClickException("MINUTES is a whole number from 1 to 1440, or the same with a minus.")
    with _sentences():
        edit = actions.shift_slot(event_id, slot_id, minutes, None)
    print(edit.sentence)
    for warning in edit.warnings:
        print(f"Warning: {warning}")
    print(_where_it_is(slug))


def _one_slot(slug: str, text: str) -> tuple[int, str]:
    """(event id, public id) of the slot that is meant. Raises ClickException with the candidates."""
    from app.events import queries as event_queries
    from app.lib.text import fold
    from app.schedule import queries, rules

    event = event_queries.event_by_slug(slug)
    if event is None:
        raise click.ClickException(f"There is no event {slug}. `flask --app wsgi events list` shows them.")
    slots = queries.slots_of(event.id)
    found = [slot for slot in slots if slot.public_id == text] or [
        slot for slot in slots if fold(text.strip()) in fold(slot.title) and text.strip()
    ]
    exact = [slot for slot in found if fold(slot.title) == fold(text.strip())]
    found = exact if len(exact) == 1 else found
    if len(found) == 1:
        return event.id, found[0].public_id
    if not found:
        raise click.ClickException(f"No slot of {slug} is called “{text}”.")
    lines = [f"  {slot.public_id}  {rules.span(slot, event.zone)}  {slot.title}" for slot in found[:10]]
    raise click.ClickException("\n".join([f"{len(found)} slots fit “{text}”. Take one by its id:", *lines]))


def _where_it_is(slug: str) -> str:
    """Whether phones show it, in one sentence."""
    from app.events import queries

    event = queries.event_by_slug(slug)
    if event is None or not event.is_live:
        return "The event is in planning mode: it is public with the next version."
    return f"Version {event.schedule_version} is public."


# ---- people ----


@people.command("grant")
@click.argument("who")
@click.argument("role", type=click.Choice(["dj", "owner"]))
def people_grant(who: str, role: str) -> None:
    """Give WHO (an address or @handle) a ROLE that holds everywhere: how the first owner is made."""
    from app.people import queries
    from app.people.actions import roles

    person = queries.person_by_email_or_handle(who)
    if person is None or person.verified_at is None:
        raise click.ClickException("Nobody with a proven address answers to that. Let them sign up first.")
    name = person.name
    roles.grant_role(person.id, role)
    print(f"{name} is {'a DJ' if role == 'dj' else 'an owner of the platform'} now.")


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need; the last one may be as long as it likes."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    )
