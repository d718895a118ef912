"""Whose a new star, bell or follow is: the account's, or the guest's device, which is made with its first one.

Called by actions of other features inside their transaction. Reads of what somebody holds go through queries.held_by.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.lib import tokens
from app.people.models import Device
from app.people.viewer import Viewer


def holder(session: Any, viewer: Viewer, device_token: str | None = None) -> dict[str, int | None]:
    """The columns of app.people.models.Held for this viewer. Writes a device for a guest who has none yet.

    `device_token` is the secret that the guest's browser will keep (devices.new_token, then devices.remember). A tap
    that is sent again because its answer was lost comes with the same one, and finds its device.
    """
    if viewer.person is not None:
        return {"person_id": viewer.person.id, "device_id": None}
    if viewer.device_id is not None:
        return {"person_id": None, "device_id": viewer.device_id}
    digest = tokens.digest(device_token or tokens.secret_token())
    device_id = session.scalar(select(Device.id).where(Device.token_digest == digest))
    if device_id is None:
        device = Device(token_digest=digest)
        session.add(device)
        session.flush()
        device_id = device.id
    return {"person_id": None, "device_id": device_id}
