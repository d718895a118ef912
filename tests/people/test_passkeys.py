"""Passkeys: making, using, naming and removing them, and the attacks of RELIABILITY S8, by a forged authenticator."""

from __future__ import annotations

import json
import logging
import re
import statistics
import time
from datetime import timedelta

import pytest
from webauthn.helpers import bytes_to_base64url

from app.lib import clock
from app.people import passwords, queries, rules
from app.people.actions import passkeys as actions
from app.people.models import Challenge, Passkey, Person, SignIn
from app.people.passkeys import RelyingParty
from app.people.rules import PASSKEYS_MOST, LastFactor, PasskeyRefused
from tests.people.authenticator import UP, UV, Authenticator
from tests.people.browsing import (
    PASSWORD,
    csrf,
    error_at,
    key_of,
    link_in,
    post_office,
    same_but_for_secrets,
    send,
    sign_in,
    sign_up,
)

NO = "This passkey does not open an account here. Use another one, or your password."
TOO_LATE = "That took too long, or it was sent twice. Try once more."
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


def post(client, path, page="/sign-in", headers=None, **values):
    """What static/js/passkeys.js sends. `page` is a page with the form token of this session."""
    return client.post(path, json=values, headers={"X-CSRFToken": csrf(client, page)} | (headers or {}))


def ask(client, path, page="/sign-in", **values):
    answer = post(client, f"{path}/options", page, **values)
    assert answer.status_code == 200, answer.text
    return answer.json


def enter(client, phone, **forged):
    """Sign in with a passkey."""
    return post(client, "/sign-in/passkey", credential=phone.get(ask(client, "/sign-in/passkey"), **forged))


def add(client, phone, **forged):
    """Add a passkey to the account that is signed in."""
    options = post(client, "/account/passkeys/options", "/account").json
    return post(client, "/account/passkeys", "/account", credential=phone.create(options, **forged))


def is_inside(client):
    return client.get("/account").status_code == 200


@pytest.fixture
def phone():
    return Authenticator()


@pytest.fixture
def dana(client, account, phone):
    """Dana, signed in with her password, with one passkey on her phone."""
    person = account("dana")
    client.environ_base["HTTP_USER_AGENT"] = IPHONE
    sign_in(client, "dana@pika.example")
    assert add(client, phone).status_code == 200
    return person


@pytest.fixture
def browser(app):
    """Another browser, signed in by nobody."""
    return app.test_client()


def long_ago(session, person):
    """The sessions of somebody were confirmed too long ago."""
    for row in session.query(SignIn).filter_by(person_id=person.id):
        row.confirmed_at = clock.now() - timedelta(minutes=10)
    session.commit()


# ---- sign in ----


