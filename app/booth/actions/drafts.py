"""Asking the set builder, noting what it found, and keeping a suggestion as a playlist."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from app import outbox
from app.booth import builder
from app.booth.models import SetDraft
from app.db import db, transaction
from app.lib.refusal import Refusal
from app.music.models import Playlist, PlaylistTrack, Track

SUPERSEDED = "You asked for another one before this was found."
KEPT = 20  # drafts of one DJ; older ones go


class NotFoundYet(Refusal):
    """The builder has not finished."""


def ask(person_id: int, wishes: dict[str, Any]) -> str:
    """Note the wishes and let a worker search; returns the draft's public id.

    Only the newest of a DJ is searched for: a search takes seconds, in which nobody else's mail leaves that worker.
    """
    with transaction() as session:
        former = (SetDraft.person_id == person_id, SetDraft.state == "asked")
        session.execute(update(SetDraft).where(*former).values(state="failed", sentence=SUPERSEDED))
        draft = SetDraft(person_id=person_id, wishes=wishes)
        session.add(draft)
        session.flush()
        mine = select(SetDraft.id).where(SetDraft.person_id == person_id).order_by(SetDraft.id.desc())
        old = list(session.scalars(mine.offset(KEPT)))
        if old:
            session.execute(delete(SetDraft).where(SetDraft.id.in_(old)))
        outbox.owe("booth.build_set", {"draft_id": draft.id}, f"draft:{draft.public_id}")
        public_id = draft.public_id
    outbox.hint()
    return public_id


def build(draft_id: int) -> None:
    """Search and note the result. Called by a worker; twice is once."""
    draft = db.session.get(SetDraft, draft_id)
    if draft is None or draft.state != "asked":
        return
    person_id, wishes = draft.person_id, dict(draft.wishes)
    try:
        suggestion = builder.search(person_id, wishes)
    except Refusal as refusal:
        _note(draft_id, state="failed", sentence=refusal.sentence)
        return
    found = {
        "tracks": [song.id for song in suggestion.songs], "parts": suggestion.parts, "left_out": suggestion.left_out,
        "minutes": suggestion.minutes,
    }  # fmt: skip
    _note(draft_id, state="done", found=found)


def _note(draft_id: int, **values: Any) -> None:
    with transaction() as session:
        draft = session.get(SetDraft, draft_id)
        if draft is not None:
            for name, value in values.items():
                setattr(draft, name, value)


def keep(person_id: int, draft_id: str, name: str) -> str:
    """The suggestion as a private playlist; keeping twice renews the same one. Returns its public id.

    Raises NotFoundYet.
    """
    with transaction() as session:
        draft = builder.draft_of(person_id, draft_id)
        if draft is None or draft.found is None:
            raise NotFoundYet("The suggestion is not ready yet. Wait a moment and try again.")
        playlist = session.get(Playlist, draft.playlist_id) if draft.playlist_id else None
        if playlist is None:
            playlist = Playlist(person_id=person_id, name=name)
            session.add(playlist)
        playlist.name = name
        mine = (Track.person_id == person_id, Track.public_id.in_(draft.found["tracks"]))
        tracks = {track.public_id: track for track in session.scalars(select(Track).where(*mine))}
        chosen = [tracks[one] for one in draft.found["tracks"] if one in tracks]
        playlist.entries = [PlaylistTrack(track=track, position=place) for place, track in enumerate(chosen)]
        session.flush()
        draft.playlist_id = playlist.id
        return playlist.public_id
