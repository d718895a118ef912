"""What an announcement becomes outside: the promise to post it, and the messages about it and about registration.

Called inside transactions of events and schedule (`promise`, `take_back`), and by jobs/announcements.py (messages).
Commits nothing, finds no recipients (audience.py does).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.sql.dml import Update

from app import outbox
from app.db import db
from app.events.models import Announcement, Event
from app.lib import clock, tokens
from app.notify.messages import Message
from app.notify.models import Delivery, Notice

WITHDRAWN = "Withdrawn: "
UNSENT = ("waiting", "failed")
NEWS_LIVES = timedelta(hours=24)
CHANGE_PREFIX = "Schedule change: "


def promise(announcement: Announcement) -> None:
    """Keep it and owe its posting, when it is due. Moving it owes once more: a worker looks at `post_at` itself."""
    db.session.add(announcement)
    db.session.flush()
    outbox.owe(
        "announcement.post", {"announcement_id": announcement.id},
        f"announce:{announcement.public_id}:{tokens.public_id()}",
        max(announcement.post_at, clock.now()),
    )  # fmt: skip


def promise_registration(event: Event) -> None:
    """Owe the followers the word that registration opens. The worker drops it when the date is another one by then."""
    opens_at = event.registration_opens_at
    if opens_at is not None and event.is_published:
        outbox.owe(
            "event.registration", {"event_id": event.id, "opens_at": opens_at.isoformat()},
            f"registration:{event.public_id}:{tokens.public_id()}", max(opens_at, clock.now()),
        )  # fmt: skip


def href(announcement: Announcement, event: Event) -> str:
    """Where it leads: the slot that it is about, else its place on the event's page."""
    if announcement.slot_public_id:
        return f"/e/{event.slug}/slots/{announcement.slot_public_id}"
    return f"/e/{event.slug}#news-{announcement.public_id}"


def message_of(announcement: Announcement, event: Event, headline: str = "", until: datetime | None = None) -> Message:
    """What is told. A change leads with its headline ("Novice Prelims delayed by 15 min"); the sentence follows it."""
    title, body = announcement.title, announcement.body
    if announcement.is_change and headline:
        sentence = title.removeprefix(CHANGE_PREFIX)
        title, body = f"⚠️ {CHANGE_PREFIX}{headline}", "\n".join(part for part in (sentence, body) if part)
    elif announcement.is_urgent:
        title = f"Urgent: {title}"
    return Message(
        key=announcement.key, category="change" if announcement.is_change else "announcement", title=title, body=body,
        href=href(announcement, event), is_urgent=announcement.is_urgent, zone=event.zone,
        until=until or max(announcement.posted_at or announcement.post_at, clock.now()) + NEWS_LIVES,
    )  # fmt: skip


def registration_message(event: Event) -> Message:
    """Registration opens: the same key whatever its date, so that nobody hears it twice."""
    return Message(
        key=f"registration:{event.public_id}", category="registration", title=f"{event.name}: registration is open",
        body="You follow this event." + (" The link is on its page." if event.registration_url else ""),
        href=f"/e/{event.slug}", zone=event.zone, until=event.closes_at,
    )  # fmt: skip


def take_back(event_id: int, batch: str) -> None:
    """The edit was undone, so what was told of it is no longer true: withdraw it, inside the caller's transaction."""
    found = select(Announcement).where(
        Announcement.event_id == event_id, Announcement.batch == batch, Announcement.withdrawn_at.is_(None)
    )
    for announcement in db.session.scalars(found.with_for_update()):
        announcement.withdrawn_at, announcement.is_pinned = clock.now(), False
        call_back(announcement)


def call_back(announcement: Announcement) -> None:
    """Every notice of it says that it is withdrawn, and what is not sent yet never is. In the caller's transaction."""
    db.session.execute(_mark_notices(announcement))
    db.session.execute(
        update(Delivery)
        .where(Delivery.message_key.in_(announcement.keys), Delivery.state.in_(UNSENT))
        .values(state="late", settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _mark_notices(announcement: Announcement) -> Update:
    """Twice is once."""
    said = Notice.title.startswith(WITHDRAWN)
    marked = func.substr(literal(WITHDRAWN).concat(Notice.title), 1, 160)
    return (
        update(Notice)
        .where(Notice.dedupe_key.in_(announcement.keys))
        .values(title=case((said, Notice.title), else_=marked))
        .execution_options(synchronize_session=False)
    )
