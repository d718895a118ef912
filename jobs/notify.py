"""Sends what app.notify owes: pushes in batches, mail one by one. Called by jobs.outbox.

What is sent is decided here, from the rows as they are now: quiet hours, budget, choices, and whether it is too late.
A batch that is run again sends only what is still open; a push that was sent but not marked has the same tag, so the
phone shows it once. A failing provider puts off its pushes and nothing else.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from app.config import settings
from app.db import db
from app.lib import clock
from app.notify import actions, mail, queries, rules
from app.notify.messages import Message
from app.notify.push import Outcome, Sender
from app.notify.queries import Target
from app.people.models import Person

# 200 pushes of at most 5 s by 16 at once: about a minute, which the lease of two minutes and RQ's time limit hold.
AT_ONCE = 16
MARK_EVERY = 32  # how many pushes a kill can leave unmarked, to be sent again under the same tag

log = logging.getLogger(__name__)


def push(subject: dict[str, Any], _key: str) -> None:
    """A batch of pushes of one message."""
    message, pairs = Message.unpacked(subject["message"]), subject["to"]
    targets, lost = queries.open_pushes(pairs)
    verdicts = _verdicts(message, targets)
    db.session.rollback()  # sending is slow: hold no snapshot meanwhile
    held = {target.delivery_id: verdict for target, verdict in verdicts if verdict != "send"}
    if held or lost:
        actions.mark(held | dict.fromkeys(lost, "gone"))
    _send_all(message, [target for target, verdict in verdicts if verdict == "send"], int(subject.get("attempt", 0)))


def post(subject: dict[str, Any], key: str) -> None:
    """One message by mail."""
    message = Message.unpacked(subject["message"])
    delivery = queries.open_mail(subject["delivery"])
    person = db.session.get(Person, delivery.person_id) if delivery else None
    if delivery is None or person is None:
        return
    delivery_id, to = delivery.id, person.email
    state = rules.mail_verdict(queries.preferences(person.id), message, clock.now())
    if state == "send":
        letter = mail.compose(
            "notice", to, key, title=message.title, body=message.body, link=settings().public_url + message.href
        )
        db.session.rollback()
        state = _post(letter)
    actions.mark({delivery_id: state})


def _post(letter: mail.Message) -> str:
    """Raises MailFailed: then the outbox tries again."""
    try:
        mail.send(letter)
    except mail.Undeliverable as error:
        log.info("a notice cannot be delivered by mail: %s", error)
        return "gone"
    return "sent"


def _verdicts(message: Message, targets: list[Target]) -> list[tuple[Target, str]]:
    moment = clock.now()
    holders = {target.holder for target in targets}
    chosen = queries.preferences_of(holder.person_id for holder in holders if holder.person_id is not None)
    sent = queries.pushes_last_hour(holders, moment, but=message.key)

    def verdict(target: Target) -> str:
        holder = target.holder
        preferences = rules.DEFAULTS if holder.person_id is None else chosen[holder.person_id]
        return rules.push_verdict(preferences, message, moment, sent.get(holder, 0))

    return [(target, verdict(target)) for target in targets]


def _send_all(message: Message, targets: list[Target], attempt: int) -> None:
    """Send and mark, piece by piece; what failed for now is owed once more."""
    sender, moment = Sender.of(settings()), clock.now()
    failed: list[tuple[Target, Outcome]] = []

    def send(target: Target) -> Outcome:
        return sender.send(message, target.endpoint, target.p256dh, target.auth, moment)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for piece in queries.chunks(targets, MARK_EVERY):
            outcomes = list(zip(piece, pool.map(send, piece), strict=True))
            actions.mark(
                {target.delivery_id: outcome.state for target, outcome in outcomes},
                gone=[target.subscription_id for target, outcome in outcomes if outcome.state == "gone"],
                reached=[target.subscription_id for target, outcome in outcomes if outcome.state == "sent"],
            )
            failed += [pair for pair in outcomes if pair[1].state == "failed"]
    _settle_failed(message, failed, attempt)


def _settle_failed(message: Message, failed: list[tuple[Target, Outcome]], attempt: int) -> None:
    refused = [target.subscription_id for target, outcome in failed if outcome.is_final]
    again = [(target.delivery_id, target.subscription_id) for target, outcome in failed if not outcome.is_final]
    if refused:
        log.warning("%s pushes were refused for good", len(refused))
        actions.give_up(refused)
    if again:
        wait = max(outcome.wait_seconds for _target, outcome in failed)
        is_owed = actions.put_off(message, again, attempt, timedelta(seconds=wait))
        log.warning("%s pushes failed and are %s", len(again), "put off" if is_owed else "given up")
