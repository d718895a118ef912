"""Mail: through a real SMTP server on loopback, or into the folder of a development machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from app.notify import folder, mail
from app.notify.mail import MailFailed, Message, Undeliverable
from tests.jobs import mail_server

MESSAGE = Message("dana@pika.example", "Grüße aus Pécs", "Hello Dána,\n\nhttp://localhost/x\n", "key:1")
pytestmark = [
    pytest.mark.one_engine,
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),  # on purpose: we look what is sent
]


@pytest.fixture
def using(app: Flask) -> Iterator[object]:
    """`using(smtp_url=…)`: other settings for this test."""
    before = app.config["PIKA"]

    def change(**values: object) -> None:
        app.config["PIKA"] = dataclasses.replace(app.config["PIKA"], **values)

    yield change
    app.config["PIKA"] = before


def test_mail_arrives_as_it_was_written(session, using):
    with mail_server.serve() as (box, port):
        using(smtp_url=f"smtp://127.0.0.1:{port}", mail_from="Pika! <hello@pika.example>")
        mail.send(MESSAGE)
    (letter,) = box.letters
    assert box.recipients == ["dana@pika.example"]
    assert (letter["From"], letter["To"], letter["Subject"]) == (
        "Pika! <hello@pika.example>",
        "dana@pika.example",
        "Grüße aus Pécs",
    )
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"]
    assert letter.get_content().replace("\r\n", "\n") == MESSAGE.text


def test_same_key_has_the_same_message_id(session, using):
    with mail_server.serve() as (box, port):
        using(smtp_url=f"smtp://127.0.0.1:{port}", mail_from="hello@pika.example")
        for key in ("key:1", "key:1", "key:2"):
            mail.send(dataclasses.replace(MESSAGE, key=key))
    first, again, other = (letter["Message-ID"] for letter in box.letters)
    assert first == again != other
    assert first.endswith("@pika.example>")


def test_login_of_the_address_is_used(session, using):
    with mail_server.serve(with_login=True) as (box, port):
        using(smtp_url=f"smtp://me%40pika.example:s3cret%2F@127.0.0.1:{port}")
        mail.send(MESSAGE)
    assert box.logins == [("me@pika.example", "s3cret/")]
    assert len(box.letters) == 1


def test_wrong_login_is_a_failure_without_secrets_in_it(session, using):
    with mail_server.serve(with_login=True) as (_, port):
        using(smtp_url=f"smtp://me:wrong-secret@127.0.0.1:{port}")
        with pytest.raises(MailFailed) as failure:
            mail.send(MESSAGE)
    assert "wrong-secret" not in str(failure.value)
    assert "SMTPAuthenticationError" in str(failure.value)


def test_password_does_not_travel_in_the_clear(session, using, monkeypatch):
    """Off loopback and without TLS: rather no mail."""
    monkeypatch.setattr(mail, "_is_here", lambda _host: False)
    with mail_server.serve(with_login=True) as (box, port):
        using(smtp_url=f"smtp://me:s3cret@127.0.0.1:{port}")
        with pytest.raises(MailFailed):
            mail.send(MESSAGE)
    assert box.logins == []


@pytest.mark.parametrize(
    ("line", "error"),
    [("550 no such user", Undeliverable), ("450 try later", MailFailed), ("421 going down", MailFailed)],
)
def test_refusals_of_the_server(session, using, line, error):
    with mail_server.serve() as (box, port):
        using(smtp_url=f"smtp://127.0.0.1:{port}")
        box.answer = lambda _address: line
        with pytest.raises(error) as failure:
            mail.send(MESSAGE)
    assert "dana" not in str(failure.value)
    assert box.letters == []


def test_server_that_is_away_is_a_failure(session, using):
    from tests.servers import free_port

    using(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    with pytest.raises(MailFailed, match="ConnectionRefusedError"):
        mail.send(MESSAGE)


@pytest.mark.parametrize("to", ["dana@pika.example\nBcc: all@pika.example", "dana@pika.example\r\n\r\nbody"])
def test_address_cannot_bring_headers_along(session, using, to):
    with mail_server.serve() as (box, port):
        using(smtp_url=f"smtp://127.0.0.1:{port}")
        with pytest.raises(ValueError):
            mail.send(dataclasses.replace(MESSAGE, to=to))
    assert box.letters == []


def test_address_beyond_ascii_is_sent(session, using):
    with mail_server.serve() as (box, port):
        using(smtp_url=f"smtp://127.0.0.1:{port}")
        mail.send(dataclasses.replace(MESSAGE, to="dána@pika.example"))
    assert box.recipients == ["dána@pika.example"]


# ---- which way ----


@pytest.mark.parametrize(
    ("environment", "smtp_url", "way"),
    [
        ("development", "", "folder"),
        ("test", "", "folder"),
        ("production", "", "off"),
        ("development", "smtp://x", "smtp"),
        ("production", "smtp://x", "smtp"),
    ],
)
def test_way(session, using, environment, smtp_url, way):
    using(environment=environment, smtp_url=smtp_url)
    assert mail.way() == way


def test_mail_that_is_off_fails_with_the_reason(session, using):
    using(environment="production", smtp_url="")
    with pytest.raises(MailFailed, match="SMTP_URL is not set"):
        mail.send(MESSAGE)


# ---- the folder ----


def test_folder_keeps_mail_newest_first(session, using, tmp_path):
    using(var=tmp_path)
    for number in range(3):
        mail.send(dataclasses.replace(MESSAGE, subject=f"Number {number}", key=f"key:{number}"))
    found = folder.newest(tmp_path)
    assert [letter.subject for letter in found] == ["Number 2", "Number 1", "Number 0"]
    assert found[0].to == "dana@pika.example"
    assert found[0].text == MESSAGE.text
    assert folder.newest(tmp_path, limit=1) == found[:1]


def test_folder_keeps_one_mail_of_a_key(session, using, tmp_path):
    using(var=tmp_path)
    mail.send(MESSAGE)
    mail.send(dataclasses.replace(MESSAGE, subject="Again"))
    assert [letter.subject for letter in folder.newest(tmp_path)] == ["Again"]


@pytest.mark.parametrize("name", ["../secret_key", "..%2fsecret_key", "secret_key", "", "x.eml", ".draft"])
def test_folder_gives_nothing_but_mail(tmp_path, name):
    (tmp_path / "mail").mkdir()
    (tmp_path / "secret_key").write_text("s3cret")
    assert folder.read(tmp_path, name) is None


def test_empty_folder(tmp_path):
    assert folder.newest(tmp_path) == []


# ---- the texts ----

TEMPLATES = (
    "verify",
    "already_registered",
    "reset",
    "confirm_new_email",
    "email_changed",
    "password_changed",
    "notice",
    "passkey_added",
    "passkey_removed",
    "enquiry_sent",
    "enquiry_countered",
    "enquiry_agreed",
    "enquiry_over",
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_text_is_complete_and_plain(session, template):
    values = {"link": "http://localhost/welcome?key=k&x=<1>", "new_email": "d…@pika.example"} | {
        "title": "Late",
        "body": "14:30 → 14:45",
    }
    message = mail.compose(template, "dana@pika.example", "key", **values)
    assert message.subject.endswith("Pika!") or "Pika!" in message.subject
    assert "Subject:" not in message.text
    assert "{{" not in message.text
    assert "&lt;" not in message.text
    assert "—" not in message.text
    assert max(len(line) for line in message.text.splitlines()) <= 78
    assert message.text.endswith("http://localhost\n")


def test_every_text_is_tried_here(app):
    from pathlib import Path

    assert {path.stem for path in Path(app.jinja_loader.searchpath[0], "mail").glob("*.txt")} == set(TEMPLATES)
