"""The subscriber comes back however often Redis was away."""

from __future__ import annotations

import pytest
import redis

from app.live.feed import Feed

TRIES = 300  # a client library's pool gives up at a hundred


def test_a_long_outage_does_not_use_the_connections_up(tmp_path):
    feed = Feed(f"unix://{tmp_path}/away.sock", on_message=print, on_subscribed=print, on_lost=lambda: None)
    for _ in range(TRIES):
        with pytest.raises(redis.ConnectionError, match="No such file"):
            feed._session()
        feed._hang_up()
