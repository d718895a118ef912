"""Sign in and out: sessions that begin fresh and end everywhere, devices that are claimed, ways that lead back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.lib import clock, tokens
from app.people import passwords, queries
from app.people.models import Device, Person, SignIn
from app.schedule.models import Star
from tests import factories
from tests.people.browsing import PASSWORD, csrf, error_at, key_of, link_in, post_office, send, sign_in, sign_up


def token_of(client):
    with client.session_transaction() as browser:
        return browser.get("sign_in")


def test_sign_in_lands_where_work_is(client, account):
    account("dana")
    answer = sign_in(client, "dana@pika.example")
    assert (answer.status_code, answer.location) == (303, "/app/dancer")
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("roles", "last", "landing"),
    [
        ((), None, "/app/dancer"),
        (("dj",), None, "/app/dj"),
        (("dj", "owner"), None, "/app/owner"),
        (("dj", "owner"), "dj", "/app/dj"),
        ((), "owner", "/app/dancer"),  # a role that was taken back
    ],
)
def test_landing_is_the_last_area_or_the_weightiest_role(client, account, session, roles, last, landing):
    person = account("dana")
    person.last_area = last
    for role in roles:
        factories.grant(person, role)
    session.commit()
    assert sign_in(client, "dana@pika.example").location == landing
    assert client.get("/app").location == landing


@pytest.mark.parametrize("email", ["DANA@pika.example", " dana@pika.example ", "Dana@Pika.Example"])
def test_case_and_blanks_of_the_address_do_not_matter(client, account, email):
    account("dana")
    assert sign_in(client, email).status_code == 303


def test_wrong_password_says_one_sentence_and_keeps_the_address(client, account):
    account("dana")
    answer = sign_in(client, "dana@pika.example", "not the password", next="/e/swing")
    assert answer.status_code == 422
    assert error_at(answer, "password") == "This email and password do not go together."
    assert 'value="dana@pika.example"' in answer.text
    assert 'name="next" value="/e/swing"' in answer.text
    assert "not the password" not in answer.text


@pytest.mark.parametrize("typed", [{"email": ""}, {"password": ""}, {"email": "dana@example"}])
def test_missing_fields_are_named(client, typed):
    answer = send(client, "/sign-in", **({"email": "dana@pika.example", "password": PASSWORD} | typed))
    assert answer.status_code == 422
    assert error_at(answer, next(iter(typed)))


def test_suspended_account_gets_the_same_sentence(client, account, session):
    account("dana").suspended_at = clock.now()
    session.commit()
    assert error_at(sign_in(client, "dana@pika.example"), "password") == "This email and password do not go together."


def test_suspension_ends_what_is_open(client, account, session):
    person = account("dana")
    sign_in(client, "dana@pika.example")
    person.suspended_at = clock.now()
    session.commit()
    assert client.get("/account").status_code == 303


def test_session_is_new_after_sign_in(client, account):
    """Fixation: nothing that was planted before survives, the form token included."""
    account("dana")
    with client.session_transaction() as browser:
        browser["planted"] = "by somebody else"
        browser["sign_in"] = "a token that somebody knows"
    before = csrf(client, "/sign-in")
    sign_in(client, "dana@pika.example")
    with client.session_transaction() as browser:
        assert "planted" not in browser
        assert browser["sign_in"] != "a token that somebody knows"
    assert csrf(client, "/account") != before


def test_signing_in_again_ends_the_session_before(client, app, account):
    account("dana")
    account("jo", "Jo Brandt")
    sign_in(client, "dana@pika.example")
    before = token_of(client)
    thief = app.test_client()
    with thief.session_transaction() as browser:
        browser["sign_in"] = before
    page = csrf(client, "/account")
    client.post("/sign-in", data={"csrf_token": page, "email": "jo@pika.example", "password": PASSWORD})
    assert "Jo Brandt" in client.get("/account").text
    assert thief.get("/account").status_code == 303


def test_cookie_is_worth_nothing_after_sign_out(client, app, account):
    account("dana")
    sign_in(client, "dana@pika.example")
    kept = token_of(client)
    answer = send(client, "/sign-out", page="/account")
    assert (answer.status_code, answer.location) == (303, "/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    thief = app.test_client()
    with thief.session_transaction() as browser:
        browser["sign_in"] = kept
    assert thief.get("/account").status_code == 303
    assert client.get("/account").status_code == 303


def test_sign_out_of_nobody_is_calm(client):
    assert send(client, "/sign-out", page="/sign-in").status_code == 303


def test_sign_out_needs_a_post_with_a_token(client, account):
    account("dana")
    sign_in(client, "dana@pika.example")
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(("stay", "days", "kept"), [("1", 60, True), ("", 1, False)])
def test_stay_decides_how_long(client, account, session, stay, days, kept):
    account("dana")
    answer = sign_in(client, "dana@pika.example", stay=stay)
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("pika="))
    assert ("Expires=" in cookie) is kept
    lives = session.query(SignIn).one().expires_at - clock.now()
    assert abs(lives - timedelta(days=days)) < timedelta(minutes=1)


def test_session_expires(client, account, session):
    account("dana")
    sign_in(client, "dana@pika.example")
    session.query(SignIn).one().expires_at = clock.now() - timedelta(seconds=1)
    session.commit()
    assert client.get("/account").status_code == 303


def test_database_holds_no_token(client, account, session):
    account("dana")
    sign_in(client, "dana@pika.example")
    row = session.query(SignIn).one()
    assert row.token_digest == tokens.digest(token_of(client)) != token_of(client)


def test_hash_is_made_anew_when_its_cost_changed(client, account, session, app):
    import argon2

    person = account("dana")
    person.password_hash = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    session.commit()
    with app.app_context():
        assert passwords.is_outdated(person.password_hash)
    sign_in(client, "dana@pika.example")
    with app.app_context():
        fresh = session.query(Person).one().password_hash
        assert not passwords.is_outdated(fresh)
        assert passwords.matches(fresh, PASSWORD)


def test_password_typed_on_another_keyboard_is_the_same(client, account, session):
    account("dana")
    sign_up(client, password="éclair im Café")
    assert passwords.matches(passwords.make_hash("e\u0301clair im Cafe\u0301"), "éclair im Café")


def test_door_remembers_where_one_was_going(client, account):
    account("dana")
    answer = client.get("/account/email?x=1")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/account/email?x%3D1"
    assert sign_in(client, "dana@pika.example", next="/account/email?x=1").location == "/account/email?x=1"


def test_signed_in_people_do_not_see_the_door(client, account):
    account("dana")
    sign_in(client, "dana@pika.example")
    assert client.get("/sign-in").location == "/app/dancer"
    assert client.get("/sign-in?next=/events").location == "/events"
    assert client.get("/sign-up").location == "/app/dancer"


# ---- devices: what a guest starred comes along, once ----


@pytest.fixture
def starred(client, app, session):
    """A guest's browser with one star on its device."""
    from flask import Response

    from app.people import devices

    slot = factories.slot(factories.event())
    token = devices.new_token()
    device = Device(token_digest=tokens.digest(token))
    session.add(device)
    session.flush()
    session.add(Star(slot_id=slot.id, device_id=device.id))
    session.commit()
    with app.test_request_context():
        response = Response()
        devices.remember(response, token)
        cookie = response.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    client.set_cookie("pika-device", cookie)
    return device


