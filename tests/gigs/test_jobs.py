"""What people are told of each step, by the outbox: the words, the zone, who, and once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import outbox
from app.db import db
from app.gigs.actions import answering, asking, own
from app.notify.models import Notice
from app.people.queries import person_by_handle
from jobs import gigs as jobs
from jobs import outbox as runner
from tests import factories

pytestmark = pytest.mark.one_engine


def work():
    runner.run_due()
    db.session.rollback()


def notices(handle):
    db.session.rollback()
    person_id = person_by_handle(handle).id
    return [(n.title, n.href) for n in db.session.query(Notice).filter_by(person_id=person_id).order_by(Notice.id)]


def test_who_is_asked_is_told_by_notice_and_mail_in_the_venues_time(night):
    asked = night.ask(fee_minor=18_000)
    work()
    work()
    when = f"{night.day:%a} {night.day.day} {night.day:%B}, 22:00 to 02:00"
    assert notices("jo") == [(f"Swing Weekend wants you for {when}", f"/app/gigs/{asked}")]
    kinds = {item.kind for item in db.session.query(outbox.OutboxItem)}
    assert {"gigs.tell", "notify.mail"} <= kinds


def test_an_offer_that_is_gone_when_its_news_is_due_is_not_told(night):
    asked = night.ask()
    asking.withdraw(night.gig(asked).id, "", person_by_handle("olive"))
    work()
    assert [title for title, _ in notices("jo")] == [f"Swing Weekend withdrew the offer for {when(night)}"]


def when(night):
    return f"{night.day:%a} {night.day.day} {night.day:%B}, 22:00 to 02:00"


def test_the_team_hears_each_answer_and_who_is_asked_next(night):
    factories.person("ana")
    asked = night.ask(next_choices=["@ana"])
    answering.decline(night.gig(asked).id, "On holiday", person_by_handle("jo"))
    work()
    assert [title for title, _ in notices("olive")] == [f"Jo Brandt said no to {when(night)}"]
    assert notices("ana")[0][0].startswith("Swing Weekend wants you for")
    body = db.session.query(Notice).filter_by(person_id=person_by_handle("olive").id).one().body
    assert body == "Saturday social. On holiday Ana is asked now."


def test_a_day_blocked_later_warns_whoever_booked_it(night):
    asked = night.ask()
    answering.confirm(night.gig(asked).id, 1, person_by_handle("jo"))
    own.say_days(person_by_handle("jo").id, "blocked", night.day, night.day, "", "A secret")
    own.say_days(person_by_handle("jo").id, "blocked", night.day + timedelta(days=9), None, "3", "")
    work()
    said = [title for title, _ in notices("olive")]
    assert said == [f"Jo Brandt confirmed: {when(night)}", f"Jo Brandt blocked the day of {when(night)}"]


def test_a_change_after_green_tells_that_person_only(night):
    for who, start, end in (("jo", "22:00", "24:00"), ("ana", "24:00", "26:00")):
        asked = night.ask(who, start, end)
        answering.confirm(night.gig(asked).id, 1, person_by_handle(who))
    work()
    before = len(notices("jo"))
    night.move("22:00", "25:00")
    jobs.sweep()
    work()
    assert len(notices("jo")) == before
    assert notices("ana")[-1][0].startswith("Saturday social moved: now")
