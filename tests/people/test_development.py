"""The pages under /dev: there in development, nowhere else."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.people.browsing import csrf, post_office, send, sign_up

PAGES = ["/dev/mail", "/dev/mail/20260613T120000000000-0123456789ab.eml", "/dev/patterns"]
pytestmark = pytest.mark.one_engine


@pytest.fixture
def development(app: Flask) -> Iterator[Flask]:
    before = app.config["PIKA"]
    app.config["PIKA"] = dataclasses.replace(before, environment="development")
    yield app
    app.config["PIKA"] = before


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_not_there_outside_development(client, path):
    assert client.get(path).status_code == 404


def test_one_click_sign_in_is_not_there_outside_development(client, account):
    account("dana")
    page = client.get("/sign-in").text
    assert "/dev/" not in page
    assert send(client, "/dev/sign-in/dana", page="/sign-in").status_code == 404
    assert client.get("/account").status_code == 303


def test_one_click_sign_in(client, development, account):
    account("jo", "Jo Brandt")
    page = client.get("/sign-in?next=/events").text
    assert "/dev/sign-in/jo" in page
    assert "/dev/sign-in/dana" not in page  # not loaded
    answer = send(client, "/dev/sign-in/jo", page="/sign-in", next="/events")
    assert (answer.status_code, answer.location) == (303, "/events")
    assert "Jo Brandt" in client.get("/account").text


@pytest.mark.parametrize("handle", ["nobody", "dana"])
def test_one_click_sign_in_of_nobody(client, development, handle):
    assert send(client, f"/dev/sign-in/{handle}", page="/sign-in").status_code == 404


def test_one_click_sign_in_needs_a_token(client, development, account):
    account("jo", "Jo Brandt")
    assert client.post("/dev/sign-in/jo").status_code == 400


def test_mail_is_shown_with_its_link(client, development):
    assert "No mail yet" in client.get("/dev/mail").text
    sign_up(client)
    (letter,) = post_office(development)
    assert "Confirm your address for Pika!" in client.get("/dev/mail").text
    page = client.get(f"/dev/mail/{letter.name}").text
    assert 'href="http://localhost/welcome?key=' in page


def test_name_of_a_mail_is_no_way_into_the_folders(client, development):
    for name in ("..%2fsecret_key", "../secret_key", "secret_key"):
        assert client.get(f"/dev/mail/{name}").status_code == 404


def test_patterns_are_shown(client, development):
    assert client.get("/dev/patterns").status_code == 200
    assert csrf(client, "/sign-in")
