"""Named reads of the floor: sets, plays, hearts, votes, polls, visits, repeats. No writes.

Counts are of dancers: somebody with two claimed devices counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.db import db
from app.floor import rules
from app.floor.hints import Repeat
from app.floor.models import (
    HEARD_STATUSES,
    DjSet,
    FeedToken,
    FloorVisit,
    Heart,
    NextUp,
    Play,
    Poll,
    PollVote,
    SavedMinute,
    TempoVote,
)
from app.floor.rules import Tempo
from app.lib import tokens
from app.people.models import Device, Held, Person
from app.people.queries import held_by
from app.people.viewer import Viewer

PLAYED_SHOWN = 200


# ---- sets ----


def set_by_code(code: str) -> DjSet | None:
    """The set behind a join code; people type it in any case."""
    found = select(DjSet).options(joinedload(DjSet.person), joinedload(DjSet.event))
    return db.session.scalar(found.where(DjSet.code == code.lower()))


def set_for(viewer: Viewer, code: str) -> DjSet:
    """A set that dancers may see: it has begun, and its event is not hidden from them. Else 404."""
    found = set_by_code(code)
    if found is None or found.state == "planned" or not open_to(viewer, found):
        abort(404)
    return found


def open_to(viewer: Viewer, dj_set: DjSet) -> bool:
    """Whether this viewer may see the set at all."""
    event = dj_set.event
    if event is None or event.is_published:
        return True
    return viewer.organizes(event) or (viewer.person is not None and viewer.person.id == dj_set.person_id)


def own_set(viewer: Viewer, public_id: str) -> DjSet:
    """The DJ's own set. Else 404."""
    found: DjSet | None = db.session.scalar(
        select(DjSet)
        .options(joinedload(DjSet.person), joinedload(DjSet.event), joinedload(DjSet.slot))
        .where(DjSet.public_id == public_id)
    )
    if found is None or viewer.person is None or found.person_id != viewer.person.id:
        abort(404)
    return found


def locked_set(set_id: int) -> DjSet:
    """The set's row for an action: on PostgreSQL locked, so that changes of one set follow one another."""
    found: DjSet = db.session.scalars(select(DjSet).where(DjSet.id == set_id).with_for_update()).one()
    return found


def sets_of(person_id: int, limit: int = 20) -> list[DjSet]:
    """A DJ's sets, live ones first, then the newest."""
    order = (DjSet.state != "live", DjSet.started_at.desc().nulls_last(), DjSet.id.desc())
    found = select(DjSet).options(joinedload(DjSet.event)).where(DjSet.person_id == person_id).order_by(*order)
    return list(db.session.scalars(found.limit(limit)))


def live_set_of(person_id: int) -> DjSet | None:
    """The set that this DJ plays now: the one begun last."""
    found = select(DjSet).where(DjSet.person_id == person_id, DjSet.state == "live")
    return db.session.scalar(found.order_by(DjSet.started_at.desc(), DjSet.id.desc()).limit(1))


def live_sets() -> list[DjSet]:
    """Every set under way."""
    return list(db.session.scalars(select(DjSet).where(DjSet.state == "live").order_by(DjSet.id)))


def just_ended(since: datetime) -> list[str]:
    """Codes of sets that ended since then: their last publish may have died with its process."""
    return list(db.session.scalars(select(DjSet.code).where(DjSet.ended_at >= since)))


def live_sets_of_event(event_id: int) -> list[DjSet]:
    """Who plays now at an event."""
    found = select(DjSet).options(joinedload(DjSet.person)).where(DjSet.event_id == event_id, DjSet.state == "live")
    return list(db.session.scalars(found.order_by(DjSet.started_at)))


def live_set_of_slot(slot_public_id: str) -> DjSet | None:
    """Who plays now in a slot of the schedule."""
    from app.schedule.models import Slot

    found = select(DjSet).join(Slot, Slot.id == DjSet.slot_id).options(joinedload(DjSet.person))
    living = found.where(Slot.public_id == slot_public_id, DjSet.state == "live")
    return db.session.scalar(living.order_by(DjSet.started_at.desc()).limit(1))


