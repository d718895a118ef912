"""Announcements on both engines: who hears them, when they are posted, told once whatever happens, withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import current_app

from app.db import db
from app.events import actions, audience, queries, rules
from app.events.models import Announcement, AnnouncementSeen, Follow
from app.lib import clock
from app.notify import actions as notify
from app.notify.holders import Holder
from app.notify.models import ChannelChoice, Notice, PushSubscription
from app.outbox import OutboxItem
from app.people.models import Device
from app.people.viewer import Viewer
from app.schedule.models import Star
from jobs import announcements as jobs
from jobs import outbox as jobs_outbox
from tests import factories
from tests.schedule.test_actions import add

NEWS = {
    "title": "Welcome party moved indoors", "body": "Doors still open at 21:00.", "audience": "everybody",
    "slot": None, "is_urgent": False, "is_pinned": False, "post_at": None,
}  # fmt: skip


@pytest.fixture
def event(session):
    return factories.event()


def announce(event, **more):
    public_id = actions.announce(event.id, NEWS | more, factories.person("olive"))
    return one(public_id)


def one(public_id):
    db.session.rollback()
    return db.session.query(Announcement).filter_by(public_id=public_id).one()


def work():
    """What a worker does, with a database session of its own."""
    with current_app.app_context():
        jobs_outbox.run_due()
    db.session.rollback()


def device(person=None):
    made = Device(token_digest=f"digest-{db.session.query(Device).count()}", person_id=person.id if person else None)
    db.session.add(made)
    db.session.commit()
    return made


def hold(kind, person=None, device=None, **more):
    """A star or follow of a person, or of a guest's device."""
    db.session.add(kind(person_id=person.id if person else None, device_id=device.id if device else None, **more))
    db.session.commit()


def star(event, edit, person=None, device=None):
    from app.schedule import queries as schedule

    hold(Star, person, device, slot_id=schedule.find_slot(event.id, edit.slot_id).id)


def subscribe(person=None, device=None):
    number = db.session.query(PushSubscription).count()
    hold(
        PushSubscription, person, device, endpoint=f"https://push.example/{number}", endpoint_index=f"{number}",
        p256dh="key", auth="secret", last_seen_at=clock.now(),
    )  # fmt: skip


def told(category="announcement"):
    """Who has a notice, by handle, and what it says."""
    from app.people.models import Person

    db.session.rollback()
    found = db.session.query(Person.handle, Notice.title).join(Notice, Notice.person_id == Person.id)
    return sorted((handle, title) for handle, title in found.filter(Notice.category == category))


# ---- who hears it ----


def test_everybody_is_who_follows_or_starred_anything_each_once(event):
    dana, jo, tess = (factories.person(handle) for handle in ("dana", "jo", "tess"))
    edit, other = add(event), add(event, "Basics", "15:00", "16:00")
    hold(Follow, dana, event_id=event.id)
    for slot in (edit, other):
        star(event, slot, dana)
    star(event, edit, jo)
    claimed, guest = device(tess), device()
    star(event, edit, tess)
    star(event, other, device=claimed)
    star(event, other, device=guest)
    hold(Follow, device=guest, event_id=event.id)
    elsewhere = factories.event("other")
    hold(Follow, factories.person("nina"), event_id=elsewhere.id)

    found = audience.holders(announce(event))

    assert set(found) == {
        Holder(dana.id, None), Holder(jo.id, None), Holder(tess.id, None), Holder(None, guest.id),
    }  # fmt: skip
    assert len(found) == 4
    assert audience.reach(event.id, "everybody").people == 4


def test_those_who_starred_a_slot_are_only_those(event):
    dana, jo = factories.person("dana"), factories.person("jo")
    edit, other = add(event), add(event, "Basics", "15:00", "16:00")
    star(event, edit, dana)
    star(event, other, jo)
    hold(Follow, factories.person("tess"), event_id=event.id)
    assert audience.holders(announce(event, audience="starred", slot=edit.slot_id)) == [Holder(dana.id, None)]
    assert audience.holders(announce(event, audience="nobody")) == []
    assert audience.stars_by_slot(event.id) == {edit.slot_id: 1, other.slot_id: 1}


def test_of_a_hidden_event_nobody_hears(session):
    event = factories.event(published_at=None)
    hold(Follow, factories.person("dana"), event_id=event.id)
    assert audience.holders(announce(event)) == []


