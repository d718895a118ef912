"""The platform owner's floor: health, people, roles, suspension, events."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event as sql_event

from app import outbox
from app.db import db
from app.lib import clock
from app.owner import actions, queries, rules
from app.people.actions import door
from app.people.models import Person, RoleGrant, SignIn
from app.people.rules import WrongPassword
from tests import factories


@pytest.fixture
def petra(session):
    found = factories.person("petra")
    factories.grant(found, "owner")
    return found


@pytest.fixture
def owner(client, petra):
    """Petra's browser."""
    return factories.signed_in(client, petra)


def post(client, path, follow=True, **typed):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/app/organizer/events/new").text)[1]
    answer = client.post(path, data={"csrf_token": token} | typed)
    assert answer.status_code in {303, 404}
    return client.get(answer.headers["Location"]) if follow and answer.status_code == 303 else answer


def page_of(person, *parts) -> str:
    return "/".join(["/app/owner/people", person.public_id, *parts])


def roles(person) -> set[str]:
    db.session.rollback()
    return {grant.role for grant in db.session.query(RoleGrant).filter_by(person_id=person.id)}


# ---- the door ----

PAGES = ["/app/owner", "/app/owner/people", "/app/owner/events"]


@pytest.mark.parametrize("who", ["nina", "olive", "sam"])
def test_for_anybody_else_it_is_not_there(client, petra, who):
    factories.event()
    factories.signed_in(client, factories.person(who))
    for path in [*PAGES, page_of(petra), page_of(petra, "suspend"), page_of(petra, "roles?role=dj&verb=grant")]:
        assert client.get(path).status_code == 404
    for path in [
        page_of(petra, "suspend"),
        page_of(petra, "lift"),
        page_of(petra, "roles"),
        "/app/owner/outbox/revive",
    ]:
        assert post(client, path, role="owner", verb="revoke").status_code == 404
    assert roles(petra) == {"owner"}


def test_a_guest_is_led_to_the_door(client, petra):
    for path in PAGES:
        assert client.get(path).headers["Location"].startswith("/sign-in?next=")


# ---- health ----


def test_health_says_that_all_is_well(owner):
    today = clock.now().date()
    factories.event(starts_on=today - timedelta(days=1), ends_on=today + timedelta(days=1))
    page = owner.get("/app/owner")
    assert page.status_code == 200
    for words in ("All is well.", "Nothing waits for you", "1 weekend under way", "Database", "Redis", "1 published"):
        assert words in page.text


def dead(number: int = 1, error: str = "MailFailed: <b>gone</b>") -> int:
    item = outbox.OutboxItem(
        kind="people.knock", subject={}, dedupe_key=f"key-{number}", due_at=clock.now(), state="dead", attempts=5,
        last_error=error, settled_at=clock.now(), fence=5,
    )  # fmt: skip
    db.session.add(item)
    db.session.commit()
    return item.id


def test_what_was_given_up_is_shown_and_tried_again(owner):
    number = dead()
    page = owner.get("/app/owner").text
    for words in ("Look at failed jobs.", "people.knock", "MailFailed: &lt;b&gt;gone&lt;/b&gt;", "Try again"):
        assert words in page
    assert "It is tried again in a moment." in post(owner, "/app/owner/outbox/revive", item=str(number)).text
    item = db.session.get(outbox.OutboxItem, number)
    assert (item.state, item.attempts, item.lease_until, item.settled_at) == ("due", 0, None, None)
    assert outbox.take_next(("people.knock",)).id == number


@pytest.mark.parametrize("item", ["", "x", "-1", "999", "9" * 30, "٣"])
def test_only_what_was_given_up_is_tried_again(owner, item):
    done = outbox.OutboxItem(kind="k", subject={}, dedupe_key="done", due_at=clock.now(), state="done")
    db.session.add(done)
    db.session.commit()
    for sent in (item, str(done.id)):
        assert "waits for nobody any more" in post(owner, "/app/owner/outbox/revive", item=sent).text
    assert db.session.get(outbox.OutboxItem, done.id).state == "done"


@pytest.mark.one_engine
def test_health_is_shown_when_redis_is_away(app, owner, monkeypatch):
    from dataclasses import replace

    monkeypatch.setitem(app.config, "PIKA", replace(app.config["PIKA"], redis_url="unix:///nowhere.sock"))
    page = owner.get("/app/owner")
    assert page.status_code == 200
    assert "Look at Redis. The rest is well." in page.text


# ---- people ----


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", ["Nina Holt", "Tess Aubert", "Petra Lang"]),
        ("tess", ["Tess Aubert"]),
        ("AUB", ["Tess Aubert"]),
        ("@nin", ["Nina Holt"]),
        ("nina@pika.example", ["Nina Holt"]),
        ("NINA@pika.example ", ["Nina Holt"]),
        ("nina@pika", []),
        ("%", []),
        ("_", []),
        ("'; drop table person; --", []),
        ("x" * 5000, []),
    ],
)
def test_people_are_found_by_part_of_a_name_or_a_whole_address(owner, q, found):
    factories.person("tess")
    factories.person("nina")
    page = owner.get("/app/owner/people", query_string={"q": q})
    assert page.status_code == 200
    assert re.findall(r'list-row-title">([^<]+)<', page.text) == found


