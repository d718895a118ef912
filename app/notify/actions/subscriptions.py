"""Browsers that may be pushed to: kept, moved to whoever uses them now, let go. Called by routes/push.py.

An endpoint belongs to one holder. Only the browser that has its secret keys may carry it over to another one (somebody
else signed in there); anybody else who merely knows the address is refused.
"""

from __future__ import annotations

import hmac

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.db import transaction
from app.lib import clock
from app.notify import queries
from app.notify.holders import Holder
from app.notify.models import PushSubscription
from app.notify.rules import SUBSCRIPTIONS_MAX, EndpointTaken
from app.people.viewer import Viewer


def subscribe(viewer: Viewer, endpoint: str, p256dh: str, auth: str) -> None:
    """Keep this browser for whoever looks; again at each visit. The endpoint was checked by the caller, outside.

    A seventeenth browser takes the place of the one unseen for longest. Raises EndpointTaken.
    """
    holder = Holder.of(viewer)
    if holder is None:
        raise EndpointTaken("Star something first: then this browser is known.")
    try:
        with transaction() as session:
            row = queries.subscription_by_endpoint(endpoint)
            if row is None:
                row = PushSubscription(endpoint_index=queries.endpoint_index(endpoint), endpoint=endpoint, failures=0)
                session.add(row)
            elif not _is_theirs(row, viewer) and not _has_keys(row, p256dh, auth):
                raise EndpointTaken("This browser's address is already in use. Turn alerts off and on again.")
            row.person_id, row.device_id = holder
            row.p256dh, row.auth, row.last_seen_at = p256dh, auth, clock.now()
            session.flush()
            for old in queries.subscriptions_held(viewer)[:-SUBSCRIPTIONS_MAX]:
                session.delete(old)
    except IntegrityError:
        return  # two tabs at once: the other one kept it


def unsubscribe(viewer: Viewer, endpoint: str, auth: str) -> None:
    """Let this browser go: asked by its holder, or by the browser itself after somebody signed out of it."""
    with transaction() as session:
        row = queries.subscription_by_endpoint(endpoint)
        if row is not None and (_is_theirs(row, viewer) or hmac.compare_digest(row.auth, auth)):
            session.execute(delete(PushSubscription).where(PushSubscription.id == row.id))


def _is_theirs(row: PushSubscription, viewer: Viewer) -> bool:
    return any(row.id == held.id for held in queries.subscriptions_held(viewer))


def _has_keys(row: PushSubscription, p256dh: str, auth: str) -> bool:
    return hmac.compare_digest(row.p256dh, p256dh) and hmac.compare_digest(row.auth, auth)