def test_passkey_signs_in_without_a_name(browser, dana, phone, session):
    answer = enter(browser, phone)
    assert (answer.status_code, answer.json) == (200, {"location": "/app/dancer"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert is_inside(browser)
    key = session.query(Passkey).one()
    assert (key.person_id, key.sign_count) == (dana.id, phone.credentials[0].count)
    assert key.last_used_at is not None


def test_sign_in_leads_where_one_was_going_but_never_off_this_host(app, dana, phone):
    for wanted, landing in (("/account/email?x=1", "/account/email?x=1"), ("//evil.example", "/app/dancer")):
        client = app.test_client()
        credential = phone.get(ask(client, "/sign-in/passkey"))
        token = csrf(client, "/sign-in")
        answer = client.post(
            "/sign-in/passkey", query_string={"next": wanted}, json={"credential": credential},
            headers={"X-CSRFToken": token},
        )  # fmt: skip
        assert answer.json == {"location": landing}


def test_session_is_new_after_sign_in(browser, dana, phone):
    with browser.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        cookie["sign_in"] = "a token that somebody knows"
    enter(browser, phone)
    with browser.session_transaction() as cookie:
        assert "planted" not in cookie
        assert "ceremony" not in cookie
        assert cookie["sign_in"] != "a token that somebody knows"


@pytest.mark.parametrize(("stay", "days"), [(True, 60), (False, 1)])
def test_stay_decides_how_long(browser, dana, phone, session, stay, days):
    credential = phone.get(ask(browser, "/sign-in/passkey"))
    post(browser, "/sign-in/passkey", credential=credential, stay=stay)
    lives = session.query(SignIn).order_by(SignIn.id.desc()).first().expires_at - clock.now()
    assert abs(lives - timedelta(days=days)) < timedelta(minutes=1)


def test_key_that_does_not_count_is_let_in_again_and_again(app, dana, phone, session):
    """Passkeys that are kept in a cloud send 0 for ever."""
    for _ in range(2):
        assert enter(app.test_client(), phone, step=0).status_code == 200
    assert session.query(Passkey).one().sign_count == 0


def test_question_is_the_same_for_everybody(app, browser, dana, client):
    """S11: usernameless, so there is no account to ask about, and no list of keys to give away."""
    asked = [ask(app.test_client(), "/sign-in/passkey") for _ in range(2)]
    asked.append(ask(browser, "/sign-in/passkey", email="dana@pika.example", handle="dana"))
    for options in asked:
        options.pop("challenge")
    assert asked[0] == asked[1] == asked[2]
    assert asked[0] == {
        "rpId": "localhost",
        "timeout": 300000,
        "allowCredentials": [],
        "userVerification": "required",
    }


def test_challenges_are_long_random_and_kept_as_digests_only(browser, dana, session):
    given = [ask(browser, "/sign-in/passkey")["challenge"] for _ in range(3)]
    assert len(set(given)) == 3
    assert min(map(len, given)) >= 43  # 256 bits
    rows = json.dumps([[row.challenge_digest, row.purpose] for row in session.query(Challenge)])
    assert not any(challenge in rows for challenge in given)


# ---- the attacks of S8 ----


def refused(answer, sentence=NO):
    assert (answer.status_code, answer.json) == (422, {"error": sentence})


@pytest.mark.parametrize(
    "forged",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://localhost:8000"},
        {"origin": "https://localhost"},
        {"origin": "null"},
        {"rp_id": "evil.example"},
        {"rp_id": "sub.localhost"},
        {"bogus_signature": True},
        {"flags": UP},
        {"flags": UV},
        {"flags": 0},
        {"kind": "webauthn.create"},
        {"crossOrigin": True},
        {"user_handle": b"somebody-else"},
        {"user_handle": b""},
    ],
    ids=lambda forged: "-".join(f"{name}={value}" for name, value in forged.items()),
)
def test_forged_sign_in_is_refused(browser, dana, phone, session, forged):
    """Wrong origin, wrong rpId, bogus signature, UV cleared, UP cleared, another kind, frame or handle."""
    before = session.query(Passkey).one().sign_count
    refused(enter(browser, phone, **forged))
    assert not is_inside(browser)
    assert session.query(Passkey).one().sign_count == before
    assert enter(browser, phone).status_code == 200  # the control: the same key, nothing forged


def test_replayed_challenge_is_refused(app, browser, dana, phone):
    credential = phone.get(ask(browser, "/sign-in/passkey"))
    assert post(browser, "/sign-in/passkey", credential=credential).status_code == 200
    send(browser, "/sign-out", page="/account")
    refused(post(browser, "/sign-in/passkey", credential=credential), TOO_LATE)


def test_challenge_is_spent_by_a_wrong_answer_too(browser, dana, phone):
    options = ask(browser, "/sign-in/passkey")
    refused(post(browser, "/sign-in/passkey", credential=phone.get(options, bogus_signature=True)))
    refused(post(browser, "/sign-in/passkey", credential=phone.get(options)), TOO_LATE)


def test_challenge_answered_twice_at_once_opens_one_session(app, dana, phone, race, session):
    asked = actions.ask_to_sign_in("a browser")
    credential = phone.get(asked)
    from app.people.actions.sessions import Browser

    results = race(lambda _number: actions.sign_in(credential, "a browser", Browser()), times=4)
    assert sorted(isinstance(result, str) for result in results) == [False, False, False, True]
    assert all(isinstance(result, str | PasskeyRefused) for result in results)


def test_challenge_of_another_browser_is_refused(app, browser, dana, phone):
    """Otherwise somebody could sign a victim in to an account of their own."""
    credential = phone.get(ask(app.test_client(), "/sign-in/passkey"))
    refused(post(browser, "/sign-in/passkey", credential=credential), TOO_LATE)


def test_challenge_that_nobody_gave_is_refused(browser, dana, phone):
    options = ask(browser, "/sign-in/passkey")
    forged = phone.get(options, challenge=bytes_to_base64url(b"of their own making, 32 bytes ok"))
    refused(post(browser, "/sign-in/passkey", credential=forged), TOO_LATE)


@pytest.mark.parametrize("purpose", ["confirm", "register"])
def test_challenge_of_another_purpose_is_refused(client, dana, phone, purpose):
    path = {"confirm": "/account/confirm/passkey", "register": "/account/passkeys"}[purpose]
    challenge = ask(client, path, "/account")["challenge"]
    answer = post(client, "/sign-in/passkey", "/account", credential=phone.get({"challenge": challenge}))
    refused(answer, TOO_LATE)
    challenge = ask(client, "/sign-in/passkey", "/account")["challenge"]
    answer = post(client, "/account/confirm/passkey", "/account", credential=phone.get({"challenge": challenge}))
    refused(answer, TOO_LATE)


def test_question_to_add_a_key_is_no_question_to_confirm_and_the_other_way_round(client, dana, phone, session):
    """The same person in the same browser: only the purpose differs."""
    options = ask(client, "/account/passkeys", "/account")
    refused(post(client, "/account/confirm/passkey", "/account", credential=phone.get(options)), TOO_LATE)
    asked = ask(client, "/account/confirm/passkey", "/account")["challenge"]
    made = Authenticator().create(options, challenge=asked)
    refused(post(client, "/account/passkeys", "/account", credential=made), TOO_LATE)
    assert session.query(Passkey).count() == 1


def test_challenge_of_another_person_is_refused(client, dana, phone, account, session):
    """The same browser, first as Dana, then as Jo: what Dana was asked does not add a key to Jo."""
    options = ask(client, "/account/passkeys", "/account")
    with client.session_transaction() as cookie:
        ceremony = cookie["ceremony"]
    account("jo", "Jo Brandt")
    send(client, "/sign-out", page="/account")
    sign_in(client, "jo@pika.example")
    with client.session_transaction() as cookie:
        cookie["ceremony"] = ceremony  # even if the browser's secret had stayed
    answer = post(client, "/account/passkeys", "/account", credential=Authenticator().create(options))
    refused(answer, TOO_LATE)
    assert session.query(Passkey).count() == 1


def test_expired_challenge_is_refused(browser, dana, phone, session):
    credential = phone.get(ask(browser, "/sign-in/passkey"))
    row = session.query(Challenge).filter_by(purpose="sign_in").one()
    assert abs(row.expires_at - clock.now() - timedelta(minutes=5)) < timedelta(minutes=1)
    row.expires_at = clock.now() - timedelta(seconds=1)
    session.commit()
    refused(post(browser, "/sign-in/passkey", credential=credential), TOO_LATE)
    assert not is_inside(browser)


@pytest.mark.parametrize("step", [0, -1, -5])
def test_counter_that_does_not_rise_is_refused_and_logged(app, browser, dana, phone, session, caplog, step):
    for _ in range(6):
        enter(app.test_client(), phone)
    kept = session.query(Passkey).one().sign_count
    with caplog.at_level(logging.WARNING):
        refused(enter(browser, phone, step=step))
    assert not is_inside(browser)
    assert session.query(Passkey).one().sign_count == kept == 6
    (record,) = [r for r in caplog.records if r.name == "app.people.actions.passkeys"]
    assert record.levelname == "ERROR"
    assert f"counter {6 + step} after 6" in record.getMessage()


def test_counter_of_32_bits_fits(browser, dana, phone, session):
    assert enter(browser, phone, step=2**32 - 1).status_code == 200
    assert session.query(Passkey).one().sign_count == 2**32 - 1


def test_credential_of_another_person_does_not_confirm(app, client, dana, phone, account, session):
    account("jo", "Jo Brandt")
    jo, jos_phone = app.test_client(), Authenticator()
    sign_in(jo, "jo@pika.example")
    add(jo, jos_phone)
    long_ago(session, dana)
    options = ask(client, "/account/confirm/passkey", "/account")
    refused(post(client, "/account/confirm/passkey", "/account", credential=jos_phone.get(options)))
    forged = jos_phone.get(options | {"challenge": ask(client, "/account/confirm/passkey", "/account")["challenge"]},
                           user_handle=dana.public_id.encode())  # fmt: skip
    refused(post(client, "/account/confirm/passkey", "/account", credential=forged))
    assert client.get("/account/confirm").status_code == 200  # still asked


def test_credential_of_another_person_cannot_be_taken_over(app, client, dana, phone, account, session):
    """Somebody who knows an id registers it as their own: the first one keeps it, and both keep their accounts."""
    account("jo", "Jo Brandt")
    jo = app.test_client()
    sign_in(jo, "jo@pika.example")
    answer = add(jo, Authenticator(), id_=phone.credentials[0].id)
    assert (answer.status_code, answer.json) == (409, {"error": "This passkey is here already."})
    assert session.query(Passkey).one().person_id == dana.id


def test_key_that_nobody_registered_is_refused(browser, dana):
    stranger = Authenticator()
    stranger.create({
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"}, "challenge": "AA",
        "rp": {"id": "localhost"}, "user": {"id": bytes_to_base64url(dana.public_id.encode())},
    })  # fmt: skip
    refused(enter(browser, stranger))


@pytest.mark.parametrize(
    "forged",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"flags": UP},
        {"flags": UV},
        {"kind": "webauthn.get"},
        {"crossOrigin": True},
        {"challenge": bytes_to_base64url(b"of their own making, 32 bytes ok")},
        {"id_": b"x" * 1024},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_forged_registration_is_refused(client, dana, session, forged):
    assert add(client, Authenticator(), **forged).status_code == 422
    assert session.query(Passkey).count() == 1


def test_registration_names_the_key_that_it_holds(client, dana, session):
    options = ask(client, "/account/passkeys", "/account")
    made = Authenticator().create(options)
    made["id"] = made["rawId"] = bytes_to_base64url(b"another one")
    refused(post(client, "/account/passkeys", "/account", credential=made))


def test_last_factor_stays(app, client, dana, phone, session):
    dana.password_hash = passwords.no_password()
    session.commit()
    key = session.query(Passkey).one()
    page = client.get("/account/passkeys").text
    assert "your only way in" in page
    assert "Set a password" in page
    assert f"/account/passkeys/{key.public_id}/remove" not in page
    answer = send(client, f"/account/passkeys/{key.public_id}/remove", page="/account")
    assert answer.status_code == 303
    assert "This passkey is your only way in." in client.get("/account/passkeys").text
    assert session.query(Passkey).count() == 1

    add(client, Authenticator())
    assert send(client, f"/account/passkeys/{key.public_id}/remove", page="/account").status_code == 303
    assert session.query(Passkey).count() == 1


def test_last_passkey_may_go_where_there_is_a_password(client, dana, session):
    key = session.query(Passkey).one()
    send(client, f"/account/passkeys/{key.public_id}/remove", page="/account")
    assert session.query(Passkey).count() == 0


@pytest.mark.parametrize("is_locked", [True, False])
def test_of_two_last_passkeys_removed_at_once_one_stays(client, dana, session, race, monkeypatch, engine, is_locked):
    """Both count two, unless one waits for the other. The control, without the lock of the person, loses both."""
    add(client, Authenticator())
    dana.password_hash = passwords.no_password()
    session.commit()
    ids = [key.public_id for key in session.query(Passkey)]
    here, person_id = session.query(SignIn).first().id, dana.id
    session.rollback()
    decide = rules.refuse_last_factor
    monkeypatch.setattr(rules, "refuse_last_factor", lambda **how: (time.sleep(0.2), decide(**how)))
    if not is_locked:
        monkeypatch.setattr(actions, "_lock", lambda session, person_id: session.get_one(Person, person_id))
    results = race(lambda number: actions.remove(person_id, here, ids[number]), times=2)
    refusals = [type(result) for result in results if result is not None]
    session.rollback()
    if is_locked or engine == "sqlite":  # SQLite lets one writer in at a time
        assert (refusals, session.query(Passkey).count()) == ([LastFactor], 1)
    else:
        assert (refusals, session.query(Passkey).count()) == ([], 0)


def test_nothing_of_a_session_works_after_sign_out(app, client, dana, phone):
    with client.session_transaction() as cookie:
        kept = dict(cookie)
    asked = ask(client, "/account/confirm/passkey", "/account")
    send(client, "/sign-out", page="/account")
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(kept)
    token = csrf(thief, "/sign-in")
    answer = thief.post(
        "/account/confirm/passkey", json={"credential": phone.get(asked)}, headers={"X-CSRFToken": token}
    )
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert not is_inside(thief)


def test_other_sessions_of_a_passkey_end_with_a_new_password(app, client, browser, dana, phone):
    enter(browser, phone)
    send(client, "/account/password", current_password=PASSWORD, new_password="another odd sentence")
    assert is_inside(client)
    assert not is_inside(browser)


def test_suspended_account_opens_to_no_passkey(app, browser, dana, phone, session):
    enter(browser, phone)
    late = app.test_client()
    credential = phone.get(ask(late, "/sign-in/passkey"))
    dana.suspended_at = clock.now()
    session.commit()
    assert not is_inside(browser)
    refused(post(late, "/sign-in/passkey", credential=credential))
    assert not is_inside(late)


def test_removed_passkey_opens_nothing(client, browser, dana, phone, session):
    key = session.query(Passkey).one()
    credential = phone.get(ask(browser, "/sign-in/passkey"))
    send(client, f"/account/passkeys/{key.public_id}/remove", page="/account")
    refused(post(browser, "/sign-in/passkey", credential=credential))


BROKEN = [
    None, [], "x", 7, {}, {"id": 1}, {"id": "é"}, {"id": "aa", "rawId": "aa", "type": "public-key", "response": None},
    {"id": "aa", "rawId": "aa", "type": "public-key", "response": {"clientDataJSON": "bnVsbA"}},
    {"id": "aa", "rawId": "aa", "type": "public-key", "response": {"clientDataJSON": "%%%"}},
    {"id": "aa", "rawId": "aa", "type": "public-key", "response": {"clientDataJSON": ["x"]}},
    {"id": "aa", "response": {"clientDataJSON": bytes_to_base64url(b"[" * 20_000)}},
    {"id": "aa", "response": {"clientDataJSON": bytes_to_base64url(b'{"challenge": 5}')}},
]  # fmt: skip


@pytest.mark.parametrize("credential", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("path", ["/sign-in/passkey", "/account/passkeys", "/account/confirm/passkey"])
@pytest.mark.one_engine
def test_nonsense_is_refused_with_a_sentence(client, dana, path, credential):
    answer = post(client, path, "/account", credential=credential)
    assert answer.status_code in {400, 422}
    assert answer.json["error"].endswith(".")


@pytest.mark.one_engine
@pytest.mark.parametrize("part", ["authenticatorData", "signature", "userHandle", "clientDataJSON"])
@pytest.mark.parametrize("junk", ["", "AA", "A" * 4000, None, 5, {"a": 1}])
def test_mangled_answer_is_refused(browser, dana, phone, part, junk):
    credential = phone.get(ask(browser, "/sign-in/passkey"))
    credential["response"][part] = junk
    answer = post(browser, "/sign-in/passkey", credential=credential)
    assert answer.status_code == 422
    assert not is_inside(browser)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"[" * 50_000, b'{"credential": {"id": "' + b"x" * 70_000 + b'"}}', b"\xff\xfe"]
)
def test_broken_body_is_refused_with_a_sentence(browser, dana, body):
    headers = {"X-CSRFToken": csrf(browser, "/sign-in"), "Content-Type": "application/json"}
    answer = browser.post("/sign-in/passkey", data=body, headers=headers)
    assert answer.status_code in {400, 413}
    assert answer.json["error"].endswith(".")


