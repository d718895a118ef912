"""The live layer inside the whole product: real guards, a real action, a phone that hears it."""

from __future__ import annotations

import pytest

from tests.live.listener import Listener, Refused

pytestmark = pytest.mark.slow

EVENT = "budapest-swing-weekend"


def test_anybody_may_listen_to_a_published_event(demo_server):
    phone = Listener(demo_server.port, f"event:{EVENT}:public")
    assert "beat" in phone.message(beats=True)


@pytest.mark.parametrize("topic", [f"event:{EVENT}:staff", "event:no-such-event:public", "event:no-such-event:staff"])
def test_guests_hear_nothing_else(demo_server, topic):
    with pytest.raises(Refused) as found:
        Listener(demo_server.port, topic)
    assert found.value.status == 404


def test_a_foreign_page_may_not_connect(demo_server):
    with pytest.raises(Refused) as found:
        Listener(demo_server.port, f"event:{EVENT}:public", headers={"Origin": "https://evil.example"})
    assert found.value.status == 403