def test_sign_in_claims_the_device_and_forgets_its_cookie(client, account, session, starred):
    person = account("dana")
    page = client.get("/sign-in").text
    assert "come along" in page
    answer = sign_in(client, "dana@pika.example")
    assert starred.person_id == person.id
    assert any(line.startswith("pika-device=;") for line in answer.headers.getlist("Set-Cookie"))
    assert client.get_cookie("pika-device") is None


def test_confirming_an_address_claims_the_device(client, app, session, starred):
    sign_up(client)
    link = link_in(post_office(app)[0])
    send(client, "/welcome", page=link, key=key_of(link))
    assert starred.person_id == queries.person_by_email("nina@pika.example").id


def test_claimed_device_is_nobody_elses(client, app, account, session, starred):
    dana, jo = account("dana"), account("jo", "Jo Brandt")
    cookie = client.get_cookie("pika-device").value
    sign_in(client, "dana@pika.example")
    other = app.test_client()
    other.set_cookie("pika-device", cookie)
    sign_in(other, "jo@pika.example")
    assert starred.person_id == dana.id != jo.id


@pytest.mark.parametrize("cookie", ["", "nonsense", '"x".abc', "W10.abc"])
def test_forged_device_cookie_is_ignored(client, account, session, starred, cookie):
    account("dana")
    client.set_cookie("pika-device", cookie)
    assert sign_in(client, "dana@pika.example").status_code == 303
    assert starred.person_id is None