@pytest.mark.one_engine
@pytest.mark.parametrize("path", ["/sign-in/passkey/options", "/sign-in/passkey", "/account/passkeys"])
@pytest.mark.parametrize("headers", [{}, {"X-CSRFToken": "wrong"}])
def test_post_without_its_token_is_refused(client, dana, session, path, headers):
    answer = client.post(path, json={}, headers=headers)
    assert answer.status_code == 400
    assert answer.json["error"] == "This page was open for a long time. Load it again, then try once more."


# ---- one's own ----


def test_passkey_is_named_after_the_browser_and_told_by_mail(client, app, dana, session):
    add(client, Authenticator())
    assert [key.name for key in queries.passkeys_of(dana.id)] == ["Safari on iPhone", "Safari on iPhone (2)"]
    assert session.query(Passkey).first().transports == "hybrid,internal"
    subjects = [letter.subject for letter in post_office(app)]
    assert subjects == ["A passkey was added to your account at Pika!"] * 2
    page = client.get("/account/passkeys").text
    assert "Safari on iPhone (2)" in page
    assert "not used yet" in page


def test_options_name_the_keys_that_are_there_and_ask_for_the_right_kind(client, dana, phone):
    options = ask(client, "/account/passkeys", "/account")
    assert [known["id"] for known in options["excludeCredentials"]] == [phone.credentials[0].name]
    assert options["rp"] == {"name": "Pika!", "id": "localhost"}
    assert options["user"]["id"] == bytes_to_base64url(dana.public_id.encode())
    assert options["attestation"] == "none"
    assert {algorithm["alg"] for algorithm in options["pubKeyCredParams"]} == {-7, -8, -257}


