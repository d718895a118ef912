"""Tells a DJ's followers of a new public playlist, once a day at most. Called by jobs.outbox.

What is told is decided now: the newest playlist that is still public. The message's key names it, so nobody hears of
the same one twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.db import db
from app.discover import profile_queries as queries
from app.lib import clock
from app.notify import actions as notify
from app.notify.messages import Message
from app.people.models import Person

NEWS = timedelta(days=2)  # older ones are no news


def playlist_news(subject: dict[str, Any], _key: str) -> None:
    """The newest playlist published within two days, if it is still public."""
    dj = db.session.get(Person, subject["person_id"])
    if dj is None or dj.suspended_at is not None:
        return
    since = clock.now() - NEWS
    known = queries.public_playlists(dj.id)
    lists = [(playlist, songs) for playlist, songs in known if playlist.published_at and playlist.published_at > since]
    if not lists:
        return
    newest, songs = lists[0]
    more = f" And {len(lists) - 1} more." if len(lists) > 1 else ""
    message = Message(
        key=f"playlist:{newest.public_id}", category="playlist", title=f"{dj.name} published “{newest.name}”",
        body=f"{songs} song{'s' * (songs != 1)} to listen to again.{more}",
        href=f"/dj/{dj.handle}/playlists/{newest.public_id}",
    )  # fmt: skip
    notify.tell(message, queries.followers(dj.id))
