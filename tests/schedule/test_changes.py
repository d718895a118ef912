"""What changed since somebody last looked, and per version: pure comparison, looks, the page and its marks."""

from __future__ import annotations

import pytest

from app.people.models import Device
from app.people.viewer import Viewer
from app.schedule import actions, changes, queries
from app.schedule.models import LastLook
from tests import factories
from tests.factories import BUDAPEST
from tests.schedule.test_actions import add, fresh, move, values
from tests.schedule.test_timeline import csrf, page


def sentences(event, old):
    found = changes.between(queries.version_of(event, old), queries.public_schedule(event))
    return [f"{change.slot.title}: {change.sentence(BUDAPEST)}" for change in found]


def test_each_kind_of_change_has_its_words(session):
    event = factories.event()
    moved, gone, edited = (
        add(event, "Moved"),
        add(event, "Off", "15:00", "16:00"),
        add(event, "Edited", "16:00", "17:00"),
    )
    seen = event.schedule_version
    move(event, moved, "14:15", "14:45", room=1)
    actions.cancel_slot(event.id, gone.slot_id, fresh(event, gone).version, None)
    actions.edit_slot(event.id, edited.slot_id, values(event, "Edited", "16:00", "17:00", level="Novice"), 1, None)
    add(event, "Fresh", "18:00", "19:00")
    assert sentences(event, seen) == [
        "Moved: starts Sat 14:15 instead of 14:00, in Margit Room instead of Danube Hall",
        "Off: is cancelled, Sat 15:00 in Danube Hall",
        "Edited: level changed",
        "Fresh: is new, Sat 18:00 in Danube Hall",
    ]


def test_there_and_back_is_no_change(session):
    event = factories.event()
    edit = add(event)
    seen = event.schedule_version
    move(event, edit, "14:15", "15:15")
    move(event, edit, "14:00", "15:00")
    assert sentences(event, seen) == []


def test_an_earlier_end_is_told(session):
    event = factories.event()
    edit = add(event)
    move(event, edit, "14:00", "14:45")
    assert sentences(event, 1) == ["Swivels: ends 14:45 instead of 15:00"]


def test_a_look_only_goes_forward_and_never_beyond_what_is_public(session):
    event = factories.event()
    edit = add(event)
    move(event, edit, "14:15", "15:15")
    dana = Viewer(factories.person("dana"))
    for version in (1, 99, 1, -5):
        actions.looked(dana, event, version)
    assert session.query(LastLook).one().version == 2


def test_a_guest_without_a_device_leaves_no_trace(session):
    event = factories.event()
    actions.looked(Viewer(), event, 1)
    assert session.query(LastLook).count() == 0


def test_the_look_of_a_claimed_device_counts_for_the_account(session):
    event = factories.event()
    add(event)
    device = Device(token_digest="x")
    session.add(device)
    session.commit()
    actions.looked(Viewer(device=device), event, 1)
    dana = factories.person("dana")
    device.person_id = dana.id
    session.commit()
    assert queries.last_look(Viewer(dana), event.id).version == 1


def test_the_timeline_says_how_many_and_marks_which(client):
    event = factories.event()
    dana = factories.person("dana")
    factories.signed_in(client, dana)
    edit, other = add(event), add(event, "Other", "16:00", "17:00")
    token = csrf(page(client))
    assert client.post("/e/swing/looked", data={"version": "2", "csrf_token": token}).status_code == 204
    assert "since you last looked" not in page(client)
    move(event, edit, "14:15", "15:15")
    html = page(client)
    assert "<strong>1 change</strong> since you last looked at" in html
    row = html[html.index(f'id="at-{edit.slot_id}"') : html.index(f'id="at-{other.slot_id}"')]
    assert "starts Sat 14:15 instead of 14:00" in row
    assert html.count('class="slot-news"') == 1


def test_the_page_lists_what_changed_since_and_each_version(client):
    event = factories.event()
    edit = add(event)
    move(event, edit, "14:15", "15:15")
    html = client.get("/e/swing/changes?since=1").text
    assert "1 change since version 1" in html
    assert html.count("starts Sat 14:15 instead of 14:00") == 2
    assert "The first version." in html


@pytest.mark.parametrize(
    "query", ["since=999", "since=-1", "since=x", "before=0", "before=-9", "before=x", "before=9999"]
)
def test_nonsense_in_the_address_is_no_error(client, query):
    event = factories.event()
    add(event)
    assert client.get(f"/e/swing/changes?{query}").status_code == 200


def test_long_histories_are_paged(client):
    event = factories.event()
    edit = add(event)
    for minute in range(1, 15):
        move(event, edit, f"14:{minute:02d}", "15:30")
    first = client.get("/e/swing/changes").text
    assert first.count("<h3>Version ") == 12
    assert 'href="/e/swing/changes?before=4"' in first
    assert client.get("/e/swing/changes?before=4").text.count("<h3>Version ") == 3
