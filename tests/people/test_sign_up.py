"""From the sign-up form to the first signed-in page, by the mailed link."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.db import db
from app.lib import clock
from app.people import queries
from app.people.models import Knock, MailedLink, Person
from tests.people.browsing import PASSWORD, error_at, key_of, link_in, post_office, send, sign_in, sign_up


def test_sign_up_opens_the_account_by_the_mailed_link(client, app):
    answer = sign_up(client)
    assert (answer.status_code, answer.location) == (303, "/sign-up/sent")
    assert "nina@pika.example" in client.get("/sign-up/sent").text
    (letter,) = post_office(app)
    assert letter.subject == "Confirm your address for Pika!"

    page = client.get(link_in(letter))
    assert page.status_code == 200
    assert 'name="password"' not in page.text  # one button, in the browser that signed up
    answer = send(client, "/welcome", page=link_in(letter), key=key_of(link_in(letter)))
    assert (answer.status_code, answer.location) == (303, "/app/dancer")
    assert client.get("/account").status_code == 200


def test_looking_at_the_link_changes_nothing(client, app, session):
    sign_up(client)
    link = link_in(post_office(app)[0])
    for _ in range(3):  # mail scanners
        assert app.test_client().get(link).status_code == 200
    assert session.query(Person).one().verified_at is None


def test_link_works_once(client, app):
    sign_up(client)
    link = link_in(post_office(app)[0])
    other = app.test_client()
    send(client, "/welcome", page=link, key=key_of(link))
    answer = send(other, "/welcome", page="/sign-in", key=key_of(link), password=PASSWORD)
    assert answer.status_code == 410
    assert client.get(link).status_code == 410


def test_link_dies_after_a_day(client, app, session):
    sign_up(client)
    link = link_in(post_office(app)[0])
    session.query(MailedLink).one().expires_at = clock.now() - timedelta(seconds=1)
    session.commit()
    assert client.get(link).status_code == 410


def test_link_in_another_browser_asks_for_the_password(client, app):
    """Who signs up with somebody else's address must not get an account that its owner opens by one careless tap."""
    sign_up(client)
    link = link_in(post_office(app)[0])
    phone = app.test_client()
    assert 'name="password"' in phone.get(link).text
    wrong = send(phone, "/welcome", page=link, key=key_of(link), password="not the password")
    assert wrong.status_code == 422
    assert (
        error_at(wrong, "password") == "This is not the password of this sign-up. Type the one you chose a moment ago."
    )
    assert send(phone, "/welcome", page=link, key=key_of(link), password=PASSWORD).status_code == 303


def test_second_sign_up_before_the_proof_replaces_the_first(client, app, session):
    sign_up(client, password="the squatter chose this", name="Mallory")
    squatters = link_in(post_office(app)[0])
    owner = app.test_client()
    sign_up(owner)
    owners = link_in(post_office(app)[-1])
    assert client.get(squatters).status_code == 410
    assert send(owner, "/welcome", page=owners, key=key_of(owners)).status_code == 303
    person = session.query(Person).one()
    assert (person.name, person.handle) == ("Nina Holt", "mallory")


def test_sign_up_with_a_known_address_mails_that_there_is_an_account(client, app, account, session):
    account("dana")
    answer = sign_up(client, email="Dana@Pika.example", name="Mallory")
    assert (answer.status_code, answer.location) == (303, "/sign-up/sent")
    (letter,) = post_office(app)
    assert letter.subject == "You already have an account at Pika!"
    assert letter.to == "dana@pika.example"
    assert "?key=" not in letter.text
    assert session.query(Person).one().name == "Dana Kovács"


def test_mail_to_a_stranger_carries_nothing_they_did_not_type(client, app):
    """A name is free text: mails to unproven addresses must not become somebody's leaflet."""
    sign_up(client, name="Win 500 EUR at evil.example")
    assert "evil" not in post_office(app)[0].text


def test_unproven_account_does_not_sign_in(client, app):
    sign_up(client)
    post_office(app)
    answer = sign_in(client)
    assert answer.status_code == 422
    assert error_at(answer, "password") == "This email and password do not go together."


def test_link_is_sent_again_and_both_are_spent_by_one(client, app):
    sign_up(client)
    send(client, "/sign-up/again", email="nina@pika.example")
    first, second = map(link_in, post_office(app))
    assert send(client, "/welcome", page=first, key=key_of(first)).status_code == 303
    assert client.get(second).status_code == 410


def test_again_is_silent_for_unknown_addresses(client, app):
    answer = send(client, "/sign-up/again", email="nobody@pika.example")
    assert (answer.status_code, answer.location) == (303, "/sign-up/sent")
    assert post_office(app) == []


def test_job_that_runs_twice_sends_one_kind_of_mail(client, app, session):
    sign_up(client)
    link = link_in(post_office(app)[0])
    send(client, "/welcome", page=link, key=key_of(link))
    from app.people.actions import door

    with app.app_context():
        assert door.answer_knock(db.session.query(Knock).one().id) is None  # not: "you already have an account"


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": ""}, "name", "Your name is missing."),
        ({"name": "x" * 81}, "name", "Your name has 81 characters; 80 are the most."),
        ({"email": ""}, "email", "Type your email address."),
        ({"email": "nina@pika"}, "email", "This address has no ending, like “.com” or “.hu”."),
        (
            {"email": "nina"},
            "email",
            "This does not look like an email address. It needs one “@”, as in name@example.org.",
        ),
        ({"password": ""}, "password", "Choose a password."),
        ({"password": "short"}, "password", "This password has 5 characters; it needs 10. A short sentence is fine."),
    ],
)
def test_errors_stand_at_their_field_and_what_was_typed_stays(client, typed, field, sentence):
    values = {"name": "Nina Holt", "email": "nina@pika.example", "password": PASSWORD} | typed
    answer = send(client, "/sign-up", **values)
    assert answer.status_code == 422
    assert error_at(answer, field) == sentence
    for name in ("name", "email"):
        assert f'value="{values[name]}"' in answer.text
    assert PASSWORD not in answer.text


def test_handles_of_namesakes_differ(client, app, session):
    for number in range(3):
        sign_up(app.test_client(), email=f"n{number}@pika.example", name="Zoë Ørsted")
    post_office(app)
    handles = {person.handle for person in session.query(Person)}
    assert handles == {"zoe-orsted", "zoe-orsted-2", "zoe-orsted-3"}


def test_markup_in_a_name_stays_text(client, app):
    sign_up(client, name="<script>alert(1)</script>")
    link = link_in(post_office(app)[0])
    send(client, "/welcome", page=link, key=key_of(link))
    page = client.get("/account").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_address_is_sealed_at_rest(client, app, session):
    sign_up(client)
    post_office(app)
    raw = session.connection().exec_driver_sql("SELECT email, email_index FROM person").one()
    knock = session.connection().exec_driver_sql("SELECT email FROM knock").scalar()
    assert "nina" not in f"{raw} {knock}"
    assert queries.person_by_email(" NINA@pika.example ").name == "Nina Holt"
