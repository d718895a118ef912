"""Tables of notify: push subscriptions, in-app notices, what each person wants to hear and when, and what was sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Dated, Identified, Sealed, db
from app.people.models import Held, one_holder

CATEGORIES = ("alert", "change", "announcement", "registration", "gig", "playlist")
CHANNELS = ("push", "mail", "in_app")
LEADS = (5, 10, 15, 30)


class PushSubscription(Held, Identified, Dated, db.Model):
    """A browser that may be pushed to. The endpoint is a secret address, chosen by whoever subscribed: sealed, and
    checked against SSRF when it is stored and again whenever something is sent.
    """

    endpoint: Mapped[str] = mapped_column(Sealed("push.endpoint"))
    endpoint_index: Mapped[str] = mapped_column(String(64), unique=True)
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(Sealed("push.auth"))
    last_seen_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)

    __table_args__ = (one_holder(),)


class Notice(Identified, Dated, db.Model):
    """One line in somebody's notice center. The dedupe key makes telling twice the same as once."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    category: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(160))
    body: Mapped[str] = mapped_column(String(1000), default="")
    href: Mapped[str] = mapped_column(String(300), default="")
    zone: Mapped[str] = mapped_column(String(60), default="UTC")  # the wall clock that its time is shown on
    dedupe_key: Mapped[str] = mapped_column(String(120))
    read_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("person_id", "dedupe_key"),
        Index("ix_notice_person_id_created_at", "person_id", "created_at"),
    )


class NotifySettings(db.Model):
    """How a person wants to be reached. No row means the defaults. Minutes of quiet are on the event's wall clock."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    lead_minutes: Mapped[int] = mapped_column(default=10)
    pushes_per_hour: Mapped[int] = mapped_column(default=6)
    is_quiet: Mapped[bool] = mapped_column(default=True)
    quiet_from_minute: Mapped[int] = mapped_column(default=240)  # 04:00, when the event's night ends
    quiet_to_minute: Mapped[int] = mapped_column(default=540)  # 09:00

    __table_args__ = (CheckConstraint("lead_minutes IN (5, 10, 15, 30)", name="lead_known"),)


class ChannelChoice(db.Model):
    """A choice that differs from the default of its category and channel."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    category: Mapped[str] = mapped_column(String(16), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    is_on: Mapped[bool]


class Delivery(Held, Dated, db.Model):
    """One message to one holder by one channel: written before it is sent, so that a repeat finds it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    message_key: Mapped[str] = mapped_column(String(120), index=True)  # what all deliveries of one message share
    channel: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10))  # waiting | sent | failed | gone | quiet | budget | off | late
    settled_at: Mapped[datetime | None]

    __table_args__ = (one_holder(),)
