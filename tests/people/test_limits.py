"""How often one may knock: 429 with Retry-After, the form as it was typed, and nothing learned about accounts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from app import create_app
from app.web.limits import limiter
from tests.conftest import Client, settings_for_tests
from tests.people.browsing import PASSWORD, error_at, send, sign_in, sign_up, whole_error


@pytest.fixture
def app(app: Flask, engine_url: str, redis_url: str) -> Iterator[Flask]:
    """The app with its limits on."""
    strict = create_app(settings_for_tests(engine_url, redis_url, app.config["PIKA"].var, RATE_LIMITS="on"))
    strict.test_client_class = Client
    yield strict
    limiter.enabled = False  # the limiter is one for all apps of a process


pytestmark = pytest.mark.one_engine


def test_sixth_sign_in_of_an_account_within_a_minute_waits(client, account):
    account("dana")
    for _ in range(5):
        assert sign_in(client, "dana@pika.example", "not the password").status_code == 422
    answer = sign_in(client, "dana@pika.example", next="/events")
    assert answer.status_code == 429
    seconds = int(answer.headers["Retry-After"])
    assert 50 <= seconds <= 61
    assert whole_error(answer).startswith("That was too often for one address. Try again in ")
    assert 'value="dana@pika.example"' in answer.text
    assert 'name="next" value="/events"' in answer.text
    assert PASSWORD not in answer.text
    assert error_at(answer, "password") == ""


def test_sign_in_is_possible_again_after_the_wait(client, account):
    account("dana")
    with time_machine.travel("2026-06-13 12:00:00Z", tick=True) as traveller:
        for _ in range(6):
            answer = sign_in(client, "dana@pika.example", "not the password")
        assert answer.status_code == 429
        traveller.shift(int(answer.headers["Retry-After"]))
        assert answer.headers["Retry-After"]


def test_another_account_is_not_held_up(client, account):
    account("jo", "Jo Brandt")
    for _ in range(6):
        sign_in(client, "dana@pika.example", "not the password")
    assert sign_in(client, "jo@pika.example").status_code == 303


@pytest.mark.parametrize("spelled", ["DANA@pika.example", " dana@pika.example"])
def test_another_spelling_is_the_same_account(client, account, spelled):
    account("dana")
    for _ in range(5):
        sign_in(client, "dana@pika.example", "not the password")
    assert sign_in(client, spelled).status_code == 429


def test_unknown_account_is_limited_like_a_known_one(client, account):
    account("dana")
    answers = {}
    for email in ("dana@pika.example", "nobo@pika.example"):
        answers[email] = [sign_in(client, email, "not the password").status_code for _ in range(6)]
    assert answers["dana@pika.example"] == answers["nobo@pika.example"] == [422] * 5 + [429]


def test_twenty_first_sign_in_of_a_network_waits(client):
    codes = [sign_in(client, f"n{number}@pika.example", "not the password").status_code for number in range(21)]
    assert codes == [422] * 20 + [429]
    answer = sign_in(client, "another@pika.example", "not the password")
    assert "a hall’s Wi-Fi counts as one" in whole_error(answer)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-Ip", "Forwarded"])
def test_spoofed_address_changes_nothing(client, header):
    for number in range(20):
        sign_in(client, f"n{number}@pika.example", "not the password")
    from tests.people.browsing import csrf

    values = {"csrf_token": csrf(client, "/sign-in"), "email": "x@pika.example", "password": "not the password"}
    assert client.post("/sign-in", data=values, headers={header: "203.0.113.9"}).status_code == 429


def test_fourth_reset_of_an_account_within_an_hour_waits(client):
    codes = [send(client, "/forgot", email="dana@pika.example").status_code for _ in range(4)]
    assert codes == [303, 303, 303, 429]


def test_fourth_link_of_a_sign_up_within_an_hour_waits(client):
    codes = [send(client, "/sign-up/again", email="dana@pika.example").status_code for _ in range(4)]
    assert codes == [303, 303, 303, 429]


def test_eleventh_sign_up_of_a_network_within_an_hour_waits_and_keeps_the_form(client):
    codes = [sign_up(client, email=f"n{number}@pika.example").status_code for number in range(10)]
    assert codes == [303] * 10
    answer = sign_up(client, email="eleventh@pika.example", name="Árvíztűrő Nina")
    assert answer.status_code == 429
    assert 3000 < int(answer.headers["Retry-After"]) <= 3601
    assert "minutes" in whole_error(answer)
    assert 'value="eleventh@pika.example"' in answer.text
    assert 'value="Árvíztűrő Nina"' in answer.text


def test_guessing_the_present_password_waits(client, account):
    account("dana")
    sign_in(client, "dana@pika.example")
    values = {"current_password": "not the password", "new_password": "another odd sentence"}
    codes = [send(client, "/account/password", **values).status_code for _ in range(6)]
    assert codes == [422] * 5 + [429]


def test_guessing_the_password_behind_a_link_waits(client):
    codes = [
        send(client, "/welcome", page="/sign-in", key="x", password=str(number)).status_code for number in range(21)
    ]
    assert codes == [410] * 20 + [410]  # the page of a dead link, limited or not
    answer = send(client, "/welcome", page="/sign-in", key="x", password="y")
    assert int(answer.headers["Retry-After"]) > 0


def test_limits_hold_without_redis(app, client, account, monkeypatch):
    """When Redis is away the limiter counts in memory rather than letting everybody pass or nobody."""
    account("dana")
    from limits.errors import StorageError

    def away(*_arguments, **_named):
        raise StorageError(ConnectionError("away"))

    monkeypatch.setattr(limiter._limiter, "hit", away)
    try:
        codes = [sign_in(client, "dana@pika.example", "not the password").status_code for _ in range(6)]
    finally:
        limiter._storage_dead = False
    assert codes == [422] * 5 + [429]


def test_locked_account_still_opens_to_its_passkey(client, app, account):
    """Nobody can be kept out of their account by somebody who types wrong passwords (RELIABILITY S13)."""
    from tests.people.authenticator import Authenticator
    from tests.people.test_passkeys import add, enter

    account("dana")
    phone, guesser = Authenticator(), app.test_client()
    sign_in(client, "dana@pika.example")
    assert add(client, phone).status_code == 200
    for number in range(6):
        answer = sign_in(guesser, "dana@pika.example", f"guess {number}")
    assert answer.status_code == 429
    assert enter(app.test_client(), phone).json == {"location": "/app/dancer"}


def test_passkey_addresses_have_limits_of_their_own(client):
    from tests.people.test_passkeys import post

    codes = [post(client, "/sign-in/passkey", credential={}).status_code for _ in range(61)]
    assert codes == [422] * 60 + [429]
    answer = post(client, "/sign-in/passkey", credential={})
    assert int(answer.headers["Retry-After"]) > 0
    assert "a hall’s Wi-Fi counts as one" in answer.json["error"]


def test_guessing_at_the_confirm_page_waits(client, account, session):
    from app.people.models import SignIn

    account("dana")
    sign_in(client, "dana@pika.example")
    session.query(SignIn).one().confirmed_at = None
    session.commit()
    codes = [send(client, "/account/confirm", current_password="not the password").status_code for _ in range(6)]
    assert codes == [422] * 5 + [429]
