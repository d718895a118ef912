"""The live layer inside the whole product: real guards, a real action, a phone that hears it."""

from __future__ import annotations

import re
import urllib.request
from datetime import timedelta
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import pytest

from app.lib import clock, tokens
from app.people import devices
from app.people.access import SESSION_KEY, who_of
from app.people.models import Device, SignIn
from tests import factories
from tests.live.listener import Listener, Refused

pytestmark = pytest.mark.slow

IN_A_YEAR = clock.now() + timedelta(days=365)
EVENT = "budapest-swing-weekend"


def test_anybody_may_listen_to_a_published_event(demo_server):
    phone = Listener(demo_server.port, f"event:{EVENT}:public")
    assert phone.beat()


@pytest.mark.parametrize("topic", [f"event:{EVENT}:staff", "event:no-such-event:public", "event:no-such-event:staff"])
def test_guests_hear_nothing_else(demo_server, topic):
    with pytest.raises(Refused) as found:
        Listener(demo_server.port, topic)
    assert found.value.status == 404


def test_a_foreign_page_may_not_connect(demo_server):
    with pytest.raises(Refused) as found:
        Listener(demo_server.port, f"event:{EVENT}:public", headers={"Origin": "https://evil.example"})
    assert found.value.status == 403


def cookie_after_sign_in(server, handle):
    """The Cookie header of a browser that has signed in as one of the demo's people."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(f"{server.url}/sign-in") as page:
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.read().decode())[1]
    opener.open(f"{server.url}/dev/sign-in/{handle}", urlencode({"csrf_token": token}).encode()).close()
    return "; ".join(f"{each.name}={each.value}" for each in jar)


def cookie_of(data, app):
    """A Cookie header as this app's browsers send it, holding this session."""
    value = app.session_interface.get_signing_serializer(app).dumps(data)
    return f"theme=dark; {app.config['SESSION_COOKIE_NAME']}={value}"


def test_a_living_session_speaks_for_its_person(app, session):
    dana = factories.person("dana")
    session.add_all([dana, living := SignIn(person=dana, token_digest=tokens.digest("a-token"), expires_at=IN_A_YEAR)])
    session.commit()
    cookie = cookie_of({SESSION_KEY: "a-token", "csrf_token": "c"}, app)
    assert who_of(cookie) == (dana.id, f"p{dana.id}")
    assert who_of(cookie[:-2]) == (None, "")  # a signature of nobody's
    assert who_of(cookie_of({SESSION_KEY: "another"}, app)) == (None, "")
    assert who_of(cookie_of({"csrf_token": "c"}, app)) == (None, "")
    dana.suspended_at = clock.now()
    session.commit()
    assert who_of(cookie) == (None, "")
    dana.suspended_at, living.ended_at = None, clock.now()
    session.commit()
    assert who_of(cookie) == (None, "")


def test_a_guest_is_counted_by_their_device(app, session):
    device = Device(token_digest=tokens.digest("a-secret"))
    session.add(device)
    session.commit()
    assert who_of(f"theme=dark; pika-device={devices._signed('a-secret')}") == (None, f"d{device.id}")
    assert who_of(f"pika-device={devices._signed('another')}") == (None, "")
    assert who_of("pika-device=a-secret") == (None, "")


def test_who_is_signed_in_is_known_to_the_hub(demo_server):
    """The eleventh of one person is refused, and a guest beside them is not."""
    headers = {"Cookie": cookie_after_sign_in(demo_server, "dana"), "Origin": demo_server.url}
    held = [Listener(demo_server.port, f"event:{EVENT}:public", headers=headers) for _ in range(10)]
    with pytest.raises(Refused) as found:
        Listener(demo_server.port, f"event:{EVENT}:public", headers=headers)
    assert found.value.status == 429
    assert Listener(demo_server.port, f"event:{EVENT}:public").beat()
    assert len(held) == 10
