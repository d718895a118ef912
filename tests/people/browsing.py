"""A browser without scripts, and the mail of the test: what tests of people share."""

from __future__ import annotations

import html
import re
from typing import Any

from flask import Flask, current_app
from flask.testing import FlaskClient

from app.config import Settings
from app.notify import folder
from app.notify.folder import Letter
from jobs import outbox as outbox_jobs

PASSWORD = "three odd words"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_LINK = re.compile(r"http://localhost(/\S+\?key=\S+)")


def csrf(client: FlaskClient, page: str) -> str:
    """The token that a page's forms carry."""
    found = _TOKEN.search(client.get(page).text)
    assert found, f"no form on {page}"
    return html.unescape(found[1])


def send(client: FlaskClient, path: str, *, page: str | None = None, **values: Any) -> Any:
    """Fill in the form on a page (by default the one at the same address) and send it."""
    return client.post(path, data={"csrf_token": csrf(client, page or path), **values})


def sign_up(
    client: FlaskClient, email: str = "nina@pika.example", password: str = PASSWORD, name: str = "Nina Holt"
) -> Any:
    return send(client, "/sign-up", name=name, email=email, password=password)


def sign_in(client: FlaskClient, email: str = "nina@pika.example", password: str = PASSWORD, **more: Any) -> Any:
    return send(client, "/sign-in", email=email, password=password, **({"stay": "1"} | more))


def settings() -> Settings:
    loaded: Settings = current_app.config["PIKA"]
    return loaded


def post_office(app: Flask) -> list[Letter]:
    """Do what is owed, and give all mail there is, oldest first."""
    with app.app_context():
        outbox_jobs.run_due()
    return letters()


def letters() -> list[Letter]:
    return folder.newest(settings().var)[::-1]


def link_in(letter: Letter) -> str:
    """The path behind the link of a mail."""
    found = _LINK.search(letter.text)
    assert found, letter.text
    return found[1]


def key_of(link: str) -> str:
    return link.partition("?key=")[2]


def error_at(answer: Any, field: str) -> str:
    """The sentence at a field of an answered form."""
    found = re.search(rf'id="f-{field}-error">.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def whole_error(answer: Any) -> str:
    """The sentence about the form as a whole."""
    found = re.search(r'data-error-summary><p class="strong">(.*?)</p>', answer.text)
    return html.unescape(found[1]) if found else ""


def same_but_for_secrets(text: str) -> str:
    """A page without what differs on every visit: nonce, form token, request code."""
    for pattern in (r'nonce="[^"]+"', r'name="csrf_token" value="[^"]+"', r"X-CSRFToken[^']*'"):
        text = re.sub(pattern, "", text)
    return text
