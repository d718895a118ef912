"""The channel's rule, against a model of Redis that loses, delays and forgets: a member's page equals the truth."""

from __future__ import annotations

import json
import random

import pytest

from app.live.channel import Channel, Waiting
from app.live.frames import CONTENT_BYTES_MAX
from app.live.regions import Position, Region, State

TOPIC = "event:x:public"


class Redis:
    """What Redis keeps of a topic, and the messages on their way to the channel."""

    def __init__(self):
        self.position = Position("e1", 0)
        self.poked = 0
        self.regions = {}

    def publish(self, region_id, html):
        self.position = Position(self.position.epoch, self.position.version + 1)
        self.regions[region_id] = Region(self.position.version, html)
        body = "x" if html is None else f"h{html}"
        return {"epoch": self.position.epoch, "version": self.position.version, "regions": [[region_id, body]]}

    def poke(self):
        self.position = Position(self.position.epoch, self.position.version + 1)
        self.poked = self.position.version
        return {"epoch": self.position.epoch, "version": self.position.version, "reget": True}

    def flush(self):
        self.position, self.poked, self.regions = Position(self.position.epoch + "'", 0), 0, {}

    def state(self):
        return State(self.position, self.poked, dict(self.regions))


class Page:
    """A phone's page: applies frames as live.js does; a re-get reads the truth."""

    is_gone = False

    def __init__(self, redis, truth):
        self.redis = redis
        self.truth = truth
        self.reget()

    def reget(self):
        self.at = self.redis.position
        self.shows = dict(self.truth)

    def hear(self, data):
        for said in messages(data):
            if (said["epoch"], said["version"]) == self.at or (
                said["epoch"] == self.at.epoch and said["version"] < self.at.version
            ):
                continue
            if said.get("reget") or said["epoch"] != self.at.epoch:
                self.reget()
                continue
            self.at = Position(said["epoch"], said["version"])
            for part in said["content"].split("</hx-partial>")[:-1]:
                region_id = part.split('"#')[1].split('"')[0]
                if 'hx-swap="delete"' in part:
                    self.shows.pop(region_id, None)
                else:
                    self.shows[region_id] = part.split(">", 1)[1]


def messages(data):
    """The JSON messages in a piece of sent bytes."""
    found = []
    while data:
        size, start = data[1], 2
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(data[2:10], "big"), 10
        found.append(json.loads(data[start : start + size]))
        data = data[start + size :]
    return found


class World:
    """Redis, the truth behind it, one channel and its pages, moved on by random steps."""

    STEPS = (
        ("change", 45),
        ("poke", 3),
        ("flush_redis", 2),
        ("lose", 2),
        ("ask", 13),
        ("answer", 10),
        ("join", 10),
        ("leave", 3),
    )

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.redis, self.truth, self.channel = Redis(), {}, Channel(TOPIC)
        self.members, self.delayed, self.loading, self.clock = [], [], None, 0.0

    def step(self):
        self.clock += 1
        names, weights = zip(*self.STEPS, ("send", 12), strict=True)
        getattr(self, self.rng.choices(names, weights)[0])()

    def change(self):
        """Most messages arrive, some late, some never."""
        region_id, html = f"r{self.rng.randrange(6)}", self.rng.choice([None, str(self.rng.randrange(1000))])
        self.truth.pop(region_id, None)
        if html is not None:
            self.truth[region_id] = html
        self.delayed.append(self.redis.publish(region_id, html))
        if self.rng.random() < 0.8:
            for change in self.delayed:
                self.channel.hear(change)
            self.delayed.clear()
        elif self.rng.random() < 0.5:
            self.delayed.clear()

    def poke(self):
        self.truth["structure"] = str(self.rng.randrange(1000))
        self.channel.hear(self.redis.poke())

    def flush_redis(self):
        self.redis.flush()

    def lose(self):
        self.loading = None
        self.channel.lose()

    def ask(self):
        if self.loading is None:
            self.channel.begin_load()
            self.loading = (self.redis.state(), self.clock)

    def answer(self):
        if self.loading is not None:
            loading, self.loading = self.loading, None
            self.channel.learn(*loading)

    def join(self, page=None):
        page = page or Page(self.redis, self.truth)
        self.channel.waiting.append(Waiting(page, page.at, self.clock))

    def leave(self):
        """And come back with what it shows."""
        if self.members:
            page = self.members.pop(self.rng.randrange(len(self.members)))
            self.channel.members.pop(page, None)
            self.join(page)

    def send(self):
        """As the hub does: what is pending to members, then those who wait."""
        channel, sealed = self.channel, self.channel.seal()
        for page in self.members:
            page.hear(sealed)
        if not channel.is_fresh:
            return
        served = [e for e in channel.waiting if channel.fits(e.at) or channel.loaded_at >= e.since]
        channel.waiting = [e for e in channel.waiting if e not in served]
        for entry in served:
            entry.phone.hear(channel.news(entry.at))
            self.members.append(entry.phone)
            channel.members[entry.phone] = None


