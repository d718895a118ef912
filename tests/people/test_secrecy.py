"""Nobody learns from the door whether an address has an account: same answers, same work (RELIABILITY S11), and links
that open one kind of door each (S14)."""

from __future__ import annotations

import re
import statistics
import time

import pytest
from sqlalchemy import event

from app.db import db
from app.people.actions import links
from app.people.models import MailedLink
from tests.people.browsing import PASSWORD, csrf, same_but_for_secrets, sign_up

DOORS = {
    "/sign-up": {"name": "Somebody", "password": PASSWORD},
    "/sign-up/again": {},
    "/forgot": {},
    "/sign-in": {"password": "not the password"},
}
KNOWN, UNKNOWN = "dana@pika.example", "nobo@pika.example"  # of the same length


def knock(app, path: str, email: str):
    """The answer of a door to an address, in a fresh browser, and the SQL that it took."""
    client = app.test_client()
    token = csrf(client, path)
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        answer = client.post(path, data={"csrf_token": token, "email": email, **DOORS[path]})
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    following = same_but_for_secrets(client.get(answer.location).text) if answer.location else ""
    return answer, following, statements


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("state", ["proven", "unproven", "suspended"])
def test_known_and_unknown_addresses_get_the_same(app, session, account, path, state):
    from app.lib import clock

    person = account("dana")
    person.verified_at = None if state == "unproven" else clock.now()
    person.suspended_at = clock.now() if state == "suspended" else None
    session.commit()
    known, known_page, known_sql = knock(app, path, KNOWN)
    unknown, unknown_page, unknown_sql = knock(app, path, UNKNOWN)
    assert known.status_code == unknown.status_code
    assert same_but_for_secrets(known.text).replace(KNOWN, UNKNOWN) == same_but_for_secrets(unknown.text)
    assert known_page.replace(KNOWN, UNKNOWN) == unknown_page
    assert comparable(known.headers) == comparable(unknown.headers)
    assert known_sql == unknown_sql


def comparable(headers) -> list[tuple[str, str]]:
    """Headers without what is random by design."""
    hidden = {"X-Request-Id", "Set-Cookie", "Content-Security-Policy"}
    kept = sorted((name, value) for name, value in headers if name not in hidden)
    cookies = [
        re.sub(r"=[^;]*;", f"={len(line.partition(';')[0]) // 20};", line, count=1)
        for line in headers.getlist("Set-Cookie")
    ]
    return [*kept, *(("Set-Cookie", cookie) for cookie in cookies)]


@pytest.mark.slow
@pytest.mark.one_engine
def test_sign_in_takes_as_long_for_nobody(app, session, account):
    """A guard against the crude mistake (no hash for nobody); the fine comparison is not for a busy machine."""
    account("dana")
    seconds = {KNOWN: [], UNKNOWN: []}
    client = app.test_client()
    token = csrf(client, "/sign-in")
    for _ in range(25):
        for email, taken in seconds.items():
            began = time.perf_counter()
            client.post("/sign-in", data={"csrf_token": token, "email": email, "password": "not the password"})
            taken.append(time.perf_counter() - began)
    known, unknown = (statistics.median(taken) for taken in seconds.values())
    assert abs(known - unknown) < 0.25 * known


# ---- mailed links: every kind of token at every kind of door ----

PURPOSES = ("verify", "reset", "email")
PLACES = {
    "verify": ("/welcome", {"password": PASSWORD}),
    "reset": ("/reset", {"new_password": "another odd sentence"}),
    "email": ("/account/email/confirm", {}),
}


@pytest.mark.parametrize("place", PURPOSES)
@pytest.mark.parametrize("kind", [*PURPOSES, "session", "device", "csrf", "nonsense", ""])
def test_only_the_right_kind_of_token_opens_a_door(app, client, session, account, kind, place):
    person = account("dana")
    person.pending_email = "new@pika.example"
    session.commit()
    client.post(
        "/sign-in", data={"csrf_token": csrf(client, "/sign-in"), "email": KNOWN, "password": PASSWORD, "stay": "1"}
    )
    with client.session_transaction() as browser:
        token = {"session": browser["sign_in"], "nonsense": "x" * 43, "": ""}.get(kind, "")
    form_token = csrf(client, "/account")
    if kind == "csrf":
        token = form_token
    if kind in PURPOSES:
        token = links.make(session, person, kind)
        session.commit()
    path, values = PLACES[place]
    looked = client.get(path, query_string={"key": token})
    answer = client.post(path, data={"csrf_token": form_token, "key": token, **values})
    if kind == place:
        assert (looked.status_code, answer.status_code) == (200, 303)
    elif place == "reset" and kind == "":
        assert (looked.status_code, answer.status_code) == (410, 410)
    else:
        assert (looked.status_code, answer.status_code) == (410, 410)


def test_link_cannot_be_used_by_two_at_once(app, session, account, race):
    person_id = account("dana").id
    from app.people.actions import door
    from app.people.actions.sessions import Browser
    from app.people.models import Person

    key = links.make(session, session.get(Person, person_id), "reset")
    session.commit()
    results = race(lambda number: door.reset_password(key, f"another odd sentence {number}", Browser()), times=4)
    assert sum(isinstance(result, str) for result in results) == 1
    assert session.query(MailedLink).one().used_at is not None


def test_sign_up_page_is_public_even_with_a_wrong_proof(client, app):
    """The proof in the cookie is bound to one sign-up: another one's proof opens nothing."""
    from tests.people.browsing import key_of, link_in, post_office, send

    sign_up(client, email="first@pika.example")
    other = app.test_client()
    sign_up(other, email="second@pika.example")
    first = next(link_in(letter) for letter in post_office(app) if letter.to == "first@pika.example")
    assert 'name="password"' in other.get(first).text
    assert send(other, "/welcome", page=first, key=key_of(first)).status_code == 422
