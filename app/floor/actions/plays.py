"""The ledger of a set: play, undo, not heard yet, correct, clear, and the DJ's answer to a contradiction.

Called by the booth, the feed and the demo. Positions are counted anew after each change, in order of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db import transaction
from app.floor import ledger, live, queries, rules
from app.floor.ledger import Placement
from app.floor.models import HEARD_STATUSES, DjSet, NextUp, Play, facts_of
from app.lib import clock
from app.music import names
from app.music.models import Track


@dataclass(frozen=True, slots=True)
class Song:
    """What a tap, a search, a line of text or a feed says of a song."""

    title: str
    artist: str = ""
    bpm: float | None = None
    key_pitch: int | None = None
    key_mode: str | None = None
    duration_seconds: float | None = None
    track_id: int | None = None

    @classmethod
    def of_track(cls, track: Track) -> Song:
        return cls(
            track.title, track.artist, track.working_bpm, track.key_pitch, track.key_mode, track.duration_seconds,
            track.id,
        )  # fmt: skip

    @classmethod
    def of_text(cls, text: str) -> Song:
        """Reads "Artist - Title", or a title alone."""
        artist, title = names.split_artist_title(text)
        return cls(title[:300], artist[:300])

    def columns(self) -> dict[str, Any]:
        """The song as the columns of a play or of something lined up."""
        return {
            "title": self.title, "artist": self.artist, "bpm": self.bpm, "key_pitch": self.key_pitch,
            "key_mode": self.key_mode, "duration_seconds": self.duration_seconds, "track_id": self.track_id,
            "song_key": names.song_key(self.artist, self.title), "work_key": names.work_key(self.artist, self.title),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Played:
    """What a tap did: the play's public id and the verb of its placement (see ledger.Placement)."""

    play_id: str
    verb: str


def play(
    set_id: int, song: Song, *, source: str = "tap", client_id: str | None = None,
    tapped_at: datetime | None = None, sent_at: datetime | None = None, lined_up_id: str | None = None,
) -> Played:  # fmt: skip
    """A song begins, or began while there was no network. The same client id is played once.

    Raises SetNotLive, and SetOver for a tap that was made after the end.
    """
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        known = queries.play_by_client_id(client_id) if client_id else None
        if known is not None:
            return Played(known.public_id, "double")
        moment = clock.now()
        at = ledger.true_moment(tapped_at, sent_at, moment)
        _may_play(dj_set, at, moment)
        at = max(at, dj_set.started_at or at)
        made = _placed(session, dj_set, song, source, client_id, at, moment)
        if lined_up_id:
            _take_off(session, dj_set, lined_up_id)
        code = dj_set.code
    live.ledger_changed(code)
    return made


def _may_play(dj_set: DjSet, at: datetime, moment: datetime) -> None:
    if dj_set.is_over and moment - at >= ledger.GAP_LEAST:
        return  # it waited for a network: the ledger finds its place, or asks
    rules.must_be_live(dj_set)


def _placed(
    session: Any, dj_set: DjSet, song: Song, source: str, client_id: str | None, at: datetime, moment: datetime
) -> Played:
    columns = song.columns()
    plays = queries.plays_of(dj_set.id)
    placement = _still_on(plays, columns["song_key"], moment) if source == "feed" else None
    placement = placement or ledger.place(plays, dj_set, columns["song_key"], at, arrived=moment)
    if placement.verb == "double" and placement.rival is not None:
        return Played(placement.rival.public_id, "double")
    status = {"now": "playing", "ask": "asked"}.get(placement.verb, "played")
    made = Play(dj_set_id=dj_set.id, source=source, client_id=client_id, played_at=at, status=status, **columns)
    made.ended_at = None if status == "playing" else max(placement.ends_at or at, at)
    if placement.rival is not None:
        made.rival_id = placement.rival.id
    if status != "asked":
        _end_before(plays, at)
        session.flush()  # the former one has ended before this one begins: only one may play
    session.add(made)
    session.flush()
    _count_anew(dj_set.id)
    return Played(made.public_id, placement.verb)


def _still_on(plays: Sequence[Play], song_key: str, moment: datetime) -> Placement | None:
    """Feeds repeat themselves: the song that is on already is no new play."""
    newest = ledger.before(plays, moment)
    if newest and newest.status == "playing" and newest.song_key == song_key and moment < rules.goes_stale_at(newest):
        return Placement("double", newest)
    return None


def _end_before(plays: Sequence[Play], at: datetime) -> None:
    former = ledger.before(plays, at)
    if former is None or (former.ended_at is not None and former.ended_at <= at):
        return
    former.ended_at = at
    if former.status == "playing":
        former.status = "played"
    former.heard_seconds = (at - former.played_at).total_seconds()


