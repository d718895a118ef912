"""Security headers on every answer, errors and files included; fresh nonces; GET changes nothing (S4, S10)."""

from __future__ import annotations

import re

import pytest

from app.db import db
from tests import factories

pytestmark = pytest.mark.one_engine
PATHS = ["/", "/events", "/sign-in", "/sign-up", "/forgot", "/e/swing", "/e/swing/schedule", "/nothing-here",
         "/healthz",
         "/readyz", "/static/icons/pika.svg", "/app/organizer", "/app/organizer/events/swing/schedule"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("htmx", [False, True])
def test_every_answer_carries_the_headers(client, path, htmx):
    factories.event()
    factories.signed_in(client, factories.person("olive"))
    answer = client.get(path, headers={"HX-Request": "true"} if htmx else {})
    policy = answer.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["X-Request-Id"]


def test_nonces_never_repeat(client):
    nonces = {
        re.search(r"nonce-([\w-]+)", client.get("/healthz").headers["Content-Security-Policy"])[1] for _ in range(500)
    }
    assert len(nonces) == 500


def test_cookies_are_httponly_and_lax(client):
    cookies = client.get("/sign-in").headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie


def rows() -> dict[str, int]:
    """A fingerprint of all tables: rows and the newest of their text."""
    db.session.rollback()
    found = {}
    for table in db.metadata.sorted_tables:
        found[table.name] = str(db.session.execute(table.select()).fetchall())
    return found


def test_no_get_changes_the_database(app, client, session):
    factories.event()
    factories.signed_in(client, factories.person("olive"))
    before = rows()
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and not rule.websocket:
            values = {
                name: {"slug": "swing", "number": "1", "filename": "icons/pika.svg", "area": "dancer"}.get(
                    name, "zzzzzzzzzzzz"
                )
                for name in rule.arguments
            }
            with app.test_request_context():
                path = app.url_map.bind("localhost").build(rule.endpoint, values, method="GET")
            client.get(path)
    assert rows() == before


WRITES = [("/sign-in", {}), ("/sign-up", {}), ("/forgot", {}), ("/sign-out", {}), ("/app", {"area": "dancer"}),
          ("/app/organizer/events/new", {}), ("/app/organizer/events/swing/undo", {}),
          ("/app/organizer/events/swing/mode", {"mode": "live"})]  # fmt: skip


@pytest.mark.parametrize(("path", "data"), WRITES)
@pytest.mark.parametrize("token", [None, "wrong", "theirs"])
def test_a_write_without_its_own_token_is_refused(app, client, path, data, token):
    factories.event()
    factories.signed_in(client, factories.person("olive"))
    other = factories.signed_in(app.test_client(), factories.person("nina"))
    theirs = re.search(r'name="csrf_token" value="([^"]+)"', other.get("/app/organizer/events/new").text)[1]
    sent = {"wrong": "nonsense", "theirs": theirs}.get(token or "")
    before = rows()
    answer = client.post(path, data=data | ({"csrf_token": sent} if sent else {}))
    assert answer.status_code == 400
    assert rows() == before


@pytest.mark.parametrize(
    "path", ["/dj/%00", "/live?code=a%00b", "/e/swing/schedule?room=a&room=%00", "/live/%00/screen"]
)
def test_a_nul_is_refused_before_a_database_sees_it(client, path):
    assert client.get(path).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)[1]
    assert client.post("/sign-in", data={"csrf_token": token, "email": "a\0b"}).status_code == 400


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_write_from_another_site_is_refused_even_with_a_token(client, site):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)[1]
    answer = client.post("/sign-in", data={"csrf_token": token}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403


def test_a_form_from_a_day_old_tab_comes_back_to_be_sent_again(client):
    factories.signed_in(client, factories.person("olive"))
    typed = {"name": "Lindy <b>Days</b>", "csrf_token": "from yesterday", "password": "secret words"}
    answer = client.post("/app/organizer/events/new", data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    assert "Lindy &lt;b&gt;Days&lt;/b&gt;" in answer.text
    assert "secret words" not in answer.text
    assert "from yesterday" not in answer.text
