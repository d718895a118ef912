"""Killed between the commit and the publish: what was committed is made good, by whoever is still there."""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta

import pytest
import redis as redis_py
from sqlalchemy import update

from app import redis
from app.db import transaction
from app.lib import clock
from app.live import actions, debts, regions, topics
from app.live.models import LiveDebt
from app.schedule import live as schedule_live
from jobs import live as jobs
from tests import servers
from tests.live.conftest import small_server
from tests.live.listener import Closed, Listener
from tests.visitor import Visitor

PUBLIC, STAFF = "event:swing:public", "event:swing:staff"
EVENT = "budapest-swing-weekend"
STAGE = f"/app/organizer/events/{EVENT}"


def owe(*changed: str) -> None:
    with transaction():
        debts.owe(*changed)


def a_moment_later() -> None:
    with transaction() as session:
        session.execute(update(LiveDebt).values(created_at=clock.now() - timedelta(minutes=1)))
    redis.client().delete(debts.CLAIM)


def open_rows(session) -> int:
    session.rollback()
    return session.query(LiveDebt).count()


def killed() -> None:
    """The process that owes is gone, and what it remembered with it."""
    regions._mine.set(None)


@pytest.fixture(autouse=True)
def nothing_owed_before():
    """What other tests of this process owed and never published is not ours to pay."""
    regions._mine.set(None)


def test_a_publish_pays_and_the_row_goes(session):
    owe(PUBLIC)
    regions.publish(PUBLIC, {"a": "1"}, rank="1")
    a_moment_later()
    assert debts.sweep() == []
    assert actions.forget_paid() == 1
    assert open_rows(session) == 0


def test_what_nobody_published_is_poked_once(session):
    regions.publish(PUBLIC, {"a": "1"}, rank="1")
    before = regions.position(PUBLIC)
    owe(PUBLIC, STAFF)
    killed()
    assert debts.sweep() == [], "not before its time"
    a_moment_later()
    assert sorted(debts.sweep()) == [PUBLIC, STAFF]
    state = regions.load(redis.client(), PUBLIC)
    assert (state.position.version, state.poked) == (before.version + 1, before.version + 1)
    assert state.regions == {}, "nobody knows whether what was kept is true"
    a_moment_later()
    assert debts.sweep() == []
    assert actions.forget_paid() == 2


def test_slow_is_not_dead(session):
    """An overloaded server publishes late. Page loads on top of that would only make it worse."""
    owe(PUBLIC)
    killed()
    with transaction() as session_:
        session_.execute(update(LiveDebt).values(created_at=clock.now() - timedelta(seconds=10)))
    debts.still_here()
    assert debts.sweep() == []
    redis.client().delete(debts.CLAIM, debts._alive(debts._tag()))
    assert debts.sweep() == [PUBLIC], "its word has run out"


def test_not_for_ever(session):
    owe(PUBLIC)
    killed()
    a_moment_later()
    debts.still_here()
    assert debts.sweep() == [PUBLIC]


def test_one_load_pays_for_the_young_debts_of_the_living_too(session):
    """In an emptied Redis nothing looks paid; pages load once, not again for each debt that grows old enough."""
    owe(PUBLIC)
    a_moment_later()
    owe(PUBLIC, STAFF)
    killed()
    with transaction() as session_:
        youngest = LiveDebt.created_at > clock.now() - timedelta(seconds=30)
        session_.execute(update(LiveDebt).where(youngest).values(created_at=clock.now() - timedelta(seconds=10)))
    debts.still_here()
    assert debts.sweep() == [PUBLIC]
    a_moment_later()
    assert debts.sweep() == [STAFF]


