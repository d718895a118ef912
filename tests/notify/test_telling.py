"""Telling: each holder once, by the channels they chose, decided when it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app import outbox
from app.lib import clock, tokens
from app.notify import actions, folder, queries
from app.notify.holders import Holder
from app.notify.messages import Message
from app.notify.models import Delivery, Notice, PushSubscription
from app.notify.queries import Progress
from app.outbox import OutboxItem
from app.people.models import Device
from jobs import outbox as jobs_outbox
from tests import factories

NOON = datetime(2026, 6, 13, 12, tzinfo=UTC)
MOVED = Message(
    "slot:abc:31", "change", "Swivels starts later", "14:30 → 14:45, Danube Hall", "/e/swing/slots/abc",
    zone=factories.BUDAPEST,
)  # fmt: skip


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON) as traveller:
        yield traveller


def person(handle="dana"):
    return Holder(factories.person(handle).id, None)


def device(session, owner=None):
    made = Device(token_digest=tokens.digest(tokens.secret_token()), person_id=owner)
    session.add(made)
    session.commit()
    return Holder(None, made.id)


def choose(holder, *, choices=None, **settings):
    known = {
        "lead_minutes": 10,
        "pushes_per_hour": 6,
        "is_quiet": True,
        "quiet_from_minute": 240,
        "quiet_to_minute": 540,
    }
    actions.choose(holder.person_id, choices or {}, **(known | settings))


def titles(phone):
    return [push.text["title"] for push in phone.received]


def states(session):
    session.rollback()
    return sorted(row.state for row in session.query(Delivery))


def test_person_gets_a_notice_and_a_push_with_everything_in_it(session, subscribed):
    dana = person()
    phone = subscribed(person_id=dana.person_id)

    assert actions.tell(MOVED, [dana]) == 1
    jobs_outbox.run_due()

    (push,) = phone.received
    assert push.text == {
        "title": "Swivels starts later", "body": "14:30 → 14:45, Danube Hall", "href": "/e/swing/slots/abc",
        "tag": MOVED.tag, "urgent": False,
    }  # fmt: skip
    assert push.headers["topic"] == MOVED.tag
    assert push.headers["urgency"] == "high"
    assert 0 < int(push.headers["ttl"]) <= 24 * 3600
    assert push.headers["authorization"].startswith("vapid t=")
    notice = session.query(Notice).one()
    assert (notice.title, notice.href, notice.zone) == (MOVED.title, MOVED.href, factories.BUDAPEST)
    assert queries.unread_count(dana.person_id) == 1
    assert queries.progress(MOVED.key) == Progress(total=1, sent=1, failed=0, gone=0, held_back=0)


def test_telling_twice_is_telling_once(session, subscribed):
    dana, guest = person(), device(session)
    phones = [subscribed(person_id=dana.person_id), subscribed(device_id=guest.device_id)]

    assert actions.tell(MOVED, [dana, guest, dana]) == 2
    assert actions.tell(MOVED, [dana, guest]) == 0
    jobs_outbox.run_due()
    assert actions.tell(MOVED, [guest, dana]) == 0
    jobs_outbox.run_due()

    assert [titles(phone) for phone in phones] == [[MOVED.title], [MOVED.title]]
    assert session.query(Notice).count() == 1


def test_those_who_come_later_are_told_and_nobody_else_again(session, subscribed):
    dana, jo = person(), person("jo")
    first, second = subscribed(person_id=dana.person_id), subscribed(person_id=jo.person_id)

    actions.tell(MOVED, [dana])
    assert actions.tell(MOVED, [dana, jo]) == 1
    jobs_outbox.run_due()

    assert (titles(first), titles(second)) == ([MOVED.title], [MOVED.title])


def test_claimed_device_is_its_person(session, subscribed):
    """Stars made before sign-up and after it are one person's: one notice, each phone once."""
    dana = person()
    claimed = device(session, owner=dana.person_id)
    phones = [subscribed(person_id=dana.person_id), subscribed(device_id=claimed.device_id)]

    assert actions.tell(MOVED, [claimed, dana]) == 1
    jobs_outbox.run_due()

    assert [len(phone.received) for phone in phones] == [1, 1]
    assert [row.person_id for row in session.query(Delivery)] == [dana.person_id] * 2