@pytest.mark.parametrize("seed", range(60))
def test_every_page_ends_with_the_truth_whatever_is_lost(seed):
    """400 random steps: changes, lost and late messages, slow loads, flushes, joins, leaves. Then one last look."""
    world = World(seed)
    for _ in range(400):
        world.step()
    for _ in range(2):  # the caretaker
        world.clock += 1
        world.answer()
        world.ask()
        world.answer()
        world.send()
    assert world.channel.waiting == []
    assert len(world.members) > 10
    assert all(page.shows == world.truth for page in world.members)
    assert all(page.at == world.redis.position for page in world.members)


def test_a_late_message_of_an_epoch_that_is_gone_does_not_make_it_load_for_ever():
    redis, channel = Redis(), Channel(TOPIC)
    channel.learn(redis.state(), 1.0)
    old = redis.publish("a", "1")
    redis.flush()
    channel.begin_load()
    channel.hear(old)
    assert channel.learn(redis.state(), 2.0) is False
    channel.begin_load()
    assert channel.learn(redis.state(), 3.0) is True


def test_without_the_gap_rule_the_same_run_would_leave_holes():
    """The control: a channel that applies what does not follow on shows something else than the truth."""
    redis, truth, channel = Redis(), {}, Channel(TOPIC)
    channel.learn(redis.state(), 1.0)
    page = Page(redis, truth)
    redis.publish("a", "lost")
    truth["a"] = "lost"
    change = redis.publish("b", "heard")
    truth["b"] = "heard"
    assert channel.hear(change) is False
    channel.is_fresh = True
    channel._advance(redis.position, change)
    page.hear(channel.seal())
    assert page.shows != truth


def test_what_was_queued_meanwhile_goes_out_in_one_piece():
    redis, channel = Redis(), Channel(TOPIC)
    channel.learn(redis.state(), 1.0)
    for number in range(5):
        channel.hear(redis.publish("a", str(number)))
    sealed = channel.seal()
    assert [said["version"] for said in messages(sealed)] == [1, 2, 3, 4, 5]
    assert channel.seal() == b""


def test_too_much_at_once_is_a_re_get():
    redis, channel = Redis(), Channel(TOPIC)
    channel.learn(redis.state(), 1.0)
    channel.hear(redis.publish("a", "x" * CONTENT_BYTES_MAX))
    assert messages(channel.seal())[0]["reget"] is True
    assert messages(channel.news(None))[0]["reget"] is True


def test_catch_ups_from_ever_other_positions_do_not_pile_up():
    redis, channel = Redis(), Channel(TOPIC)
    channel.learn(redis.state(), 1.0)
    for number in range(1000):
        channel.news(Position("stranger", number))
    assert len(channel._news) <= 64


def test_re_gets_spread_with_the_number_of_phones():
    redis, channel = Redis(), Channel(TOPIC)
    channel.learn(redis.state(), 1.0)
    spreads = []
    for phones in (1, 100, 5000):
        channel.members = dict.fromkeys(object() for _ in range(phones))
        channel.hear(redis.poke())
        spreads.append(messages(channel.seal())[0]["within"])
        channel.learn(redis.state(), 2.0)
    assert spreads == [0.0, 0.4, 2.0]
