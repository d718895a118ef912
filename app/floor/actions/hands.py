"""What dancers do with one thumb: heart, tempo, vote, "that one!", being here. With or without an account.

Asking twice changes nothing. A guest's first tap makes the device that holds it, as a star does; signing in claims it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db import db, transaction
from app.floor import ledger, live, queries, rules
from app.floor.models import (
    CHOICES,
    HEARD_STATUSES,
    DjSet,
    FloorVisit,
    Heart,
    PollVote,
    SavedMinute,
    TempoVote,
)
from app.lib import clock
from app.people.holding import holder
from app.people.queries import held_by
from app.people.viewer import Viewer
from app.waiting.actions import first_time
from app.waiting.taps import Tap

SEEN_EVERY = timedelta(minutes=1)  # how exactly presence is known


@contextmanager
def _hand(viewer: Viewer, set_id: int, device_token: str | None) -> Iterator[tuple[Any, DjSet, dict[str, Any]]]:
    """A transaction with the set and whoever holds what is written; being here is noted on the way."""
    with transaction() as session:
        dj_set = session.get_one(DjSet, set_id)
        held = holder(session, viewer, device_token)
        if dj_set.is_live:
            _note_visit(session, viewer, dj_set, held)
        yield session, dj_set, held


def _note_visit(session: Any, viewer: Viewer, dj_set: DjSet, held: dict[str, Any]) -> None:
    """Joining opens a visit; what one does keeps it open. A visit that fell idle is closed and another one begins."""
    moment, is_open = clock.now(), False
    for visit in queries.open_visits(viewer, dj_set.id):
        if moment - visit.seen_at > rules.IDLE_AFTER:
            visit.left_at = visit.seen_at
        else:
            is_open = True
            if moment - visit.seen_at > SEEN_EVERY:
                visit.seen_at = moment
    if not is_open:
        session.flush()
        _insert_once(session, FloorVisit, dj_set_id=dj_set.id, joined_at=moment, seen_at=moment, **held)


def _insert_once(session: Any, model: Any, **values: Any) -> None:
    """Insert unless the same dancer's row is there already: two taps at once are one."""
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(model).values(**values).on_conflict_do_nothing())


def heart(
    viewer: Viewer, set_id: int, play_id: str, *, on: bool, device_token: str | None = None, tap: Tap | None = None
) -> None:
    """Like a play, or no longer. Raises NotOnNow for a play that is not this set's or that nobody heard."""
    with _hand(viewer, set_id, device_token) as (session, dj_set, held):
        if not first_time(session, tap, viewer):
            return
        play = queries.play_of(dj_set.id, play_id)
        if play is None or play.status not in HEARD_STATUSES:
            raise rules.NotOnNow("That song is not on any more.")
        likes = queries.held_rows(Heart, viewer, Heart.play_id == play.id)
        if on and not likes:
            _insert_once(session, Heart, play_id=play.id, **held)
        elif not on and (mine := held_by(Heart, viewer)) is not None:
            session.execute(delete(Heart).where(Heart.play_id == play.id, mine))
        code = dj_set.code
    live.counts_changed(code)


def vote_tempo(viewer: Viewer, set_id: int, choice: str, *, device_token: str | None = None) -> None:
    """How the tempo is, for the next 90 seconds. "" takes it back. Raises SetNotLive, SetOver."""
    with _hand(viewer, set_id, device_token) as (session, dj_set, held):
        rules.must_be_live(dj_set)
        mine = held_by(TempoVote, viewer)
        if mine is not None:  # also what a claimed device said: one dancer, one voice
            session.execute(delete(TempoVote).where(TempoVote.dj_set_id == dj_set.id, mine))
        if choice in CHOICES:
            values = {"dj_set_id": dj_set.id, "choice": choice, "voted_at": clock.now(), **held}
            _insert_once(session, TempoVote, **values)
        code = dj_set.code
    live.counts_changed(code)


def vote_poll(viewer: Viewer, set_id: int, poll_id: str, option_id: str, *, device_token: str | None = None) -> None:
    """One answer each; it may be changed while the poll is open. Raises PollOver."""
    with _hand(viewer, set_id, device_token) as (session, dj_set, held):
        poll = queries.poll_of(dj_set.id, poll_id)
        if poll is None or not poll.is_open(clock.now()):
            raise rules.PollOver("Too late: this question has closed.")
        option = next((option for option in poll.options if option.public_id == option_id), None)
        if option is None:
            raise rules.PollOver("Choose one of the answers.")
        votes = queries.held_rows(PollVote, viewer, PollVote.poll_id == poll.id)
        for vote in votes:
            vote.option_id = option.id
        if not votes:
            _insert_once(session, PollVote, poll_id=poll.id, option_id=option.id, **held)
        code = dj_set.code
    live.counts_changed(code)


def save_minute(
    viewer: Viewer, set_id: int, *, device_token: str | None = None, waited: timedelta | None = None,
    tap: Tap | None = None,
) -> None:  # fmt: skip
    """Keep this minute: "that one!" Where the ledger knows what was on, it is a song at once.

    `waited`: how long the tap waited for a network, says the phone; a minute outside of the set is none of its minutes.
    """
    with _hand(viewer, set_id, device_token) as (session, dj_set, held):
        if not first_time(session, tap, viewer):
            return
        at = _within(dj_set, clock.now() - max(waited or timedelta(), timedelta()))
        minute = at.replace(second=0, microsecond=0)
        if not queries.held_rows(
            SavedMinute, viewer, SavedMinute.dj_set_id == dj_set.id, SavedMinute.minute_at == minute
        ):
            play = ledger.playing_at(queries.plays_of(dj_set.id, HEARD_STATUSES), at, rules.LONGEST_SONG)
            values = {"dj_set_id": dj_set.id, "minute_at": minute, "play_id": play.id if play else None, **held}
            _insert_once(session, SavedMinute, **values)
        code = dj_set.code
    live.counts_changed(code)


def _within(dj_set: DjSet, at: datetime) -> datetime:
    return max(min(at, dj_set.ended_at or at), dj_set.started_at or at)


def here(viewer: Viewer, set_id: int, *, device_token: str | None = None) -> None:
    """Join, or say that one is still here. Raises SetOver, SetNotLive."""
    with _hand(viewer, set_id, device_token) as (_session, dj_set, _holder):
        rules.must_be_live(dj_set)
        code = dj_set.code
    live.counts_changed(code)


def leave(viewer: Viewer, set_id: int) -> None:
    """Gone for tonight; the dance log keeps from and to."""
    with transaction() as session:
        mine, moment = held_by(FloorVisit, viewer), clock.now()
        if mine is not None:
            open_here = (FloorVisit.dj_set_id == set_id, FloorVisit.left_at.is_(None))
            session.execute(update(FloorVisit).where(mine, *open_here).values(left_at=moment))
        code = session.get_one(DjSet, set_id).code
    live.counts_changed(code)


def forget(viewer: Viewer, public_id: str) -> None:
    """Take one of one's own evenings or minutes out of the log. Somebody else's stays."""
    with transaction() as session:
        for model in (FloorVisit, SavedMinute):
            mine = held_by(model, viewer)
            if mine is not None:
                session.execute(delete(model).where(mine, model.public_id == public_id))
