"""Telling: one message to many holders. Called by jobs only, when the message is due.

Writes notices, and a delivery for each phone and mail that is owed: the rows are there before anything is sent, and
their unique keys make telling twice the same as once. What is really sent is decided when it is sent (jobs/notify.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from app import outbox
from app.db import db, transaction
from app.lib import clock, tokens
from app.notify import live, queries, rules
from app.notify.holders import Holder
from app.notify.messages import Message
from app.notify.models import Delivery, Notice

BATCH = 200  # pushes per outbox item: what one lease can hold, see jobs/notify.py


def tell(message: Message, holders: Iterable[Holder]) -> int:
    """Tell each holder once, however often this is called; returns how many hear of it for the first time.

    `message.until` defaults to a day from now. Chunks of 500 holders, one transaction each: a kill in between costs
    nothing, for the caller is called again and finds the rest.
    """
    moment = clock.now()
    message = message.ending(moment)
    if message.is_over(moment):
        return 0
    told: set[Holder] = set()
    for chunk in queries.chunks(queries.reachable(holders)):
        told |= _tell_chunk(message, chunk)
    db.session.rollback()
    outbox.hint()
    return len(told)


def _tell_chunk(message: Message, holders: Sequence[Holder]) -> set[Holder]:
    with transaction():
        chosen = queries.preferences_of(h.person_id for h in holders if h.person_id is not None)

        def wants(holder: Holder, channel: str) -> bool:
            preferences = rules.DEFAULTS if holder.person_id is None else chosen[holder.person_id]
            return preferences.wants(message.category, channel)

        noticed = _note(message, [h for h in holders if h.person_id is not None and wants(h, "in_app")])
        pushed = _owe_pushes(message, [h for h in holders if wants(h, "push")])
        live.owe([h.person_id for h in noticed if h.person_id is not None])
        mailed = _owe_mail(message, [h for h in holders if h.person_id is not None and wants(h, "mail")])
    live.badges_changed([h.person_id for h in noticed if h.person_id is not None])
    return noticed | pushed | mailed


def _note(message: Message, holders: Sequence[Holder]) -> set[Holder]:
    rows = [
        {
            "person_id": holder.person_id, "public_id": tokens.public_id(), "category": message.category,
            "title": message.title[:160], "body": message.body[:1000], "href": message.href, "zone": message.zone,
            "dedupe_key": message.key, "created_at": clock.now(),
        }
        for holder in holders
    ]  # fmt: skip
    fresh = _add_new(Notice, rows, "person_id", "dedupe_key", back=("person_id",))
    return {Holder(person_id, None) for (person_id,) in fresh}


def _owe_pushes(message: Message, holders: Sequence[Holder]) -> set[Holder]:
    of = dict(queries.subscriptions_of(holders))
    rows = [_delivery(message, holder, "push", subscription) for subscription, holder in of.items()]
    fresh = _add_new(Delivery, rows, "dedupe_key", back=("id", "dedupe_key"))
    pairs = sorted((delivery, int(key.rpartition(":")[2])) for delivery, key in fresh)
    for batch in queries.chunks(pairs, BATCH):
        subject = {"message": message.packed(), "to": [list(pair) for pair in batch]}
        outbox.owe("notify.push", subject, f"push:{digest(message)}:{batch[0][0]}")
    return {of[subscription] for _delivery_id, subscription in pairs}


def _owe_mail(message: Message, holders: Sequence[Holder]) -> set[Holder]:
    rows = [_delivery(message, holder, "mail", holder.person_id or 0) for holder in holders]
    fresh = _add_new(Delivery, rows, "dedupe_key", back=("id", "person_id"))
    for delivery, _person in fresh:
        outbox.owe(
            "notify.mail", {"message": message.packed(), "delivery": delivery}, f"mail:{digest(message)}:{delivery}"
        )
    return {Holder(person, None) for _delivery_id, person in fresh}


def digest(message: Message) -> str:
    """The message's key, short enough for an outbox item's."""
    return hashlib.sha256(message.key.encode()).hexdigest()[:32]


def _delivery(message: Message, holder: Holder, channel: str, where: int) -> dict[str, Any]:
    return {
        "person_id": holder.person_id, "device_id": holder.device_id, "channel": channel, "state": "waiting",
        "dedupe_key": f"{message.key}:{channel}:{where}", "message_key": message.key, "created_at": clock.now(),
    }  # fmt: skip


def _add_new(model: Any, rows: list[dict[str, Any]], *unique: str, back: tuple[str, ...]) -> list[Any]:
    """Insert the rows that are not there yet, also while somebody else does the same; gives `back` of the new ones."""
    if not rows:
        return []
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    statement = insert(model).values(rows).on_conflict_do_nothing(index_elements=list(unique))
    return list(db.session.execute(statement.returning(*(getattr(model, name) for name in back))).all())
