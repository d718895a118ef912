"""Decisions of the platform owner: who may be suspended, which roles are given here. Raises refusals. No queries."""

from __future__ import annotations

from collections.abc import Collection

from app.lib.refusal import Refusal

PLATFORM_ROLES = ("dj", "owner")
CONSEQUENCES = {
    "suspend": (
        "Every browser of theirs is signed out at once, and open pages lose what only they may hear.",
        "They cannot sign in or set a new password until you lift it.",
        "What they made stays: events, slots, stars. Their name stays on schedules.",
    ),
    "grant dj": ("They get the DJ area, with every set that names them.",),
    "revoke dj": ("They lose the DJ area. Slots keep their name.",),
    "grant owner": (
        "They see every account and every event, and can suspend people.",
        "They can make and unmake owners, you included.",
    ),
    "revoke owner": ("They lose this floor at once. Their other roles stay.",),
}


class OwnAccount(Refusal):
    """Nobody locks themselves out."""


class LastOwner(Refusal):
    """The platform keeps somebody who can sign in and run it."""


class NotAPlatformRole(Refusal):
    """Organizers, teachers and studio admins are named by their own teams."""

    status = 422


def check_suspend(person_id: int, actor_id: int, active_owner_ids: Collection[int]) -> None:
    """Raises OwnAccount, LastOwner."""
    if person_id == actor_id:
        raise OwnAccount("This is your own account. Ask another owner.")
    check_owner_remains(person_id, active_owner_ids)


def check_owner_remains(person_id: int, active_owner_ids: Collection[int]) -> None:
    """Somebody else can still run the platform. Raises LastOwner."""
    if not set(active_owner_ids) - {person_id}:
        raise LastOwner("This is the last owner who can sign in. Make somebody else an owner first.")


def check_role(role: str) -> None:
    """Raises NotAPlatformRole."""
    if role not in PLATFORM_ROLES:
        raise NotAPlatformRole("This role is given by the team of an event or a studio, not here.")