def test_passkey_is_renamed(client, dana, session):
    key = session.query(Passkey).one()
    path = f"/account/passkeys/{key.public_id}/name"
    assert send(client, path, page="/account", name=" Dana’s  phone ").status_code == 303
    assert session.query(Passkey).one().name == "Dana’s phone"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "A name is missing."), ("<b>" * 21, "A name has 63 characters; 60 are the most.")],
)
def test_refused_name_stays_in_its_field(client, dana, session, typed, sentence):
    key = session.query(Passkey).one()
    answer = send(client, f"/account/passkeys/{key.public_id}/name", page="/account", name=typed)
    assert answer.status_code == 422
    assert error_at(answer, "name") == sentence
    assert typed.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert session.query(Passkey).one().name == "Safari on iPhone"


def test_passkey_of_somebody_else_is_not_there(app, client, dana, account, session):
    key = session.query(Passkey).one()
    account("nina", "Nina Holt")
    nina = app.test_client()
    sign_in(nina)
    for path in (f"/account/passkeys/{key.public_id}/remove", f"/account/passkeys/{key.public_id}/name"):
        assert send(nina, path, page="/account", name="Mine").status_code == 404
    assert nina.get(f"/account/passkeys/{key.public_id}/remove").status_code == 404
    assert session.query(Passkey).one().name == "Safari on iPhone"


