"""Named reads of notify: who can be reached, what they chose, what was sent. No writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import func, or_, select

from app.db import db, sealer
from app.notify.holders import Holder
from app.notify.models import ChannelChoice, Delivery, Notice, NotifySettings, PushSubscription
from app.notify.rules import DEFAULTS, Preferences
from app.people.models import Device, Person
from app.people.queries import held_by
from app.people.viewer import Viewer

T = TypeVar("T")
OPEN = ("waiting", "failed")  # states in which a delivery is still owed


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the pushes and mails of one message are. Held back: quiet hours, budget, switched off, or too late."""

    total: int
    sent: int
    failed: int
    gone: int
    held_back: int

    @property
    def waiting(self) -> int:
        return self.total - self.sent - self.failed - self.gone - self.held_back

    @property
    def is_done(self) -> bool:
        return self.waiting == 0 and self.failed == 0


@dataclass(frozen=True, slots=True)
class Target:
    """A push that is still owed: which delivery, to whom, and where to."""

    delivery_id: int
    subscription_id: int
    holder: Holder
    endpoint: str
    p256dh: str
    auth: str


def chunks(things: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """The things in pieces that one statement and one transaction can take."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


def endpoint_index(endpoint: str) -> str:
    """Where an endpoint is found: a keyed hash of it."""
    return sealer().blind_index(endpoint, "push.endpoint")


# ---- who ----


def reachable(holders: Iterable[Holder]) -> list[Holder]:
    """The holders as they are now, each once: a claimed device is its person; suspended and forgotten ones are out."""
    asked = list(dict.fromkeys(holders))
    owners: dict[int, int | None] = {}
    for ids in chunks(sorted({h.device_id for h in asked if h.device_id is not None})):
        found = db.session.execute(select(Device.id, Device.person_id).where(Device.id.in_(ids)))
        owners |= {row.id: row.person_id for row in found}
    now = [_as_it_is(holder, owners) for holder in asked if holder.device_id is None or holder.device_id in owners]
    persons = _active({h.person_id for h in now if h.person_id is not None})
    return list(dict.fromkeys(h for h in now if h.person_id is None or h.person_id in persons))


def _as_it_is(holder: Holder, owners: dict[int, int | None]) -> Holder:
    owner = owners.get(holder.device_id) if holder.device_id is not None else None
    return Holder(owner, None) if owner is not None else holder


def _active(person_ids: set[int]) -> set[int]:
    found: set[int] = set()
    for ids in chunks(sorted(person_ids)):
        active = select(Person.id).where(Person.id.in_(ids), Person.suspended_at.is_(None))
        found |= set(db.session.scalars(active))
    return found


def subscriptions_of(holders: Sequence[Holder]) -> list[tuple[int, Holder]]:
    """(subscription, its holder) for at most a few hundred holders; those of a claimed device are its person's."""
    person = func.coalesce(PushSubscription.person_id, Device.person_id).label("person")
    found = (
        select(PushSubscription.id, person, PushSubscription.device_id)
        .outerjoin(Device, Device.id == PushSubscription.device_id)
        .where(
            or_(
                person.in_([h.person_id for h in holders if h.person_id is not None]),
                PushSubscription.device_id.in_([h.device_id for h in holders if h.device_id is not None]),
            )
        )
        .order_by(PushSubscription.id)
    )
    return [
        (row.id, Holder(row.person, None) if row.person is not None else Holder(None, row.device_id))
        for row in db.session.execute(found)
    ]


def untold(message_key: str, holders: Sequence[Holder]) -> list[Holder]:
    """Those whom a message could reach and has not: for sweeps that ask again and again, and should write nothing.

    A guest counts only with a phone that may be pushed to; a person has the notice center anyway.
    """
    persons, devices = _ids(holders)
    noticed = select(Notice.person_id).where(Notice.dedupe_key == message_key, Notice.person_id.in_(persons))
    delivered = select(Delivery.person_id, Delivery.device_id).where(Delivery.message_key == message_key)
    told = {Holder(person_id, None) for person_id in db.session.scalars(noticed)}
    told |= {Holder(*row) for row in db.session.execute(delivered)}
    phones = select(PushSubscription.device_id).where(PushSubscription.device_id.in_(devices))
    with_phone = set(db.session.scalars(phones))
    return [h for h in holders if h not in told and (h.person_id is not None or h.device_id in with_phone)]


def subscription_by_endpoint(endpoint: str) -> PushSubscription | None:
    return db.session.scalar(
        select(PushSubscription).where(PushSubscription.endpoint_index == endpoint_index(endpoint))
    )


def subscriptions_held(viewer: Viewer) -> list[PushSubscription]:
    """The viewer's own, longest unseen first."""
    mine = held_by(PushSubscription, viewer)
    if mine is None:
        return []
    found = select(PushSubscription).where(mine).order_by(PushSubscription.last_seen_at, PushSubscription.id)
    return list(db.session.scalars(found))


# ---- what they chose ----


def preferences_of(person_ids: Iterable[int]) -> dict[int, Preferences]:
    """What each of a few hundred persons chose, in two queries; every id has an answer."""
    ids = set(person_ids)
    if not ids:
        return {}
    choices: dict[int, dict[tuple[str, str], bool]] = defaultdict(dict)
    for row in db.session.scalars(select(ChannelChoice).where(ChannelChoice.person_id.in_(ids))):
        choices[row.person_id][row.category, row.channel] = row.is_on
    kept = {row.person_id: row for row in db.session.scalars(_settings_of(ids))}
    return {person_id: _preferences(kept.get(person_id), choices[person_id]) for person_id in ids}


def preferences(person_id: int | None) -> Preferences:
    """What one person chose; the defaults for a guest."""
    return DEFAULTS if person_id is None else preferences_of([person_id])[person_id]


def _settings_of(person_ids: set[int]) -> Any:
    return select(NotifySettings).where(NotifySettings.person_id.in_(person_ids))


def _preferences(row: NotifySettings | None, choices: dict[tuple[str, str], bool]) -> Preferences:
    if row is None:
        return replace(DEFAULTS, choices=choices)
    return Preferences(
        lead_minutes=row.lead_minutes,
        pushes_per_hour=row.pushes_per_hour,
        is_quiet=row.is_quiet,
        quiet_from_minute=row.quiet_from_minute,
        quiet_to_minute=row.quiet_to_minute,
        choices=choices,
    )


# ---- what was sent ----


def progress(message_key: str) -> Progress:
    """How far a message is, counted from its deliveries by push and mail."""
    return progress_of([message_key])[message_key]


def progress_of(message_keys: Sequence[str]) -> dict[str, Progress]:
    """The same for several messages, in one query."""
    found = (
        select(Delivery.message_key, Delivery.state, func.count())
        .where(Delivery.message_key.in_(message_keys))
        .group_by(Delivery.message_key, Delivery.state)
    )
    counts: dict[str, dict[str, int]] = {key: {} for key in message_keys}
    for key, state, count in db.session.execute(found):
        counts[key][state] = count
    return {key: _progress(of) for key, of in counts.items()}


def _progress(counts: dict[str, int]) -> Progress:
    return Progress(
        total=sum(counts.values()),
        sent=counts.get("sent", 0),
        failed=counts.get("failed", 0),
        gone=counts.get("gone", 0),
        held_back=sum(counts.get(state, 0) for state in ("quiet", "budget", "off", "late")),
    )


def open_pushes(pairs: Sequence[Sequence[int]]) -> tuple[list[Target], list[int]]:
    """Of (delivery, subscription) pairs: what is still to be sent, and deliveries whose subscription is gone."""
    open_ones = select(Delivery).where(Delivery.id.in_([pair[0] for pair in pairs]), Delivery.state.in_(OPEN))
    waiting = {row.id: Holder(row.person_id, row.device_id) for row in db.session.scalars(open_ones)}
    wanted = select(PushSubscription).where(PushSubscription.id.in_([pair[1] for pair in pairs]))
    living = {row.id: row for row in db.session.scalars(wanted)}
    targets = [
        Target(delivery, subscription, waiting[delivery], row.endpoint, row.p256dh, row.auth)
        for delivery, subscription in pairs
        if delivery in waiting and (row := living.get(subscription))
    ]
    return targets, [delivery for delivery, subscription in pairs if delivery in waiting and subscription not in living]


def pushes_last_hour(holders: Iterable[Holder], moment: datetime, *, but: str) -> dict[Holder, int]:
    """How many messages reached each holder's phones within the hour; one message to three phones is one."""
    persons, devices = _ids(holders)
    found = (
        select(Delivery.person_id, Delivery.device_id, func.count(Delivery.message_key.distinct()))
        .where(
            Delivery.channel == "push",
            Delivery.state == "sent",
            Delivery.message_key != but,
            Delivery.settled_at > moment - timedelta(hours=1),
            or_(Delivery.person_id.in_(persons), Delivery.device_id.in_(devices)),
        )
        .group_by(Delivery.person_id, Delivery.device_id)
    )
    return {Holder(person, device): count for person, device, count in db.session.execute(found)}


def _ids(holders: Iterable[Holder]) -> tuple[set[int], set[int]]:
    asked = list(holders)
    return {h.person_id for h in asked if h.person_id is not None}, {
        h.device_id for h in asked if h.device_id is not None
    }


def open_mail(delivery_id: int) -> Delivery | None:
    """A delivery by mail that is still owed."""
    return db.session.scalar(select(Delivery).where(Delivery.id == delivery_id, Delivery.state.in_(OPEN)))


# ---- notices ----


def unread_count(person_id: int) -> int:
    found = select(func.count(Notice.id)).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    return db.session.scalar(found) or 0


def public_ids(person_ids: Sequence[int]) -> list[str]:
    """The public ids of these persons."""
    return list(db.session.scalars(select(Person.public_id).where(Person.id.in_(person_ids)))) if person_ids else []


def unread_counts(person_ids: Sequence[int]) -> dict[str, int]:
    """Unread notices by public id, for the badges of at most a few hundred persons."""
    unread = func.count(Notice.id)
    found = (
        select(Person.public_id, unread)
        .outerjoin(Notice, (Notice.person_id == Person.id) & Notice.read_at.is_(None))
        .where(Person.id.in_(person_ids))
        .group_by(Person.public_id)
    )
    return {row[0]: row[1] for row in db.session.execute(found)}


def notices_of(person_id: int, category: str = "", *, page: int = 1, per_page: int = 40) -> Any:
    """A page of somebody's notices, newest first."""
    found = select(Notice).where(Notice.person_id == person_id).order_by(Notice.created_at.desc(), Notice.id.desc())
    if category:
        found = found.where(Notice.category == category)
    return db.paginate(found, page=page, per_page=per_page, error_out=False)


def notice_of(person_id: int, public_id: str) -> Notice | None:
    return db.session.scalar(select(Notice).where(Notice.person_id == person_id, Notice.public_id == public_id))
