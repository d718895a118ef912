"""What is owed gets done: leases, fences, retries, death, and nothing lost with Redis."""

from __future__ import annotations

import ast
import sys
import types
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from app import outbox
from app.db import transaction
from app.lib import clock
from app.outbox import OutboxItem
from jobs import outbox as jobs_outbox
from tests.jobs import mail_server
from tests.notify.test_mail import using  # noqa: F401  (a fixture)
from tests.people.browsing import sign_up


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Two kinds of work in the table: "good" notes what it did, "bad" fails while `work.broken`."""
    module = types.ModuleType("work_of_a_test")
    module.done, module.broken = [], True

    def good(subject: dict[str, Any], key: str) -> None:
        module.done.append((subject["n"], key))

    def bad(subject: dict[str, Any], _key: str) -> None:
        if module.broken:
            raise ZeroDivisionError(f"number {subject['n']}")
        module.done.append((subject["n"], "mended"))

    module.good, module.bad = good, bad
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(jobs_outbox, "HANDLERS", {"good": "work_of_a_test.good", "bad": "work_of_a_test.bad"})
    return module


def owe(kind: str, number: int, due_in: timedelta = timedelta()) -> None:
    with transaction():
        outbox.owe(kind, {"n": number}, f"{kind}:{number}", clock.now() + due_in)


def states(session) -> dict[str, str]:
    session.rollback()
    return {item.dedupe_key: item.state for item in session.query(OutboxItem)}


def test_due_work_is_done_oldest_first_and_once(session, work):
    owe("good", 1)
    owe("good", 2, -timedelta(minutes=1))
    jobs_outbox.run_due()
    jobs_outbox.run_due()
    assert work.done == [(2, "good:2"), (1, "good:1")]
    assert states(session) == {"good:1": "done", "good:2": "done"}


def test_work_waits_until_it_is_due(session, work):
    owe("good", 1, timedelta(minutes=10))
    jobs_outbox.run_due()
    assert work.done == []
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        jobs_outbox.run_due()
    assert work.done == [(1, "good:1")]


def test_same_key_is_one_promise(session, work):
    owe("good", 1)
    owe("good", 1)
    jobs_outbox.run_due()
    owe("good", 1)
    jobs_outbox.run_due()
    assert len(work.done) == 1


def test_poison_does_not_hold_up_the_others(session, work):
    owe("bad", 0, -timedelta(minutes=5))
    for number in range(1, 4):
        owe("good", number)
    jobs_outbox.run_due()
    assert sorted(number for number, _ in work.done) == [1, 2, 3]
    assert states(session)["bad:0"] == "due"


def test_failure_is_retried_with_growing_pauses_and_then_left_to_a_person(session, work):
    owe("bad", 1)
    moment = clock.now()
    pauses = []
    for _ in range(outbox.ATTEMPTS_MAX):
        with time_machine.travel(moment, tick=False):
            jobs_outbox.run_due()
            jobs_outbox.run_due()  # not before its pause is over
        session.rollback()
        item = session.query(OutboxItem).one()
        if item.state == "due":
            pauses.append(item.due_at - moment)
            moment = item.due_at
    assert pauses == sorted(pauses) == list(outbox.BACKOFF)
    assert (item.state, item.attempts) == ("dead", outbox.ATTEMPTS_MAX)
    assert item.last_error == "ZeroDivisionError: number 1"
    with time_machine.travel(moment + timedelta(days=1)):
        jobs_outbox.run_due()
    assert states(session) == {"bad:1": "dead"}


def test_failure_that_mends_itself_is_done(session, work):
    owe("bad", 1)
    jobs_outbox.run_due()
    work.broken = False
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        jobs_outbox.run_due()
    assert work.done == [(1, "mended")]
    assert states(session) == {"bad:1": "done"}


def test_leased_item_is_not_taken_by_a_second_worker(session, work):
    owe("good", 1)
    assert outbox.take_next(("good",)).id
    assert outbox.take_next(("good",)) is None


def test_item_of_a_dead_worker_is_taken_after_its_lease(session, work):
    owe("good", 1)
    orphan = outbox.take_next(("good",))
    item_id, fence = orphan.id, orphan.fence
    with time_machine.travel(clock.now() + outbox.LEASE + timedelta(seconds=1)):
        jobs_outbox.run_due()
    assert work.done == [(1, "good:1")]
    assert outbox.settle(item_id, fence) is False  # the orphan's late answer is ignored
    assert outbox.give_back(item_id, fence, 1, "late") is False
    assert states(session) == {"good:1": "done"}


def test_item_that_kills_its_worker_each_time_is_given_up(session, work):
    owe("good", 1)
    moment = clock.now()
    for _ in range(outbox.ATTEMPTS_MAX):
        with time_machine.travel(moment):
            assert outbox.take_next(("good",)) is not None  # and then the worker is gone
        moment += outbox.LEASE + timedelta(seconds=1)
    with time_machine.travel(moment):
        jobs_outbox.run_due()
    assert work.done == []
    assert states(session) == {"good:1": "dead"}


def test_many_workers_do_each_item_once(session, work, race):
    for number in range(12):
        owe("good", number)
    race(lambda _number: jobs_outbox.run_due(), times=4)
    assert sorted(number for number, _ in work.done) == list(range(12))
    assert set(states(session).values()) == {"done"}


def test_long_work_is_handed_on_to_a_fresh_job(app, session, work, monkeypatch):
    from app import redis

    monkeypatch.setattr(jobs_outbox, "SECONDS_MAX", 0.0)
    for number in range(3):
        owe("good", number)
    jobs_outbox.run_due()
    assert len(work.done) == 1
    assert redis.queue().count == 1


def test_emptied_redis_loses_nothing(app, client, session):
    """The hint is gone with Redis; the clock's next sweep finds the row."""
    from app import redis
    from tests.people.browsing import letters

    sign_up(client)
    assert redis.queue().count == 1
    redis.client().flushall()
    assert redis.queue().count == 0
    jobs_outbox.run_due()  # what the clock enqueues every five seconds
    assert [letter.to for letter in letters()] == ["nina@pika.example"]