def test_removing_asks_first_in_a_dialog_or_on_a_page(client, dana, session):
    path = f"/account/passkeys/{session.query(Passkey).one().public_id}/remove"
    page, dialog = client.get(path).text, client.get(path, headers={"HX-Request": "true"}).text
    for text in (page, dialog):
        assert "Remove the passkey “Safari on iPhone”?" in text
    assert page.startswith("<!doctype html>")
    assert not dialog.startswith("<!doctype html>")


def test_twenty_passkeys_are_the_most(client, dana, session):
    for number in range(PASSKEYS_MOST - 1):
        session.add(Passkey(person_id=dana.id, name=str(number), credential_id=f"a{number}aa", public_key=b""))
    session.commit()
    answer = post(client, "/account/passkeys/options", "/account")
    assert (answer.status_code, answer.json) == (
        409,
        {"error": "You have 20 passkeys already. Remove one that you do not use."},
    )


def test_list_takes_as_many_queries_for_three_as_for_one(client, dana):
    from sqlalchemy import event

    from app.db import db

    def reads():
        found = []

        def note(_connection, _cursor, statement, *_rest):
            if statement.startswith("SELECT"):
                found.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        client.get("/account/passkeys")
        event.remove(db.engine, "before_cursor_execute", note)
        return found

    of_one = reads()
    for _ in range(2):
        add(client, Authenticator())
    assert reads() == of_one
    assert len(of_one) < 8


