"""Feed tokens: secrets by which a DJ's program says what plays. Called by the booth and the feed's route."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from app.db import transaction
from app.floor import queries, rules
from app.floor.models import FeedToken
from app.lib import clock, tokens

TOKENS_MOST = 10
NOTED_EVERY = timedelta(minutes=1)


def make_token(person_id: int, label: str) -> str:
    """A new secret; it is shown once and only its digest is kept. Raises QueueFull beyond ten."""
    token = tokens.secret_token()
    with transaction() as session:
        if len(queries.feed_tokens_of(person_id)) >= TOKENS_MOST:
            raise rules.QueueFull(f"{TOKENS_MOST} tokens are enough. Remove one that you do not use.")
        session.add(FeedToken(person_id=person_id, label=label, token_digest=tokens.digest(token)))
    return token


def revoke_token(person_id: int, public_id: str) -> None:
    """From now on it opens nothing."""
    with transaction():
        found = queries.feed_token_of(person_id, public_id)
        if found is not None and found.revoked_at is None:
            found.revoked_at = clock.now()


def token_used(token_id: int) -> None:
    """Note that a token is in use, at most once a minute."""
    with transaction() as session:
        moment = clock.now()
        stale = FeedToken.last_used_at.is_(None) | (FeedToken.last_used_at < moment - NOTED_EVERY)
        session.execute(update(FeedToken).where(FeedToken.id == token_id, stale).values(last_used_at=moment))