def test_sign_up_works_while_redis_is_away(app, client, session, using):  # noqa: F811  (the fixture)
    using(redis_url="unix:///nowhere/redis.sock")
    assert sign_up(client).status_code == 303
    jobs_outbox.run_due()
    assert [item.state for item in session.query(OutboxItem)] == ["done"]


# ---- the table ----


def test_every_line_of_the_table_names_a_function():
    for kind in jobs_outbox.HANDLERS:
        assert callable(jobs_outbox.handler(kind))


def test_every_kind_that_is_owed_has_a_line():
    owed = set()
    for path in (Path(__file__).parents[2] / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "outbox.owe":
                assert isinstance(node.args[0], ast.Constant), f"{path}: say the kind where it is owed"
                owed.add(node.args[0].value)
    assert owed == set(jobs_outbox.HANDLERS)


# ---- mail that is owed ----


def test_mail_is_retried_until_the_server_is_back(app, client, session, using):  # noqa: F811  (the fixture)
    with mail_server.serve() as (box, port):
        using(smtp_url=f"smtp://127.0.0.1:{port}")
        sign_up(client)
        box.answer = lambda _address: "451 not now"
        jobs_outbox.run_due()
        assert box.letters == []
        item = session.query(OutboxItem).one()
        assert (item.state, item.last_error) == ("due", "MailFailed: put off with 451")
        box.answer = lambda _address: "250 OK"
        with time_machine.travel(clock.now() + timedelta(minutes=1)):
            jobs_outbox.run_due()
    assert box.recipients == ["nina@pika.example"]


def test_mail_whose_answer_was_lost_has_the_same_message_id_and_both_links_work(app, client, session, using):  # noqa: F811
    from tests.people.browsing import key_of, send

    with mail_server.serve() as (box, port):
        using(smtp_url=f"smtp://127.0.0.1:{port}")
        sign_up(client)
        box.after_data = "451 taken, but we say no"
        jobs_outbox.run_due()
        box.after_data = "250 OK"
        with time_machine.travel(clock.now() + timedelta(minutes=1)):
            jobs_outbox.run_due()
    first, second = box.letters
    assert first["Message-ID"] == second["Message-ID"]
    keys = [
        key_of(line.strip()) for letter in box.letters for line in letter.get_content().splitlines() if "?key=" in line
    ]
    assert [client.get(f"/welcome?key={key}").status_code for key in keys] == [200, 200]
    assert send(client, "/welcome", page=f"/welcome?key={keys[0]}", key=keys[0]).status_code == 303


def test_mail_to_an_address_that_does_not_exist_is_not_tried_again(app, client, session, using):  # noqa: F811
    with mail_server.serve() as (box, port):
        using(smtp_url=f"smtp://127.0.0.1:{port}")
        box.answer = lambda _address: "550 no such user"
        sign_up(client)
        jobs_outbox.run_due()
    assert [item.state for item in session.query(OutboxItem)] == ["done"]


def test_failed_mail_leaves_no_address_behind(app, client, session, using, caplog):  # noqa: F811
    from tests.servers import free_port

    using(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    sign_up(client)
    jobs_outbox.run_due()
    assert "nina" not in session.query(OutboxItem).one().last_error
    assert "nina" not in caplog.text
