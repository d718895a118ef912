"""Forms: what was typed, the clean values, and a sentence at each field that needs mending.

Each feature's forms.py subclasses Form and reads its fields in `read`. A form never touches the database; refusals of
rules are put back at their field with `refuse`, so that nothing typed is ever lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from app.lib.refusal import Refusal
from app.lib.text import clean_block, clean_line

WHOLE_MAX = 2**31 - 1
_EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>()]+")


def whole(text: str) -> int:
    """For `request.form.get(…, type=whole)`: a whole number that a column holds. Raises ValueError."""
    number = int(text[:12])
    if abs(number) > WHOLE_MAX:
        raise ValueError(text[:12])
    return number


class Form:
    """One submitted (or fresh) form. `values` is shown again, `clean` is used, `errors` maps a field to a sentence."""

    def __init__(self, typed: Mapping[str, Any] | None = None, initial: Mapping[str, Any] | None = None) -> None:
        self.is_submitted = typed is not None
        self.values: dict[str, Any] = dict(initial or {})
        self.errors: dict[str, str] = {}
        self.clean: dict[str, Any] = {}
        if typed is not None:
            self.values |= {name: typed[name] for name in typed}
            self._typed = typed
            self.read()

    def read(self) -> None:
        """Fill `clean` and `errors` from what was typed. Subclasses say which fields there are."""

    @property
    def is_valid(self) -> bool:
        return self.is_submitted and not self.errors

    def error(self, name: str, sentence: str) -> None:
        """Put a sentence at a field; the first one stays."""
        self.errors.setdefault(name, sentence)

    def refuse(self, refusal: Refusal) -> None:
        """Put a rule's refusal at its field."""
        self.error(refusal.field, refusal.sentence)

    # ---- readers: each returns the clean value and notes an error when there is none ----

    def line(self, name: str, label: str, *, limit: int, required: bool = True) -> str:
        """One line of text."""
        return self._text(name, clean_line(self._raw(name)), label, limit, required=required)

    def block(self, name: str, label: str, *, limit: int, required: bool = False) -> str:
        """Several lines of text."""
        return self._text(name, clean_block(self._raw(name)), label, limit, required=required)

    def email(self, name: str = "email") -> str:
        """An address that could be one. Whether it is one, only mail can tell."""
        text = clean_line(self._raw(name))
        if not text:
            self.error(name, "Type your email address.")
        elif len(text) > 254 or not _EMAIL.fullmatch(text):
            self.error(name, "This does not look like an email address. It needs one “@”, as in name@example.org.")
        elif "." not in text.rpartition("@")[2].strip("."):
            self.error(name, "This address has no ending, like “.com” or “.hu”.")
        self.clean[name] = text
        return text

    def whole(self, name: str, label: str, *, least: int, most: int, required: bool = True) -> int | None:
        """A whole number within bounds."""
        text = clean_line(self._raw(name))
        self.clean[name] = None
        if not text and not required:
            return None
        if not re.fullmatch(r"-?\d{1,9}", text) or not least <= int(text) <= most:
            self.error(name, f"{label} is a whole number from {least} to {most}.")
            return None
        self.clean[name] = int(text)
        return int(text)

    def day(self, name: str, label: str) -> date | None:
        """A date as browsers send it, 2026-06-13."""
        return self._parsed(name, f"{label}: choose a date, like 2026-06-13.", date.fromisoformat)

    def wall_time(self, name: str, label: str) -> time | None:
        """A time of day to the minute, 14:30."""
        found = self._parsed(name, f"{label}: type a time, like 14:30.", time.fromisoformat)
        if found is None:
            return None
        self.clean[name] = found.replace(second=0, microsecond=0, tzinfo=None)
        return self.clean[name]

    def choice(self, name: str, label: str, options: Iterable[str], *, default: str | None = None) -> str | None:
        """One of the given options."""
        value = self._raw(name) or default
        self.clean[name] = value if value in set(options) else None
        if self.clean[name] is None:
            self.error(name, f"{label}: choose one of the list.")
        return self.clean[name]

    def flag(self, name: str) -> bool:
        """A checkbox."""
        self.clean[name] = bool(self._raw(name))
        return self.clean[name]

    def _raw(self, name: str) -> str:
        value = self._typed.get(name, "")
        return value if isinstance(value, str) else ""

    def _text(self, name: str, text: str, label: str, limit: int, *, required: bool) -> str:
        if required and not text:
            self.error(name, f"{label} is missing.")
        elif len(text) > limit:
            self.error(name, f"{label} has {len(text):,} characters; {limit:,} are the most.")
        self.clean[name] = text
        return text

    def _parsed(self, name: str, sentence: str, parse: Any) -> Any:
        self.clean[name] = None
        try:
            self.clean[name] = parse(clean_line(self._raw(name)))
        except ValueError:
            self.error(name, sentence)
        return self.clean[name]