def test_suspended_and_forgotten_are_left_out(session, subscribed):
    gone = factories.person("susi", suspended_at=clock.now())
    phone = subscribed(person_id=gone.id)

    assert actions.tell(MOVED, [Holder(gone.id, None), Holder(99_999, None), Holder(None, 99_999)]) == 0
    jobs_outbox.run_due()

    assert phone.received == []
    assert session.query(Notice).count() == 0


def test_many_tell_at_the_same_moment(app, session, subscribed, race):
    holders = [person(handle) for handle in ("dana", "jo", "tess", "sam")]
    phones = [subscribed(person_id=holder.person_id) for holder in holders]
    session.rollback()

    told = race(lambda _number: actions.tell(MOVED, holders), times=4)
    jobs_outbox.run_due()

    assert sum(told) == 4
    assert [len(phone.received) for phone in phones] == [1] * 4


# ---- channels ----


def test_channels_are_chosen_by_category(session, subscribed):
    dana = person()
    phone = subscribed(person_id=dana.person_id)
    choose(dana, choices={("change", "push"): False, ("change", "mail"): True, ("change", "in_app"): False})

    assert actions.tell(MOVED, [dana]) == 1
    assert actions.tell(replace(MOVED, key="news:1", category="announcement"), [dana]) == 1
    jobs_outbox.run_due()

    assert titles(phone) == [MOVED.title]  # the announcement
    assert [notice.category for notice in session.query(Notice)] == ["announcement"]


def test_mail_says_what_and_where_and_how_to_stop(app, session):
    dana = person()
    actions.tell(replace(MOVED, category="registration"), [dana])  # mail by default
    jobs_outbox.run_due()

    (letter,) = folder.newest(app.config["PIKA"].var)
    assert (letter.to, letter.subject) == ("dana@pika.example", f"{MOVED.title} · Pika!")
    assert MOVED.body in letter.text
    assert "http://localhost/e/swing/slots/abc" in letter.text
    assert "http://localhost/account/notices" in letter.text
    assert states(session) == ["sent"]


def test_choice_made_after_telling_holds_when_it_is_sent(app, session, subscribed):
    dana = person()
    phone = subscribed(person_id=dana.person_id)
    actions.tell(replace(MOVED, category="registration"), [dana])
    choose(dana, choices={("registration", "push"): False, ("registration", "mail"): False})
    jobs_outbox.run_due()

    assert (phone.received, folder.newest(app.config["PIKA"].var)) == ([], [])
    assert states(session) == ["off", "off"]


# ---- quiet hours, budget, too late ----


@pytest.mark.parametrize(("utc", "sent"), [("01:59", True), ("02:00", False), ("06:59", False), ("07:00", True)])
def test_quiet_hours_follow_the_wall_clock_of_the_event(session, subscribed, noon, utc, sent):
    """04:00 to 09:00 in Budapest is 02:00 to 07:00 UTC in June. The social until 04:00 is not quiet."""
    dana = person()
    phone = subscribed(person_id=dana.person_id)
    noon.move_to(datetime.fromisoformat(f"2026-06-14T{utc}:00+00:00"))
    actions.tell(MOVED, [dana])
    jobs_outbox.run_due()

    assert len(phone.received) == sent
    assert queries.progress(MOVED.key).held_back == (not sent)
    assert session.query(Notice).count() == 1  # it waits in the center


def test_guests_phones_are_quiet_too(session, subscribed, noon):
    phone = subscribed(device_id=device(session).device_id)
    noon.move_to(datetime(2026, 6, 14, 3, tzinfo=UTC))
    actions.tell(MOVED, [Holder(None, session.query(Device).one().id)])
    jobs_outbox.run_due()
    assert phone.received == []