def successor_of(dj_set: DjSet) -> DjSet | None:
    """The set that took over from this one."""
    return db.session.scalar(select(DjSet).where(DjSet.handed_over_from_id == dj_set.id))


def offered_to(person: Person) -> list[DjSet]:
    """Live sets whose DJ hands over to this person, and those of the same event that anybody may take."""
    found = select(DjSet).options(joinedload(DjSet.person), joinedload(DjSet.event))
    mine = found.where(DjSet.state == "live", DjSet.offered_at.is_not(None), DjSet.offered_to_id == person.id)
    return list(db.session.scalars(mine.order_by(DjSet.offered_at)))


def code_taken(code: str) -> bool:
    return db.session.scalar(select(DjSet.id).where(DjSet.code == code)) is not None


# ---- plays ----


def plays_of(set_id: int, statuses: Collection[str] | None = None) -> list[Play]:
    """The set's plays in order of time."""
    found = select(Play).where(Play.dj_set_id == set_id)
    if statuses is not None:
        found = found.where(Play.status.in_(tuple(statuses)))
    return list(db.session.scalars(found.order_by(Play.played_at, Play.id)))


def plays_by_set(set_ids: Collection[int]) -> dict[int, list[Play]]:
    """What was heard in each of these sets, in order of time."""
    found: dict[int, list[Play]] = {}
    heard = select(Play).where(Play.dj_set_id.in_(tuple(set_ids)), Play.status.in_(HEARD_STATUSES))
    for play in db.session.scalars(heard.order_by(Play.played_at, Play.id)):
        found.setdefault(play.dj_set_id, []).append(play)
    return found


def newest_plays(set_id: int, limit: int = PLAYED_SHOWN) -> list[Play]:
    """What the room heard, newest first."""
    found = select(Play).where(Play.dj_set_id == set_id, Play.status.in_(HEARD_STATUSES))
    return list(db.session.scalars(found.order_by(Play.played_at.desc(), Play.id.desc()).limit(limit)))


def playing(set_id: int) -> Play | None:
    """The play that the ledger holds for the present one; rules.plays_now says whether to believe it."""
    return db.session.scalar(select(Play).where(Play.dj_set_id == set_id, Play.status == "playing"))


def now_playing(dj_set: DjSet, moment: datetime) -> Play | None:
    """What the room may be told."""
    found = playing(dj_set.id)
    return found if found and rules.plays_now(found, dj_set, moment) else None


def play_of(set_id: int, public_id: str) -> Play | None:
    return db.session.scalar(select(Play).where(Play.dj_set_id == set_id, Play.public_id == public_id))


def play_by_client_id(client_id: str) -> Play | None:
    return db.session.scalar(select(Play).where(Play.client_id == client_id))


def questions_of(set_id: int) -> list[Play]:
    """Taps that contradict the ledger: the DJ decides."""
    found = select(Play).options(joinedload(Play.rival)).where(Play.dj_set_id == set_id, Play.status == "asked")
    return list(db.session.scalars(found.order_by(Play.played_at)))


def next_up(set_id: int) -> list[NextUp]:
    """What is lined up, next first."""
    found = select(NextUp).where(NextUp.dj_set_id == set_id).order_by(NextUp.position, NextUp.id)
    return list(db.session.scalars(found))


def repeats(dj_set: DjSet, work_keys: Iterable[str]) -> dict[str, list[Repeat]]:
    """Where works were played before: at the whole event by all of its DJs, else within this DJ's own set.

    Keys are work keys; the newest play comes first. What plays right now counts as well.
    """
    wanted = {key for key in work_keys if key}
    if not wanted:
        return {}
    found: dict[str, list[Repeat]] = {}
    for play, name in _ledger(dj_set, Play.work_key.in_(wanted)):
        found.setdefault(play.work_key, []).append(Repeat(play.played_at, name, play.title, play.artist, exact=True))
    return found


def ledger(dj_set: DjSet, limit: int = 2000) -> list[tuple[Play, str]]:
    """Everything played at the event so far with its DJ's name, newest first: what a booth keeps for a Wi-Fi gap."""
    return _ledger(dj_set, None, limit)


