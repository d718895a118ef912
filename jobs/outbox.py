"""What is owed, done: takes due items one by one, runs the handler of their kind, and settles or gives back.

Enqueued by app.outbox.hint after a commit and by the clock every few seconds; any number may run at once. A handler
gets (subject, dedupe_key), runs outside any transaction, may run twice, and must then do no more than once.
"""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable
from typing import Any

from app import outbox
from app.db import db
from app.outbox import OutboxItem

Handler = Callable[[dict[str, Any], str], None]

# The visible table: kind -> function. A kind without a line here is never taken (a contract test looks for such).
HANDLERS = {
    "notify.push": "jobs.notify.push",
    "notify.mail": "jobs.notify.post",
    "music.import": "jobs.music.import_file",
    "people.knock": "jobs.people.answer_knock",
    "people.confirm_new_email": "jobs.people.confirm_new_email",
    "people.email_changed": "jobs.people.email_changed",
    "people.password_changed": "jobs.people.password_changed",
    "people.passkey_added": "jobs.people.passkey_added",
    "people.passkey_removed": "jobs.people.passkey_removed",
    "gigs.tell": "jobs.gigs.tell",
    "gigs.blocked": "jobs.gigs.blocked",
    "schedule.republish": "jobs.schedule.republish",
    "announcement.post": "jobs.announcements.post",
    "floor.close_poll": "jobs.floor.close_poll",
    "event.registration": "jobs.announcements.open_registration",
    "booth.build_set": "jobs.booth.build_set",
    "discover.playlist_news": "jobs.discover.playlist_news",
}
SECONDS_MAX = 60.0  # then a fresh job goes on, so that no job runs into RQ's time limit

log = logging.getLogger(__name__)


def run_due() -> None:
    """Do what is due, oldest first. One item that fails waits by itself; it never holds up the others."""
    end = time.monotonic() + SECONDS_MAX
    while item := outbox.take_next(tuple(HANDLERS)):
        _run(item)
        db.session.remove()
        if time.monotonic() > end:
            outbox.hint()
            return


def _run(item: OutboxItem) -> None:
    item_id, kind, fence, attempts = item.id, item.kind, item.fence, item.attempts
    subject, key = dict(item.subject), item.dedupe_key
    if attempts > outbox.ATTEMPTS_MAX:  # it never came back, not even to fail: it kills its worker
        outbox.give_back(item_id, fence, attempts, "the worker died each time")
        return
    db.session.rollback()  # a handler may be slow: hold no snapshot meanwhile
    try:
        handler(kind)(subject, key)
    except Exception as error:  # whatever it is, the other items go on
        log.warning("outbox item %s (%s) failed, attempt %s", item_id, kind, attempts, exc_info=_worth_a_trace(error))
        db.session.rollback()
        outbox.give_back(item_id, fence, attempts, f"{type(error).__name__}: {error}")
    else:
        db.session.rollback()
        outbox.settle(item_id, fence)


def handler(kind: str) -> Handler:
    """The function behind a kind. Raises KeyError, ImportError, AttributeError."""
    module, _, name = HANDLERS[kind].rpartition(".")
    found: Handler = getattr(importlib.import_module(module), name)
    return found


def _worth_a_trace(error: Exception) -> bool:
    """An unreachable mail server explains itself; anything else is a defect that somebody will look for."""
    from app.notify.mail import MailFailed

    return not isinstance(error, MailFailed)
