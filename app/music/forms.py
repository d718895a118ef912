"""The forms of the crate: a file and what is chosen in its preview; a track; a playlist; tempo bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.lib import clock
from app.lib.text import clean_line
from app.music import keys, tempo
from app.music.readers import grids, tables, values
from app.music.readers.items import Column
from app.music.readers.texts import ENCODINGS
from app.web.forms import Form

BANDS_MAX = 8


class FileForm(Form):
    """One file. Its sentence stands at the field."""


class ImportForm(Form):
    """What is chosen in a preview. `clean` fits actions.imports.choose; `mapping` is for the reader."""

    def __init__(self, typed: Mapping[str, Any] | None, initial: Mapping[str, Any] | None = None) -> None:
        self.mapping: dict[int, str] | None = None
        super().__init__(typed, initial)

    def read(self) -> None:
        self.choice("encoding", "Encoding", ENCODINGS, default="")
        zone = clean_line(self._raw("zone"))
        if zone and zone != "UTC" and zone not in clock.zone_names():
            self.error("zone", "Choose a time zone of the list, like Europe/Budapest.")
            zone = ""
        self.clean["zone"] = zone
        self.clean["into_playlist"] = clean_line(self._raw("into_playlist"))[:16]
        self.flag("takes_sounds")
        self._columns()

    def _columns(self) -> None:
        """Each field from one column: of two that claim it the first one counts."""
        chosen: dict[int, str] = {}
        is_asked = False
        for number in range(grids.COLUMNS_MAX):
            field = self._raw(f"col-{number}")
            is_asked = is_asked or f"col-{number}" in self._typed
            if field in tables.FIELDS and field not in chosen.values():
                chosen[number] = field
        self.mapping = chosen if is_asked else None
        self.clean["mapping"] = {str(number): field for number, field in chosen.items()}

    def show(self, columns: Sequence[Column]) -> None:
        """What the columns were taken for, as values of their selects."""
        self.values |= {f"col-{number}": column.field for number, column in enumerate(columns)}


class TrackForm(Form):
    """A track as the DJ has it."""

    def read(self) -> None:
        self.line("title", "The title", limit=300)
        for name, label, limit in (
            ("artist", "The artist", 300), ("album", "The album", 300), ("genre", "The genre", 120),
            ("comment", "The note", 500),
        ):  # fmt: skip
            self.line(name, label, limit=limit, required=False)
        self._tempo()
        self._key()
        self._length()
        self.flag("bpm_locked")
        for name, label in (("energy", "Energy"), ("familiarity", "Familiarity")):
            self.whole(name, label, least=1, most=5, required=False)

    def _tempo(self) -> None:
        text = clean_line(self._raw("bpm_fixed"))
        found = values.number(text)
        self.clean["bpm_fixed"] = round(found, 2) if found is not None else None
        if text and (found is None or not tempo.LOWEST <= found <= tempo.HIGHEST):
            self.error("bpm_fixed", f"The tempo is a number from {tempo.LOWEST:g} to {tempo.HIGHEST:g}, like 98.5.")

    def _key(self) -> None:
        text = clean_line(self._raw("key"))
        found = keys.parse(text)
        self.clean["key"], self.clean["key_raw"] = found, text[:40]
        if text and found is None:
            self.error("key", "We do not know this key. Write it like 8A, 1m, Am or A minor.")

    def _length(self) -> None:
        text = clean_line(self._raw("duration"))
        self.clean["duration_seconds"] = values.seconds(text)
        if text and self.clean["duration_seconds"] is None:
            self.error("duration", "The length is minutes and seconds, like 3:20.")


class PlaylistForm(Form):
    """A playlist's name, folder and note."""

    def read(self) -> None:
        self.line("name", "The name", limit=120)
        self.line("folder", "The folder", limit=200, required=False)
        self.block("about", "The note", limit=1000)


class BandsForm(Form):
    """A dance's tempo bands: rows name-N, low-N, high-N; a row without a name is no band."""

    def read(self) -> None:
        self.choice("dance", "The dance", tempo.DANCES)
        bands = [band for number in range(BANDS_MAX) if (band := self._band(number)) is not None]
        self.clean["bands"] = sorted(bands, key=lambda band: band.low)

    def _band(self, number: int) -> tempo.Band | None:
        name = clean_line(self._raw(f"name-{number}"))
        low, high = (values.number(clean_line(self._raw(f"{end}-{number}"))) for end in ("low", "high"))
        if not name and low is None and high is None:
            return None
        if not name:
            self.error(f"name-{number}", "Name this band, or empty its row.")
        elif len(name) > 40:
            self.error(f"name-{number}", "A band’s name has 40 characters at most.")
        elif low is None or high is None or not 0 < low < high <= tempo.HIGHEST:
            self.error(f"low-{number}", "A band goes from a lower tempo to a higher one, like 95 to 110.")
        else:
            return tempo.Band(name, round(low, 1), round(high, 1))
        return None
