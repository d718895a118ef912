"""What happens on the floor by itself: questions end, idle visits close, forgotten sets end, tempos are noted.

Called every few seconds by jobs.floor. Looks first, and opens a transaction only where something is due.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from app.db import db, transaction
from app.floor import live, queries, rules
from app.floor.actions.plays import end_playing
from app.floor.models import DjSet, FloorVisit, Play, TempoReading
from app.lib import clock

FORGOTTEN_AFTER = timedelta(hours=6)  # nothing played for so long: the DJ went home without a tap
READ_EVERY_SECONDS = 30
SURELY_TOLD_AFTER = timedelta(minutes=1)


def sweep() -> None:
    """One round over every set under way, and every question whose time is over.

    All of a set's regions are drawn anew, and only what differs is sent: a publish that died with its process between
    commit and Redis is made good within one round.
    """
    moment = clock.now()
    _close_polls(moment)
    _close_idle_visits(moment)
    for dj_set in queries.live_sets():
        set_id, code = dj_set.id, dj_set.code
        if _is_forgotten(dj_set, moment):
            _end_forgotten(set_id, moment)
            live.set_changed(code)
            continue
        _note_tempo(set_id, moment)
        live.counts_changed(code)
    for code in queries.just_ended(moment - SURELY_TOLD_AFTER):
        live.counts_changed(code)


def _close_polls(moment: datetime) -> None:
    set_ids = {poll.dj_set_id for poll in queries.polls_to_close(moment)}
    if not set_ids:
        return
    with transaction() as session:
        for poll in queries.polls_to_close(moment):
            poll.closed_at = poll.closes_at
        codes = list(session.scalars(select(DjSet.code).where(DjSet.id.in_(set_ids))))
    for code in codes:
        live.poll_changed(code)


def close_due_poll(poll_id: int) -> None:
    """Owed when a question was opened: note its end. Twice is once."""
    del poll_id  # whatever is due is closed: this one, and one that was missed
    _close_polls(clock.now())


def _close_idle_visits(moment: datetime) -> None:
    idle = (FloorVisit.left_at.is_(None), FloorVisit.seen_at < moment - rules.IDLE_AFTER)
    if db.session.scalar(select(FloorVisit.id).where(*idle).limit(1)) is None:
        return
    with transaction() as session:
        session.execute(update(FloorVisit).where(*idle).values(left_at=FloorVisit.seen_at))


def _is_forgotten(dj_set: DjSet, moment: datetime) -> bool:
    newest = db.session.scalar(select(func.max(Play.played_at)).where(Play.dj_set_id == dj_set.id))
    news = max(filter(None, (newest, dj_set.started_at)))
    return bool(moment - news > FORGOTTEN_AFTER)


def _end_forgotten(set_id: int, moment: datetime) -> None:
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        if dj_set.is_over:
            return
        end_playing(dj_set, moment)
        newest = session.scalar(select(func.max(Play.ended_at)).where(Play.dj_set_id == set_id))
        dj_set.state, dj_set.ended_at, dj_set.offered_at = "ended", newest or dj_set.started_at, None


def _note_tempo(set_id: int, moment: datetime) -> None:
    """The totals of this half minute, for the energy curve. Under five voters nothing is kept."""
    tempo = queries.tempo_now(set_id, moment)
    if not tempo.is_shown:
        return
    second = moment.second // READ_EVERY_SECONDS * READ_EVERY_SECONDS
    read_at = moment.replace(second=second, microsecond=0)
    with transaction() as session:
        values = {"slower": tempo.slower, "perfect": tempo.perfect, "faster": tempo.faster}
        session.merge(TempoReading(dj_set_id=set_id, read_at=read_at, **values))
