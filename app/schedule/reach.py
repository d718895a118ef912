"""How far the newest version has come: which phones hold it, which do not, and who of the schedule is among those.

A phone is whoever has the schedule on a screen now, had it there within a day, or can be pushed to; a person with three
browsers is one. It holds the greatest version that it acknowledged: on its socket (app.live.holding) or as its last
look.
Nothing is assumed: a phone that said nothing holds nothing. Reads only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.db import db
from app.events import audience
from app.events.models import Event
from app.lib import clock
from app.lib.text import in_words
from app.live import holding
from app.live.holding import Holding
from app.people import queries as people
from app.people.models import Device
from app.schedule import queries
from app.schedule.changes import Change
from app.schedule.models import LastLook
from app.schedule.snapshot import Schedule, SlotView

WITHIN = timedelta(hours=24)
TELL_AT_MOST = 3  # what an MC can say in one breath
DESK_WITHIN = timedelta(hours=2)
Look = tuple[str, int, datetime]  # whose, which version, when
ROLES = {"teacher": "teaches", "dj": "plays", "judge": "judges"}


@dataclass(frozen=True, slots=True)
class Missed:
    """Somebody on the schedule or the team who does not hold it. `held`: None is "never opened it here"."""

    name: str
    handle: str | None  # None: a name without an account, whom no phone can tell
    roles: tuple[str, ...]
    slot: SlotView | None  # what they do next
    held: int | None


@dataclass(frozen=True, slots=True)
class Reach:
    """The meter."""

    version: int
    phones: int
    holding: int
    connected: int
    by_version: tuple[tuple[int, int], ...] = ()  # (version, phones), newest first; 0: said nothing yet
    missed: tuple[Missed, ...] = field(default=())

    @property
    def behind(self) -> int:
        return self.phones - self.holding

    @property
    def missed_with_account(self) -> int:
        return sum(1 for each in self.missed if each.handle is not None)


def of(event: Event, topic: str) -> Reach:
    """The meter of an event at this moment. `topic` is the one that its phones listen to."""
    moment = clock.now()
    held, looks = holding.of(topic), _looks(event.id)
    known = _known(event.id, moment - WITHIN, held, looks)
    ever: dict[str, int] = {}  # for the desk it is worth knowing that somebody stopped at version 12 two days ago
    for key, version, _when in looks:
        ever[key] = max(version, ever.get(key, 0))
    missed = [
        Missed(each.name, each.handle, each.roles, each.slot, _most(each.holder, known, ever))
        for each in _crew(event, queries.public_schedule(event), moment)
        if (_most(each.holder, known, ever) or 0) < event.schedule_version
    ]
    return count(event.schedule_version, known, held.unknown, len(held.known) + held.unknown.total(), missed)


def count(
    version: int, known: Mapping[str, int], unknown: Counter[int], connected: int, missed: Iterable[Missed] = ()
) -> Reach:
    """Add up: whose phones are known by what they hold, and the pages of those nobody knows."""
    versions = Holding(dict(known), unknown).by_number
    return Reach(
        version=version,
        phones=versions.total(),
        holding=sum(phones for number, phones in versions.items() if version and number >= version),
        connected=connected,
        by_version=tuple(sorted(versions.items(), reverse=True)),
        missed=tuple(missed),
    )


def _known(event_id: int, since: datetime, held: Holding, looks: Iterable[Look]) -> dict[str, int]:
    """Key of a holder to what it holds: connected, here within a day, or to be pushed to."""
    pushed = {holding.key_of(*holder) for holder in audience.with_push(event_id)}
    found: dict[str, int] = dict.fromkeys(pushed, 0)
    for key, version, looked_at in looks:
        if looked_at > since or key in pushed or key in held.known:
            found[key] = max(version, found.get(key, 0))
    for key, version in held.known.items():
        found[key] = max(version, found.get(key, 0))
    return found


def _looks(event_id: int) -> list[Look]:
    """Last looks; a claimed device is its person's."""
    person = func.coalesce(LastLook.person_id, Device.person_id)
    found = (
        select(person, LastLook.device_id, LastLook.version, LastLook.looked_at)
        .outerjoin(Device, Device.id == LastLook.device_id)
        .where(LastLook.event_id == event_id)
    )
    rows: Iterable[Any] = db.session.execute(found)
    return [(holding.key_of(row[0], row[1]), row[2], row[3]) for row in rows]


def _most(holder: str, *sources: Mapping[str, int]) -> int | None:
    """The greatest that any of them knows; None where none does."""
    said = [source[holder] for source in sources if holder in source]
    return max(said) if said else None


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    handle: str | None
    holder: str
    roles: tuple[str, ...]
    slot: SlotView | None


def _crew(event: Event, shown: Schedule, moment: datetime) -> list[_Member]:
    """Everybody named on a slot that is not over, by what they do next, then the team."""
    roles: dict[tuple[str | None, str], list[str]] = {}
    first: dict[tuple[str | None, str], SlotView] = {}
    for slot in shown.slots:
        if slot.cancelled or slot.ends_at <= moment:
            continue
        for part in slot.people:
            key = (part.handle, "" if part.handle else part.name)
            first.setdefault(key, slot)
            roles.setdefault(key, [])
            if ROLES.get(part.role, part.role) not in roles[key]:
                roles[key].append(ROLES.get(part.role, part.role))
    accounts = people.persons_by_handle(handle for handle, _name in roles if handle)
    found = []
    for key, does in roles.items():
        handle, name = key
        person = accounts.get(handle) if handle else None
        said = person.name if person else name or handle or ""
        holder = holding.key_of(person.id if person else None, None)
        found.append(_Member(said, person.handle if person else None, holder, tuple(does), first[key]))
    on_slots = {member.holder for member in found if member.holder}
    for grant in people.team_of_event(event.id):
        holder = holding.key_of(grant.person.id, None)
        if holder not in on_slots:
            found.append(_Member(grant.person.name, grant.person.handle, holder, ("team",), None))
    return found


def sentence(news: Sequence[Change], missed: Iterable[Missed], version: int, zone: str, moment: datetime) -> str:
    """What the MC reads out: the change, where it stands, and who should come to the desk now."""
    told = [f"{change.slot.title} {change.sentence(zone)}" for change in news[:TELL_AT_MOST]]
    more = len(news) - len(told)
    said = f"Schedule change: {'; '.join(told)}{f'; and {more} more' if more else ''}. " if told else ""
    said += f"Open the schedule on your phone or look at the screen: it is version {version}."
    soon = [
        each.name for each in missed if each.slot is not None and moment <= each.slot.starts_at <= moment + DESK_WITHIN
    ]
    return said + (f" {in_words(soon)}, please come to the desk." if soon else "")
