"""Files for the import: the samples beside the checkout where they are, small ones made here, ways to import them."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from app.db import db
from app.events import queries as events
from app.interchange import actions, reading
from app.interchange.items import Frame
from app.interchange.plan import Choices
from app.schedule import queries, snapshot
from tests import factories
from tests.servers import ROOT

SAMPLES = next(
    (found for up in (ROOT.parent, ROOT.parent.parent) if (found := up / "shared" / "samples" / "schedules").is_dir()),
    None,
)
TODAY = factories.FIRST_DAY


def sample(name: str) -> bytes:
    """A real file; without the folder of samples the test is skipped."""
    if SAMPLES is None:
        pytest.skip("the samples are not on this machine")
    return (SAMPLES / name).read_bytes()


def entry(title: str = "Swivels", start: str = "14:00", day: str = "2026-06-13", **more: Any) -> dict[str, Any]:
    """One slot of a conference file, on Budapest's summer clock."""
    made = {"title": title, "date": f"{day}T{start}:00+02:00", "start": start, "duration": "01:00",
            "guid": title.lower(), "type": "workshop", "persons": [{"name": "Tess"}],
            "abstract": "", "description": ""}  # fmt: skip
    return {key: value for key, value in (made | more).items() if value != "-"}


def conference(*entries: dict[str, Any], room: str = "Danube Hall", **more: Any) -> dict[str, Any]:
    """A conference file with these slots in one room of one day."""
    day = {"index": 1, "date": "2026-06-13", "day_start": "2026-06-13T06:00:00+02:00",
           "day_end": "2026-06-14T05:59:00+02:00", "rooms": {room: list(entries)}}  # fmt: skip
    head = {"acronym": "swing", "title": "Swing Weekend", "time_zone_name": "Europe/Budapest", "days": [day]}
    return {"schedule": {"version": "1", "conference": head | more}}


def days_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["schedule"]["conference"]["days"]
    return found


def read(document: Any, frame: Frame | None = None, filename: str = "file", mapping: Any = None):
    """A Source of bytes, or of a document."""
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return reading.read(reading.opened(raw, filename), frame or Frame(), TODAY, mapping)


def bring_in(document: Any, event: Any, **choices: Any):
    """Import into an event as Olive does."""
    db.session.expire_all()
    fresh = events.event_by_slug(event if isinstance(event, str) else event.slug)
    source = read(document, actions.frame_of(fresh))
    return actions.import_into(fresh.id, source, Choices(**choices), factories.person("olive"))


def make_event(document: Any, slug: str = "made", frame: Frame | None = None, **choices: Any):
    """Import as a new event of Olive's."""
    source = read(document, frame)
    values = {"name": source.name, "slug": slug, "zone": source.zone, "day_change_hour": source.day_change_hour}
    olive = factories.person("olive")
    done = actions.import_as_event(values, source, Choices(**choices), olive, olive)
    return events.event_by_slug(done.slug), done


def states(event: Any) -> list[dict[str, Any]]:
    db.session.expire_all()
    return [snapshot.state_of(slot) for slot in queries.slots_of(event.id)]


def changed(document: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(document)


def sentences(notes: Any) -> list[tuple[str, str]]:
    return [(note.path, note.sentence) for note in notes]