# ---- is it you? ----


def test_confirm_page_leads_back_with_what_was_typed(client, dana, phone, session):
    long_ago(session, dana)
    answer = send(client, "/account/email", email="new@pika.example")
    assert (answer.status_code, answer.location) == (303, "/account/confirm?next=/account/email")
    assert session.query(Person).one().pending_email is None
    assert "Use a passkey" in client.get(answer.location).text
    answer = send(client, "/account/confirm", page=answer.location, current_password=PASSWORD, next="/account/email")
    assert (answer.status_code, answer.location) == (303, "/account/email")
    assert 'value="new@pika.example"' in client.get("/account/email").text
    assert 'value="new@pika.example"' not in client.get("/account/email").text  # once
    assert send(client, "/account/email", email="new@pika.example").location == "/account/email"


def test_passkey_confirms_and_leads_back(app, client, dana, phone, session):
    long_ago(session, dana)
    with client.session_transaction() as cookie:
        before = cookie["sign_in"]
    credential = phone.get(ask(client, "/account/confirm/passkey", "/account"))
    answer = client.post(
        "/account/confirm/passkey?next=/account/passkeys", json={"credential": credential},
        headers={"X-CSRFToken": csrf(client, "/account")},
    )  # fmt: skip
    assert answer.json == {"location": "/account/passkeys"}
    assert client.get("/account/confirm?next=/account/email").location == "/account/email"
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["sign_in"] = before  # the session goes on under a new secret
    assert not is_inside(thief)


def test_confirmation_is_this_browsers_alone(client, browser, dana, phone, session):
    enter(browser, phone)
    long_ago(session, dana)
    send(client, "/account/confirm", current_password=PASSWORD)
    assert client.get("/account/confirm").status_code == 303
    assert browser.get("/account/confirm").status_code == 200


def test_wrong_password_does_not_confirm(client, dana, session):
    long_ago(session, dana)
    answer = send(client, "/account/confirm", current_password="not the password", next="/account/passkeys")
    assert answer.status_code == 422
    assert error_at(answer, "current_password") == "This is not your present password."
    assert 'name="next" value="/account/passkeys"' in answer.text
    assert client.get("/account/confirm").status_code == 200


def test_confirm_page_never_leads_off_this_host(client, dana, session):
    assert client.get("/account/confirm?next=//evil.example").location == "/account"
    long_ago(session, dana)
    assert "evil" not in client.get("/account/confirm?next=//evil.example").text
    answer = send(client, "/account/confirm", current_password=PASSWORD, next="https://evil.example")
    assert answer.location == "/account"