def _count_anew(set_id: int) -> None:
    for position, found in enumerate(queries.plays_of(set_id, HEARD_STATUSES), start=1):
        if found.position != position:
            found.position = position


def _take_off(session: Any, dj_set: DjSet, lined_up_id: str) -> None:
    for entry in queries.next_up(dj_set.id):
        if entry.public_id == lined_up_id:
            session.delete(entry)


def undo(set_id: int, play_id: str) -> None:
    """Take a play back. What it had ended plays on, unless something else began since."""
    _withdraw(set_id, play_id, "removed")


def not_heard(set_id: int, play_id: str) -> None:
    """It runs in the headphones, not in the room: what was on is on again, and this is next."""
    _withdraw(set_id, play_id, "unheard")


def _withdraw(set_id: int, play_id: str, status: str) -> None:
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        found = _known(dj_set, play_id)
        was_playing, began = found.status == "playing", found.played_at
        found.status, found.ended_at = status, found.ended_at or clock.now()
        session.flush()
        if was_playing and dj_set.is_live:
            _play_on(dj_set, began)
        if was_playing and status == "unheard":
            first = min((entry.position for entry in queries.next_up(dj_set.id)), default=0)
            entry = NextUp(dj_set_id=dj_set.id, track_id=found.track_id, position=first - 1, **facts_of(found))
            session.add(entry)
        _count_anew(dj_set.id)
        code = dj_set.code
    live.ledger_changed(code)


def _play_on(dj_set: DjSet, began: datetime) -> None:
    """The play that ended when the withdrawn one began has not ended after all."""
    former = ledger.before(queries.plays_of(dj_set.id), began)
    if former is not None and former.ended_at == began and clock.now() < rules.goes_stale_at(former):
        former.status, former.ended_at, former.heard_seconds = "playing", None, None


def clear_now(set_id: int) -> None:
    """Nothing plays: an announcement, a show, silence."""
    with transaction():
        dj_set = queries.locked_set(set_id)
        end_playing(dj_set, clock.now())
        code = dj_set.code
    live.ledger_changed(code)


def end_playing(dj_set: DjSet, moment: datetime) -> None:
    """Inside another action of a set: what plays has ended, no later than it would have gone stale."""
    found = queries.playing(dj_set.id)
    if found is None:
        return
    found.ended_at = max(min(moment, rules.goes_stale_at(found)), found.played_at)
    found.status, found.heard_seconds = "played", (found.ended_at - found.played_at).total_seconds()


def correct(set_id: int, play_id: str, song: Song) -> None:
    """It was another song: the play keeps its moment and its hearts, and remembers what it was called."""
    with transaction():
        dj_set = queries.locked_set(set_id)
        found = _known(dj_set, play_id)
        found.corrected_from = found.corrected_from or f"{found.artist} - {found.title}"[:620]
        for name, value in song.columns().items():
            setattr(found, name, value)
        code = dj_set.code
    live.ledger_changed(code)


def answer_question(set_id: int, play_id: str, keep: str) -> None:
    """Which of two it was. `keep`: "this" (the tap), "other" (what the ledger says), "both". Twice is once."""
    with transaction() as session:
        dj_set = queries.locked_set(set_id)
        asked = queries.play_of(dj_set.id, play_id)
        if asked is not None and asked.status == "asked":
            _decide(session, dj_set, asked, keep)
        code = dj_set.code
    live.ledger_changed(code)


def _decide(session: Any, dj_set: DjSet, asked: Play, keep: str) -> None:
    rival = asked.rival
    if keep == "other":
        asked.status = "removed"
        return
    if keep == "this" and rival is not None and rival.status in HEARD_STATUSES:
        rival.status, rival.ended_at = "removed", rival.ended_at or clock.now()
        session.flush()
    plays = [play for play in queries.plays_of(dj_set.id, HEARD_STATUSES) if play.id != asked.id]
    after = next((play for play in plays if play.played_at > asked.played_at), None)
    _end_before([play for play in plays if play.played_at <= asked.played_at], asked.played_at)
    session.flush()  # the former one has ended before this one may play
    if after is None and dj_set.is_live:
        asked.status, asked.ended_at = "playing", None
    else:
        asked.status = "played"
        asked.ended_at = max(after.played_at if after else dj_set.ended_at or asked.played_at, asked.played_at)
    session.flush()
    _count_anew(dj_set.id)


def _known(dj_set: DjSet, play_id: str) -> Play:
    found = queries.play_of(dj_set.id, play_id)
    if found is None or found.status == "removed":
        raise rules.NothingPlays("That play is not in the list any more.")
    return found
