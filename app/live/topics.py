"""Topics, `thing:ident:audience`, and who may listen to them.

Each feature's `live.py` registers one guard per (thing, audience); the socket route asks `allowed` on every connect.
Guards may read the database; they run in the request, never in the hub. An unknown topic is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

Guard = Callable[[Any, str], bool]
Hint = Callable[[str], None]

# No braces (they delimit the hash tag of the keys), no spaces (they separate topics in data-live), bounded length.
_FORM = re.compile(r"([a-z][a-z_]{0,31}):([A-Za-z0-9][A-Za-z0-9._~-]{0,119}):([a-z][a-z_]{0,31})", re.ASCII)

_guards: dict[tuple[str, str], Guard] = {}
_hints: dict[tuple[str, str], Hint] = {}


class Topic(NamedTuple):
    """A topic taken apart."""

    thing: str
    ident: str
    audience: str


def parse(topic: str) -> Topic | None:
    """The parts of a well-formed topic, else None."""
    found = _FORM.fullmatch(topic)
    return Topic(*found.groups()) if found else None


def guard(thing: str, audience: str) -> Callable[[Guard], Guard]:
    """Register `fn(viewer, ident) -> bool` for the topics of this thing and audience. The last one registered holds."""

    def register(function: Guard) -> Guard:
        _guards[thing, audience] = function
        return function

    return register


def allowed(viewer: Any, topic: str) -> bool:
    """Whether this viewer may listen: False for malformed topics and those that nobody guards."""
    parts = parse(topic)
    held = parts and _guards.get((parts.thing, parts.audience))
    return bool(parts and held and held(viewer, parts.ident))


def when_held(thing: str, audience: str) -> Callable[[Hint], Hint]:
    """Register `fn(ident)`, called in some web process, at most once a second for a topic, after its phones said that
    they hold something else. It runs beside the hub: enqueue, don't work.
    """

    def register(function: Hint) -> Hint:
        _hints[thing, audience] = function
        return function

    return register


def is_counted(topic: str) -> bool:
    """Whether somebody wants to know what the phones of this topic hold."""
    parts = parse(topic)
    return parts is not None and (parts.thing, parts.audience) in _hints


def tell_held(topic: str) -> None:
    """Call whoever asked to know."""
    parts = parse(topic)
    hint = parts and _hints.get((parts.thing, parts.audience))
    if parts and hint:
        hint(parts.ident)


def key(topic: str, part: str) -> str:
    """A Redis key or channel of this topic. The topic is the hash tag, so all of them live in one cluster slot."""
    return f"pika:live:{{{topic}}}:{part}"
