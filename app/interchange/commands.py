"""`flask --app wsgi events import FILE` and `events export SLUG`: the same readers, plans and actions as the screens.

Registered by app/cli.py. Prints to the person at the terminal; a file that cannot be imported is exit status 1, with
every place in it that is to blame.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from app.events.models import Event
from app.interchange.items import Frame, Note, Source
from app.interchange.plan import Choices, Plan
from app.interchange.reading import Opened
from app.lib.refusal import Refusal
from app.people.models import Person

SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--slug", help="The event it goes into; made if there is none. Default: from the file.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option(
    "--split-overlaps/--refuse-overlaps", "split", default=None,
    help="Put what overlaps in a room into '<Room> (2)', or refuse it. Default: only what overlaps within the file.",
)  # fmt: skip
@click.option("--cancel-gone", is_flag=True, help="Cancel what is in the file no longer.")
@click.option("--restore", is_flag=True, help="Put back on what was cancelled here but is in the file.")
@click.option("--anyway", is_flag=True, help="Import a file with faults that do a schedule no harm.")
@click.option("--zone", help="A new event's time zone, like Europe/Budapest.")
@click.option("--starts-on", type=click.DateTime(["%Y-%m-%d"]), help="The first day, where a file names weekdays only.")
@click.option("--name", help="A new event's name.")
@click.option("--organizer", help="Who organizes a new event: an address or @handle.")
@click.option("--column", multiple=True, metavar="FIELD=TITLE", help="Which column of a table is what.")
def import_command(
    file: Path, slug: str | None, dry_run: bool, split: bool | None, cancel_gone: bool, restore: bool, anyway: bool,  # noqa: FBT001
    zone: str | None, starts_on: datetime | None, name: str | None, organizer: str | None, column: tuple[str, ...],
) -> None:  # fmt: skip
    """Bring a schedule from FILE into an event: conference JSON (pretalx, frab), a weekend's JSON, or CSV."""
    from app.interchange import reading

    choices = Choices({None: "file", True: "all", False: "none"}[split], cancel_gone, restore, anyway)
    opened = reading.opened(file.read_bytes(), file.name)
    frame = Frame(zone=_zone(zone), starts_on=starts_on.date() if starts_on else None)
    event, source = _target(opened, frame, slug, column)
    plan = _plan(event, source, choices)
    _tell(plan, event, slug or source.slug)
    if plan.refusals:
        _list("Problems", plan.refusals)
        if plan.overlaps:
            click.echo("  --split-overlaps puts the later of two into another room, '<Room> (2)'.")
        if source.faults and not anyway:
            click.echo("  --anyway imports it in spite of faults that do a schedule no harm.")
        raise click.ClickException("Nothing was imported.")
    if dry_run:
        click.echo("Dry run: nothing was changed.")
        return
    click.echo(_apply(event, source, choices, slug or source.slug, name, organizer))


@click.command("export")
@click.argument("slug")
@click.option("--csv", "as_csv", is_flag=True, help="A table instead of JSON.")
def export_command(slug: str, as_csv: bool) -> None:  # noqa: FBT001  (click gives flags by name)
    """Write the schedule of the event SLUG as conference JSON (or CSV) to the standard output."""
    from app.events import queries
    from app.interchange import routes

    event = queries.event_by_slug(slug)
    if event is None:
        raise click.ClickException(f"There is no event {slug}. `flask --app wsgi events list` shows them.")
    if as_csv:
        click.echo(routes.exported_csv(event), nl=False)
        return
    click.echo(json.dumps(routes.exported(event), indent=1, ensure_ascii=False))


def _zone(name: str | None) -> str | None:
    from app.lib import clock

    if name and name != "UTC" and name not in clock.zone_names():
        raise click.ClickException(f"“{name}” is no time zone. One is called like Europe/Budapest.")
    return name


def _target(opened: Opened, frame: Frame, slug: str | None, column: Iterable[str]) -> tuple[Event | None, Source]:
    """The event it goes into (None: a new one), and the file read for it."""
    from app.events import queries
    from app.interchange import actions, reading
    from app.lib import clock

    today, mapping = clock.now().date(), _mapping(opened, column)
    source = reading.read(opened, frame, today, mapping)
    event = queries.event_by_slug(slug or source.slug)
    if event is not None:
        source = reading.read(opened, actions.frame_of(event), today, mapping)
    return event, source


