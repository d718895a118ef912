"""Which topic, which partial, who may listen.

Public topic `event:<slug>:public`: one region per slot (`slot-<id>`), the banner (`now`) and the as-of line (`asof`).
Screen topic `event:<slug>:screen`: one region per room (`hall-<id>`), day, word and truth of hall screens, apart from
the phones' topic, for a hall of phones must not be sent what three televisions show.
Staff topic `event:<slug>:staff`: the dashboard's `figures`, `floors`, the log (`changes`) and the maker's pulse.
Everything is drawn from the newest version as it is in the database when this runs, so calling it once too often, or
late, or from two processes at once, does no harm: the newer rank wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from app import redis
from app.events import live as events_live
from app.events import queries as events
from app.events.models import Event
from app.lib import clock
from app.live import debts, holding, presence, regions, topics
from app.live.render import render_region
from app.people.viewer import Viewer
from app.schedule import changes, hall, log, now, queries, reach
from app.schedule.hall import HallRow
from app.schedule.reach import Reach
from app.schedule.snapshot import SlotView

REFRESH_REACH = "jobs.schedule.refresh_reach"


def public_topic(slug: str) -> str:
    return f"event:{slug}:public"


def screen_topic(slug: str) -> str:
    return f"event:{slug}:screen"


def staff_topic(slug: str) -> str:
    return f"event:{slug}:staff"


def init_app() -> None:
    """Say who may listen."""
    topics.guard("event", "public")(_may_hear_public)
    topics.guard("event", "screen")(_may_hear_public)
    topics.guard("event", "staff")(_may_hear_staff)
    topics.when_held("event", "public")(_held)
    topics.when_held("event", "screen")(_held)


def _may_hear_public(viewer: Viewer, slug: str) -> bool:
    return events.open_to(viewer, slug)


def _may_hear_staff(viewer: Viewer, slug: str) -> bool:
    return events.open_to(viewer, slug, team_only=True)


def _held(slug: str) -> None:
    """Phones or screens hold something else: while somebody of the team watches, a worker draws the meter anew."""
    if presence.count(staff_topic(slug)):
        redis.queue().enqueue(REFRESH_REACH, slug, result_ttl=0, failure_ttl=3600)


def owe(event: Event) -> None:
    """Inside the transaction of an edit: `schedule_changed` will follow."""
    seen = [public_topic(event.slug), screen_topic(event.slug)] if event.is_published else []
    debts.owe(*seen, staff_topic(event.slug))


def schedule_changed(slug: str, *, gone: Sequence[str] = (), reshaped: bool = False) -> None:
    """After an edit: the slots, the banner and the line to everybody; figures, log and pulse to the team.

    `gone` are slots that exist no more; `reshaped` makes pages load anew, when days or filters may differ.
    """
    event = events.event_by_slug(slug)
    if event is None:
        return
    if event.is_published:
        html = slot_regions(event) | time_regions(event) | {f"slot-{slot_id}": None for slot_id in gone}
        regions.publish(public_topic(slug), html, rank=_rank(event), load=reshaped)
        regions.publish(screen_topic(slug), hall_regions(event), rank=_rank(event), load=reshaped)
    regions.publish(staff_topic(slug), staff_regions(event), rank=_rank(event))


def time_passed(event: Event) -> None:
    """Once a minute or so: what changes by the clock alone."""
    regions.publish(public_topic(event.slug), time_regions(event), rank=_rank(event))
    regions.publish(screen_topic(event.slug), hall_regions(event), rank=_rank(event))
    figures_changed(event)


def figures_changed(event: Event) -> None:
    """The dashboard's figures: phones come and go."""
    regions.publish(staff_topic(event.slug), _figure_regions(event), rank=_rank(event))


def slot_regions(event: Event) -> dict[str, str | None]:
    """Every public slot of the newest version, drawn once per process and version."""
    return {f"slot-{slot.id}": slot_html(event, slot) for slot in queries.public_schedule(event).slots}


def slot_html(event: Event, slot: SlotView) -> Markup:
    """One slot as every phone shows it. Viewer-neutral, and the same until the slot or the event's frame changes."""
    key = (event.public_id, event.slug, event.zone, event.day_change_hour, slot)
    html = _drawn.get(key)
    if html is None:
        html = render_region(
            "schedule/_slot.html", slot=slot, slug=event.slug, zone=event.zone,
            day=slot.day(event.zone, event.day_change_hour), day_change_hour=event.day_change_hour,
        )  # fmt: skip
        if len(_drawn) > 5_000:
            _drawn.clear()
        _drawn[key] = html
    return html


_drawn: dict[tuple[object, ...], Markup] = {}


