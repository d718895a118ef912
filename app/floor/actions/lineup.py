"""What is lined up in a set. Called by the booth."""

from __future__ import annotations

from app.db import transaction
from app.floor import live, queries, rules
from app.floor.actions.plays import Song
from app.floor.models import NextUp


def line_up(set_id: int, song: Song) -> str:
    """Behind everything that is lined up already; returns its public id. Raises SetOver, QueueFull."""
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        if dj_set.is_over:
            rules.must_be_live(dj_set)
        waiting = queries.next_up(set_id)
        if len(waiting) >= rules.QUEUE_MOST:
            raise rules.QueueFull(f"{rules.QUEUE_MOST} songs are lined up. Play some first.")
        entry = NextUp(dj_set_id=set_id, position=waiting[-1].position + 1 if waiting else 0, **song.columns())
        session.add(entry)
        session.flush()
        entry_id, code = entry.public_id, dj_set.code
    live.booth_changed(code)
    return entry_id


def lined_up_first(set_id: int, entry_id: str) -> None:
    """To the head of the line."""
    with transaction():
        dj_set = queries.locked_set(set_id)
        waiting = queries.next_up(set_id)
        for entry in waiting:
            if entry.public_id == entry_id:
                entry.position = waiting[0].position - 1
        code = dj_set.code
    live.booth_changed(code)


def take_off(set_id: int, entry_id: str) -> None:
    """Not after all."""
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        for entry in queries.next_up(set_id):
            if entry.public_id == entry_id:
                session.delete(entry)
        code = dj_set.code
    live.booth_changed(code)