def _mapping(opened: Opened, column: Iterable[str]) -> dict[int, str] | None:
    from app.interchange import tables

    chosen = dict(pair.split("=", 1) for pair in column if "=" in pair)
    if opened.table is None or not chosen:
        return None
    header = [title.casefold() for title in opened.table.header]
    mapping = {}
    for field, title in chosen.items():
        if field not in tables.FIELDS or title.casefold() not in header:
            raise click.ClickException(f"--column {field}={title}: fields are {', '.join(tables.FIELDS)}; columns are "
                                       f"{', '.join(opened.table.header)}.")  # fmt: skip
        mapping[header.index(title.casefold())] = field
    rest = {n: f for n, f in tables.guess(opened.table.header).items() if n not in mapping and f not in chosen}
    return mapping | rest


def _plan(event: Event | None, source: Source, choices: Choices) -> Plan:
    from app.interchange import plan
    from app.schedule import queries

    return plan.make(source, event, queries.slots_of(event.id) if event else [], choices)


def _tell(plan: Plan, event: Event | None, slug: str) -> None:
    source = plan.source
    click.echo(source.headline)
    click.echo(
        f"This is {source.shape}, into " + (f"the event {event.slug}" if event else f"a new event {slug or '?'}") + "."
    )
    if plan.starts_on:
        widened = ", which widens the event" if plan.widens else ""
        click.echo(
            f"{plan.starts_on} to {plan.ends_on}{widened}, {source.zone}, "
            f"days last until {source.day_change_hour:02d}:00."
        )
    click.echo(f"{plan.counts[:1].upper()}{plan.counts[1:]}.")
    for verb in ("new", "moved", "changed", "back"):
        fates = [fate for fate in plan.fates if fate.verb == verb]
        if event is not None and fates:
            _list(verb.capitalize(), [Note(fate.item.title, fate.room) for fate in fates])
    if plan.new_rooms and event is not None:
        click.echo(f"New rooms: {', '.join(plan.new_rooms)}.")
    _list("No longer in the file" + (", to be cancelled" if plan.choices.cancel_gone else ""),
          [Note(slot.title, slot.room.name) for slot in plan.gone])  # fmt: skip
    _list("Warnings", plan.warnings)


def _list(title: str, notes: Iterable[Note]) -> None:
    listed = list(notes)
    if not listed:
        return
    click.echo(f"{title}:")
    for note in listed if title == "Problems" else listed[:SHOWN]:
        click.echo(f"  {note.path}: {note.sentence}" + (f" ({note.count} times)" if note.count > 1 else ""))
    if title != "Problems" and len(listed) > SHOWN:
        click.echo(f"  … and {len(listed) - SHOWN} more.")


def _apply(
    event: Event | None, source: Source, choices: Choices, slug: str, name: str | None, organizer: str | None
) -> str:
    from app.interchange import actions

    try:
        if event is not None:
            done = actions.import_into(event.id, source, choices, None)
            return f"Imported into {done.slug}." if done.batch else "Nothing to change."
        values = {"name": name or source.name or slug, "slug": _checked(slug), "zone": source.zone,
                  "day_change_hour": source.day_change_hour}  # fmt: skip
        who = _person(organizer)
        done = actions.import_as_event(values, source, choices, None, who)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    tail = "" if who else " Nobody organizes it yet: --organizer @handle names somebody when it is made."
    return f"Imported into the new event {done.slug}. Only its team sees it.{tail}"


def _checked(slug: str) -> str:
    from app.lib.text import slugify

    if len(slug) < 3 or slugify(slug) != slug:
        raise click.ClickException("Name the event: --slug, three letters or digits at the least, like swing-2026.")
    return slug


def _person(who: str | None) -> Person | None:
    from app.people import queries

    if not who:
        return None
    found = queries.person_by_email_or_handle(who)
    if found is None or found.verified_at is None:
        raise click.ClickException("Nobody with a proven address answers to --organizer.")
    return found