def test_changes_need_a_confirmed_session(client, dana, phone, session):
    """Adding and removing a passkey, another address, a first password: each of them, and nothing changes."""
    key = session.query(Passkey).one()
    waiting = Authenticator().create(ask(client, "/account/passkeys", "/account"))
    long_ago(session, dana)
    to_list = "/account/confirm?next=/account/passkeys"
    for path, values in (("/account/passkeys/options", {}), ("/account/passkeys", {"credential": waiting})):
        answer = post(client, path, "/account", **values)
        assert (answer.status_code, answer.json) == (403, {"error": "Show that it is you first.", "location": to_list})
    remove = f"/account/passkeys/{key.public_id}/remove"
    assert client.get(remove).location == f"/account/confirm?next={remove}"
    assert client.get(remove, headers={"HX-Request": "true"}).headers["HX-Redirect"].endswith(remove)
    assert send(client, remove, page="/account").location == f"/account/confirm?next={remove}"
    dana.password_hash = passwords.no_password()
    session.commit()
    assert client.get("/account/password").location == "/account/confirm?next=/account/password"
    answer = send(client, "/account/password", page="/account", new_password="another odd sentence")
    assert answer.location == "/account/confirm?next=/account/password"
    session.expire_all()
    assert session.query(Passkey).count() == 1
    assert not dana.has_password


def test_page_offers_the_way_round_when_it_is_long_ago(client, dana, session):
    assert "/account/passkeys/options" in client.get("/account/passkeys").text
    long_ago(session, dana)
    page = client.get("/account/passkeys").text
    assert "/account/passkeys/options" not in page
    assert "/account/confirm?next=/account/passkeys" in page


# ---- accounts without a password ----


def make_account(client, app, phone, **forged):
    """Sign up without a password, and open the mailed link in the same browser with a passkey."""
    send(client, "/sign-up", name="Nina Holt", email="nina@pika.example", password="", way="passkey")
    link = link_in(post_office(app)[-1])
    options = ask(client, "/welcome/passkey", link, key=key_of(link))
    return link, post(client, "/welcome/passkey", link, key=key_of(link), credential=phone.create(options, **forged))


def test_sign_up_with_a_passkey(client, app, phone, session):
    link, answer = make_account(client, app, phone)
    assert answer.json == {"location": "/app/dancer"}
    assert is_inside(client)
    person = session.query(Person).one()
    assert person.verified_at is not None
    assert not person.has_password
    assert client.get(link).status_code == 410
    assert enter(app.test_client(), phone).status_code == 200


def test_sign_up_without_a_password_gives_the_same_answer_for_a_known_address(app, account, session):
    account("dana")
    answers = []
    for email in ("dana@pika.example", "nobo@pika.example"):
        browser = app.test_client()
        answer = send(browser, "/sign-up", name="Somebody", email=email, password="", way="passkey")
        page = same_but_for_secrets(browser.get(answer.location).text).replace(email, "")
        answers.append((answer.status_code, answer.location, answer.text, page))
    assert answers[0] == answers[1]
    assert [letter.subject for letter in post_office(app)] == [
        "You already have an account at Pika!",
        "Confirm your address for Pika!",
    ]
    assert session.query(Person).filter_by(handle="dana").one().has_password


def test_passkey_before_the_link_is_impossible(client, app, phone):
    send(client, "/sign-up", name="Nina Holt", email="nina@pika.example", password="", way="passkey")
    post_office(app)
    for key in ("", "x", "a" * 43):
        answer = post(client, "/welcome/passkey/options", key=key)
        assert (answer.status_code, answer.json) == (410, {"error": "This link was used already, or it is too old."})


def test_failed_passkey_leaves_the_link_open(client, app, phone, session):
    link, answer = make_account(client, app, phone, flags=UP)
    refused(answer)
    assert client.get(link).status_code == 200
    assert session.query(Person).one().verified_at is None
    options = ask(client, "/welcome/passkey", link, key=key_of(link))
    answer = post(client, "/welcome/passkey", link, key=key_of(link), credential=phone.create(options))
    assert answer.status_code == 200


def test_link_opens_to_one_passkey_only(client, app, phone, session):
    link, _ = make_account(client, app, phone)
    other = app.test_client()
    assert post(other, "/welcome/passkey/options", key=key_of(link)).status_code == 410
    assert session.query(Passkey).count() == 1


def test_sign_up_without_a_password_may_choose_one_behind_the_link(client, app, session):
    """No scripts, or no passkeys here: the form below the button."""
    send(client, "/sign-up", name="Nina Holt", email="nina@pika.example", password="", way="passkey")
    link = link_in(post_office(app)[0])
    assert 'name="new_password"' in client.get(link).text
    for weak in ("", "short"):
        answer = send(client, "/welcome", page=link, key=key_of(link), new_password=weak)
        assert answer.status_code == 422
        assert error_at(answer, "new_password")
    assert send(client, "/welcome", page=link, key=key_of(link), new_password=PASSWORD).status_code == 303
    assert sign_in(app.test_client()).status_code == 303


