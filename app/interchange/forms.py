"""The forms of an import: a file; its choices and columns; and, for a new event, name, address, zone and first day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.interchange.plan import Choices
from app.interchange.tables import COLUMNS_MAX, FIELDS, Table, guess
from app.lib import clock
from app.lib.text import clean_line, slugify
from app.web.forms import Form

TICKS = ("cancel_gone", "restore", "anyway")
OVERLAPS = ("file", "all", "none")


class FileForm(Form):
    """One file. Its sentence stands at the field."""


class ImportForm(Form):
    """What was ticked and mapped. `choices` and `mapping` are what the plan takes."""

    def __init__(
        self, table: Table | None, typed: Mapping[str, Any] | None, initial: Mapping[str, Any] | None = None
    ) -> None:
        self.table = table
        self.mapping = guess(table.header) if table else None
        self.choices = Choices()
        super().__init__(typed, initial)
        self.values["overlaps"] = self.choices.overlaps
        if self.mapping is not None:
            self.values |= {f"col-{n}": self.mapping.get(n, "") for n in range(len(table.header) if table else 0)}

    def read(self) -> None:
        overlaps = self._raw("overlaps")
        self.choices = Choices(
            overlaps if overlaps in OVERLAPS else "file", **{name: self.flag(name) for name in TICKS}
        )
        if self.table is not None:
            self._columns(self.table)

    def _columns(self, table: Table) -> None:
        """Each field from one column: of two that claim it the first one counts."""
        if not any(f"col-{n}" in self._typed for n in range(len(table.header))):
            return
        chosen: dict[int, str] = {}
        for number in range(min(len(table.header), COLUMNS_MAX)):
            field = self._raw(f"col-{number}")
            if field in FIELDS and field not in chosen.values():
                chosen[number] = field
        self.mapping = chosen


class NewEventForm(ImportForm):
    """The same for a file that becomes an event."""

    def read(self) -> None:
        super().read()
        self.line("name", "The name", limit=120)
        typed = clean_line(self._raw("slug"))
        self.clean["slug"] = slugify(typed or self.clean["name"])
        if len(self.clean["slug"]) < 3:
            self.error("slug", "The address needs at least three letters or digits.")
        zone = clean_line(self._raw("zone"))
        if zone not in clock.zone_names() and zone != "UTC":
            self.error("zone", "Choose the venue's time zone, like Europe/Budapest.")
        self.clean["zone"] = zone
        self.clean["starts_on"] = self.day("starts_on", "First day") if self._raw("starts_on") else None