def test_the_preview_counts_people_with_a_phone_that_may_be_pushed_to(event):
    dana, jo, tess = (factories.person(handle) for handle in ("dana", "jo", "tess"))
    for person in (dana, jo, tess):
        hold(Follow, person, event_id=event.id)
    guest = device()
    hold(Follow, device=guest, event_id=event.id)
    subscribe(dana)
    subscribe(device=device(dana))  # her other phone, claimed: still one person
    subscribe(device=guest)
    subscribe(jo)
    db.session.add(ChannelChoice(person_id=jo.id, category="announcement", channel="push", is_on=False))
    db.session.commit()
    assert audience.reach(event.id, "everybody") == audience.Reach(people=4, by_push=2)


def test_a_slot_of_another_event_is_refused(event):
    foreign = add(factories.event("other"))
    with pytest.raises(rules.SlotUnknown):
        announce(event, audience="starred", slot=foreign.slot_id)


# ---- posting, once ----


def test_it_is_posted_and_told_when_a_worker_comes(event):
    hold(Follow, factories.person("dana"), event_id=event.id)
    made = announce(event)
    assert made.state == "scheduled"
    work()
    made = one(made.public_id)
    assert (made.state, made.told_rounds) == ("posted", 1)
    assert told() == [("dana", "Welcome party moved indoors")]


def test_an_urgent_one_says_so_and_passes_quiet_hours(event, monkeypatch):
    hold(Follow, factories.person("dana"), event_id=event.id)
    sent = []
    monkeypatch.setattr(notify, "tell", lambda message, holders: sent.append(message))
    announce(event, is_urgent=True)
    work()
    assert [(m.title, m.is_urgent, m.zone, m.category) for m in sent] == [
        ("Urgent: Welcome party moved indoors", True, "Europe/Budapest", "announcement")
    ]


def test_a_button_pressed_twice_is_one_announcement(event, race):
    olive, event_id = factories.person("olive"), event.id
    db.session.expunge(olive)
    results = race(lambda _n: actions.announce(event_id, NEWS, olive), times=4)
    db.session.rollback()
    assert len(set(results)) == db.session.query(Announcement).count() == 1


def test_recipients_are_found_when_it_is_posted_not_when_it_is_written(event):
    moment = clock.now()
    announce(event, post_at=moment + timedelta(hours=2))
    hold(Follow, factories.person("dana"), event_id=event.id)
    work()
    assert told() == []
    with time_machine.travel(moment + timedelta(hours=2, minutes=1)):
        work()
    assert [handle for handle, _ in told()] == ["dana"]


def test_two_posts_of_one_announcement_tell_once(event, race):
    for handle in ("dana", "jo", "tess"):
        hold(Follow, factories.person(handle), event_id=event.id)
    subject = {"announcement_id": announce(event).id}
    results = race(lambda _n: jobs.post(subject, "key"), times=4)
    assert [handle for handle, _ in told()] == ["dana", "jo", "tess"]
    assert one(db.session.query(Announcement.public_id).scalar()).told_rounds == 1
    assert all(result is None for result in results), results


def test_a_kill_between_post_and_tell_is_made_good_once(event, monkeypatch):
    hold(Follow, factories.person("dana"), event_id=event.id)
    made = announce(event)
    with monkeypatch.context() as patch:
        patch.setattr(notify, "tell", _killed)
        work()
    assert one(made.public_id).state == "posted"
    assert told() == []
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        work()
        work()
    assert [handle for handle, _ in told()] == ["dana"]


def test_a_kill_after_telling_tells_nobody_twice(event, monkeypatch):
    hold(Follow, factories.person("dana"), event_id=event.id)
    announce(event)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "note_told", _killed)
        work()
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        work()
    assert [handle for handle, _ in told()] == ["dana"]


def _killed(*_arguments, **_more):
    raise SystemError("the worker is killed")


@pytest.mark.parametrize("moved_to", [1, 5], ids=["earlier", "later"])
def test_moving_a_scheduled_one_moves_its_posting(event, moved_to):
    """The first promise stays in the outbox, but the worker that takes it looks at the time itself."""
    dana, moment = factories.person("dana"), clock.now()
    hold(Follow, dana, event_id=event.id)
    made = announce(event, post_at=moment + timedelta(hours=3))
    actions.change_announcement(made.id, NEWS | {"post_at": moment + timedelta(hours=moved_to)})
    posted_after = None
    for hours in range(1, 7):
        with time_machine.travel(moment + timedelta(hours=hours, minutes=1)):
            if hours == 4 and moved_to == 1:
                hold(Follow, factories.person("jo"), event_id=event.id)  # too late: a lapsed promise tells nobody
            work()
        if posted_after is None and told():
            posted_after = hours
    assert posted_after == moved_to
    assert [handle for handle, _ in told()] == ["dana"]
    assert {item.state for item in db.session.query(OutboxItem).filter_by(kind="announcement.post")} == {"done"}


