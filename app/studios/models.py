"""Table of dance studios. Their admins and teachers are RoleGrants of app.people."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Dated, Identified, db


class Studio(Identified, Dated, db.Model):
    """A dance studio."""

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    city: Mapped[str] = mapped_column(String(80), default="")
    zone: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(4000), default="")
