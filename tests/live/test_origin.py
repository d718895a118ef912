"""The Origin rule, with a real client and a valid cookie (RELIABILITY S6)."""

from __future__ import annotations

import pytest

from app.live.origin import is_allowed, origin_of
from tests.live.listener import Refused

OURS = "https://pika.example"  # PUBLIC_URL of the small app

REFUSED = {
    "evil": "https://evil.example",
    "null": "null",
    "missing, with a cookie": None,
    "empty": "",
    "longer": "https://pika.example.evil.example",
    "other subdomain": "https://www.pika.example",
    "suffix": "https://notpika.example",
    "other scheme": "http://pika.example",
    "other port": "https://pika.example:8443",
    "user before an at": "https://pika.example@evil.example",
    "homograph": "https://pіka.example".encode().decode("latin-1"),
    "trailing slash": "https://pika.example/",
    "two of them": "https://pika.example https://evil.example",
    "other case": "https://PIKA.example",
    "another machine's port of this host": "http://localhost:1",
}


@pytest.mark.parametrize("origin", REFUSED.values(), ids=REFUSED.keys())
def test_foreign_origin_is_refused_with_a_valid_cookie(small, topic, origin):
    with pytest.raises(Refused) as found:
        small.listen(topic, headers={"Cookie": "person=7", "Origin": origin})
    assert found.value.status == 403


@pytest.mark.parametrize("origin", [o for o in REFUSED.values() if o is not None])
def test_foreign_origin_is_refused_without_a_cookie_too(small, topic, origin):
    with pytest.raises(Refused):
        small.listen(topic, headers={"Origin": origin})


def test_public_address_and_own_address_are_allowed_and_programs_without_cookies(small, topic):
    for headers in ({"Origin": OURS, "Cookie": "person=7"}, {"Origin": f"http://localhost:{small.port}"}, {}):
        small.listen(topic, headers=headers).close()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Pika.Example:443/x?y", "https://pika.example"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_origin_of_writes_it_as_browsers_do(url, origin):
    assert origin_of(url) == origin


def test_is_allowed_without_the_guard_would_let_evil_in():
    """The control: the refusals above come from this rule, not from something else."""
    assert is_allowed("https://evil.example", public_url="https://evil.example", request_url=OURS, has_cookies=True)
