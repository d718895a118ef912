"""Q1 and Q5, short: workers killed and Redis emptied while reminders go out. Nothing missing, nothing shown twice; and
a push to thousands goes out in the background, with its progress.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest
import redis
from flask import Flask
from sqlalchemy import update

from app import config, create_app, redis_server
from app.db import db, transaction
from app.lib import clock, tokens
from app.notify import actions, queries
from app.notify.holders import Holder
from app.notify.messages import Message
from app.notify.models import Delivery
from app.outbox import OutboxItem
from app.people.models import Device
from jobs import outbox as jobs_outbox
from tests import servers
from tests.notify import push_service
from tests.notify.conftest import row_of
from tests.notify.push_service import Phone, Service

pytestmark = pytest.mark.slow
PHONES = 100
KILLS = 4


@pytest.fixture
def slow_service() -> Iterator[Service]:
    """Takes its time, so that a kill falls between a push and its mark."""
    with push_service.serve() as running:

        def answer(_phone: Phone) -> int:
            time.sleep(0.02)
            return 201

        running.answer = answer
        yield running


def guests(service: Service, count: int) -> tuple[list[Holder], list[Phone]]:
    """So many guests' devices with a phone each."""
    phones = [service.phone() for _ in range(count)]
    with transaction() as session:
        devices = [Device(token_digest=tokens.digest(tokens.secret_token())) for _ in range(count)]
        session.add_all(devices)
        session.flush()
        session.add_all(row_of(phone, device_id=device.id) for phone, device in zip(phones, devices, strict=True))
        return [Holder(None, device.id) for device in devices], phones


def reminder(key: str) -> Message:
    return Message(key, "alert", f"Reminder {key}", "In ten minutes", "/e/swing/schedule", is_urgent=True)


def open_deliveries() -> int:
    db.session.rollback()
    return db.session.query(Delivery).filter(Delivery.state.in_(queries.OPEN)).count()


def two_minutes_pass() -> None:
    """The leases of the dead run out."""
    with transaction() as session:
        leased = OutboxItem.lease_until.is_not(None)
        session.execute(update(OutboxItem).where(leased).values(lease_until=clock.now()))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kills_and_an_empty_redis_lose_nothing_and_show_nothing_twice(database, slow_service, request):
    """200 reminders: 100 of their own, and one message to 100 phones."""
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else ""
    allowed = slow_service.authority
    with servers.serve(demo=False, processes=("worker", "clock"), database_url=url, PUSH_ALLOW_HOSTS=allowed) as server:
        app: Flask = create_app(config.load(server.env))
        with app.app_context():
            holders, phones = guests(slow_service, PHONES)
            for number, holder in enumerate(holders):
                actions.tell(reminder(f"own:{number}"), [holder])
            actions.tell(reminder("all"), holders)
            for _ in range(KILLS):
                time.sleep(1.2)
                server.stop("worker", signal.SIGKILL)
                with redis.from_url(redis_server.url(server.var)) as client:
                    client.flushall()
                two_minutes_pass()
                server.start("worker")
            end = time.monotonic() + 60
            while open_deliveries() and time.monotonic() < end:
                time.sleep(0.5)
                if time.monotonic() > end - 30:
                    two_minutes_pass()
            missing = open_deliveries()
            db.session.remove()
            with app.app_context():
                _empty(url)
            db.engine.dispose()
    wanted = [{reminder(f"own:{number}").tag, reminder("all").tag} for number in range(PHONES)]
    assert missing == 0
    assert [set(phone.shown) for phone in phones] == wanted
    again = sum(len(phone.received) for phone in phones) - 2 * PHONES
    assert again <= KILLS * 32, "a kill repeats at most one piece, under the same tag"


def _empty(url: str) -> None:
    """The throw-away PostgreSQL is shared by the whole run."""
    if not url:
        return
    from tests.conftest import _empty_tables

    _empty_tables()


def test_five_thousand_in_the_background(app, session, service):
    """Telling returns at once; the batches follow, and progress says how far they are."""
    holders, phones = guests(service, 5000)
    started = time.monotonic()
    assert actions.tell(reminder("crowd"), holders) == 5000
    told = time.monotonic() - started
    assert queries.progress("crowd").waiting == 5000
    assert session.query(OutboxItem).count() == 30  # chunks of 500 in batches of at most 200

    seen = []
    while queries.progress("crowd").waiting:
        item = jobs_outbox.outbox.take_next(tuple(jobs_outbox.HANDLERS))
        jobs_outbox._run(item)
        db.session.remove()
        seen.append(queries.progress("crowd").sent)
    assert seen == sorted(seen)
    assert (len(seen), seen[-1]) == (30, 5000)
    assert all(len(phone.received) == 1 for phone in phones)
    assert told < 20