def test_a_withdrawn_one_is_never_posted(event):
    hold(Follow, factories.person("dana"), event_id=event.id)
    made = announce(event)
    actions.withdraw(made.id)
    work()
    assert (one(made.public_id).posted_at, told()) == (None, [])


# ---- changing and withdrawing ----


def test_editing_marks_it_and_tells_nobody_again_unless_asked(event):
    hold(Follow, factories.person("dana"), event_id=event.id)
    made = announce(event)
    work()
    words = {"title": "Welcome party: upstairs", "body": "", "is_urgent": False, "is_pinned": False}
    actions.change_announcement(made.id, words | {"again": False})
    work()
    assert one(made.public_id).edited_at
    assert told() == [("dana", "Welcome party moved indoors")]
    for _ in range(2):  # the second time it is a new round again
        actions.change_announcement(made.id, words | {"again": True})
        work()
    assert told() == [("dana", "Welcome party moved indoors"), *[("dana", "Welcome party: upstairs")] * 2]
    assert one(made.public_id).told_rounds == 3


def test_saving_the_same_words_is_no_edit(event):
    made = announce(event)
    work()
    actions.change_announcement(made.id, NEWS | {"again": False})
    assert one(made.public_id).edited_at is None


def test_withdrawing_takes_it_off_the_pages_and_marks_the_notices(event):
    hold(Follow, factories.person("dana"), event_id=event.id)
    made = announce(event, is_pinned=True)
    work()
    for _ in range(2):
        actions.withdraw(made.id)
    db.session.rollback()
    assert told() == [("dana", "Withdrawn: Welcome party moved indoors")]
    assert queries.banner(event.id, clock.now() - timedelta(hours=6)) is None
    assert queries.last_posted(event.id, 10) == []
    with pytest.raises(rules.AnnouncementGone):
        actions.change_announcement(made.id, NEWS | {"again": True})


# ---- what stands on top ----


def test_the_newest_that_is_pinned_or_fresh_stands_on_top(event):
    moment = clock.now()
    names = []
    for hours, title, pinned in ((9, "Old", False), (8, "Pinned", True), (5, "Fresh", False)):
        with time_machine.travel(moment - timedelta(hours=hours)):
            announce(event, title=title, is_pinned=pinned)
            work()
    for hours in (0, 2):
        db.session.rollback()
        names.append(queries.banner(event.id, moment + timedelta(hours=hours) - timedelta(hours=6)).title)
    assert names == ["Fresh", "Pinned"]


def test_the_page_lists_the_last_ten(event):
    for number in range(12):
        with time_machine.travel(clock.now() - timedelta(minutes=60 - number)):
            announce(event, title=f"News {number}")
            work()
    db.session.rollback()
    assert [news.title for news in queries.last_posted(event.id, 10)] == [f"News {n}" for n in range(11, 1, -1)]


# ---- seen ----


def test_seen_counts_people_once_and_only_what_stands(event, race):
    dana, guest = factories.person("dana"), device()
    made, waiting = announce(event), announce(event, title="Later", post_at=clock.now() + timedelta(days=1))
    elsewhere = announce(factories.event("other"))
    work()
    ids = [made.public_id, waiting.public_id, elsewhere.public_id, "nonsense"]
    dana_id, guest_id = dana.id, guest.id

    def look(number):
        from app.people.models import Person

        viewer = (
            Viewer(db.session.get(Person, dana_id)) if number % 2 else Viewer(None, db.session.get(Device, guest_id))
        )
        actions.note_seen(viewer, queries.event_by_slug("swing"), ids)

    results = race(look, times=6)
    assert all(result is None for result in results), results
    actions.note_seen(Viewer(), queries.event_by_slug("swing"), ids)  # a passer-by
    db.session.rollback()
    assert db.session.query(AnnouncementSeen).count() == queries.seen_count(made.id) == 2


def test_a_claimed_device_and_its_person_are_one_who_saw(event):
    dana, phone = factories.person("dana"), device()
    made = announce(event)
    work()
    actions.note_seen(Viewer(None, phone), queries.event_by_slug("swing"), [made.public_id])
    db.session.get(Device, phone.id).person_id = dana.id
    db.session.commit()
    actions.note_seen(Viewer(factories.person("dana")), queries.event_by_slug("swing"), [made.public_id])
    db.session.rollback()
    assert queries.seen_count(made.id) == 1
