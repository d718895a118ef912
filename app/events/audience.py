"""Who hears an announcement: one query for the preview and for the sending, so that the two cannot differ.

Called by the announcement center, by the schedule's tell pages and by jobs. Somebody with several devices, or who both
follows and stars, is one person. Reads only; tables of the floor above (slot, star) are named, not imported.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, and_, case, func, or_, select, union
from sqlalchemy.sql.selectable import CompoundSelect, Subquery

from app.db import db
from app.events.models import Announcement, Event, Follow
from app.notify.holders import Holder
from app.notify.models import ChannelChoice, PushSubscription
from app.people.models import Device, Person

AUDIENCES = ("everybody", "starred", "nobody")


@dataclass(frozen=True, slots=True)
class Reach:
    """How many it goes to."""

    people: int
    by_push: int


NOBODY = Reach(0, 0)


def holders(announcement: Announcement) -> list[Holder]:
    """Who is to hear it, as things are now. Nobody while the event's page is hidden: it would lead nowhere."""
    event = db.session.get(Event, announcement.event_id)
    if event is None or not event.is_published:
        return []
    found = _heard_by(announcement.event_id, announcement.audience, slots_of(announcement))
    return [] if found is None else [Holder(*row) for row in db.session.execute(found)]


def followers(event_id: int) -> list[Holder]:
    """Everybody who follows an event."""
    found = _held(Follow.metadata.tables["follow"]).where(Follow.event_id == event_id).distinct()
    return [Holder(*row) for row in db.session.execute(found)]


def with_push(event_id: int) -> list[Holder]:
    """Of everybody, those whom a push about a change would reach."""
    found = _heard_by(event_id, "everybody", ())
    if found is None:
        return []
    crowd = found.subquery()
    pushed = select(crowd.c.person_id, crowd.c.device_id).where(*_by_push(crowd, "change"))
    return [Holder(*row) for row in db.session.execute(pushed)]


def reach(event_id: int, audience: str, slots: Collection[str] = (), *, is_change: bool = False) -> Reach:
    """How many such an announcement would go to, and how many of them by push."""
    found = _heard_by(event_id, audience, slots)
    if found is None:
        return NOBODY
    crowd = found.subquery()
    suspended = select(Person.id).where(Person.id == crowd.c.person_id, Person.suspended_at.is_not(None))
    counted = select(func.count()).select_from(crowd).where(~suspended.exists())  # as notify leaves them out
    people = db.session.scalar(counted) or 0
    pushed = counted.where(*_by_push(crowd, "change" if is_change else "announcement"))
    return Reach(people, db.session.scalar(pushed) or 0)


def slots_of(announcement: Announcement) -> list[str]:
    """Public ids of the slots whose stars count: all that its edit changed, or the one that it is about."""
    about = [announcement.slot_public_id] if announcement.slot_public_id else []
    if announcement.batch is None:
        return about
    change = _table("slot_change")
    found = select(change.c.slot_public_id).where(
        change.c.event_id == announcement.event_id, change.c.batch == announcement.batch
    )
    return list(dict.fromkeys([*about, *db.session.scalars(found)]))


def stars_by_slot(event_id: int) -> dict[str, int]:
    """Public id of a slot to how many people starred it, for the slots that anybody did."""
    star, slot = _table("star"), _table("slot")
    person = func.coalesce(star.c.person_id, Device.person_id, -star.c.device_id)
    found = (
        select(slot.c.public_id, func.count(func.distinct(person)))
        .select_from(star.join(slot, slot.c.id == star.c.slot_id).outerjoin(Device, Device.id == star.c.device_id))
        .where(slot.c.event_id == event_id)
        .group_by(slot.c.public_id)
    )
    return {row[0]: row[1] for row in db.session.execute(found)}


def _heard_by(event_id: int, audience: str, slots: Collection[str]) -> CompoundSelect[Any] | None:
    star, slot, follow = _table("star"), _table("slot"), _table("follow")
    starred = _held(star).join(slot, slot.c.id == star.c.slot_id).where(slot.c.event_id == event_id)
    if audience == "everybody":
        return union(_held(follow).where(follow.c.event_id == event_id), starred)
    if audience == "starred" and slots:
        return union(starred.where(slot.c.public_id.in_(slots)))
    return None


def _held(table: Table) -> Select[Any]:
    """(person, device) of a table of held things: what a claimed device holds is its person's."""
    person = func.coalesce(table.c.person_id, Device.person_id)
    return select(
        person.label("person_id"), case((person.is_(None), table.c.device_id)).label("device_id")
    ).select_from(table.outerjoin(Device.__table__, Device.id == table.c.device_id))


def _by_push(crowd: Subquery, category: str) -> list[Any]:
    """Conditions: a browser of theirs may be pushed to, and they have not said no to this category."""
    owner = func.coalesce(PushSubscription.person_id, Device.person_id)
    theirs = or_(owner == crowd.c.person_id, and_(owner.is_(None), PushSubscription.device_id == crowd.c.device_id))
    subscribed = select(PushSubscription.id).outerjoin(Device, Device.id == PushSubscription.device_id).where(theirs)
    declined = select(ChannelChoice.person_id).where(
        ChannelChoice.person_id == crowd.c.person_id, ChannelChoice.category == category,
        ChannelChoice.channel == "push", ChannelChoice.is_on.is_(False),
    )  # fmt: skip
    return [subscribed.exists(), ~declined.exists()]


def _table(name: str) -> Table:
    return Event.metadata.tables[name]
