"""The one table of the live layer: what was committed and phones do not know yet (app.live.debts)."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Dated, db


class LiveDebt(Dated, db.Model):
    """A change of a topic, written with the fact that causes it. Redis knows whether it is paid; then the row goes."""

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(200))
    token: Mapped[str] = mapped_column(String(16))
