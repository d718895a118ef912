"""Slow, CPU-heavy calls (argon2, Pillow) beside gevent: in its thread pool, so that no socket of the process waits.

Called by features with plain functions and values: the thread has no app, request or database session.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def in_thread(function: Callable[..., Result], *args: object) -> Result:
    """The result of function(*args), or its exception. Where gevent is not patched in (jobs, tests): a plain call."""
    if not _is_patched():
        return function(*args)
    import gevent

    result, error = gevent.get_hub().threadpool.apply(_caught, (function, *args))
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]  # gevent has no types


def _is_patched() -> bool:
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def _caught(function: Callable[..., Result], *args: object) -> tuple[Result | None, Exception | None]:
    """An exception as a value: gevent's hub would print each one that leaves a pool thread."""
    try:
        return function(*args), None
    except Exception as error:  # noqa: BLE001  (raised again by in_thread)
        return None, error