def time_regions(event: Event) -> dict[str, str | None]:
    """The banner and the as-of line at this moment."""
    return {"now": now_html(event), "asof": asof_html(event)}


def now_html(event: Event) -> Markup:
    moment = clock.now()
    rooms = now.by_room(queries.public_schedule(event), moment, event.zone, event.day_change_hour)
    under_way = event.opens_at <= moment < event.closes_at
    return render_region("schedule/_now.html", rooms=rooms, slug=event.slug, zone=event.zone, under_way=under_way)


def asof_html(event: Event) -> Markup:
    return render_region(
        "schedule/_asof.html", version=event.schedule_version, zone=event.zone, as_of=clock.now(), slug=event.slug
    )


def hall_rows(event: Event) -> list[HallRow]:
    """Every room at this moment, as hall screens show it."""
    return hall.rows(queries.public_schedule(event), clock.now(), event.zone, event.day_change_hour)


def hall_regions(event: Event) -> dict[str, str | None]:
    """A hall screen but for the announcement, at this moment."""
    moment, rows = clock.now(), hall_rows(event)
    frame = {"version": event.schedule_version, "zone": event.zone, "moment": moment, "slug": event.slug}
    day = clock.event_day(moment, event.zone, event.day_change_hour)
    found: dict[str, str | None] = {
        f"hall-{row.room.id}": render_region("schedule/hall/_row.html", row=row, zone=event.zone, moment=moment)
        for row in rows
    }
    return found | {
        "hall-day": render_region("schedule/hall/_day.html", name=event.name, day=day),
        "hall-word": render_region(
            "schedule/hall/_word.html", version=event.schedule_version, over=hall.is_over(rows), name=event.name
        ),
        "hall-truth": render_region("schedule/hall/_truth.html", **frame),
    }


def screen_regions(event: Event) -> dict[str, str | None]:
    """The whole of a hall screen."""
    return hall_regions(event) | {"hall-news": events_live.screen_html(event)}


def screens_on_html(event: Event) -> Markup:
    """How many screens are on and at the newest version. Those that one person signed in on are one."""
    held = holding.of(screen_topic(event.slug)).by_number
    return render_region(
        "schedule/hall/_on.html", on=held.total(), current=held[event.schedule_version],
        version=event.schedule_version,
    )  # fmt: skip


def staff_regions(event: Event) -> dict[str, str | None]:
    """The team's regions."""
    changes = log.entries(event, queries.changes_of(event.id, limit=8))
    return _figure_regions(event) | {
        "changes": render_region("schedule/_changes.html", entries=changes, slug=event.slug, zone=event.zone),
        "maker-pulse": render_region(
            "schedule/_pulse.html", revision=event.revision, mode=event.schedule_mode, version=event.schedule_version
        ),
    }


def _figure_regions(event: Event) -> dict[str, str | None]:
    moment = clock.now()
    rooms = now.by_room(queries.public_schedule(event), moment, event.zone, event.day_change_hour)
    off, off_rooms = now.off_plan(rooms)
    found = reach.of(event, public_topic(event.slug))
    figures = render_region(
        "schedule/_figures.html", phones=presence.count(public_topic(event.slug)), off=off, off_rooms=off_rooms,
        rooms_count=len(rooms), version=event.schedule_version, draft=queries.draft_edits(event), slug=event.slug,
        on_now=sum(1 for room in rooms if room.current), is_live=event.is_live,
        here=events.here_count(event.id, clock.event_day(moment, event.zone, event.day_change_hour)), reach=found,
    )  # fmt: skip
    floors = render_region("schedule/_floors.html", rooms=rooms, slug=event.slug, zone=event.zone)
    clock_html = render_region("schedule/_clock.html", moment=moment, zone=event.zone)
    return {"figures": figures, "floors": floors, "clock": clock_html} | _reach_regions(event, found, moment)


def _reach_regions(event: Event, found: Reach, moment: datetime) -> dict[str, str | None]:
    """Who has the newest version: for the dashboard, and for the page that lists who does not."""
    shown = queries.public_schedule(event)
    news = changes.between(queries.version_of(event, shown.number - 1), shown) if shown.number > 1 else []
    said = reach.sentence(news, found.missed, found.version, event.zone, moment)
    return {
        "screens-on": screens_on_html(event),
        "reach": render_region("schedule/_reach.html", reach=found, slug=event.slug),
        "reach-desk": render_region("schedule/_reach_desk.html", reach=found, sentence=said, zone=event.zone),
        "reach-versions": render_region("schedule/_reach_versions.html", reach=found),
    }


def _rank(event: Event, moment: datetime | None = None) -> str:
    """Newer revisions win over older ones whatever their order of arrival; at one revision, later clock time wins."""
    return f"{event.revision:010d}.{(moment or clock.now()).timestamp():017.3f}"