def test_failed_sign_in_claims_nothing(client, account, session, starred):
    account("dana")
    sign_in(client, "dana@pika.example", "not the password")
    assert starred.person_id is None
    assert client.get_cookie("pika-device") is not None


# ---- next: never off this host (RELIABILITY S12) ----

ELSEWHERE = [
    "https://evil.example",
    "http://evil.example",
    "HTTPS://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\evil.example",
    "/evil\\..\\x",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "//evil.example/%2f..",
    "//localhost@evil.example",
    "https://localhost@evil.example",
    "https://localhost.evil.example",
    "//evil%E3%80%82example",
    "//evil。example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\n//evil.example",
    "\x00//evil.example",
    "/\x00/evil.example",
    "/\x0b/evil.example",
    "/ /evil.example",
    "evil.example",
    "evil.example/x",
    "./evil",
    "../evil",
    "?next=//evil.example",
    "#//evil.example",
    "@evil.example",
    ":80",
    "ftp://evil.example",
    "file:///etc/passwd",
    "/x\r\nSet-Cookie: a=b",
    "/x\r\nLocation: https://evil.example",
    "%2f%2fevil.example",
    "%5cevil.example",
    "/\\\\evil.example",
    "/\x7f/evil.example",
    "//[::1]",
    "//127.1",
    "//0x7f000001",
    "https://",
]


@pytest.mark.one_engine
@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_never_leaves_this_host(client, account, target):
    account("dana")
    page = client.get("/sign-in", query_string={"next": target})
    assert 'name="next"' not in page.text
    if "\0" in target:
        assert sign_in(client, "dana@pika.example", next=target).status_code == 400
        return
    assert sign_in(client, "dana@pika.example", next=target).location == "/app/dancer"
    assert client.get("/sign-in", query_string={"next": target}).location == "/app/dancer"


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "target", ["/", "/events", "/e/swing/schedule?day=2", "/e/swing#now", "/%2f%2fevil.example", "/@evil"]
)
def test_next_leads_anywhere_on_this_host(client, account, target):
    account("dana")
    answer = sign_in(client, "dana@pika.example", next=target)
    assert answer.location == target
    assert answer.location.startswith("/")


# ---- the switcher ----


def test_switching_is_remembered(client, account, session):
    person = account("jo", "Jo Brandt")
    factories.grant(person, "dj")
    sign_in(client, "jo@pika.example")
    assert send(client, "/app", page="/account", area="dancer").location == "/app/dancer"
    assert client.get("/app").location == "/app/dancer"
    assert person.last_area == "dancer"


@pytest.mark.parametrize("area", ["owner", "organizer", "", "nonsense", "dj"])
def test_switching_to_somebody_elses_area_leads_home(client, account, session, area):
    person = account("dana")
    sign_in(client, "dana@pika.example")
    assert send(client, "/app", page="/account", area=area).location == "/app/dancer"
    assert person.last_area is None
