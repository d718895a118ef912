"""Brings the demo in, by the actions that users call: people, a studio, the weekend, and what happened to it since.

Called by the development runner, `flask --app wsgi demo load|reset` and tests, inside an app context. Refuses in
production: everybody knows the password of these people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from app.config import settings
from app.demo import actions, bookings, crate, floor, last_night, weekend
from app.demo.cast import CAST, OTHERS, PASSWORD, Player
from app.demo.weekend import Coming, Planned
from app.events import actions as event_actions
from app.events import queries as events
from app.events.models import Event
from app.lib import clock
from app.lib.refusal import Refusal
from app.live import actions as live_actions
from app.live import regions
from app.people import devices
from app.people import queries as people
from app.people.actions import door, roles
from app.people.models import Person
from app.people.viewer import Viewer
from app.schedule import actions as schedule_actions
from app.schedule import live, queries
from app.schedule.actions import Edit, SlotValues
from app.schedule.models import Slot
from app.studios import actions as studio_actions

SLUGS = (weekend.SLUG, str(weekend.BLUES.values["slug"]), str(weekend.PORTO.values["slug"]))
STUDIO = {
    "name": "The Swing Loft",
    "slug": "swing-loft",
    "city": "Vienna",
    "zone": "Europe/Vienna",
    "about": (
        "Two floors in an old paper mill, swing on six evenings a week. First lesson free, second one paid in cake.\n\n"
        "Tuesday is practice night: no teacher, good speakers, everybody welcome."
    ),
}


class DemoRefused(Refusal):
    """The demo would do harm here."""


def load() -> str:
    """Bring the demo into an empty database; returns what there is now, in one sentence. Raises DemoRefused."""
    _refuse_production()
    if not is_empty():
        raise DemoRefused("There are data here already. `flask --app wsgi demo reset` throws them away for the demo.")
    cast = {player.handle: _account(player) for player in (*CAST, *OTHERS)}
    roles.grant_role(cast["petra"].id, "owner")
    roles.grant_role(cast["jo"].id, "dj")
    _studio(cast)
    event = _weekend(cast["olive"])
    _stars(event, cast["dana"])
    crate.load(cast["jo"].id)
    last_night.play(cast["jo"], first_day(clock.now()))
    floor.fill(event, _slot(event, weekend.BIG_SOCIAL), cast)
    _coming(weekend.BLUES, cast["olive"], publish=False)
    _coming(weekend.PORTO, cast["rui"], publish=True)
    bookings.bring(weekend.SLUG, str(weekend.PORTO.values["slug"]))
    live_actions.forgive_all()
    event = events.event_by_slug(weekend.SLUG) or event  # as it is now: a confirmed name is a version
    count = len(queries.slots_of(event.id))
    return f"{event.name} is under way: {count} slots, version {event.schedule_version}, {len(cast)} people."


def reset() -> str:
    """Throw everything away, whatever it is, and load the demo anew. Raises DemoRefused."""
    _refuse_production()
    slugs = [event.slug for event in events.all_events(limit=10_000)]
    actions.empty_all_tables()
    for slug in {*slugs, *SLUGS}:
        regions.forget(live.public_topic(slug))
        regions.forget(live.screen_topic(slug))
        regions.forget(live.staff_topic(slug))
    return load()


def load_if_empty() -> str | None:
    """Load into an empty database.

    Where nobody brought in anything of their own, also begin anew when the weekend is over or a first load was cut off.
    """
    if is_empty():
        return load()
    return reset() if _is_untouched() and not (_is_whole() and _is_under_way()) else None


def is_empty() -> bool:
    """Whether nobody is here yet, and nothing."""
    return people.count_people() == 0 and not events.all_events(limit=1)


def _is_whole() -> bool:
    """Whether the last thing that load does was done."""
    last = events.event_by_slug(SLUGS[-1])
    return last is not None and last.is_published


def _is_under_way() -> bool:
    event = events.event_by_slug(weekend.SLUG)
    return event is not None and clock.now() < event.closes_at


def _is_untouched() -> bool:
    """Whether all there is came with the demo: its people and its events, and not one more."""
    addresses = {person.email for person in people.search_people("", limit=len(CAST) + len(OTHERS) + 1)}
    slugs = {event.slug for event in events.all_events(limit=len(SLUGS) + 1)}
    return addresses <= {player.email for player in (*CAST, *OTHERS)} and slugs <= set(SLUGS)


def _refuse_production() -> None:
    if settings().is_production:
        raise DemoRefused("The demo is not for production: everybody knows its password.")


# ---- people and their studio ----


def _account(player: Player) -> Person:
    door.open_account(player.name, player.handle, player.email, PASSWORD, city=player.city, about=player.about)
    person = people.person_by_handle(player.handle)
    assert person is not None  # noqa: S101  (opened one line above)
    return person


def _studio(cast: Mapping[str, Person]) -> None:
    slug = studio_actions.open_studio(STUDIO, cast["sam"])
    for handle in ("tess", "zsofia"):
        studio_actions.add_teacher(slug, f"@{handle}", cast["sam"])


# ---- the weekend that runs ----


def first_day(moment: datetime) -> date:
    """The weekend's first day, so that the dance day of this moment is the one in the middle."""
    today = clock.event_day(moment, weekend.ZONE, int(str(weekend.EVENT["day_change_hour"])))
    return today - timedelta(days=weekend.DAYS // 2)


def _weekend(olive: Person) -> Event:
    """Planned in private, published twice, shown, set live, and then moved about as weekends are."""
    event = _event(weekend.EVENT, first_day(clock.now()), weekend.DAYS, olive)
    _fill(event, weekend.PROGRAM, olive)
    schedule_actions.publish(event.id, olive, "The first version")
    _fill(event, [weekend.ADDED_LATER], olive)
    schedule_actions.publish(event.id, olive, "A Balboa taster on the second night")
    event_actions.show(event.id)
    schedule_actions.set_mode(event.id, "live", olive)
    _change_room(event, *weekend.CHANGES_ROOM, olive)
    cancelled = _slot(event, weekend.CANCELLED)
    schedule_actions.cancel_slot(event.id, cancelled.public_id, cancelled.version, olive)
    run_late(event, weekend.LATE_MINUTES, olive)
    return event


def _event(values: Mapping[str, Any], starts_on: date, days: int, actor: Person) -> Event:
    span = {"starts_on": starts_on, "ends_on": starts_on + timedelta(days=days - 1)}
    event = events.event_by_slug(event_actions.create_event({**values, **span}, actor))
    assert event is not None  # noqa: S101  (made one line above)
    return event


def _fill(event: Event, program: Iterable[Planned], actor: Person) -> None:
    rooms = {room.name: room.public_id for room in event.rooms}
    starts_on, zone, change, event_id = event.starts_on, event.zone, event.day_change_hour, event.id
    for planned in program:
        day = starts_on + timedelta(days=planned.day - 1)
        start, end = (clock.wall_on_day(day, time.fromisoformat(at), change) for at in (planned.start, planned.end))
        end += timedelta(days=end <= start)  # one that ends with the dance day, at the change itself
        values = SlotValues(
            title=planned.title, kind=planned.kind, room=rooms[planned.room],
            starts_at=clock.resolve_local(start, zone).instant, ends_at=clock.resolve_local(end, zone).instant,
            flexibility=planned.flexibility, level=planned.level, description=planned.description,
            capacity_hint=planned.capacity, people=planned.parts,
        )  # fmt: skip
        schedule_actions.add_slot(event_id, values, actor)


def _slot(event: Event, title: str) -> Slot:
    return next(slot for slot in queries.slots_of(event.id) if slot.title == title)


def _move(slot: Slot, actor: Person, *, start: int = 0, end: int = 0, room: str | None = None) -> Edit:
    """The same slot, its start and end so many minutes later, perhaps in another room."""
    return schedule_actions.move_slot(
        slot.event_id, slot.public_id, room=room or slot.room.public_id,
        starts_at=slot.starts_at + timedelta(minutes=start), ends_at=slot.ends_at + timedelta(minutes=end),
        expected_version=slot.version, actor=actor,
    )  # fmt: skip


def _change_room(event: Event, title: str, room: str, actor: Person) -> None:
    there = next(found for found in event.rooms if found.name == room)
    _move(_slot(event, title), actor, room=there.public_id)


def run_late(event: Event, minutes: int, actor: Person) -> None:
    """What runs or comes next in the main hall begins late, done as an organizer does it.

    Whatever follows without a gap moves too, last one first, until a break or a buffer eats the delay.
    """
    moved = _late_ones(event)
    absorber = moved[-1] if _absorbs(moved[-1]) else None
    for slot in reversed(moved):
        _move(slot, actor, start=minutes, end=0 if slot is absorber else minutes)


def _late_ones(event: Event) -> list[Slot]:
    """What is late, and what it pushes: slots of today in the main hall, from now on, without a gap between them."""
    moment, hall = clock.now(), event.rooms[0]
    start, end = clock.day_bounds(first_day(moment) + timedelta(days=1), event.zone, event.day_change_hour)
    today = [slot for slot in queries.slots_of(event.id) if slot.room_id == hall.id and start <= slot.starts_at < end]
    dances = [slot for slot in today if not _absorbs(slot)]
    first = next((slot for slot in dances if slot.ends_at > moment), dances[-1])
    pushed = [first]
    for slot in today[today.index(first) + 1 :]:
        if _absorbs(pushed[-1]) or slot.starts_at > pushed[-1].ends_at:
            break
        pushed.append(slot)
    return pushed


def _absorbs(slot: Slot) -> bool:
    return slot.flexibility == "buffer" or slot.kind == "break"


# ---- stars ----


def _stars(event: Event, dana: Person) -> None:
    ids = {slot.title: slot.public_id for slot in queries.slots_of(event.id)}
    for title in weekend.DANA_STARS:
        schedule_actions.star(Viewer(dana), event, ids[title], on=True)
    shown = [slot.public_id for slot in queries.slots_of(event.id) if not _absorbs(slot) and not slot.is_cancelled]
    for guest in range(weekend.GUESTS):
        token = devices.new_token()
        for n in range(weekend.STARS_PER_GUEST):
            viewer = Viewer(device=people.device_by_token(token))
            schedule_actions.star(viewer, event, shown[(guest * 7 + n * 17) % len(shown)], on=True, device_token=token)


# ---- weekends to come ----


def _coming(coming: Coming, actor: Person, *, publish: bool) -> None:
    """A weekend that is still planned: a draft of its team, or announced with its first slots."""
    event = _event(coming.values, clock.now().date() + timedelta(days=coming.in_days), coming.days, actor)
    _fill(event, coming.program, actor)
    if publish:
        schedule_actions.publish(event.id, actor, "The first version")
        event_actions.show(event.id)
