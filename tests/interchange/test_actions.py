"""An import into an event: what moved keeps its stars, an overlap is refused whole, one undo takes it all back."""

from __future__ import annotations

from datetime import date

import pytest

from app.db import db
from app.events.models import Event
from app.interchange import actions
from app.interchange.items import Frame
from app.interchange.plan import Choices
from app.interchange.rules import PreviewIsOld, Refused
from app.people.viewer import Viewer
from app.schedule import actions as schedule
from app.schedule import queries
from app.schedule.models import Slot, SlotChange
from tests import factories
from tests.factories import at
from tests.interchange.conftest import bring_in, conference, days_of, entry, make_event, read, states
from tests.schedule.test_actions import add

TWO = conference(entry("Swivels", "14:00"), entry("Basics", "16:00"))


@pytest.fixture
def event(session):
    """Planned, with nothing in it yet."""
    return factories.event("swing", mode="planning")


def slot_called(event, title):
    db.session.expire_all()
    return next(slot for slot in queries.slots_of(event.id) if slot.title == title)


def shape(event):
    db.session.expire_all()
    return [(s.title, f"{s.starts_at:%d %H:%M}", s.room.name, s.is_cancelled) for s in queries.slots_of(event.id)]


def test_a_file_fills_an_event(event):
    done = bring_in(TWO, event)
    assert done.sentence == "2 slots in 1 rooms over 1 days: 2 new."
    assert shape(event) == [("Swivels", "13 12:00", "Danube Hall", False), ("Basics", "13 14:00", "Danube Hall", False)]
    swivels = slot_called(event, "Swivels")
    assert (swivels.import_key, swivels.kind) == ("swivels", "workshop")
    assert [(p.role, p.name) for p in swivels.people] == [("teacher", "Tess")]
    assert swivels.planned_starts_at == swivels.starts_at


def test_what_moved_moves_and_keeps_its_stars(event):
    bring_in(TWO, event)
    slot, dana = slot_called(event, "Swivels"), factories.person("dana")
    schedule.star(Viewer(dana), event, slot.public_id, on=True)
    moved = conference(
        entry("Swivels", "18:00"), entry("Basics", "16:00", description="Now with words"), room="Danube Hall"
    )
    days_of(moved)[0]["rooms"]["New Room"] = [entry("Third", "14:00")]
    done = bring_in(moved, event)
    assert done.plan.counts == "1 new, 1 moved, 1 changed"
    assert slot_called(event, "Swivels").public_id == slot.public_id
    assert queries.star_count(slot_called(event, "Swivels").id) == 1
    assert shape(event)[-1] == ("Swivels", "13 16:00", "Danube Hall", False)
    assert [room.name for room in db.session.get(Event, event.id).rooms] == ["Danube Hall", "Margit Room", "New Room"]


def test_one_undo_takes_a_whole_import_back(event):
    add(event, "By hand", "10:00", "11:00")
    bring_in(TWO, event)
    before = states(event)
    changed = conference(entry("Swivels", "18:00"), entry("Third", "20:00"))
    done = bring_in(changed, event, cancel_gone=True)
    assert done.plan.counts == "1 new, 1 moved, 1 no longer in the file"
    assert {c.verb for c in db.session.query(SlotChange).filter_by(batch=done.batch)} == {"added", "moved", "cancelled"}
    schedule.undo(event.id, done.batch, None)
    assert states(event) == before


def test_after_an_undo_the_same_file_comes_in_again_without_doubles(event):
    bring_in(TWO, event)
    done = bring_in(conference(entry("Swivels", "18:00"), entry("Third", "20:00")), event)
    schedule.undo(event.id, done.batch, None)
    bring_in(conference(entry("Swivels", "18:00"), entry("Third", "20:00")), event)
    assert [title for title, *_ in shape(event)] == ["Basics", "Swivels", "Third"]


def test_what_is_gone_is_listed_and_cancelled_only_if_chosen(event):
    add(event, "By hand", "10:00", "11:00")
    bring_in(TWO, event)
    one = conference(entry("Swivels"))
    done = bring_in(one, event)
    assert ([slot.title for slot in done.plan.gone], done.batch) == (["Basics"], "")
    assert not slot_called(event, "Basics").is_cancelled
    bring_in(one, event, cancel_gone=True)
    assert slot_called(event, "Basics").is_cancelled
    assert not slot_called(event, "By hand").is_cancelled


def test_what_was_cancelled_here_stays_so_until_chosen(event):
    bring_in(TWO, event)
    slot = slot_called(event, "Swivels")
    schedule.cancel_slot(event.id, slot.public_id, slot.version, None)
    assert bring_in(TWO, event).plan.counts == "1 unchanged, 1 cancelled here"
    assert slot_called(event, "Swivels").is_cancelled
    assert bring_in(TWO, event, restore=True).plan.counts == "1 back on, 1 unchanged"
    assert not slot_called(event, "Swivels").is_cancelled


def test_in_live_mode_an_import_is_one_version_and_delays_show(session):
    event = factories.event("swing", mode="live")
    bring_in(TWO, event)
    number = db.session.get(Event, event.id).schedule_version
    bring_in(conference(entry("Swivels", "14:15"), entry("Basics", "16:00")), event)
    fresh = db.session.get(Event, event.id)
    assert fresh.schedule_version == number + 1
    shown = queries.public_schedule(fresh)
    assert [slot.late_minutes for slot in shown.slots] == [15, 0]


