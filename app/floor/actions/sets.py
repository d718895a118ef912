"""A set begins, ends, and passes from one DJ to the next. Called by the booth and the demo."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.db import transaction
from app.floor import live, queries, rules
from app.floor.actions.plays import end_playing
from app.floor.actions.polls import close_open
from app.floor.models import DjSet, FloorVisit, NextUp, facts_of
from app.lib import clock, tokens
from app.people.models import Person

CODE_LENGTH = 6


@dataclass(frozen=True, slots=True)
class SetPlan:
    """What a set is to be: in a slot of an event, or anywhere."""

    title: str
    zone: str
    place: str = ""
    dance: str = "wcs"
    event_id: int | None = None
    slot_id: int | None = None
    gig_id: int | None = None


def start(person: Person, plan: SetPlan, *, started_at: datetime | None = None) -> str:
    """Begin a set now; returns its public id.

    A DJ plays one set at a time: an older one that still runs ends. So does another DJ's in the same slot: that is a
    change at the decks, and the room must not go on seeing the former song.
    """
    with transaction() as session:
        moment = started_at or clock.now()
        former = _running(plan, person.id)
        for running in former:
            _end(session, running, moment)
        session.flush()
        made = _new_set(session, person.id, plan, moment)
        before = next((running for running in former if plan.slot_id and running.slot_id == plan.slot_id), None)
        if before is not None and queries.successor_of(before) is None:
            made.handed_over_from_id = before.id
        session.flush()
        public_id, codes = made.public_id, [made.code, *(running.code for running in former)]
    for code in codes:
        live.set_changed(code)
    return public_id


def _running(plan: SetPlan, person_id: int) -> list[DjSet]:
    mine = DjSet.person_id == person_id
    scope = mine if plan.slot_id is None else mine | (DjSet.slot_id == plan.slot_id)
    from app.db import db

    return list(db.session.scalars(select(DjSet).where(DjSet.state == "live", scope).with_for_update()))


def _new_set(session: Any, person_id: int, plan: SetPlan, moment: datetime) -> DjSet:
    made = DjSet(
        code=_free_code(), person_id=person_id, event_id=plan.event_id, slot_id=plan.slot_id, gig_id=plan.gig_id,
        title=plan.title, place=plan.place, zone=plan.zone, dance=plan.dance, state="live", started_at=moment,
    )  # fmt: skip
    session.add(made)
    return made


def _free_code() -> str:
    """Six letters and digits without look-alikes: 887 million, so a clash is looked for and a guess is hopeless."""
    while True:
        code = "".join(secrets.choice(tokens.ALPHABET) for _ in range(CODE_LENGTH))
        if not queries.code_taken(code):
            return code


def describe(set_id: int, *, title: str, place: str, dance: str) -> None:
    """Its name, where it is, and for which dance tempos count."""
    with transaction():
        dj_set = queries.locked_set(set_id)
        dj_set.title, dj_set.place, dj_set.dance = title, place, dance
        code = dj_set.code
    live.set_changed(code)


def end(set_id: int) -> None:
    """The last song has been played: the room shows nothing any more. Ending twice is once."""
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        _end(session, dj_set, clock.now())
        code = dj_set.code
    live.set_changed(code)


def _end(session: Any, dj_set: DjSet, moment: datetime) -> None:
    if dj_set.is_over:
        return
    end_playing(dj_set, moment)
    close_open(dj_set.id, moment)
    dj_set.started_at = dj_set.started_at or moment
    dj_set.state, dj_set.ended_at, dj_set.offered_at = "ended", max(moment, dj_set.started_at), None
    here = (FloorVisit.dj_set_id == dj_set.id, FloorVisit.left_at.is_(None))
    session.execute(update(FloorVisit).where(*here).values(left_at=FloorVisit.seen_at))


def offer(set_id: int, to: Person | None, *, note: str, do_not_play: str) -> None:
    """My half of handing over: the card is ready. The set goes on until the next DJ takes it. Raises SetOver."""
    with transaction():
        dj_set = queries.locked_set(set_id)
        rules.must_be_live(dj_set)
        if to is None or to.id == dj_set.person_id:
            raise rules.NobodyToTakeOver("Name the DJ who plays next, by @handle.", "to")
        dj_set.offered_at, dj_set.offered_to_id = clock.now(), to.id
        dj_set.handover_note, dj_set.do_not_play = note, do_not_play
        code = dj_set.code
    live.booth_changed(code)


def withdraw_offer(set_id: int) -> None:
    """I play on."""
    with transaction():
        dj_set = queries.locked_set(set_id)
        dj_set.offered_at = dj_set.offered_to_id = None
        code = dj_set.code
    live.booth_changed(code)


def take_over(person: Person, set_public_id: str, *, with_line: bool = False) -> str:
    """The other half: the former set ends and mine begins, in one instant; returns the public id of mine.

    Do-not-play wishes go along, and what was lined up if asked for. Raises SetOver when it was not offered (any more).
    """
    with transaction() as session:
        former = session.scalar(select(DjSet).where(DjSet.public_id == set_public_id).with_for_update())
        if former is None or former.offered_to_id != person.id or former.offered_at is None or not former.is_live:
            raise rules.SetOver("This set is not being handed over to you any more.")
        moment = clock.now()
        own = [running for running in _running(SetPlan("", former.zone), person.id) if running.id != former.id]
        for running in (former, *own):
            _end(session, running, moment)
        session.flush()
        plan = SetPlan(
            former.title, former.zone, former.place, former.dance, former.event_id, former.slot_id, gig_id=None
        )
        made = _new_set(session, person.id, plan, moment)
        made.handed_over_from_id, made.do_not_play = former.id, former.do_not_play
        session.flush()
        if with_line:
            _carry_line(session, former, made)
        public_id, codes = made.public_id, [made.code, former.code, *(running.code for running in own)]
    for code in codes:
        live.set_changed(code)
    return public_id


def _carry_line(session: Any, former: DjSet, made: DjSet) -> None:
    """As text: the tracks are in the other DJ's crate."""
    for entry in queries.next_up(former.id):
        session.add(NextUp(dj_set_id=made.id, position=entry.position, **facts_of(entry)))
