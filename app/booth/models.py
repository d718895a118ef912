"""Tables of the console: reviews that can be taken back, suggested sets, playlists prepared for a gig."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Dated, Identified, db
from app.music.models import Playlist


class SetReview(Identified, Dated, db.Model):
    """One time a set's list was mended from a history file. `before`: public id of a play -> its columns, {} if new."""

    dj_set_id: Mapped[int] = mapped_column(ForeignKey("dj_set.id", ondelete="CASCADE"))
    import_run_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id", ondelete="SET NULL"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_set_review_dj_set_id", "dj_set_id"),)


class SetDraft(Identified, Dated, db.Model):
    """A set asked of the builder: what was asked, and what came out. The builder runs in a worker, for it is slow.

    `wishes` is the form's clean values; `found` is {"tracks": [public ids], "parts": {name: cost}, "left_out": {…}}.
    """

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(6), default="asked")
    wishes: Mapped[dict[str, Any]] = mapped_column(JSON)
    found: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sentence: Mapped[str] = mapped_column(String(300), default="")  # why nothing came out
    playlist_id: Mapped[int | None] = mapped_column(ForeignKey("playlist.id", ondelete="SET NULL"), index=True)

    __table_args__ = (CheckConstraint("state IN ('asked', 'done', 'failed')", name="state_known"),)


class GigPlaylist(Dated, db.Model):
    """A playlist that a DJ prepared for a gig."""

    id: Mapped[int] = mapped_column(primary_key=True)
    gig_id: Mapped[int] = mapped_column(ForeignKey("gig.id", ondelete="CASCADE"))
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlist.id", ondelete="CASCADE"), index=True)

    playlist: Mapped[Playlist] = relationship()

    __table_args__ = (UniqueConstraint("gig_id", "playlist_id"),)