def _ledger(dj_set: DjSet, only: ColumnElement[bool] | None, limit: int = 500) -> list[tuple[Play, str]]:
    scope = DjSet.event_id == dj_set.event_id if dj_set.event_id else DjSet.id == dj_set.id
    found = (
        select(Play, Person.name)
        .join(DjSet, DjSet.id == Play.dj_set_id)
        .join(Person, Person.id == DjSet.person_id)
        .where(scope, Play.status.in_(HEARD_STATUSES))
    )
    if only is not None:
        found = found.where(only)
    rows = db.session.execute(found.order_by(Play.played_at.desc(), Play.id.desc()).limit(limit))
    return [(play, name) for play, name in rows]


# ---- what dancers gave ----


def _dancer(model: type[Held]) -> ColumnElement[Any]:
    """One number per dancer: the account, or the guest's device below zero."""
    return func.coalesce(model.person_id, Device.person_id, -model.device_id)


def heart_count(play_id: int) -> int:
    """How many dancers like a play."""
    found = select(func.count(func.distinct(_dancer(Heart)))).outerjoin(Device, Device.id == Heart.device_id)
    return db.session.scalar(found.where(Heart.play_id == play_id)) or 0


def heart_counts(play_ids: Iterable[int]) -> dict[int, int]:
    """The same for many plays at once."""
    ids = tuple(play_ids)
    if not ids:
        return {}
    found = select(Heart.play_id, func.count(func.distinct(_dancer(Heart))))
    found = found.outerjoin(Device, Device.id == Heart.device_id).where(Heart.play_id.in_(ids))
    return dict(db.session.execute(found.group_by(Heart.play_id)).all())


def hearts_of(viewer: Viewer, set_id: int) -> set[str]:
    """Public ids of the set's plays that this viewer likes."""
    holder = held_by(Heart, viewer)
    if holder is None:
        return set()
    found = select(Play.public_id).join(Heart, Heart.play_id == Play.id).where(Play.dj_set_id == set_id, holder)
    return set(db.session.scalars(found))


def held_rows(model: type[Held], viewer: Viewer, *where: ColumnElement[bool]) -> list[Any]:
    """The viewer's own rows of a table; several when devices were claimed."""
    holder = held_by(model, viewer)
    if holder is None:
        return []
    return list(db.session.scalars(select(model).where(holder, *where)))


def tempo_now(set_id: int, moment: datetime) -> Tempo:
    """Votes that have not faded, one per dancer: of a dancer's devices the newest speaks."""
    found = (
        select(_dancer(TempoVote), TempoVote.choice)
        .outerjoin(Device, Device.id == TempoVote.device_id)
        .where(TempoVote.dj_set_id == set_id, TempoVote.voted_at > moment - rules.FADES_AFTER)
        .order_by(TempoVote.voted_at)
    )
    newest: dict[int, Any] = dict(db.session.execute(found).all())
    return rules.tempo_of(newest.values())


def own_tempo(viewer: Viewer, set_id: int, moment: datetime) -> TempoVote | None:
    """The viewer's vote, until it fades."""
    votes = held_rows(TempoVote, viewer, TempoVote.dj_set_id == set_id, TempoVote.voted_at > moment - rules.FADES_AFTER)
    return max(votes, key=lambda vote: vote.voted_at, default=None)


def minutes_of(viewer: Viewer, set_id: int | None = None, limit: int = 100) -> list[SavedMinute]:
    """The viewer's saved minutes, newest first."""
    holder = held_by(SavedMinute, viewer)
    if holder is None:
        return []
    found = select(SavedMinute).where(holder).options(
        joinedload(SavedMinute.play), joinedload(SavedMinute.dj_set).joinedload(DjSet.person),
        joinedload(SavedMinute.dj_set).joinedload(DjSet.event),
    )  # fmt: skip
    if set_id is not None:
        found = found.where(SavedMinute.dj_set_id == set_id)
    return list(db.session.scalars(found.order_by(SavedMinute.minute_at.desc()).limit(limit)))


# ---- polls ----


def polls_of(set_id: int) -> list[Poll]:
    """All questions of a set: prepared ones in their order, then those that were asked."""
    found = select(Poll).options(selectinload(Poll.options)).where(Poll.dj_set_id == set_id)
    return list(db.session.scalars(found.order_by(Poll.position, Poll.id)))