def test_back_to_how_it_was_is_sent_although_redis_kept_just_that(session, monkeypatch):
    """One was never published, the next one makes it as before: pages that loaded meanwhile must hear of it."""
    regions.publish(PUBLIC, {"a": "as before"}, rank="1")
    with monkeypatch.context() as away:
        away.setattr(redis, "client", lambda: (_ for _ in ()).throw(redis_py.ConnectionError("away")))
        regions.publish(PUBLIC, {"a": "changed"}, rank="2")
    regions._rest_until = 0.0
    regions.settle(redis.client())
    before = regions.position(PUBLIC)
    assert regions.publish(PUBLIC, {"a": "as before"}, rank="3").version == before.version + 1


def test_each_publish_pays_one_debt(session):
    owe(PUBLIC, PUBLIC)
    regions.publish(PUBLIC, {"a": "1"}, rank="1")
    killed()
    a_moment_later()
    assert debts.sweep() == [PUBLIC]


def test_a_publish_of_another_topic_or_by_the_clock_pays_nothing(session):
    owe(PUBLIC)
    killed()
    regions.publish(STAFF, {"a": "1"}, rank="1")
    regions.publish(PUBLIC, {"now": "12:00"}, rank="1")
    a_moment_later()
    assert debts.sweep() == [PUBLIC]


def test_what_was_rolled_back_is_not_owed(session):
    def fail():
        with transaction():
            debts.owe(PUBLIC)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert open_rows(session) == 0


def test_a_publish_that_redis_did_not_take_stays_owed(session, monkeypatch):
    owe(PUBLIC)
    with monkeypatch.context() as away:
        away.setattr(redis, "client", lambda: (_ for _ in ()).throw(redis_py.ConnectionError("away")))
        regions.publish(PUBLIC, {"a": "1"}, rank="1")
        jobs.settle_debts()
    assert open_rows(session) == 1
    regions._owed.clear()  # the process is killed before Redis is back
    a_moment_later()
    assert debts.sweep() == [PUBLIC]


def test_an_emptied_redis_costs_one_load_more(session):
    owe(PUBLIC)
    regions.publish(PUBLIC, {"a": "1"}, rank="1")
    redis.client().flushdb()
    a_moment_later()
    jobs.settle_debts()
    assert open_rows(session) == 0
    assert regions.load(redis.client(), PUBLIC).poked == 1


def test_closings_are_owed_too(session):
    heard = redis.client().pubsub()
    heard.subscribe(regions.CONTROL)
    with transaction():
        debts.owe_closing(17, 18)
    regions.disconnect(17)
    killed()
    a_moment_later()
    assert debts.sweep() == [regions.sockets_of(18)]
    said = [heard.get_message(timeout=2) for _ in range(3)]
    assert [message["data"] for message in said if message["type"] == "message"] == [b"17", b"18"]
    heard.close()
    assert actions.forget_paid() == 2


def test_nobody_may_listen_to_a_closing():
    assert not topics.allowed(None, regions.sockets_of(17))


def test_one_sweep_at_a_time_and_a_constant_number_of_queries(session):
    owe(*[PUBLIC] * 30)
    killed()
    a_moment_later()
    redis.client().set(debts.CLAIM, 1)
    assert debts.sweep() == []
    redis.client().delete(debts.CLAIM)
    assert debts.sweep() == [PUBLIC]
    a_moment_later()
    assert actions.forget_paid() == 30


def test_paid_rows_that_nobody_takes_away_hide_nothing(session, monkeypatch):
    monkeypatch.setattr(debts, "AT_ONCE", 5)
    for _ in range(8):
        owe(PUBLIC)
        regions.publish(PUBLIC, {"a": "1"}, rank="1")
    owe(STAFF)
    killed()
    a_moment_later()
    assert debts.sweep() == [STAFF]


@pytest.mark.one_engine
def test_a_load_with_the_regions_is_one_message(session):
    regions.publish(PUBLIC, {"a": "1"}, rank="1")
    at = regions.publish(PUBLIC, {"a": "2"}, rank="2", load=True)
    state = regions.load(redis.client(), PUBLIC)
    assert (at.version, state.poked, state.regions["a"].html) == (2, 2, "2")


