"""Which topic, which partial: the announcement banner and the last ten on `event:<slug>:public`, delivery on `:staff`.

Who may listen says app.schedule.live. Drawn from the rows as they are when this runs: once too often does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

from app.events import queries
from app.events.models import Announcement, Event
from app.lib import clock
from app.live import debts, regions
from app.live.render import render_region
from app.notify import queries as notify

FRESH = timedelta(hours=6)
LAST = 10


def owe(event: Event) -> None:
    """Inside the transaction of the change: `announcements_changed` will follow."""
    owe_banner(event)
    debts.owe(f"event:{event.slug}:staff")


def owe_banner(event: Event) -> None:
    """Inside the transaction of the change: `turn_banner` will follow."""
    if event.is_published:
        debts.owe(f"event:{event.slug}:public", f"event:{event.slug}:screen")


def announcements_changed(slug: str) -> None:
    """After an announcement was posted, edited, pinned or withdrawn: everybody's banner and list, the team's page."""
    event = queries.event_by_slug(slug)
    if event is None:
        return
    turn_banner(event)
    regions.poke(f"event:{slug}:staff")


def turn_banner(event: Event) -> None:
    """The banner and the list as they are at this moment; what is old leaves by the clock alone."""
    rank = _rank()
    if event.is_published:
        html: dict[str, str | None] = {"announcement": banner_html(event), "announcements": list_html(event)}
        regions.publish(f"event:{event.slug}:public", html, rank=rank)
        regions.publish(f"event:{event.slug}:screen", {"hall-news": screen_html(event)}, rank=rank)


def show_progress(event: Event, announcements: Sequence[Announcement]) -> None:
    """How far the sending is, to the team."""
    rank = _rank()
    regions.publish(f"event:{event.slug}:staff", delivery_regions(announcements), rank=rank)


def banner_html(event: Event) -> Markup:
    moment = clock.now()
    return render_region(
        "events/announcements/_banner.html", news=queries.banner(event.id, moment - FRESH), slug=event.slug,
        zone=event.zone, today=_day(event),
    )  # fmt: skip


def screen_html(event: Event) -> Markup:
    """The same on a hall screen, to be read from afar."""
    news = queries.banner(event.id, clock.now() - FRESH)
    return render_region("events/announcements/_screen.html", news=news, zone=event.zone)


def list_html(event: Event) -> Markup:
    return render_region(
        "events/announcements/_list.html", news=queries.last_posted(event.id, LAST), slug=event.slug, zone=event.zone,
        today=_day(event),
    )  # fmt: skip


def delivery_regions(announcements: Sequence[Announcement]) -> dict[str, Markup]:
    """The bar and the seen count of each, in two queries."""
    seen = queries.seen_counts([announcement.id for announcement in announcements])
    progress = notify.progress_of([announcement.key for announcement in announcements])
    return {
        f"delivery-{a.public_id}": render_region(
            "events/announcements/_delivery.html", news=a, seen=seen.get(a.id, 0), progress=progress[a.key]
        )
        for a in announcements
    }


def _day(event: Event) -> str:
    """The venue's date: times of another one carry their weekday."""
    return clock.to_local(clock.now(), event.zone).date().isoformat()


def _rank() -> str:
    """Read before the state: what was looked at later wins."""
    return f"{clock.now().timestamp():017.3f}"
