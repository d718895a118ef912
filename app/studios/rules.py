"""Decisions about studios and who teaches there. Raises named refusals. No queries, no Flask."""

from __future__ import annotations

from collections.abc import Sequence

from app.lib.refusal import Refusal
from app.lib.text import slugify
from app.people.models import Person, RoleGrant

RESERVED_SLUGS = frozenset({"new", "app", "static", "dev", "api"})
TEAM_MAX = 60
STUDIOS_MAX = 10


class SlugTaken(Refusal):
    """Another studio lives at that address."""

    field = "slug"


class NobodyThere(Refusal):
    """No account answers to that address or handle."""

    field = "who"
    status = 422


class TeamFull(Refusal):
    """More teachers than a studio has."""

    field = "who"


class TooManyStudios(Refusal):
    """One person runs only so many."""


def check_slug(slug: str, city: str, *, taken: bool) -> None:
    """An address that is free. Raises SlugTaken, with a proposal."""
    if slug in RESERVED_SLUGS or taken:
        raise SlugTaken(f"/s/{slug} is taken. Add the city, like {slug}-{slugify(city) or 'budapest'}.")


def check_may_open(studios_count: int) -> None:
    """Raises TooManyStudios."""
    if studios_count >= STUDIOS_MAX:
        raise TooManyStudios(f"You run {STUDIOS_MAX} studios already. That is the most.")


def check_joins(person: Person | None, team: Sequence[RoleGrant]) -> Person:
    """Somebody with a proven address, and room for one more. Raises NobodyThere, TeamFull."""
    if person is None or person.verified_at is None or person.suspended_at is not None:
        raise NobodyThere("Nobody here answers to that. Ask for the @handle, or let them sign up first.")
    if len(team) >= TEAM_MAX:
        raise TeamFull(f"{TEAM_MAX} people are the most. Remove somebody first.")
    return person
