"""A hall has one address: limits hold for one thumb, not for five hundred dancers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

import pytest
from flask import Flask
from werkzeug.exceptions import ServiceUnavailable

from app import create_app
from app.waiting import limits
from app.web.limits import limiter
from tests import factories
from tests.conftest import Client, settings_for_tests
from tests.floor.conftest import begin, play
from tests.schedule.test_actions import add
from tests.waiting.test_once import new_id, outcome, star_of, tap, token_of

pytestmark = pytest.mark.one_engine
DANCERS = 150


@pytest.fixture
def app(app: Flask, engine_url: str, redis_url: str) -> Iterator[Flask]:
    """The app with its limits on."""
    strict = create_app(settings_for_tests(engine_url, redis_url, app.config["PIKA"].var, RATE_LIMITS="on"))
    strict.test_client_class = Client
    yield strict
    limiter.enabled = False  # the limiter is one for all apps of a process


def test_a_whole_hall_returns_and_nobody_waits(app, session):
    slot_id = add(factories.event()).slot_id
    found = {outcome(tap(app.test_client(), star_of(slot_id), new_id(), on="1")) for _ in range(DANCERS)}
    assert found == {(200, "done")}


def test_one_thumb_that_never_rests_is_told_to_wait(app, session):
    slot_id = add(factories.event()).slot_id
    phone = app.test_client()
    token = token_of(phone)
    found = [outcome(tap(phone, star_of(slot_id), new_id(), token=token, on="1")) for _ in range(92)]
    assert found[:90] == [(200, "done")] * 90
    assert found[-1] == (429, "later")
    other = outcome(tap(app.test_client(), star_of(slot_id), new_id(), on="1"))
    assert other == (200, "done"), "somebody else's thumb is rested"


def test_whoever_throws_their_device_away_is_no_crowd(app, session):
    """A heart is one per dancer: one browser is somebody new thirty times an hour, for answers get lost; no more."""
    dj_set = begin(factories.person("jo"))
    heart = f"/live/{dj_set.code}/heart/{play(dj_set, 'One')}"
    phone = app.test_client()
    token, found = token_of(phone), []
    for _ in range(32):
        found.append(outcome(tap(phone, heart, new_id(), token=token, on="1")))
        phone.delete_cookie("pika-device")
    assert found[:30] == [(200, "done")] * 30
    assert found[30:] == [(429, "later")] * 2
    assert outcome(tap(app.test_client(), heart, new_id(), on="1")) == (200, "done"), "somebody else is new"


def test_a_few_taps_at_a_time_and_one_that_breaks_gives_its_turn_back(monkeypatch):
    at_work, most = set(), []

    @limits._in_turn
    def view(number):
        at_work.add(number)
        most.append(len(at_work))
        time.sleep(0.01)
        at_work.discard(number)
        if number % 2:
            raise RuntimeError

    with ThreadPoolExecutor(20) as pool:
        done = [pool.submit(view, number) for number in range(20)]
    assert [bool(each.exception()) for each in done] == [False, True] * 10
    assert max(most) == limits.AT_ONCE
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0)
    monkeypatch.setattr(limits, "_turns", BoundedSemaphore(1))
    assert limits._turns.acquire()
    with pytest.raises(ServiceUnavailable):
        view(0)