def test_an_overlap_in_the_file_goes_next_door_or_refuses_it_whole(event):
    overlapping = conference(entry("Swivels", "14:00"), entry("Desk", "14:30"), entry("More", "14:45"))
    path = '$.schedule.conference.days[0].rooms["Danube Hall"]'
    with pytest.raises(Refused) as refused:
        bring_in(overlapping, event, overlaps="none")
    assert refused.value.sentence.startswith(f"Nothing was imported. {path}[1]: Danube Hall: “Desk” overlaps “Swivels”")
    assert refused.value.sentence.endswith("And 1 more.")
    assert shape(event) == []
    done = bring_in(overlapping, event)
    assert [note.path for note in done.plan.split] == [f"{path}[1]", f"{path}[2]"]
    assert [room for _, _, room, _ in shape(event)] == ["Danube Hall", "Danube Hall (2)", "Danube Hall (3)"]
    assert bring_in(overlapping, event, overlaps="none").batch == ""  # where it lies already, it may stay


def test_an_overlap_with_what_was_made_here_is_refused_unless_chosen(event):
    add(event, "By hand", "14:30", "15:30")
    with pytest.raises(Refused, match="overlaps “By hand”"):
        bring_in(TWO, event)
    assert [title for title, *_ in shape(event)] == ["By hand"]
    bring_in(TWO, event, overlaps="all")
    assert slot_called(event, "Swivels").room.name == "Danube Hall (2)"


def test_two_that_change_places_do_not_stand_in_each_others_way(event):
    bring_in(TWO, event)
    done = bring_in(conference(entry("Basics", "14:00"), entry("Swivels", "16:00")), event)
    assert done.plan.counts == "2 moved"


def test_one_bad_place_imports_nothing(event):
    with pytest.raises(Refused):
        bring_in(conference(entry("Good"), entry("Bad", date="never")), event)
    assert (shape(event), db.session.query(SlotChange).count()) == ([], 0)


def test_an_event_becomes_longer_where_the_file_needs_it_but_not_than_a_month(event):
    done = bring_in(conference(entry("Monday", day="2026-06-15")), event)
    assert done.plan.widens
    fresh = db.session.get(Event, event.id)
    assert (fresh.starts_on, fresh.ends_on) == (factories.FIRST_DAY, date(2026, 6, 15))
    with pytest.raises(Refused, match="31 days are the most"):
        bring_in(conference(entry("Next year", day="2027-06-15")), event)


def test_a_preview_of_an_older_schedule_is_refused(event):
    source = read(TWO, actions.frame_of(event))
    revision = event.revision
    add(event, "Meanwhile", "20:00", "21:00")
    with pytest.raises(PreviewIsOld):
        actions.import_into(event.id, source, Choices(), None, expected_revision=revision)
    with pytest.raises(PreviewIsOld):
        actions.import_into(event.id, read(TWO, Frame("UTC", 6)), Choices(), None)


def test_rows_without_ids_find_their_slots_by_what_they_are(event):
    def weekend(*rows):
        slots = [{"day": d, "start": s, "end": e, "room": "Hall", "title": t} for d, s, e, t in rows]
        return {"slots": slots}

    first = weekend(("Sat", "10:00", "11:00", "Privates"), ("Sat", "11:00", "12:00", "Privates"),
                    ("Sat", "12:00", "13:00", "Lunch"))  # fmt: skip
    bring_in(first, event)
    ids = {slot.title: slot.public_id for slot in queries.slots_of(event.id)}
    second = weekend(("Sat", "10:00", "11:00", "Privates"), ("Sat", "11:00", "12:00", "Privates"),
                     ("Sat", "12:30", "13:30", "Lunch"), ("Sun", "10:00", "11:00", "Brunch"))  # fmt: skip
    assert bring_in(second, event).plan.counts == "1 new, 1 moved, 2 unchanged"
    assert slot_called(event, "Lunch").public_id == ids["Lunch"]


def test_new_ids_at_the_same_place_are_the_same_slots(event):
    bring_in(TWO, event)
    renamed = conference(entry("Swivels", guid="x1"), entry("Basics", "16:00", guid="x2"))
    assert bring_in(renamed, event).plan.counts == "2 unchanged"
    assert {slot.import_key for slot in queries.slots_of(event.id)} == {"x1", "x2"}


def test_what_the_file_does_not_say_stays(event, session):
    bring_in(TWO, event)
    slot = slot_called(event, "Swivels")
    slot.level, slot.flexibility, slot.capacity_hint = "Novice", "fixed", 40
    slot.people[0].person = factories.person("tess")
    session.commit()
    bring_in(conference(entry("Swivels", "15:00"), entry("Basics", "16:00")), event)
    slot = slot_called(event, "Swivels")
    assert (slot.level, slot.flexibility, slot.capacity_hint) == ("Novice", "fixed", 40)
    assert slot.people[0].person.handle == "tess"
    assert slot.starts_at == at("15:00")


def test_a_new_event_is_hidden_and_its_makers(session):
    event, _ = make_event(TWO)
    assert (event.is_published, event.schedule_mode, event.schedule_version) == (False, "planning", 0)
    assert Viewer(factories.person("olive")).organizes(event)
    assert (event.starts_on, event.ends_on) == (factories.DAY, factories.DAY)


def test_of_two_imports_at_once_each_slot_is_made_once(event, race):
    event_id, frame = event.id, actions.frame_of(event)
    source = read(TWO, frame)
    results = race(lambda _n: actions.import_into(event_id, source, Choices(), None), 4)
    assert [type(result).__name__ for result in results] == ["Imported"] * 4
    db.session.rollback()
    assert db.session.query(Slot).count() == 2