def test_quiet_hours_may_pass_midnight_or_be_off(session, subscribed, noon):
    dana, jo = person(), person("jo")
    choose(dana, quiet_from_minute=23 * 60, quiet_to_minute=7 * 60)
    choose(jo, is_quiet=False)
    phones = [subscribed(person_id=holder.person_id) for holder in (dana, jo)]
    noon.move_to(datetime(2026, 6, 14, 3, tzinfo=UTC))
    actions.tell(MOVED, [dana, jo])
    jobs_outbox.run_due()
    assert [len(phone.received) for phone in phones] == [0, 1]


def test_budget_per_hour_holds_back_the_rest(session, subscribed, noon):
    dana = person()
    phones = [subscribed(person_id=dana.person_id) for _ in range(2)]  # two phones, one budget
    for number in range(8):
        actions.tell(replace(MOVED, key=f"change:{number}"), [dana])
        jobs_outbox.run_due()
    assert [len(phone.received) for phone in phones] == [6, 6]
    assert states(session).count("budget") == 4
    noon.shift(timedelta(minutes=61))
    actions.tell(replace(MOVED, key="change:later"), [dana])
    jobs_outbox.run_due()
    assert [len(phone.received) for phone in phones] == [7, 7]


def test_alerts_pass_the_budget_and_use_it_up(session, subscribed):
    dana = person()
    phone = subscribed(person_id=dana.person_id)
    choose(dana, pushes_per_hour=2)
    for number in range(3):
        actions.tell(replace(MOVED, key=f"alert:{number}", category="alert"), [dana])
    actions.tell(replace(MOVED, key="change:1"), [dana])
    jobs_outbox.run_due()
    assert len(phone.received) == 3
    assert states(session) == ["budget", "sent", "sent", "sent"]


def test_urgent_passes_quiet_hours_and_budget(session, subscribed, noon):
    dana = person()
    phone = subscribed(person_id=dana.person_id)
    choose(dana, pushes_per_hour=1)
    noon.move_to(datetime(2026, 6, 14, 3, tzinfo=UTC))
    for number in range(3):
        actions.tell(replace(MOVED, key=f"urgent:{number}", is_urgent=True), [dana])
    jobs_outbox.run_due()
    assert len(phone.received) == 3
    assert {push.headers["urgency"] for push in phone.received} == {"high"}


def test_nothing_is_sent_after_its_end(session, subscribed, noon):
    dana = person()
    phone = subscribed(person_id=dana.person_id)
    actions.tell(replace(MOVED, until=clock.now() + timedelta(minutes=5)), [dana])
    noon.shift(timedelta(minutes=6))
    jobs_outbox.run_due()
    assert actions.tell(replace(MOVED, key="old", until=clock.now() - timedelta(seconds=1)), [dana]) == 0
    assert phone.received == []
    assert states(session) == ["late"]


# ---- push services that say no ----


@pytest.mark.parametrize("status", [404, 410])
def test_subscription_that_is_over_is_removed(session, service, subscribed, status):
    dana = person()
    subscribed(person_id=dana.person_id)
    service.answer = lambda _phone: status
    actions.tell(MOVED, [dana])
    jobs_outbox.run_due()
    assert session.query(PushSubscription).count() == 0
    assert queries.progress(MOVED.key) == Progress(1, 0, 0, 1, 0)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_provider_that_is_down_is_tried_again_for_those_who_missed_it(session, service, subscribed, noon, status):
    holders = [person("dana"), person("jo")]
    phones = [subscribed(person_id=holder.person_id) for holder in holders]
    service.answer = lambda phone: status if phone is phones[0] else 201
    actions.tell(MOVED, holders)
    jobs_outbox.run_due()
    assert queries.progress(MOVED.key) == Progress(2, 1, 1, 0, 0)
    service.answer = lambda _phone: 201
    noon.shift(timedelta(seconds=11))
    jobs_outbox.run_due()
    assert [len(phone.received) for phone in phones] == [1, 1]
    assert queries.progress(MOVED.key) == Progress(2, 2, 0, 0, 0)
    assert {item.state for item in session.query(OutboxItem)} == {"done"}


