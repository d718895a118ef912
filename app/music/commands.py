"""`flask --app wsgi crate import FILE`: the same readers and the same import as the screens.

Registered by app/cli.py. What was read goes to the standard output; a file that is refused is a sentence on the
standard error and exit status 1.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click
from flask.cli import AppGroup

from app.lib.refusal import Refusal
from app.people.models import Person

crate = AppGroup("crate", help="DJs’ crates: what a music file holds, and bringing it in.")
WORDS = {
    "new": "new", "changed": "completed", "back": "back again", "same": "there already",
    "sounds": "sampler sounds left out", "nameless": "without a name left out", "playlists_new": "playlists made",
    "playlists_changed": "playlists renewed", "playlists_same": "playlists there already", "plays": "plays kept",
}  # fmt: skip


@crate.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dj", help="Whose crate: an address, a @handle or a name. May be left out with --dry-run.")
@click.option("--dry-run", is_flag=True, help="Only say what is in the file; nothing is written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object of all that was read.")
@click.option("--encoding", default="", help="Read the text as this instead of finding it out, like cp1250.")
@click.option("--column", multiple=True, metavar="FIELD=TITLE", help="Which column of a table is what.")
@click.option("--sounds", is_flag=True, help="Take the sampler’s sounds too.")
def import_command(
    file: Path,
    dj: str | None,
    dry_run: bool,  # noqa: FBT001  (click gives flags by name)
    as_json: bool,  # noqa: FBT001  (the same)
    encoding: str,
    column: tuple[str, ...],
    sounds: bool,  # noqa: FBT001  (the same)
) -> None:
    """Bring FILE (a library, playlists or a history) into a DJ's crate.

    What it is is found out by its content. The same file twice changes nothing.
    """
    from app.music import readers
    from app.music.readers import report

    if not dry_run and not dj:
        raise click.ClickException("Whose crate? Say --dj NAME, or --dry-run to only look.")
    who = _person(dj) if dj else None
    try:
        raw = _bytes(file)
        library = readers.read(raw, file.name, encoding=encoding, mapping=_mapping(raw, file.name, encoding, column))
        if as_json:
            click.echo(json.dumps(report.document(library), ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(report.lines(library)))
        if dry_run or who is None:
            click.echo("Dry run: nothing was written.", err=as_json)
            return
        counts = _import(who, file.name, raw, library, takes_sounds=sounds)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    told = ", ".join(f"{counts[key]:,} {words}" for key, words in WORDS.items() if counts[key])
    click.echo(f"Imported into the crate of {who.name}: {told or 'nothing'}.", err=as_json)


def _bytes(file: Path) -> bytes:
    """The file, but never more of it than we would read."""
    from app.music.readers.items import BYTES_MAX

    with file.open("rb") as stream:
        return stream.read(BYTES_MAX + 1)


def _person(who: str) -> Person:
    from app.people import queries

    found = queries.person_by_email_or_handle(who) or queries.person_by_name(who)
    if found is None or found.verified_at is None:
        raise click.ClickException(f"Nobody with a proven address is “{who}”. Say --dj @handle or an address.")
    if not any(grant.role == "dj" for grant in found.grants):
        raise click.ClickException(f"{found.name} is no DJ: `flask --app wsgi people grant @{found.handle} dj`.")
    return found


def _mapping(raw: bytes, name: str, encoding: str, column: tuple[str, ...]) -> dict[int, str] | None:
    """The columns that were named, among those that are guessed. Raises ClickException, Unreadable."""
    from app.music import readers
    from app.music.readers import tables

    if not column:
        return None
    table = readers.sniff(raw, name, encoding=encoding, mapping={}).table
    if table is None:
        raise click.ClickException("--column is for tables; this file says itself what is what.")
    chosen = tables.guess(table)
    header = [title.casefold() for title in table.header]
    for pair in column:
        field, _, title = pair.partition("=")
        if field not in tables.FIELDS or title.casefold() not in header:
            raise click.ClickException(f"--column {pair}: fields are {', '.join(tables.FIELDS)}; columns are "
                                       f"{', '.join(table.header)}.")  # fmt: skip
        chosen = {n: f for n, f in chosen.items() if f != field}
        chosen[header.index(title.casefold())] = field
    return chosen


def _import(who: Person, name: str, raw: bytes, library: object, *, takes_sounds: bool) -> Counter[str]:
    from app.music import queries
    from app.music.actions import imports
    from app.music.readers.items import Library

    assert isinstance(library, Library)  # noqa: S101  (readers are imported late, when a command runs)
    person_id = who.id
    public_id = imports.keep(person_id, name, raw, library)
    run = queries.import_run(person_id, public_id)
    assert run is not None  # noqa: S101  (kept a line above)
    run_id = run.id
    imports.choose(run_id, {"takes_sounds": takes_sounds})
    return imports.carry_out(run_id, library, lambda _: None)
