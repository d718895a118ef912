"""JSON values as they come: a text that may be a number, an object that may be none, a whole number in quotes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.interchange import clocks
from app.lib.text import fold


def what(value: Any) -> str:
    """A JSON value in a word."""
    words = {dict: "an object", list: "a list", str: "a text", bool: "yes or no", type(None): "empty"}
    return words.get(type(value), "a number")


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def text(value: Any) -> str:
    """A text; a number as one; of several languages the English or first one."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        texts = {fold(str(key)): said for key, said in value.items() if isinstance(said, str)}
        return texts.get("en") or next(iter(texts.values()), "")
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def whole(value: Any) -> int | None:
    """A positive whole number, also written as text."""
    minutes = clocks.minutes_of(value) if not isinstance(value, str) or value.isdigit() else None
    return minutes if minutes and minutes <= 100_000 else None
