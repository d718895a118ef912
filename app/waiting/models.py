"""The table of taps that were answered: each client id once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import db
from app.people.models import Held


class AcceptedAction(Held, db.Model):
    """A client id that was answered, and how. Nobody's when a guest without a device tapped something that made none.

    An empty `refusal` means that it was done. Kept longer than a phone keeps a tap, then forgotten.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(60))  # the endpoint it was sent to
    at: Mapped[datetime] = mapped_column(index=True)
    refusal: Mapped[str] = mapped_column(String(400), default="")  # the sentence that answered it