@pytest.mark.parametrize("path", ["/app/owner/people", "/app/owner/events"])
@pytest.mark.parametrize("number", ["0", "-3", "99", "1" + "0" * 40, "two", ""])
def test_a_page_number_that_is_none_breaks_nothing(owner, path, number):
    assert owner.get(path, query_string={"page": number}).status_code == 200


@pytest.mark.one_engine
def test_long_lists_have_pages_and_keep_the_search(owner):
    for number in range(queries.PER_PAGE + 2):
        factories.person(f"dancer-{number:02}", f"Dancer {number:02}")
    first = owner.get("/app/owner/people?q=dancer").text
    assert first.count("list-row-title") == queries.PER_PAGE
    assert "Page 1 of 2" in first
    assert "page=2&amp;q=dancer" in first or "q=dancer&amp;page=2" in first
    second = owner.get("/app/owner/people?q=dancer&page=2").text
    assert re.findall(r'list-row-title">([^<]+)<', second) == ["Dancer 01", "Dancer 00"]


def test_the_page_of_a_person_shows_what_matters(owner):
    tess = factories.person("tess", city="Lyon", about="Counts aloud.")
    event = factories.event("swing", organizer=tess)
    hidden = factories.event("hidden", organizer=tess, published_at=None, name="Still secret")
    page = owner.get(page_of(tess))
    assert page.status_code == 200
    for words in (
        "Tess Aubert",
        "@tess",
        "tess@pika.example",
        "Counts aloud.",
        event.name,
        "Address proven",
        hidden.name,
    ):
        assert words in page.text
    assert 'href="/e/swing"' in page.text
    assert 'href="/e/hidden"' not in page.text
    assert owner.get("/app/owner/people/tess").status_code == 404, "by public id only: handles change"


# ---- roles ----


@pytest.mark.parametrize("role", ["dj", "owner"])
def test_roles_are_given_and_taken_away(owner, role):
    jo = factories.person("jo")
    ask = owner.get(page_of(jo, f"roles?role={role}&verb=grant"))
    assert "Jo Brandt?" in ask.text
    assert f'name="role" value="{role}"' in ask.text
    for _ in range(2):
        assert "given" in post(owner, page_of(jo, "roles"), role=role, verb="grant").text
    assert roles(jo) == {role}
    assert "taken away" in post(owner, page_of(jo, "roles"), role=role, verb="revoke").text
    assert roles(jo) == set()


@pytest.mark.parametrize("role", ["organizer", "teacher", "studio_admin", "", "dancer", "OWNER"])
@pytest.mark.parametrize("verb", ["grant", "revoke"])
def test_other_roles_are_not_given_here(owner, role, verb):
    tess = factories.person("tess")
    factories.event("swing", organizer=tess)
    before = roles(tess)
    assert "not here" in post(owner, page_of(tess, "roles"), role=role, verb=verb).text
    assert roles(tess) == before
    assert owner.get(page_of(tess, f"roles?role={role}&verb={verb}")).status_code == 303


def test_the_last_owner_stays(owner, petra):
    assert "last owner" in post(owner, page_of(petra, "roles"), role="owner", verb="revoke").text
    assert roles(petra) == {"owner"}


def test_an_owner_who_is_suspended_does_not_count(owner, petra):
    factories.grant(factories.person("olga", suspended_at=clock.now()), "owner")
    assert "last owner" in post(owner, page_of(petra, "roles"), role="owner", verb="revoke").text


def test_an_owner_may_step_down_and_is_led_home(owner, petra):
    factories.grant(factories.person("olga"), "owner")
    answer = post(owner, page_of(petra, "roles"), follow=False, role="owner", verb="revoke")
    assert answer.headers["Location"] == "/app"
    assert owner.get("/app/owner").status_code == 404
    assert owner.get("/app").headers["Location"] == "/app/dancer"


def test_two_owners_cannot_unmake_each_other_at_once(session, race, petra):
    olga = factories.person("olga")
    factories.grant(olga, "owner")
    ids = [petra.id, olga.id]
    results = race(lambda number: actions.revoke_role(ids[1 - number], "owner", ids[number]), 2)
    assert sorted(type(result).__name__ for result in results) == ["LastOwner", "NoneType"]
    db.session.rollback()
    assert db.session.query(RoleGrant).filter_by(role="owner").count() == 1


def test_two_owners_cannot_suspend_each_other_at_once(session, race, petra):
    olga = factories.person("olga")
    factories.grant(olga, "owner")
    ids = [petra.id, olga.id]
    results = race(lambda number: actions.suspend(ids[1 - number], ids[number]), 2)
    assert sorted(type(result).__name__ for result in results) == ["LastOwner", "NoneType"]


