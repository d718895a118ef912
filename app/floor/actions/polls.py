"""Polls: prepare, open, close, remove. Called by the booth; the end comes from the server's clock alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app import outbox
from app.db import transaction
from app.floor import live, queries, rules
from app.floor.models import DjSet, Poll, PollOption
from app.lib import clock


def prepare(set_id: int, question: str, options: Sequence[str], seconds: int) -> str:
    """A question for later; returns its public id. Raises BadPoll, SetOver."""
    with transaction() as session:
        poll = _new_poll(session, queries.locked_set(set_id), question, options, seconds)
        poll_id, code = poll.public_id, queries.locked_set(set_id).code
    live.booth_changed(code)
    return poll_id


def ask(set_id: int, question: str, options: Sequence[str], seconds: int) -> str:
    """A question now. Raises BadPoll, SetNotLive, SetOver, PollRunning."""
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        poll = _new_poll(session, dj_set, question, options, seconds)
        _open(session, dj_set, poll)
        poll_id, code = poll.public_id, dj_set.code
    live.poll_changed(code)
    return poll_id


def open_poll(set_id: int, poll_id: str) -> None:
    """Put a prepared question to the floor. Raises SetNotLive, SetOver, PollRunning."""
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        poll = queries.poll_of(set_id, poll_id)
        if poll is None or poll.opened_at is not None:
            raise rules.PollOver("This question was asked already.")
        _open(session, dj_set, poll)
        code = dj_set.code
    live.poll_changed(code)


def _new_poll(session: Any, dj_set: DjSet, question: str, options: Sequence[str], seconds: int) -> Poll:
    if dj_set.is_over:
        rules.must_be_live(dj_set)
    rules.check_poll(question, options, seconds)
    position = max((poll.position for poll in queries.polls_of(dj_set.id)), default=0) + 1
    poll = Poll(dj_set_id=dj_set.id, question=question, seconds=seconds, position=position)
    poll.options = [PollOption(label=label, position=n) for n, label in enumerate(options)]
    session.add(poll)
    session.flush()
    return poll


def _open(session: Any, dj_set: DjSet, poll: Poll) -> None:
    rules.must_be_live(dj_set)
    moment = clock.now()
    for other in queries.polls_of(dj_set.id):
        if other.is_open(moment):
            raise rules.PollRunning(f"“{other.question}” is still running. End it first.")
        if other.is_closed(moment) and other.closed_at is None:
            other.closed_at = other.closes_at
    session.flush()
    poll.opened_at, poll.closes_at = moment, moment + timedelta(seconds=poll.seconds)
    outbox.owe("floor.close_poll", {"poll": poll.id}, f"floor.close_poll:{poll.public_id}", poll.closes_at)


def close_poll(set_id: int, poll_id: str) -> None:
    """The DJ has seen enough. Closing twice is once."""
    with transaction():
        dj_set = queries.locked_set(set_id)
        poll = queries.poll_of(set_id, poll_id)
        moment = clock.now()
        if poll is not None and poll.is_open(moment):
            poll.closed_at = moment
        code = dj_set.code
    live.poll_changed(code)


def close_open(set_id: int, moment: datetime) -> None:
    """Inside another action of a set: with the set its question ends."""
    for poll in queries.polls_of(set_id):
        if poll.opened_at is not None and poll.closed_at is None and poll.closes_at is not None:
            poll.closed_at = min(moment, poll.closes_at)


def remove_poll(set_id: int, poll_id: str) -> None:
    """Forget a question that was never asked."""
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        poll = queries.poll_of(set_id, poll_id)
        if poll is not None and poll.opened_at is None:
            session.delete(poll)
        code = dj_set.code
    live.booth_changed(code)
