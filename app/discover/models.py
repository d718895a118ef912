"""Tables of discovery: what DJs show of themselves, and who follows them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Dated, db
from app.people.models import Held, one_holder


class DjProfile(db.Model):
    """What a DJ says of themselves beside name, photo, city and text of the account; and what they would rather hide.

    `links` is a list of {"label", "url"}; every url is http(s) and was checked by the form.
    """

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    headline: Mapped[str] = mapped_column(String(160), default="")
    plays: Mapped[str] = mapped_column(String(160), default="")  # dances, since when, languages
    links: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    shows_stats: Mapped[bool] = mapped_column(default=True)
    shows_vibe: Mapped[bool] = mapped_column(default=True)
    shows_gigs: Mapped[bool] = mapped_column(default=True)


class DjFollow(Held, Dated, db.Model):
    """Somebody wants to hear of a DJ's new playlists."""

    id: Mapped[int] = mapped_column(primary_key=True)
    dj_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)

    __table_args__ = (
        UniqueConstraint("dj_id", "person_id"),
        UniqueConstraint("dj_id", "device_id"),
        one_holder(),
    )
