"""What came of sending: deliveries marked, dead subscriptions removed, the rest put off. Called by jobs/notify.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import delete, update

from app import outbox
from app.db import transaction
from app.lib import clock
from app.notify.actions.telling import digest
from app.notify.messages import Message
from app.notify.models import Delivery, PushSubscription
from app.notify.queries import OPEN

# After a provider's failure: soon, then every five minutes: what waited is out ten minutes after its return (Q8).
PAUSES = (timedelta(seconds=10), timedelta(minutes=1))
PAUSE = timedelta(minutes=5)
ATTEMPTS_MAX = 32  # about two hours and a half
GIVEN_UP_MAX = 10  # messages in a row that a subscription could not be given; then it is dropped


def mark(states: Mapping[int, str], *, gone: Sequence[int] = (), reached: Sequence[int] = ()) -> None:
    """Deliveries (id -> state), subscriptions that are over, and subscriptions that work. What is settled stays."""
    by_state: dict[str, list[int]] = defaultdict(list)
    for delivery_id, state in states.items():
        by_state[state].append(delivery_id)
    moment = clock.now()
    with transaction() as session:
        for state, ids in by_state.items():
            settled = None if state in OPEN else moment
            open_ones = (Delivery.id.in_(ids), Delivery.state.in_(OPEN))
            session.execute(update(Delivery).where(*open_ones).values(state=state, settled_at=settled))
        if gone:
            session.execute(delete(PushSubscription).where(PushSubscription.id.in_(gone)))
        if reached:
            working = (PushSubscription.id.in_(reached), PushSubscription.failures > 0)
            session.execute(update(PushSubscription).where(*working).values(failures=0))


def put_off(message: Message, pairs: Sequence[Sequence[int]], attempt: int, wait: timedelta = timedelta()) -> bool:
    """Owe these (delivery, subscription) once more, later; False, and given up, when that is too late or too often."""
    due_at = clock.now() + max(wait, PAUSES[attempt] if attempt < len(PAUSES) else PAUSE)
    if attempt >= ATTEMPTS_MAX or message.is_over(due_at):
        give_up([subscription for _delivery, subscription in pairs])
        return False
    with transaction():
        subject = {"message": message.packed(), "to": [list(pair) for pair in pairs], "attempt": attempt + 1}
        outbox.owe("notify.push", subject, f"push:{digest(message)}:{pairs[0][0]}:{attempt + 1}", due_at)
    return True


def give_up(subscription_ids: Sequence[int]) -> None:
    """They stay "failed" for this message; a subscription that this happens to again and again is dropped."""
    failed = PushSubscription.id.in_(subscription_ids)
    with transaction() as session:
        session.execute(update(PushSubscription).where(failed).values(failures=PushSubscription.failures + 1))
        session.execute(delete(PushSubscription).where(failed, PushSubscription.failures >= GIVEN_UP_MAX))
