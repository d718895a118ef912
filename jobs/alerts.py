"""Alerts before starred and belled slots: asks every few seconds who is due, and tells them. Called by the clock."""

from __future__ import annotations

from app.events import queries as events
from app.events.models import Event
from app.lib import clock
from app.notify import actions as notify
from app.notify.holders import Holder
from app.notify.messages import Message
from app.notify.queries import untold
from app.schedule import alerts, queries


def ring() -> None:
    """Every event under way, each from its newest public version."""
    for event in events.under_way():
        ring_event(event)


def ring_event(event: Event) -> None:
    """Tell whoever is due. Telling again does nothing: the message key holds slot, moment and time."""
    now, shown = clock.now(), queries.public_schedule(event)
    near = [slot.id for slot in shown.slots if now < slot.starts_at <= now + alerts.FARTHEST and not slot.cancelled]
    if not near:
        return
    for ring in alerts.due(shown, queries.wishes_for(event.id, near), now):
        message = Message(
            key=ring.key, category="alert", title=ring.title(now), body=ring.body(event.zone), zone=event.zone,
            href=f"/e/{event.slug}/slots/{ring.slot.id}", until=ring.at,
            is_urgent=True,  # somebody asked for exactly this one: it passes quiet hours and budget (PRODUCT Z16)
        )  # fmt: skip
        if holders := untold(message.key, [Holder(*holder) for holder in ring.holders]):
            notify.tell(message, holders)
