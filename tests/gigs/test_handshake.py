"""The handshake on both engines: every way through it, what the public sees meanwhile, and races with one winner."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from app.db import db
from app.gigs import queries, rules
from app.gigs.actions import answering, asking, following, moving
from app.gigs.actions.asking import Offer
from app.gigs.models import Gig, GigStep
from app.lib import clock
from app.people.queries import person_by_handle
from app.schedule import actions as schedule
from app.schedule import queries as schedule_queries
from jobs import gigs as jobs
from tests import factories
from tests.gigs.conftest import states, steps


def confirm(night, public_id, who="jo"):
    gig = night.gig(public_id)
    answering.confirm(gig.id, gig.offer, person_by_handle(who))


def confirmed(night, who="jo", *args, **more):
    public_id = night.ask(who, *args, **more)
    confirm(night, public_id, who)
    return public_id


# ---- asked, confirmed ----


def test_who_is_asked_is_not_named_and_who_confirmed_is(night):
    asked = night.ask(fee_minor=18_000)
    assert (states(asked), night.names()) == (["pending"], [])
    confirm(night, asked)
    assert (states(asked), night.names()) == (["confirmed"], ["DJ Jo Brandt"])


def test_an_offer_stands_seven_days_but_never_longer_than_until_it_begins(night):
    gig = night.gig(night.ask())
    assert abs(gig.expires_at - clock.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert rules.expires_at(gig.starts_at - timedelta(days=2), 7, gig.starts_at, gig.ends_at) == gig.starts_at
    assert rules.expires_at(gig.starts_at + timedelta(hours=1), 7, gig.starts_at, gig.ends_at) == gig.ends_at


def test_a_name_that_is_confirmed_publishes_no_other_draft(planned):
    asked = planned.ask()
    planned.add("A secret still", "15:00", "16:00")
    before = planned.event.schedule_version
    confirm(planned, asked)
    event = planned.event
    shown = schedule_queries.public_schedule(event)
    assert (event.schedule_version, schedule_queries.draft_edits(event)) == (before + 1, 1)
    assert [(slot.title, slot.names) for slot in shown.slots] == [("Saturday social", ["DJ Jo Brandt"])]
    schedule.publish(planned.event_id, planned.olive)
    assert len(schedule_queries.public_schedule(planned.event).slots) == 2
    assert planned.names() == ["DJ Jo Brandt"]


def test_several_share_a_slot_back_to_back_each_with_own_times(night):
    confirmed(night, "ana", "22:00", "24:00")
    confirmed(night, "jo", "24:00", "26:00")
    assert night.turns() == [("22:00", "00:00", "DJ Ana"), ("00:00", "02:00", "DJ Jo Brandt")]


def test_names_typed_by_hand_stay_and_an_edit_keeps_those_who_confirmed(night):
    confirmed(night)
    slot = night.slot()
    values = schedule.SlotValues(
        title="Saturday night social", kind="social", room=slot.room.public_id, starts_at=slot.starts_at,
        ends_at=slot.ends_at, people=(("teacher", "Rafael"),),
    )  # fmt: skip
    edit = schedule.edit_slot(night.event_id, night.slot_id, values, slot.version, night.olive)
    assert night.names() == ["Rafael", "DJ Jo Brandt"]
    schedule.undo(night.event_id, edit.batch, person_by_handle("olive"))
    assert night.names() == ["DJ Jo Brandt"]


@pytest.mark.parametrize(
    ("role", "said"),
    [("teacher", ["Jo Brandt"]), ("judge", ["Jo Brandt"]), ("mc", ["MC Jo Brandt"]), ("helper", [])],
)
def test_every_role_shakes_hands_and_helpers_are_not_named(night, role, said):
    asked = confirmed(night, role=role)
    assert (states(asked), night.names()) == (["confirmed"], said)


def test_terms_are_frozen_with_both_names_and_stay_when_a_new_offer_is_agreed(night):
    asked = night.ask(fee_minor=18_000, travel="Train, second class")
    confirm(night, asked)
    first = night.gig(asked).frozen_terms
    assert (first["fee_minor"], first["travel"], first["person"], first["asked_by"]) == (
        18_000, "Train, second class", "Jo Brandt", "Olive Szabó",
    )  # fmt: skip
    assert datetime.fromisoformat(first["starts_at"]) == night.at("22:00")
    night.move("23:00", "27:00")
    jobs.sweep()
    confirm(night, asked)
    kept = [s.terms for s in queries.steps_of(night.gig(asked).id) if s.terms]
    assert kept[0] == first
    assert datetime.fromisoformat(kept[1]["starts_at"]) == night.at("23:00")


def test_nobody_is_asked_twice_for_the_same(night):
    night.ask()
    with pytest.raises(rules.AskedAlready):
        night.ask()
    assert db.session.query(Gig).count() == 1


def test_an_offer_lies_within_its_slot(night):
    with pytest.raises(rules.BadTimes, match="The slot runs 22:00 to 02:00"):
        night.ask(start="21:00", end="23:00")


def test_somebody_without_an_account_cannot_be_asked(night):
    offer = Offer(night.at("22:00"), night.at("24:00"))
    with pytest.raises(rules.NobodyThere):
        asking.ask(night.event_id, night.slot_id, "@nobody-here", "dj", offer, night.olive)


# ---- no ----


def test_declined_with_a_reason_the_next_choice_is_asked_and_so_on(night):
    for who in ("ana", "max"):
        factories.person(who)
    first = night.ask(next_choices=["@ana", "@max"], fee_minor=5_000)
    answering.decline(night.gig(first).id, "On holiday", person_by_handle("jo"))
    ana = night.of("ana")
    assert (states(first), ana.state, ana.fee_minor) == (["declined"], "pending", 5_000)
    answering.decline(ana.id, "", person_by_handle("ana"))
    assert (night.of("max").state, queries.choices_of([night.of("max").id])) == ("pending", {})
    answering.decline(night.of("max").id, "", person_by_handle("max"))
    assert db.session.query(Gig).count() == 3


def test_an_offer_that_ran_out_cannot_be_confirmed_and_the_next_is_asked_by_itself(night):
    factories.person("ana")
    asked = night.ask(next_choices=["@ana"], days=2)
    with time_machine.travel(clock.now() + timedelta(days=2, minutes=1), tick=True):
        with pytest.raises(rules.TooLate):
            confirm(night, asked)
        jobs.sweep()
        jobs.sweep()
        assert (states(asked), night.of("ana").state) == (["expired"], "pending")
        assert night.of("ana").expires_at > clock.now() + timedelta(days=1)


def test_withdrawn_before_it_was_agreed_and_called_off_after(night):
    asked = night.ask()
    asking.withdraw(night.gig(asked).id, "Full", night.olive)
    with pytest.raises(rules.AnsweredAlready, match="withdrawn"):
        confirm(night, asked)
    again = confirmed(night)
    asking.withdraw(night.gig(again).id, "Storm", night.olive)
    assert (states(asked, again), night.names()) == (["withdrawn", "cancelled"], [])


def test_who_confirmed_may_call_it_off_and_the_next_is_asked(night):
    factories.person("ana")
    asked = confirmed(night, next_choices=["@ana"])
    answering.call_off(night.gig(asked).id, "Broken leg", person_by_handle("jo"))
    assert (states(asked), night.names(), night.of("ana").state) == (["cancelled"], [], "pending")


# ---- not 22:00, but 23:00 ----


def countered(night, start="23:00", end="25:00", fee=None):
    asked = night.ask(fee_minor=10_000)
    gig = night.gig(asked)
    answering.counter(gig.id, gig.offer, night.at(start), night.at(end), fee, "My train", person_by_handle("jo"))
    return asked


def test_a_counter_offer_that_is_taken_is_agreed_at_its_times_and_fee(night):
    asked = countered(night, fee=15_000)
    gig = night.gig(asked)
    asking.accept(gig.id, gig.offer, night.olive)
    gig = night.gig(asked)
    assert (gig.state, gig.starts_at, gig.fee_minor) == ("confirmed", night.at("23:00"), 15_000)
    assert night.turns() == [("23:00", "01:00", "DJ Jo Brandt")]


def test_a_counter_offer_that_is_refused_leaves_the_first_one(night):
    asked = countered(night)
    gig = night.gig(asked)
    asking.keep(gig.id, gig.offer, night.olive)
    assert states(asked) == ["pending"]
    confirm(night, asked)
    assert night.gig(asked).starts_at == night.at("22:00")


def test_a_counter_offer_is_met_with_another_one(night):
    asked = countered(night)
    gig = night.gig(asked)
    asking.offer_anew(gig.id, gig.offer, Offer(night.at("22:30"), night.at("24:30"), 12_000), night.olive)
    gig = night.gig(asked)
    assert (gig.state, gig.starts_at, gig.counter_starts_at) == ("pending", night.at("22:30"), None)
    assert steps(gig) == ["asked", "counter", "offer"]


def test_a_counter_offer_outside_of_the_slot_waits_until_the_slot_moved(night):
    asked = countered(night, "21:00", "23:00")
    gig = night.gig(asked)
    with pytest.raises(rules.DoesNotFit):
        asking.accept(gig.id, gig.offer, night.olive)
    night.move("21:00", "25:00")
    jobs.sweep()
    gig = night.gig(asked)
    asking.accept(gig.id, gig.offer, person_by_handle("olive"))
    assert night.turns() == [("21:00", "23:00", "DJ Jo Brandt")]


def test_what_changed_meanwhile_is_not_confirmed_by_accident(night):
    asked = night.ask()
    gig = night.gig(asked)
    seen = gig.offer
    asking.offer_anew(gig.id, seen, Offer(night.at("24:00"), night.at("26:00")), night.olive)
    with pytest.raises(rules.OfferChanged, match="00:00 to 02:00"):
        answering.confirm(gig.id, seen, person_by_handle("jo"))


# ---- a change after green ----


def test_a_change_of_time_asks_that_person_again_and_claims_nothing_meanwhile(night):
    jo, ana = confirmed(night, "jo", "22:00", "24:00"), confirmed(night, "ana", "24:00", "26:00")
    night.move("22:00", "25:00")
    assert night.turns() == [("22:00", "00:00", "DJ Jo Brandt")]  # at once, before anything swept
    jobs.sweep()
    assert states(jo, ana) == ["confirmed", "pending"]
    assert (night.gig(ana).starts_at, night.gig(ana).ends_at) == (night.at("24:00"), night.at("25:00"))
    confirm(night, ana, "ana")
    assert [name for _, _, name in night.turns()] == ["DJ Jo Brandt", "DJ Ana"]


def test_a_slot_that_moves_takes_all_its_parts_along_and_asks_each(night):
    jo, ana = confirmed(night, "jo", "22:00", "24:00"), confirmed(night, "ana", "24:00", "26:00")
    night.move("21:00", "25:00")
    jobs.sweep()
    assert states(jo, ana) == ["pending", "pending"]
    assert (night.gig(jo).starts_at, night.gig(ana).starts_at) == (night.at("21:00"), night.at("23:00"))
    assert night.names() == []


def test_a_move_that_is_taken_back_leaves_what_was_agreed(night):
    asked = confirmed(night)
    edit = night.move("21:00", "25:00")
    jobs.sweep()
    assert states(asked) == ["pending"]
    schedule.undo(night.event_id, edit.batch, person_by_handle("olive"))
    jobs.sweep()
    assert (states(asked), night.names()) == (["confirmed"], ["DJ Jo Brandt"])


def test_running_late_asks_nobody_again_and_the_parts_move_along(night):
    jo, _ana = confirmed(night, "jo", "22:00", "24:00"), confirmed(night, "ana", "24:00", "26:00")
    event = night.event
    edit = schedule.shift_from(
        event.id, night.slot_id, 15, expected_revision=event.revision, actor=person_by_handle("olive")
    )
    jobs.sweep()
    assert states(jo) == ["confirmed"]
    assert night.turns() == [("22:15", "00:15", "DJ Jo Brandt"), ("00:15", "02:15", "DJ Ana")]
    schedule.undo(night.event_id, edit.batch, person_by_handle("olive"))
    assert night.turns()[0] == ("22:00", "00:00", "DJ Jo Brandt")


def test_while_planning_nobody_is_asked_again_until_the_move_is_public(planned):
    asked = confirmed(planned)
    planned.move("21:00", "25:00")
    jobs.sweep()
    assert (states(asked), planned.names()) == (["confirmed"], ["DJ Jo Brandt"])
    schedule.publish(planned.event_id, planned.olive)
    assert planned.names() == []
    jobs.sweep()
    assert states(asked) == ["pending"]


def test_a_slot_that_is_called_off_takes_its_bookings_back_unless_undone_soon(night):
    asked, open_one = confirmed(night, "jo", "22:00", "24:00"), night.ask("ana", "24:00", "26:00")
    slot = night.slot()
    schedule.cancel_slot(night.event_id, night.slot_id, slot.version, person_by_handle("olive"))
    jobs.sweep()
    assert states(asked, open_one) == ["confirmed", "pending"]
    with time_machine.travel(clock.now() + following.GRACE + timedelta(seconds=1), tick=True):
        jobs.sweep()
    assert states(asked, open_one) == ["cancelled", "withdrawn"]


def test_a_stand_in_who_confirms_takes_the_place(night):
    jo = confirmed(night)
    ana = night.ask("ana", substitute_for=jo)
    assert night.names() == ["DJ Jo Brandt"]
    confirm(night, ana, "ana")
    assert (states(jo, ana), night.names()) == (["cancelled", "confirmed"], ["DJ Ana"])


def test_what_took_place_is_over(night):
    asked = confirmed(night)
    with time_machine.travel(night.at("27:00"), tick=True):
        jobs.sweep()
        assert states(asked) == ["ended"]
        with pytest.raises(rules.AnsweredAlready):
            asking.withdraw(night.gig(asked).id, "", person_by_handle("olive"))


# ---- races ----


def outcomes(results):
    return sorted("ok" if r is None or isinstance(r, Gig) else type(r).__name__ for r in results)


def test_confirm_against_withdraw_has_one_winner(night, race):
    for _ in range(4):
        gig_id = night.gig(night.ask()).id

        def one(number, gig_id=gig_id):
            if number % 2:
                answering.confirm(gig_id, 1, person_by_handle("jo"))
            else:
                asking.withdraw(gig_id, "", person_by_handle("olive"))

        results = race(one, times=2)
        gig = night.of("jo")
        winners = [s.verb for s in queries.steps_of(gig_id)]
        if gig.state == "cancelled":  # first confirmed, and then called off: one after the other
            assert winners == ["asked", "confirm", "cancel"]
        else:
            assert outcomes(results) == ["AnsweredAlready", "ok"]
            assert len(winners) == 2
        assert (night.names() != []) == (gig.state == "confirmed")
        if gig.state == "confirmed":
            asking.withdraw(gig_id, "", person_by_handle("olive"))


def test_of_many_taps_one_confirms(night, race):
    gig_id = night.gig(night.ask()).id
    results = race(lambda _n: answering.confirm(gig_id, 1, person_by_handle("jo")), times=4)
    assert outcomes(results) == ["AnsweredAlready"] * 3 + ["ok"]
    assert steps(night.of("jo")) == ["asked", "confirm"]


def test_confirm_against_running_out_has_one_winner_and_one_next_choice(night, race):
    factories.person("ana")
    gig_id = night.gig(night.ask(next_choices=["@ana"], days=1)).id
    db.session.query(Gig).filter_by(id=gig_id).update({"expires_at": clock.now() + timedelta(seconds=0.3)})
    db.session.commit()

    def one(number):
        if number == 0:
            return answering.confirm(gig_id, 1, person_by_handle("jo"))
        while clock.now() < queries.find(gig_id).expires_at:
            db.session.rollback()
        return following.run_out(gig_id)

    race(one, times=4)
    jo = night.of("jo")
    asked = db.session.query(Gig).filter_by(previous_id=gig_id).count()
    assert (jo.state, asked) in {("confirmed", 0), ("expired", 1)}


def test_many_sweeps_ask_one_next_choice(night, race):
    for who in ("ana", "max"):
        factories.person(who)
    gig_id = night.gig(night.ask(next_choices=["@ana", "@max"], days=1)).id
    db.session.query(Gig).filter_by(id=gig_id).update({"expires_at": clock.now() - timedelta(seconds=1)})
    db.session.commit()
    race(lambda _n: following.run_out(gig_id), times=4)
    db.session.rollback()
    assert db.session.query(Gig).filter_by(previous_id=gig_id).count() == 1
    assert db.session.query(GigStep).filter_by(gig_id=gig_id, verb="expire").count() == 1


def test_control_without_the_guard_both_sides_of_a_race_win(night, race, monkeypatch):
    """The control: what the conditional update holds is lost without its condition."""
    monkeypatch.setattr(moving, "_guard", lambda *_: [])
    for who in ("ana", "max"):
        factories.person(who)
    gig_id = night.gig(night.ask(next_choices=["@ana", "@max"], days=1)).id
    results = race(lambda _n: following.run_out(gig_id), times=3)
    db.session.rollback()
    told = db.session.query(GigStep).filter_by(gig_id=gig_id, verb="expire").count()
    assert told > 1 or any(results)
