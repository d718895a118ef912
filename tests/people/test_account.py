"""One's own account: profile, password, address, browsers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.lib import clock
from app.people import queries
from app.people.models import MailedLink, Person, SignIn
from tests.people.browsing import PASSWORD, error_at, key_of, link_in, post_office, send, sign_in, whole_error

NEW = "another odd sentence"


@pytest.fixture
def dana(client, account):
    person = account("dana")
    sign_in(client, "dana@pika.example")
    return person


def second_browser(app, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"):
    other = app.test_client()
    other.environ_base["HTTP_USER_AGENT"] = user_agent
    sign_in(other, "dana@pika.example")
    return other


# ---- profile ----


def test_profile_is_saved(client, dana, session):
    values = {"name": "Dana K.", "handle": "@Dana.K", "city": "Pécs", "about": "Follows.\r\n\r\n\r\n\r\nLeads."}
    assert send(client, "/account", **values).status_code == 303
    session.refresh(dana)
    assert (dana.name, dana.handle, dana.city, dana.about) == ("Dana K.", "dana.k", "Pécs", "Follows.\n\nLeads.")
    assert "Your profile is saved." in client.get("/account").text


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", " ", "Your name is missing."),
        ("name", "x" * 5000, "Your name has 5,000 characters; 80 are the most."),
        ("handle", "", "A handle is missing."),
        ("handle", "d", "A handle has 2 to 30 characters."),
        ("handle", "admin", "“admin” is kept for Pika! itself. Choose another one."),
        (
            "handle",
            "dana kovács",
            "A handle starts with a letter and has only a to z, 0 to 9, dot and hyphen. Did you mean “dana-kovacs”?",
        ),
        ("handle", "9lives", "A handle starts with a letter and has only a to z, 0 to 9, dot and hyphen."),
        ("handle", "jo", "“jo” is taken. Choose another one."),
        ("city", "x" * 81, "Your city has 81 characters; 80 are the most."),
        ("about", "x" * 1001, "About you has 1,001 characters; 1,000 are the most."),
    ],
)
def test_profile_refuses_with_a_sentence_and_keeps_what_was_typed(
    client, dana, account, session, field, typed, sentence
):
    account("jo", "Jo Brandt")
    values = {"name": "Dana K.", "handle": "dana", "city": "Pécs", "about": "Follows."} | {field: typed}
    answer = send(client, "/account", **values)
    assert answer.status_code == 422
    assert error_at(answer, field) == sentence
    for name, value in values.items():
        shown = value if name == "about" else f'value="{value}"'
        assert shown in answer.text
    session.refresh(dana)
    assert dana.name == "Dana Kovács"


def test_profile_of_somebody_else_has_no_address(client, dana):
    assert client.get("/account/dana").status_code == 404


# ---- password ----


def test_changed_password_ends_every_other_session(client, app, dana, session):
    other = second_browser(app)
    with client.session_transaction() as browser:
        stolen = browser["sign_in"]
    assert send(client, "/account/password", current_password=PASSWORD, new_password=NEW).status_code == 303
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    thief = app.test_client()
    with thief.session_transaction() as browser:
        browser["sign_in"] = stolen
    assert thief.get("/account").status_code == 303
    assert sign_in(app.test_client(), "dana@pika.example").status_code == 422
    assert sign_in(app.test_client(), "dana@pika.example", NEW).status_code == 303


def test_changed_password_is_told_by_mail(client, app, dana):
    send(client, "/account/password", current_password=PASSWORD, new_password=NEW)
    assert [letter.subject for letter in post_office(app)] == ["Your password at Pika! was changed"]


def test_changed_password_drops_waiting_links(client, app, dana, session):
    send(client, "/forgot", email="dana@pika.example")
    send(client, "/account/email", email="new@pika.example")
    links = [link_in(letter) for letter in post_office(app)]
    send(client, "/account/password", current_password=PASSWORD, new_password=NEW)
    assert [client.get(link).status_code for link in links] == [410, 410]
    session.refresh(dana)
    assert dana.pending_email is None


@pytest.mark.parametrize(
    ("current", "new", "field", "sentence"),
    [
        ("not the password", NEW, "current_password", "This is not your present password."),
        ("", NEW, "current_password", "Type your present password."),
        (PASSWORD, "short", "new_password", "This password has 5 characters; it needs 10. A short sentence is fine."),
        (
            PASSWORD,
            "Dana.Kovacs.1987",
            "new_password",
            "This password is your own name or address, so it is tried first. Take three words that nobody expects.",
        ),
    ],
)
def test_password_change_refuses(client, app, dana, current, new, field, sentence):
    answer = send(client, "/account/password", current_password=current, new_password=new)
    assert answer.status_code == 422
    assert error_at(answer, field) == sentence
    assert sign_in(app.test_client(), "dana@pika.example").status_code == 303


# ---- forgotten password ----


def test_reset_sets_a_password_signs_in_here_and_out_elsewhere(client, app, dana):
    browser = app.test_client()
    answer = send(browser, "/forgot", email="dana@pika.example")
    assert (answer.status_code, answer.location) == (303, "/forgot/sent")
    (letter,) = post_office(app)
    link = link_in(letter)
    answer = send(browser, "/reset", page=link, key=key_of(link), new_password=NEW)
    assert (answer.status_code, answer.location) == (303, "/app/dancer")
    assert browser.get("/account").status_code == 200
    assert client.get("/account").status_code == 303
    assert sign_in(app.test_client(), "dana@pika.example", NEW).status_code == 303
    assert browser.get(link).status_code == 410


def test_reset_keeps_the_link_when_the_password_is_weak(client, app, dana):
    send(client, "/forgot", email="dana@pika.example")
    link = link_in(post_office(app)[0])
    answer = send(client, "/reset", page=link, key=key_of(link), new_password="qwertyuiop")
    assert answer.status_code == 422
    assert key_of(link) in answer.text
    answer = send(client, "/reset", page=link, key=key_of(link), new_password="dana.kovacs.87")
    assert error_at(answer, "new_password").startswith("This password is your own name")
    assert send(client, "/reset", page=link, key=key_of(link), new_password=NEW).status_code == 303


def test_reset_link_dies_after_an_hour(client, app, dana, session):
    send(client, "/forgot", email="dana@pika.example")
    link = link_in(post_office(app)[0])
    row = session.query(MailedLink).one()
    assert abs(row.expires_at - clock.now() - timedelta(hours=1)) < timedelta(minutes=1)
    row.expires_at = clock.now() - timedelta(seconds=1)
    session.commit()
    assert client.get(link).status_code == 410


def test_reset_proves_the_address_of_a_new_account(client, app, session):
    from tests.people.browsing import sign_up

    sign_up(client)
    post_office(app)
    send(client, "/forgot", email="nina@pika.example")
    link = link_in(post_office(app)[-1])
    assert send(client, "/reset", page=link, key=key_of(link), new_password=NEW).status_code == 303
    assert session.query(Person).one().verified_at is not None


def test_reset_of_a_suspended_account_is_silent(client, app, account, session):
    account("dana").suspended_at = clock.now()
    session.commit()
    send(client, "/forgot", email="dana@pika.example")
    assert post_office(app) == []


# ---- address ----


def test_new_address_counts_from_its_link_on(client, app, dana, session):
    assert send(client, "/account/email", email="new@pika.example").status_code == 303
    assert "new@pika.example" in client.get("/account/email").text
    (letter,) = post_office(app)
    assert letter.to == "new@pika.example"
    assert sign_in(app.test_client(), "new@pika.example").status_code == 422
    link = link_in(letter)
    assert client.get(link).status_code == 200
    assert send(client, "/account/email/confirm", page=link, key=key_of(link)).status_code == 303
    assert sign_in(app.test_client(), "new@pika.example").status_code == 303
    assert sign_in(app.test_client(), "dana@pika.example").status_code == 422
    note = post_office(app)[-1]
    assert (note.to, note.subject) == ("dana@pika.example", "Your address at Pika! was changed")
    assert "n…@pika.example" in note.text
    assert "new@pika.example" not in note.text


def test_link_to_a_mistyped_address_is_worth_nothing_to_its_reader(client, app, dana, account, session):
    send(client, "/account/email", email="stranger@pika.example")
    link = link_in(post_office(app)[0])
    stranger = app.test_client()
    assert stranger.get(link).location.startswith("/sign-in?next=/account/email/confirm?key%3D")
    account("jo", "Jo Brandt")
    sign_in(stranger, "jo@pika.example")
    assert stranger.get(link).status_code == 410
    assert send(stranger, "/account/email/confirm", page="/account", key=key_of(link)).status_code == 410
    session.refresh(dana)
    assert dana.email == "dana@pika.example"
    assert client.get(link).status_code == 200  # and it was not spent by the try


def test_new_address_that_has_an_account_is_told_by_mail_only(client, app, dana, account):
    account("jo", "Jo Brandt")
    answer = send(client, "/account/email", email="jo@pika.example")
    assert answer.status_code == 303
    (letter,) = post_office(app)
    assert (letter.to, letter.subject) == ("jo@pika.example", "You already have an account at Pika!")


def test_new_address_that_got_an_account_meanwhile(client, app, dana, account, session):
    send(client, "/account/email", email="jo@pika.example")
    link = link_in(post_office(app)[0])
    account("jo", "Jo Brandt")
    answer = send(client, "/account/email/confirm", page=link, key=key_of(link))
    assert answer.status_code == 409
    assert "Another account has this address meanwhile." in answer.text
    session.refresh(dana)
    assert dana.email == "dana@pika.example"


def test_only_the_newest_wish_counts(client, app, dana, session):
    for email in ("first@pika.example", "second@pika.example"):
        send(client, "/account/email", email=email)
        post_office(app)
    from tests.people.browsing import letters

    first, second = map(link_in, letters())
    assert client.get(first).status_code == 410
    send(client, "/account/email/confirm", page=second, key=key_of(second))
    session.refresh(dana)
    assert dana.email == "second@pika.example"


def test_change_of_address_can_be_dropped(client, app, dana, session):
    send(client, "/account/email", email="new@pika.example")
    link = link_in(post_office(app)[0])
    assert send(client, "/account/email/keep", page="/account/email").status_code == 303
    assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("new@pika", "This address has no ending, like “.com” or “.hu”."),
        ("DANA@pika.example", "This is your address already."),
    ],
)
def test_email_change_refuses_and_keeps_what_was_typed(client, app, dana, email, sentence):
    answer = send(client, "/account/email", email=email)
    assert answer.status_code == 422
    assert error_at(answer, "email") == sentence
    assert f'value="{email}"' in answer.text
    assert post_office(app) == []


# ---- browsers ----


def test_browsers_are_listed_by_name_this_one_first(client, app, dana):
    second_browser(app)
    page = client.get("/account/browsers").text
    assert page.index("This one") < page.index("Safari on iPhone")
    assert page.count("list-row-title") == 2


def test_browser_is_ended(client, app, dana, session):
    other = second_browser(app)
    row = session.query(SignIn).order_by(SignIn.id.desc()).first()
    assert send(client, f"/account/browsers/{row.public_id}/end", page="/account/browsers").status_code == 303
    assert other.get("/account").status_code == 303
    assert client.get("/account").status_code == 200


def test_browser_of_somebody_else_is_not_ended(client, app, dana, account, session):
    account("nina", "Nina Holt")
    other = app.test_client()
    sign_in(other, "nina@pika.example")
    row = session.query(SignIn).filter_by(person_id=dana.id).one()
    answer = send(other, f"/account/browsers/{row.public_id}/end", page="/account/browsers")
    assert answer.status_code == 404
    assert client.get("/account").status_code == 200


def test_all_other_browsers_are_ended(client, app, dana):
    others = [second_browser(app), second_browser(app)]
    assert send(client, "/account/browsers/end-others", page="/account/browsers").status_code == 303
    assert [other.get("/account").status_code for other in others] == [303, 303]
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_browsers_takes_a_fixed_number_of_queries(client, app, dana, rows):
    from sqlalchemy import event

    from app.db import db

    for _ in range(rows - 1):
        second_browser(app)
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    client.get("/account/browsers")
    event.remove(db.engine, "before_cursor_execute", note)
    reads = [statement for statement in statements if statement.startswith("SELECT")]
    assert len(reads) == 5  # the session's person, this session, all sessions, roles, unread notices


def test_ended_and_expired_browsers_are_not_listed(client, app, dana, session):
    second_browser(app)
    row = session.query(SignIn).order_by(SignIn.id.desc()).first()
    row.expires_at = clock.now() - timedelta(seconds=1)
    session.commit()
    assert len(queries.open_sign_ins(dana.id)) == 1


# ---- who may not ----

PATHS = ["/account", "/account/password", "/account/email", "/account/email/confirm", "/account/browsers", "/app"]


@pytest.mark.one_engine
@pytest.mark.parametrize("path", PATHS)
def test_guests_are_led_to_the_door(client, path):
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.location == f"/sign-in?next={path}"
    if path != "/account/browsers":  # that one is only looked at
        assert send(client, path, page="/sign-in").location == "/sign-in"


@pytest.mark.one_engine
def test_error_above_the_form_is_there_only_when_there_is_one(client, dana):
    assert whole_error(client.get("/account/password")) == ""