def poll_of(set_id: int, public_id: str) -> Poll | None:
    found = select(Poll).options(selectinload(Poll.options))
    return db.session.scalar(found.where(Poll.dj_set_id == set_id, Poll.public_id == public_id))


def poll_on_show(set_id: int, moment: datetime) -> Poll | None:
    """The question on the floor's screens: the open one, or the one that has just closed."""
    found = select(Poll).options(selectinload(Poll.options)).where(Poll.dj_set_id == set_id)
    order = (Poll.closed_at.is_not(None), Poll.opened_at.desc(), Poll.id.desc())  # a running one before all others
    newest = db.session.scalar(found.where(Poll.opened_at.is_not(None)).order_by(*order).limit(1))
    return newest if newest and rules.is_on_show(newest, moment) else None


def polls_to_close(moment: datetime) -> list[Poll]:
    """Whose time is over, and nobody has noted it yet."""
    over = (Poll.closes_at <= moment, Poll.closed_at.is_(None))
    return list(db.session.scalars(select(Poll).where(*over)))


def poll_counts(poll_id: int) -> dict[int, int]:
    """Votes by option id, one per dancer: of a dancer's devices the newest speaks."""
    found = (
        select(_dancer(PollVote), PollVote.option_id)
        .outerjoin(Device, Device.id == PollVote.device_id)
        .where(PollVote.poll_id == poll_id)
        .order_by(PollVote.id)
    )
    newest: dict[int, Any] = dict(db.session.execute(found).all())
    counts: dict[int, int] = {}
    for option in newest.values():
        counts[option] = counts.get(option, 0) + 1
    return counts


def own_vote(viewer: Viewer, poll_id: int) -> PollVote | None:
    votes = held_rows(PollVote, viewer, PollVote.poll_id == poll_id)
    return max(votes, key=lambda vote: vote.id, default=None)


# ---- who is here ----


def present(set_id: int, moment: datetime) -> int:
    """Dancers who joined and have been heard of within the last twenty minutes."""
    found = select(func.count(func.distinct(_dancer(FloorVisit)))).outerjoin(Device, Device.id == FloorVisit.device_id)
    here = (FloorVisit.dj_set_id == set_id, FloorVisit.left_at.is_(None))
    return db.session.scalar(found.where(*here, FloorVisit.seen_at > moment - rules.IDLE_AFTER)) or 0


def open_visits(viewer: Viewer, set_id: int) -> list[FloorVisit]:
    return held_rows(FloorVisit, viewer, FloorVisit.dj_set_id == set_id, FloorVisit.left_at.is_(None))


def is_here(viewer: Viewer, set_id: int, moment: datetime) -> bool:
    return any(visit.seen_at > moment - rules.IDLE_AFTER for visit in open_visits(viewer, set_id))


def visits_of(viewer: Viewer, limit: int = 100) -> list[FloorVisit]:
    """The viewer's dance log, newest first."""
    holder = held_by(FloorVisit, viewer)
    if holder is None:
        return []
    found = select(FloorVisit).where(holder).options(
        joinedload(FloorVisit.dj_set).joinedload(DjSet.person), joinedload(FloorVisit.dj_set).joinedload(DjSet.event)
    )  # fmt: skip
    return list(db.session.scalars(found.order_by(FloorVisit.joined_at.desc()).limit(limit)))


# ---- feed tokens ----


def feed_token(token: str) -> FeedToken | None:
    """The living token behind a bearer secret, with its DJ. A suspended account feeds nothing."""
    found = select(FeedToken).options(joinedload(FeedToken.person)).join(Person, Person.id == FeedToken.person_id)
    living = (FeedToken.token_digest == tokens.digest(token), FeedToken.revoked_at.is_(None))
    return db.session.scalar(found.where(*living, Person.suspended_at.is_(None)))


def feed_tokens_of(person_id: int) -> list[FeedToken]:
    found = select(FeedToken).where(FeedToken.person_id == person_id, FeedToken.revoked_at.is_(None))
    return list(db.session.scalars(found.order_by(FeedToken.id)))


def feed_token_of(person_id: int, public_id: str) -> FeedToken | None:
    found = select(FeedToken).where(FeedToken.person_id == person_id, FeedToken.public_id == public_id)
    return db.session.scalar(found)