@pytest.mark.one_engine
def test_without_its_rule_both_owners_would_go(session, race, petra, monkeypatch):
    """The control of the two races above."""
    monkeypatch.setattr(rules, "check_owner_remains", lambda *_: None)
    olga = factories.person("olga")
    factories.grant(olga, "owner")
    ids = [petra.id, olga.id]
    assert race(lambda number: actions.revoke_role(ids[1 - number], "owner", ids[number]), 2) == [None, None]


# ---- suspension ----


def test_suspending_asks_first_and_says_what_happens(owner):
    nina = factories.person("nina")
    page = owner.get(page_of(nina, "suspend"))
    assert "Suspend Nina Holt?" in page.text
    for sentence in rules.CONSEQUENCES["suspend"]:
        assert sentence in page.text
    assert db.session.get(Person, nina.id).suspended_at is None
    fragment = owner.get(page_of(nina, "suspend"), headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert "Suspend Nina Holt?" in fragment


def test_a_suspended_person_is_out_at_once_and_stays_out(app, owner):
    nina = factories.person("nina")
    door_id = door.open_account("Nora Door", "nora", "nora@pika.example", "dance-all-night")
    nora = db.session.get(Person, door_id)
    theirs = factories.signed_in(app.test_client(), nora)
    assert theirs.get("/app/dancer").status_code == 200
    page = post(owner, page_of(nora, "suspend"))
    assert "Nora Door is suspended." in page.text
    assert "Lift the suspension" in page.text
    assert theirs.get("/app/dancer").status_code == 303
    with pytest.raises(WrongPassword):
        door.sign_in("nora@pika.example", "dance-all-night", door.Browser())
    db.session.rollback()
    assert db.session.query(SignIn).filter_by(person_id=door_id, ended_at=None).count() == 0
    assert db.session.get(Person, nina.id).suspended_at is None
    assert "may sign in again" in post(owner, page_of(nora, "lift")).text
    assert theirs.get("/app/dancer").status_code == 303, "the old session stays ended"
    assert door.sign_in("nora@pika.example", "dance-all-night", door.Browser())


def test_the_time_of_a_suspension_is_that_of_the_first(owner):
    nina = factories.person("nina")
    post(owner, page_of(nina, "suspend"))
    first = db.session.get(Person, nina.id).suspended_at
    post(owner, page_of(nina, "suspend"))
    db.session.rollback()
    assert db.session.get(Person, nina.id).suspended_at == first


def test_nobody_suspends_themselves(owner, petra):
    factories.grant(factories.person("olga"), "owner")
    assert "This is your own account." in post(owner, page_of(petra, "suspend")).text
    assert db.session.get(Person, petra.id).suspended_at is None
    assert page_of(petra, "suspend") not in owner.get(page_of(petra)).text


def test_an_owner_who_was_suspended_has_no_floor(owner, petra):
    olga = factories.person("olga")
    factories.grant(olga, "owner")
    actions.suspend(petra.id, olga.id)
    assert owner.get("/app/owner").status_code == 303


@pytest.mark.one_engine
def test_what_an_owner_does_leaves_a_line(owner, caplog, petra):
    nina = factories.person("nina")
    with caplog.at_level("INFO", logger="pika.audit"):
        post(owner, page_of(nina, "suspend"))
        post(owner, page_of(nina, "roles"), role="dj", verb="grant")
    lines = [
        (record.getMessage(), record.person, record.actor) for record in caplog.records if record.name == "pika.audit"
    ]
    assert lines == [("owner: suspend", nina.id, petra.id), ("owner: grant dj", nina.id, petra.id)]


# ---- events ----


def test_events_are_listed_hidden_ones_too(owner):
    factories.event("swing", name="Swing <b>Days</b>", city="Graz")
    factories.event("secret", name="Secret Weekend", published_at=None)
    page = owner.get("/app/owner/events").text
    for words in ("Swing &lt;b&gt;Days&lt;/b&gt;", "Secret Weekend", "Olive Szabó", "Hidden", "2 events"):
        assert words in page
    assert 'href="/e/swing"' in page
    assert 'href="/e/secret"' not in page
    assert "Secret" not in owner.get("/app/owner/events?q=graz").text
    assert "No event fits “tango”" in owner.get("/app/owner/events?q=tango").text


# ---- constant queries ----


def statements_of(client, path) -> int:
    seen = []

    def count(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    sql_event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        sql_event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)


@pytest.mark.parametrize("path", [*PAGES, "person"])
def test_one_row_and_three_rows_take_the_same_queries(owner, petra, path):
    def event(slug: str) -> None:
        made = factories.event(slug, organizer=petra)
        factories.slot(made)

    event("one")
    dead(1)
    address = page_of(petra) if path == "person" else path
    owner.get(address)
    one = statements_of(owner, address)
    for number, handle in enumerate(("tess", "jo", "sam"), start=2):
        who = factories.person(handle)
        event(f"more-{number}")
        factories.grant(who, "dj")
        dead(number)
    assert statements_of(owner, address) == one
