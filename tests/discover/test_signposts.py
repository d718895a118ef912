"""What crawlers and chats are told: robots.txt, the sitemap, and the address and picture of each public page."""

from __future__ import annotations

import re

import pytest
from defusedxml.ElementTree import fromstring

from tests import factories
from tests.schedule.test_timeline import count_queries

pytestmark = pytest.mark.one_engine
LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}url/{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def listed(client):
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    return [found.text.removeprefix("http://localhost") for found in fromstring(answer.data).findall(LOCATION)]


def test_robots_stay_out_of_what_needs_an_account_and_find_the_sitemap(client):
    answer = client.get("/robots.txt")

    assert answer.mimetype == "text/plain"
    assert "Disallow: /app\n" in answer.text
    assert "Disallow: /e" not in answer.text
    assert answer.text.endswith("Sitemap: http://localhost/sitemap.xml\n")
    assert "Set-Cookie" not in answer.headers


def test_the_sitemap_names_published_events_and_no_hidden_one(client, session):
    factories.event("open")
    factories.event("secret", published_at=None)

    assert [path for path in listed(client) if path.startswith("/e/")] == ["/e/open", "/e/open/schedule"]


def test_the_sitemap_asks_the_same_few_questions_for_one_event_and_for_three(client, session):
    factories.event("one")
    first = count_queries(client, "/sitemap.xml")
    factories.event("two")
    factories.event("three")

    assert count_queries(client, "/sitemap.xml") == first
    assert len(listed(client)) == 3 + 2 * 3


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/", "/"),
        ("/events", "/events"),
        ("/e/swing", "/e/swing"),
        ("/e/swing/schedule?day=2026-06-13&mine=1", "/e/swing/schedule"),
    ],
)
def test_a_public_page_says_its_one_address_and_brings_a_picture(client, session, path, address):
    factories.event()
    head = client.get(path).text.partition("</head>")[0]

    assert f'<link rel="canonical" href="http://localhost{address}">' in head
    assert f'<meta property="og:url" content="http://localhost{address}">' in head
    assert head.count('name="description"') == 1
    picture = re.search(r'og:image" content="http://localhost(/static/img/share\.png\?v=\w+)"', head)
    assert client.get(picture[1]).mimetype == "image/png"