# ---- real processes, really killed ----


@pytest.fixture
def armed(demo_data, tmp_path):
    """A server in the test environment that kills itself at the point that the file names."""
    crash_file = tmp_path / "crash"
    with servers.serve(template=demo_data, processes=("web",), PIKA_ENV="test", CRASH_FILE=str(crash_file)) as server:
        yield server, crash_file


def public_slot(visitor: Visitor) -> tuple[str, int]:
    """(id, version) of a slot that takes place."""
    feed = json.loads(visitor.get(f"{STAGE}/schedule/slots.json"))
    slot = next(slot for slot in feed["slots"] if not slot["cancelled"])
    return slot["id"], slot["version"]


def page_says_cancelled(port: int, slot_id: str) -> bool:
    return "ancelled" in Visitor(port).get(f"/e/{EVENT}/slots/{slot_id}")


def cancel_and_be_killed(olive: Visitor, slot_id: str, version: int) -> float:
    with pytest.raises(OSError):
        olive.post(f"{STAGE}/slots/{slot_id}/cancel", version=version)
    return time.monotonic()


def hears_reget(phone: Listener, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if any(said.get("reget") for said in phone.messages(0.2)):
            return True
    return False


@pytest.mark.slow
def test_killed_before_the_publish_every_phone_has_the_truth_within_ten_seconds(armed, tmp_path):
    """And the control: where nobody sweeps, a phone would never hear of it."""
    server, crash_file = armed
    topic = schedule_live.public_topic(EVENT)
    olive = Visitor(server.port).sign_in("olive")
    slot_id, version = public_slot(olive)
    assert not page_says_cancelled(server.port, slot_id)
    with small_server(tmp_path, server.env["REDIS_URL"]) as unswept:
        unswept.publish(topic, {"other": "1"})
        at = unswept.position(topic)
        control = unswept.listen((topic, at))
        control.message(beats=True)
        crash_file.write_text("publish")
        cancel_and_be_killed(olive, slot_id, version)
        assert not crash_file.exists(), "it was killed there"
        assert control.messages(6) == [], "nobody sweeps, nobody hears"

        with servers.beside(server) as other:
            phone = Listener(other.port, (topic, at))  # as one that comes back after the kill
            assert hears_reget(phone, 8)
            assert hears_reget(control, 2)
            assert page_says_cancelled(other.port, slot_id)


@pytest.mark.slow
def test_phones_of_other_processes_and_of_the_killed_one_have_the_truth(armed):
    server, crash_file = armed
    topic = schedule_live.public_topic(EVENT)
    olive = Visitor(server.port).sign_in("olive")
    slot_id, version = public_slot(olive)
    assert not page_says_cancelled(server.port, slot_id)
    with servers.beside(server, CRASH_FILE="") as other:
        at = shown(server.port, topic)
        here, there = (Listener(port, (topic, at)) for port in (server.port, other.port))
        assert here.messages(1) + there.messages(1) == []
        crash_file.write_text("publish")
        killed_at = cancel_and_be_killed(olive, slot_id, version)
        with pytest.raises(Closed):
            here.messages(2)
        back = come_back(server.port, (topic, at), killed_at + 10)
        assert hears_reget(there, killed_at + 10 - time.monotonic())
        assert hears_reget(back, killed_at + 10 - time.monotonic())
        assert page_says_cancelled(server.port, slot_id)


def shown(port: int, topic: str) -> str:
    """The position that the schedule's page says it shows."""
    found = re.search(rf"{topic}@(\w+\.\d+)", Visitor(port).get(f"/e/{EVENT}/schedule"))
    assert found
    return found.group(1)


def come_back(port: int, wanted, until: float) -> Listener:
    while True:
        try:
            return Listener(port, wanted)
        except (OSError, Closed):
            assert time.monotonic() < until
            time.sleep(0.2)