def test_typed_password_wins_over_the_button(client, app, session):
    """Enter in the password field presses the first button of the form."""
    send(client, "/sign-up", name="Nina Holt", email="nina@pika.example", password=PASSWORD, way="passkey")
    post_office(app)
    assert session.query(Person).one().has_password


@pytest.mark.parametrize("own", [True, False])
def test_passkey_behind_the_link_of_a_sign_up_with_a_password(client, app, phone, session, own):
    """In the browser of the sign-up both open the account; elsewhere the password may be a stranger's, and goes."""
    sign_up(client)
    link = link_in(post_office(app)[0])
    reader = client if own else app.test_client()
    options = ask(reader, "/welcome/passkey", link, key=key_of(link))
    answer = post(reader, "/welcome/passkey", link, key=key_of(link), credential=phone.create(options))
    assert answer.status_code == 200
    assert session.query(Person).one().has_password is own
    assert sign_in(app.test_client()).status_code == (303 if own else 422)


def test_account_without_a_password_opens_to_no_password(client, app, phone, session):
    make_account(client, app, phone)
    kept = session.query(Person).one().password_hash
    for typed in ("", "!", kept, kept.removeprefix("!")):
        assert sign_in(app.test_client(), password=typed).status_code == 422


def test_markers_of_two_accounts_without_a_password_differ(session):
    """Their digest proves who made a sign-up: it must not be the same for all of them."""
    assert passwords.no_password() != passwords.no_password()
    assert not passwords.is_set(passwords.no_password())
    assert passwords.is_set(passwords.make_hash(PASSWORD))


@pytest.mark.slow
@pytest.mark.one_engine
def test_comparing_takes_as_long_where_there_is_no_password(session):
    """Else the time would tell that there is such an account."""
    seconds: dict[str | None, list[float]] = {None: [], passwords.no_password(): []}
    for _ in range(15):
        for kept, taken in seconds.items():
            began = time.perf_counter()
            assert not passwords.matches(kept, PASSWORD)
            taken.append(time.perf_counter() - began)
    nobody, somebody = map(statistics.median, seconds.values())
    assert 0.5 * nobody < somebody < 2 * nobody  # without a hash it takes no time at all


def test_first_password_is_set_and_ends_other_sessions(client, app, phone, session):
    make_account(client, app, phone)
    other = app.test_client()
    enter(other, phone)
    page = client.get("/account/password").text
    assert 'name="current_password"' not in page
    answer = send(client, "/account/password", new_password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/account/passkeys")
    assert is_inside(client)
    assert not is_inside(other)
    assert sign_in(app.test_client()).status_code == 303
    assert post_office(app)[-1].subject == "Your password at Pika! was changed"


def test_recovery_of_an_account_without_a_password_goes_by_mail(client, app, phone, session):
    make_account(client, app, phone)
    browser = app.test_client()
    send(browser, "/forgot", email="nina@pika.example")
    link = link_in(post_office(app)[-1])
    assert send(browser, "/reset", page=link, key=key_of(link), new_password=PASSWORD).status_code == 303
    assert not is_inside(client)
    assert enter(app.test_client(), phone).status_code == 200


# ---- pages ----


@pytest.mark.one_engine
def test_sign_in_page_offers_the_passkey_first_and_in_the_email_field(client):
    page = client.get("/sign-in?next=/events").text
    assert page.index("Sign in with a passkey") < page.index('name="email"')
    assert 'autocomplete="username webauthn"' in page
    assert 'data-answer="/sign-in/passkey?next=/events"' in page
    assert re.search(r'data-fields="\{\}"', page)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("public_url", "party"),
    [
        ("http://localhost:8000", RelyingParty("localhost", "http://localhost:8000")),
        ("https://Pika.example", RelyingParty("pika.example", "https://pika.example")),
        ("https://dance.pika.example:8443", RelyingParty("dance.pika.example", "https://dance.pika.example:8443")),
    ],
)
def test_relying_party_is_our_own_address(public_url, party):
    assert RelyingParty.at(public_url) == party


def test_old_challenges_are_swept(browser, session):
    from app.people.actions import sweep

    ask(browser, "/sign-in/passkey")
    sweep.forget_the_old()
    assert session.query(Challenge).count() == 1
    session.query(Challenge).one().expires_at = clock.now() - timedelta(seconds=1)
    session.commit()
    sweep.forget_the_old()
    assert session.query(Challenge).count() == 0
