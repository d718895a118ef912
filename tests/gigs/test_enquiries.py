"""Book me: somebody without account asks, the DJ answers, links by mail are good for one answer, no address leaks."""

from __future__ import annotations

import html
import re
import shutil
from datetime import timedelta

import pytest

from app.db import db
from app.gigs.actions import answering, own
from app.gigs.models import Gig
from app.lib import clock
from app.people.queries import person_by_handle
from jobs import outbox as runner
from tests import factories
from tests.people.browsing import letters, send

pytestmark = pytest.mark.one_engine
DAY = (clock.now() + timedelta(days=60)).date()
TYPED = {
    "title": "Harbor party", "day": DAY.isoformat(), "start": "21:00", "end": "01:00", "venue_name": "Old pier",
    "city": "Porto", "zone": "Europe/Lisbon", "fee": "300", "currency": "EUR", "notes": "Bring lights",
    "name": "Rita Vaz", "email": "rita@elsewhere.example",
}  # fmt: skip


@pytest.fixture
def jo(app, session):
    who = factories.person("jo")
    own.choose(who.id, takes_enquiries=True, fee_minor=25_000, currency="EUR", fee_note="for four hours")
    yield who
    shutil.rmtree(app.config["PIKA"].var / "mail", ignore_errors=True)


def gig() -> Gig:
    db.session.rollback()
    return db.session.query(Gig).order_by(Gig.id.desc()).one()


def mailed():
    """Do what is owed; the newest mail to whoever enquired, and the path behind its link."""
    runner.run_due()
    db.session.rollback()
    letter = [found for found in letters() if found.to == TYPED["email"]][-1]
    link = re.search(r"http://localhost(/enquiries/\S+)", letter.text)
    return letter, link[1] if link else ""


def test_the_form_hints_at_the_fee_and_asks_without_account(client, jo):
    page = html.unescape(client.get("/dj/jo/book").text)
    assert "Usual fee: €250, for four hours" in page
    answer = send(client, "/dj/jo/book", **TYPED)
    assert (answer.status_code, gig().state, gig().fee_minor) == (200, "pending", 30_000)
    assert clock.to_local(gig().starts_at, "Europe/Lisbon").hour == 21
    letter, _ = mailed()
    assert "Jo Brandt" in letter.subject
    assert "Harbor party" not in letter.text  # nothing typed by a stranger goes to an address nobody has proven


def test_a_form_that_is_wrong_keeps_everything(client, jo):
    answer = send(client, "/dj/jo/book", **(TYPED | {"email": "rita", "notes": "A <b>b</b> & “c”"}))
    assert answer.status_code == 422
    text = html.unescape(answer.text)
    assert "This does not look like an email address" in text
    assert all(str(value) in text for value in (TYPED | {"email": "rita", "notes": "A <b>b</b> & “c”"}).values())
    assert db.session.query(Gig).count() == 0


def test_who_takes_no_enquiries_has_no_form(client, jo):
    own.choose(jo.id, takes_enquiries=False, fee_minor=None, currency="EUR", fee_note="")
    assert client.get("/dj/jo/book").status_code == 404
    assert client.get("/dj/nobody-at-all/book").status_code == 404


def test_a_counter_offer_is_taken_by_a_link_that_is_good_once(client, jo):
    send(client, "/dj/jo/book", **TYPED)
    found = gig()
    answering.counter(
        found.id, 1, found.starts_at + timedelta(hours=1), found.ends_at + timedelta(hours=1), 35_000, "Late train",
        person_by_handle("jo"),
    )  # fmt: skip
    letter, link = mailed()
    assert "22:00 to 02:00 for €350" in " ".join(letter.text.split())
    for _ in range(2):  # looking at it, as programs do, uses nothing up
        assert client.get(link).status_code == 200
    answer = send(client, f"{link}/accept", page=link, offer="2")
    assert answer.status_code == 200
    assert (gig().state, gig().fee_minor) == ("confirmed", 35_000)
    assert client.get(link).status_code == 404
    agreed, _ = mailed()
    assert agreed.subject.startswith("Agreed: Jo Brandt plays")
    assert all("jo@pika.example" not in found.text + found.subject for found in letters() if found.to == TYPED["email"])


def test_the_dj_sees_the_address_only_once_both_agreed(app, client, jo):
    send(client, "/dj/jo/book", **TYPED)
    page = f"/app/gigs/{gig().public_id}"
    theirs = factories.signed_in(app.test_client(), person_by_handle("jo"))
    assert TYPED["email"] not in theirs.get(page).text
    send(theirs, f"{page}/confirm", page=page, offer="1")
    assert gig().state == "confirmed"
    assert f"mailto:{TYPED['email']}" in theirs.get(page).text


def test_whoever_asked_takes_it_back_by_link(client, jo):
    send(client, "/dj/jo/book", **TYPED)
    _, link = mailed()
    send(client, f"{link}/withdraw", page=link, reason="No permit")
    assert (gig().state, gig().reason) == ("withdrawn", "No permit")
    assert client.get(link).status_code == 404


def test_the_link_is_a_secret_that_caches_and_other_sites_do_not_get(client, jo):
    send(client, "/dj/jo/book", **TYPED)
    _, link = mailed()
    headers = client.get(link).headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    assert "noindex" in headers["X-Robots-Tag"]
    assert client.get(link + "x").status_code == 404


def test_another_offer_by_link_puts_the_word_back_to_the_dj(client, jo):
    send(client, "/dj/jo/book", **TYPED)
    found = gig()
    answering.counter(
        found.id, 1, found.starts_at + timedelta(hours=1), found.ends_at, None, "", person_by_handle("jo")
    )
    _, link = mailed()
    answer = send(client, f"{link}/offer", page=link, offer="2", start="21:30", end="01:30", fee="")
    assert answer.status_code == 200
    assert (gig().state, gig().fee_minor, clock.to_local(gig().starts_at, "Europe/Lisbon").minute) == (
        "pending",
        30_000,
        30,
    )
