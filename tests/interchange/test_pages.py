"""The organizer's screens: choose, look, import, undo; problems by their path; what was typed and ticked stays."""

from __future__ import annotations

import html
import json
import re

import pytest

from app.db import db
from app.events.models import Event
from app.interchange import kept, reading
from app.schedule import queries
from tests import factories
from tests.interchange.conftest import conference, entry
from tests.schedule.test_actions import add

TWO = conference(entry("Swivels", "14:00"), entry("Basics", "16:00"))
HERE = "/app/organizer/events/swing/import"


@pytest.fixture
def event(session):
    return factories.event("swing", mode="planning")


@pytest.fixture
def olive(client, event):
    return factories.signed_in(client, factories.person("olive"))


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def upload(client, document, path=HERE, name="file.json"):
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    token = token_of(client.get(path).text)  # the body by hand: the test client would leave a temporary file open
    body = (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    content = body.encode() + raw + b"\r\n--x--\r\n"
    return client.post(path, data=content, content_type="multipart/form-data; boundary=x")


def send(client, path, **typed):
    page = client.get(path).text
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    return client.post(path, data={"csrf_token": token_of(page), "revision": revision, "do": "import"} | typed)


def text_of(answer):
    return html.unescape(answer.text)


def test_choose_look_import_undo(olive, event):
    answer = upload(olive, TWO)
    assert answer.status_code == 303
    preview = olive.get(answer.location)
    assert "2 slots in 1 room over 1 day" in preview.text
    assert preview.text.count("New</span>") == 2
    assert queries.slots_of(event.id) == []
    done = send(olive, answer.location)
    assert (done.status_code, done.location) == (303, "/app/organizer/events/swing/schedule")
    db.session.expire_all()
    assert len(queries.slots_of(event.id)) == 2
    maker = olive.get(done.location)
    assert "2 slots in 1 rooms over 1 days: 2 new." in maker.text
    undo = re.search(r'action="(/app/organizer/events/swing/undo\?batch=[^"]+)"', maker.text)[1]
    olive.post(html.unescape(undo), data={"csrf_token": token_of(maker.text)})
    db.session.expire_all()
    assert queries.slots_of(event.id) == []


def test_problems_are_listed_with_their_path_and_cannot_be_imported(olive, event):
    answer = upload(olive, conference(entry("Good"), entry("Bad", date="never")))
    preview = text_of(olive.get(answer.location))
    assert "It cannot be imported like this" in preview
    assert '<code>$.schedule.conference.days[0].rooms["Danube Hall"][1].date</code>' in preview
    assert 'value="import"' not in preview
    refused = send(olive, answer.location)
    assert refused.status_code == 422
    assert queries.slots_of(event.id) == []


@pytest.mark.parametrize(
    ("raw", "sentence", "status"),
    [(b"{", "This is not valid JSON", 422), (b"", "The file is empty", 422),
     (b" " * (reading.BYTES_MAX + 1), "larger than 5 MB", 413)],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_at_its_field(olive, raw, sentence, status):
    answer = upload(olive, raw)
    assert answer.status_code == status
    assert re.search(rf'id="f-file-error"[^>]*>.*?{sentence}', answer.text, re.DOTALL)


def test_no_file_at_all(olive):
    answer = olive.post(HERE, data={"csrf_token": token_of(olive.get(HERE).text)})
    assert (answer.status_code, "Choose a file." in answer.text) == (422, True)


def test_answers_stay_ticked_and_are_what_is_done(olive, event):
    add(event, "By hand", "14:30", "15:30")
    path = upload(olive, TWO).location
    assert "overlaps “By hand”, 14:30 to 15:30" in text_of(olive.get(path))
    looked = send(olive, path, do="preview", overlaps="all")
    assert re.search(r'name="overlaps" value="all" checked', looked.text)
    assert "Danube Hall (2)" in looked.text
    assert send(olive, path, overlaps="all").status_code == 303


def test_a_preview_that_is_old_is_shown_anew(olive, event):
    path = upload(olive, TWO).location
    page = olive.get(path).text
    revision = re.search(r'name="revision" value="(\d+)"', page)[1]
    add(event, "Meanwhile", "20:00", "21:00")
    answer = olive.post(path, data={"csrf_token": token_of(page), "revision": revision, "do": "import"})
    assert answer.status_code == 409
    assert "changed since this preview" in text_of(answer)


def test_columns_are_mapped_on_the_page(olive, event):
    raw = b"A;B;C\n2026-06-13;14:00;<b>Swivels</b>\n"
    path = upload(olive, raw, name="table.csv").location
    page = olive.get(path)
    assert "No column is said to be the title or the start." in text_of(page)
    assert "<b>Swivels" not in page.text
    mapped = {"col-0": "day", "col-1": "start", "col-2": "title"}
    looked = send(olive, path, do="preview", **mapped)
    assert "1 slot in 1 room over 1 day" in looked.text
    assert re.search(r'id="f-col-2".*?value="title" selected', looked.text, re.DOTALL)
    assert send(olive, path, **mapped).status_code == 303
    db.session.expire_all()
    assert [slot.title for slot in queries.slots_of(event.id)] == ["<b>Swivels</b>"]


def test_a_file_becomes_an_event(olive, session):
    document = conference(entry("Swivels"), title="New Weekend", acronym="new_weekend")
    path = upload(olive, document, "/app/organizer/import").location
    page = olive.get(path).text
    assert re.search(r'name="name"[^>]* value="New Weekend"', page)
    assert re.search(r'name="slug"[^>]* value="new-weekend"', page)
    typed = {"name": "Kept <b>typed</b>", "slug": "new-weekend", "zone": "Mars/Olympus"}
    wrong = send(olive, path, **typed)
    assert wrong.status_code == 422
    assert "Kept <b>typed</b>" in text_of(wrong)
    assert re.search(r'id="f-zone-error"', wrong.text)
    taken = send(olive, path, **(typed | {"slug": "swing", "zone": "Europe/Budapest"}))
    assert (taken.status_code, "f-slug-error" in taken.text) == (409, True)
    done = send(olive, path, **(typed | {"zone": "Europe/Vienna"}))
    assert done.location == "/app/organizer/events/new-weekend/schedule"
    made = session.query(Event).filter_by(slug="new-weekend").one()
    assert (made.zone, made.name, made.is_published) == ("Europe/Vienna", "Kept <b>typed</b>", False)
    assert olive.get(done.location).status_code == 200


def test_a_file_of_an_event_of_mine_goes_there(olive, event):
    path = upload(olive, TWO, "/app/organizer/import").location
    assert olive.get(path).location.startswith(f"{HERE}/")


def test_an_upload_is_its_owners_and_for_an_hour(app, olive, event):
    path = upload(olive, TWO).location
    token = path.rpartition("/")[2]
    assert kept.take(factories.person("olive").id, token) is not None
    omar = factories.person("omar", "Omar Other")
    factories.grant(omar, "organizer", event=event)
    other = factories.signed_in(app.test_client(), omar)
    assert other.get(path).location == HERE
    from app.redis import client as redis_client

    [key] = redis_client().keys("pika:import:*")
    assert 3000 < redis_client().ttl(key) <= 3600
    redis_client().flushdb()
    assert olive.get(path).location == HERE
    assert "Choose it again." in olive.get(HERE).text


def test_exports_are_downloads_of_the_team(app, olive, event):
    add(event)
    answer = olive.get("/app/organizer/events/swing/export.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="swing.json"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert json.loads(answer.data)["schedule"]["conference"]["title"] == "Swing Weekend"
    table = olive.get("/app/organizer/events/swing/export.csv")
    assert table.content_type == "text/csv; charset=utf-8"
    assert b"Swivels" in table.data
    nina = factories.signed_in(app.test_client(), factories.person("nina"))
    assert nina.get("/app/organizer/events/swing/export.json").status_code == 404