def test_provider_says_how_long_to_wait(session, service, subscribed, noon):
    dana = person()
    phone = subscribed(person_id=dana.person_id)
    service.answer = lambda _phone: (429, {"Retry-After": "120"})
    actions.tell(MOVED, [dana])
    jobs_outbox.run_due()
    service.answer = lambda _phone: 201
    noon.shift(timedelta(seconds=100))
    jobs_outbox.run_due()
    assert phone.received == []
    noon.shift(timedelta(seconds=21))
    jobs_outbox.run_due()
    assert len(phone.received) == 1


def test_provider_down_for_two_hours_loses_nothing_and_sends_nothing_past(session, service, subscribed, noon):
    """Q8: after its return everything is out within ten minutes, except what is over by then."""
    dana = person()
    choose(dana, pushes_per_hour=60)
    phone = subscribed(person_id=dana.person_id)
    service.answer = lambda _phone: 503
    actions.tell(replace(MOVED, key="lasting"), [dana])
    actions.tell(replace(MOVED, key="alert", until=clock.now() + timedelta(minutes=30)), [dana])
    for _ in range(120):
        jobs_outbox.run_due()
        noon.shift(timedelta(minutes=1))
    service.answer = lambda _phone: 201
    for _ in range(10):
        noon.shift(timedelta(minutes=1))
        jobs_outbox.run_due()
    assert [push.text["tag"] for push in phone.received] == [replace(MOVED, key="lasting").tag]
    assert outbox.dead_items() == []


def test_refusal_for_good_is_not_repeated(session, service, subscribed, noon):
    dana = person()
    subscribed(person_id=dana.person_id)
    service.answer = lambda _phone: 403
    actions.tell(MOVED, [dana])
    for _ in range(5):
        jobs_outbox.run_due()
        noon.shift(timedelta(minutes=10))
    assert service.calls == 1
    assert session.query(PushSubscription).one().failures == 1


def test_broken_keys_do_not_hold_up_the_others(session, subscribed):
    dana, jo = person(), person("jo")
    subscribed(person_id=dana.person_id)
    session.query(PushSubscription).one().p256dh = "AAAA"
    phone = subscribed(person_id=jo.person_id)
    actions.tell(MOVED, [dana, jo])
    jobs_outbox.run_due()
    assert len(phone.received) == 1


def test_poison_goes_to_the_dead_and_the_others_go_on(session, subscribed, noon):
    from app.db import transaction

    with transaction():
        outbox.owe("notify.push", {"message": {"key": "broken"}, "to": [[1, 1]]}, "push:poison")
    dana = person()
    phone = subscribed(person_id=dana.person_id)
    actions.tell(MOVED, [dana])
    for _ in range(outbox.ATTEMPTS_MAX):
        jobs_outbox.run_due()
        noon.shift(timedelta(minutes=25))
    assert len(phone.received) == 1
    assert [item.dedupe_key for item in outbox.dead_items()] == ["push:poison"]


# ---- messages ----


@pytest.mark.parametrize(
    "wrong", [{"title": " "}, {"key": ""}, {"key": "k" * 101}, {"href": "https://evil.example"}, {"href": "//evil"}]
)
def test_message_that_could_not_be_shown_is_refused(wrong):
    with pytest.raises(ValueError):
        replace(MOVED, **wrong)


def test_long_text_fits_what_push_services_take():
    long = replace(MOVED, title="T" * 160, body="ő" * 1000)
    assert len(long.payload().encode()) <= 2_800


def test_tag_is_what_a_topic_may_be():
    assert len(MOVED.tag) == 32
    assert MOVED.tag.replace("-", "").replace("_", "").isalnum()
    assert replace(MOVED, key="other").tag != MOVED.tag
