"""The alert sweep, end to end: notices once each, from the newest truth, whatever is killed or emptied in between."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import redis
import time_machine

from app.db import db
from app.lib import clock
from app.notify.actions import telling
from app.notify.models import Notice
from app.people.viewer import Viewer
from app.schedule import actions
from jobs import alerts
from tests import factories
from tests.factories import at
from tests.schedule.test_actions import add, fresh, move


@pytest.fixture
def event(session):
    return factories.event()


def starred(event, *handles):
    edit = add(event)
    for handle in handles or ("dana",):
        actions.star(Viewer(factories.person(handle)), event, edit.slot_id, on=True)
    return edit


def ring(text):
    """One sweep at that moment; all titles told so far, in order."""
    with time_machine.travel(at(text), tick=False):
        alerts.ring()
    return titles()


def titles():
    db.session.rollback()
    return list(db.session.scalars(db.select(Notice.title).order_by(Notice.id)))


def test_everybody_is_told_once_however_often_the_sweep_runs(event):
    starred(event, "dana", "nina", "jo")
    assert ring("13:49") == []
    for minute in range(50, 60):
        told = ring(f"13:{minute}")
    assert told == ["In 10 min: Swivels"] * 3


def test_who_stars_late_is_told_late(event):
    edit = starred(event)
    ring("13:50")
    actions.star(Viewer(factories.person("nina")), event, edit.slot_id, on=True)
    assert ring("13:56") == ["In 10 min: Swivels", "In 4 min: Swivels"]


def test_a_slot_that_moves_after_it_rang_rings_again_for_its_new_time(event):
    edit = starred(event)
    ring("13:50")
    move(event, edit, "15:00", "16:00")
    assert ring("13:55") == ["In 10 min: Swivels"]
    assert ring("14:50") == ["In 10 min: Swivels"] * 2


def test_nothing_is_told_about_what_was_cancelled_or_has_begun(event):
    edit = starred(event)
    assert ring("14:00") == []
    actions.cancel_slot(event.id, edit.slot_id, fresh(event, edit).version, None)
    assert ring("13:55") == []


def test_an_outage_over_the_alert_is_made_good_before_the_start(event):
    starred(event)
    assert ring("13:58") == ["In 2 min: Swivels"]


def test_an_emptied_redis_loses_nothing(event, app, redis_url):
    starred(event, "dana", "nina")
    with redis.from_url(redis_url) as client:
        client.flushall()
    assert ring("13:50") == ["In 10 min: Swivels"] * 2


def test_racing_sweeps_tell_once(event, race, session):
    starred(event, "dana", "nina")
    session.rollback()
    with time_machine.travel(at("13:50"), tick=False):
        assert race(lambda _: alerts.ring(), times=6) == [None] * 6
    assert titles() == ["In 10 min: Swivels"] * 2


def test_a_kill_half_way_leaves_the_rest_to_the_next_sweep(event, monkeypatch):
    """The first chunk is committed, then the process dies: the next sweep finds exactly those who were not told."""
    starred(event, *[f"dancer{n}" for n in range(6)])
    chunks, real = [], telling._tell_chunk

    def dies_after_one(message, chunk):
        if chunks:
            raise SystemExit
        chunks.append(chunk)
        return real(message, chunk)

    pairs = lambda things, _size=2: [things[i : i + 2] for i in range(0, len(things), 2)]  # noqa: E731
    monkeypatch.setattr(telling.queries, "chunks", pairs)
    monkeypatch.setattr(telling, "_tell_chunk", dies_after_one)
    with pytest.raises(SystemExit):
        ring("13:50")
    assert len(titles()) == 2
    monkeypatch.setattr(telling, "_tell_chunk", real)
    assert len(ring("13:51")) == 6


def test_the_plan_of_a_night_rings_in_real_minutes_over_the_autumn_change(session):
    autumn = factories.event("autumn", starts_on=date(2026, 10, 23), ends_on=date(2026, 10, 25))
    first = clock.resolve_local(datetime(2026, 10, 25, 2, 30), factories.BUDAPEST).instant
    wanted = actions.SlotValues("Late set", "social", autumn.rooms[0].public_id, first, first + timedelta(hours=2))
    edit = actions.add_slot(autumn.id, wanted, None)
    actions.star(Viewer(factories.person("dana")), autumn, edit.slot_id, on=True)
    for before, told in ((11, 0), (10, 1), (5, 1)):
        with time_machine.travel(first - timedelta(minutes=before), tick=False):
            alerts.ring()
        assert len(titles()) == told
