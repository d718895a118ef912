"""The mail of people, and sweeping: rows that nobody will ask for again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.lib import clock
from app.people.models import Device, Knock, MailedLink, Person, SignIn
from jobs import people as jobs
from tests import factories


@pytest.mark.parametrize(
    ("email", "shown"), [("dana@pika.example", "d…@pika.example"), ("@x", "…@x"), ("a@b@c.example", "a…@c.example")]
)
def test_masked(email, shown):
    assert jobs.masked(email) == shown


def test_old_rows_go_and_young_ones_stay(session):
    moment = clock.now()
    dana = factories.person("dana")
    half_made = {"name": "X", "password_hash": "!"}
    for age, tag in ((timedelta(days=500), "old"), (timedelta(), "new")):
        at = moment - age
        session.add_all(
            [
                Knock(purpose="reset", email="x@pika.example", created_at=at),
                MailedLink(person_id=dana.id, purpose="reset", token_digest=tag, expires_at=at),
                SignIn(person_id=dana.id, token_digest=f"{tag} ended", expires_at=moment, ended_at=at),
                SignIn(person_id=dana.id, token_digest=f"{tag} expired", expires_at=at),
                Device(token_digest=tag, created_at=at),
                Device(token_digest=f"{tag} claimed", created_at=at, person_id=dana.id),
                Person(handle=tag, email=f"{tag}@x.example", email_index=tag, created_at=at, **half_made),
            ]
        )
    session.commit()
    jobs.sweep_old_rows()
    assert session.query(Knock).count() == 1
    assert [link.token_digest for link in session.query(MailedLink)] == ["new"]
    assert {row.token_digest for row in session.query(SignIn)} == {"new ended", "new expired"}
    assert {device.token_digest for device in session.query(Device)} == {"new", "new claimed", "old claimed"}
    assert {person.handle for person in session.query(Person)} == {"dana", "new"}


def test_notes_to_people_who_are_gone_are_silent(app, session):
    for note in (jobs.email_changed, jobs.password_changed, jobs.confirm_new_email):
        note({"person": 4711}, "key")
    jobs.answer_knock({"knock": 4711}, "key")
    from app.notify import folder

    assert folder.newest(app.config["PIKA"].var) == []
