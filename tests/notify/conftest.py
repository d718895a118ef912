"""Tests of notify: other settings for one test, a push service of their own, phones that are subscribed to it."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.lib import clock
from app.notify import queries
from app.notify.models import PushSubscription
from tests.notify import push_service
from tests.notify.push_service import Phone, Service


@pytest.fixture
def app(app: Flask) -> Iterator[Flask]:
    """The app, with its own settings and an empty mail folder again after the test."""
    before = app.config["PIKA"]
    yield app
    app.config["PIKA"] = before
    shutil.rmtree(before.var / "mail", ignore_errors=True)


@pytest.fixture
def service(app: Flask) -> Iterator[Service]:
    """A push service that the app may call."""
    with push_service.serve() as running:
        allowed = frozenset({running.authority})
        app.config["PIKA"] = dataclasses.replace(app.config["PIKA"], push_allow_hosts=allowed)
        yield running


@pytest.fixture
def subscribed(session: Any, service: Service) -> Callable[..., Phone]:
    """`subscribed(person_id=1)` or `subscribed(device_id=1)`: a phone of theirs, as `subscribe` leaves it."""

    def make(**holder: int) -> Phone:
        phone = service.phone()
        session.add(row_of(phone, **holder))
        session.commit()
        return phone

    return make


def row_of(phone: Phone, **holder: int) -> PushSubscription:
    return PushSubscription(
        endpoint=phone.endpoint, endpoint_index=queries.endpoint_index(phone.endpoint), last_seen_at=clock.now(),
        **phone.keys, **holder,
    )  # fmt: skip
