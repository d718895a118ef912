"""The viewer: who looks at this request, what they may work as, and which stars are theirs.

Asked by routes and templates of every feature through `viewer()`. Reads only; loaded at most once per request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from flask import g, session
from flask_login import current_user

from app.people import queries
from app.people.devices import device_of_request

if TYPE_CHECKING:
    from app.events.models import Event
    from app.people.models import Device, Person, RoleGrant
    from app.studios.models import Studio


@dataclass(frozen=True, slots=True)
class Area:
    """One of the five places to work: what the switcher shows."""

    name: str
    label: str
    icon: str

    @property
    def href(self) -> str:
        return f"/app/{self.name}"


AREAS = {
    "dancer": Area("dancer", "Dancer", "footprints"),
    "dj": Area("dj", "DJ", "disc-3"),
    "organizer": Area("organizer", "Organizer", "calendar-days"),
    "studio": Area("studio", "Studio", "graduation-cap"),
    "owner": Area("owner", "Platform", "shield-check"),
}
_AREA_OF_ROLE = {"dj": "dj", "organizer": "organizer", "teacher": "studio", "studio_admin": "studio", "owner": "owner"}
_LANDING_ORDER = ("owner", "organizer", "studio", "dj", "dancer")


@dataclass
class Viewer:
    """Somebody looking: a person, or a guest with or without a device."""

    person: Person | None = None
    device: Device | None = None
    _grants: list[RoleGrant] | None = field(default=None, repr=False)

    @property
    def is_signed_in(self) -> bool:
        return self.person is not None

    @property
    def device_id(self) -> int | None:
        return self.device.id if self.device else None

    @cached_property
    def grants(self) -> list[RoleGrant]:
        return queries.grants_of(self.person.id) if self.person else []

    @cached_property
    def areas(self) -> list[Area]:
        """Where this person may work; everybody signed in dances."""
        if not self.person:
            return []
        held = {"dancer"} | {_AREA_OF_ROLE[grant.role] for grant in self.grants}
        return [area for name, area in AREAS.items() if name in held]

    @property
    def home(self) -> Area:
        """Where work is: the area used last, else the weightiest role."""
        held = {area.name for area in self.areas}
        if self.person and self.person.last_area in held:
            return AREAS[self.person.last_area]
        return AREAS[next(name for name in _LANDING_ORDER if name in held | {"dancer"})]

    @property
    def is_owner(self) -> bool:
        return any(grant.role == "owner" for grant in self.grants)

    def has(self, role: str) -> bool:
        return any(grant.role == role for grant in self.grants)

    def organizes(self, event: Event) -> bool:
        return self.organizes_id(event.id)

    def organizes_id(self, event_id: int) -> bool:
        return any(grant.role == "organizer" and grant.event_id == event_id for grant in self.grants)

    def runs_studio(self, studio: Studio) -> bool:
        return any(grant.role == "studio_admin" and grant.studio_id == studio.id for grant in self.grants)

    def teaches_at(self, studio: Studio) -> bool:
        return any(grant.role in {"teacher", "studio_admin"} and grant.studio_id == studio.id for grant in self.grants)


def viewer() -> Viewer:
    """The viewer of this request."""
    if "viewer" not in g:
        person = current_user._get_current_object()  # noqa: SLF001  (flask-login's own way to the object behind the proxy)
        signed_in = person if getattr(person, "is_authenticated", False) else None
        g.viewer = Viewer(signed_in, None if signed_in else device_of_request())
    found: Viewer = g.viewer
    return found


def look_as_device(token: str | None) -> None:
    """A guest's first star made a device: for the rest of this request it is who looks. None changes nothing."""
    if token is not None:
        viewer().device = queries.device_by_token(token)


def me() -> Person:
    """Who is signed in. Only behind `@access.signed_in`."""
    person = viewer().person
    assert person is not None  # noqa: S101  (the door let only signed-in people in)
    return person


def forget_viewer() -> None:
    """After signing in or out within a request, look again."""
    g.pop("viewer", None)
    session.modified = True
