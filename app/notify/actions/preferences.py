"""Choosing how one is reached. Called by the settings page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from app.db import transaction
from app.notify import rules
from app.notify.models import ChannelChoice, NotifySettings


def choose(person_id: int, choices: Mapping[tuple[str, str], bool], **settings: Any) -> None:
    """Keep what differs from the defaults, (category, channel) by (category, channel), and the settings as given."""
    with transaction() as session:
        session.execute(delete(ChannelChoice).where(ChannelChoice.person_id == person_id))
        for (category, channel), is_on in choices.items():
            if is_on != rules.is_on_by_default(category, channel):
                session.add(ChannelChoice(person_id=person_id, category=category, channel=channel, is_on=is_on))
        session.merge(NotifySettings(person_id=person_id, **settings))
