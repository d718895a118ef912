"""W7: whoever loses a role, a session or the account loses the sockets too, in every web process, within five seconds.

Two real web processes; everything is done through the pages of the first, and the sockets are on both.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from app.live import frames
from tests import servers
from tests.live.listener import Closed, Listener, Refused
from tests.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.slow
EVENT = "budapest-swing-weekend"
STAFF = f"event:{EVENT}:staff"
TEAM = f"/app/organizer/events/{EVENT}/team"
WITHIN = 5.0


class Pair(NamedTuple):
    """Two web processes on one database and one Redis, and where the first can be told to be killed."""

    first: servers.Server
    second: servers.Server
    crash_file: Path

    @property
    def ports(self) -> tuple[int, int]:
        return self.first.port, self.second.port

    def sign_in(self, who: str) -> Visitor:
        return Visitor(self.first.port).sign_in(who)

    def listen(self, visitor: Visitor, topic: str = STAFF) -> list[Listener]:
        """A socket of this browser in each process. Raises Refused."""
        phones = []
        for port in self.ports:
            phone = Listener(port, topic, headers=visitor.headers | {"Origin": f"http://localhost:{port}"})
            phone.message(beats=True)
            phones.append(phone)
        return phones


@pytest.fixture(scope="module")
def pair(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    crash_file = tmp_path_factory.mktemp("crash") / "point"
    settings = {"PIKA_ENV": "test", "CRASH_FILE": str(crash_file)}
    with (
        servers.serve(template=demo_data, processes=("web",), **settings) as first,
        servers.beside(first, CRASH_FILE="") as second,
    ):
        yield Pair(first, second, crash_file)


def closed_within(phones: list[Listener], seconds: float, since: float) -> list[float]:
    """After how many seconds each was closed, all with "be guarded anew"."""
    took = []
    for phone in phones:
        phone.sock.settimeout(max(0.1, since + seconds - time.monotonic()))
        assert phone.closing_code() == frames.GUARD_ANEW
        took.append(time.monotonic() - since)
    assert max(took) < seconds
    return took


def is_refused(pair: Pair, visitor: Visitor, topic: str = STAFF) -> bool:
    """By both processes, as something that is not there."""
    statuses = []
    for port in pair.ports:
        with pytest.raises(Refused) as found:
            Listener(port, topic, headers=visitor.headers | {"Origin": f"http://localhost:{port}"})
        statuses.append(found.value.status)
    return statuses == [404, 404]


def test_signing_out_closes_that_browser_everywhere_and_lets_the_other_back(pair):
    here, elsewhere = pair.sign_in("olive"), pair.sign_in("olive")
    kept = Visitor(pair.first.port)
    for cookie in here.jar:
        kept.jar.set_cookie(cookie)  # a copy of the cookie is worth nothing afterwards
    phones = pair.listen(here) + pair.listen(elsewhere)
    since = time.monotonic()
    here.post("/sign-out")
    closed_within(phones, WITHIN, since)
    assert is_refused(pair, here)
    assert is_refused(pair, kept)
    assert len(pair.listen(elsewhere)) == 2


def test_a_session_that_is_ended_elsewhere_loses_its_sockets(pair):
    lost, here = pair.sign_in("olive"), pair.sign_in("olive")
    phones = pair.listen(lost)
    here.get("/account/browsers")
    since = time.monotonic()
    here.post("/account/browsers/end-others")
    closed_within(phones, WITHIN, since)
    assert is_refused(pair, lost)
    assert len(pair.listen(here)) == 2


def test_another_person_in_the_same_browser_does_not_hear_on_as_the_former(pair):
    """No sign-out in between: the session that the new one replaces ends, and its sockets with it."""
    browser = pair.sign_in("olive")
    phones = pair.listen(browser)
    since = time.monotonic()
    browser.post("/sign-in", email="dana@pika.example", password=PASSWORD, stay="1")
    closed_within(phones, WITHIN, since)
    assert is_refused(pair, browser)


def test_leaving_the_team_closes_the_staff_topic(pair):
    olive, nina = pair.sign_in("olive"), pair.sign_in("nina")
    assert is_refused(pair, nina)
    olive.get(TEAM)
    olive.post(TEAM, who="@nina")
    phones = pair.listen(nina)
    public = pair.listen(Visitor(pair.first.port), f"event:{EVENT}:public")
    since = time.monotonic()
    olive.post(f"{TEAM}/nina/remove")
    closed_within(phones, WITHIN, since)
    assert is_refused(pair, nina)
    for phone in public:
        phone.messages(0.2)  # raises Closed if it went along
    assert len(pair.listen(nina, f"event:{EVENT}:public")) == 2


def test_another_password_closes_every_other_session(pair):
    here, lost = pair.sign_in("tess"), pair.sign_in("tess")
    topic = notices_of(lost)
    phones = pair.listen(lost, topic)
    here.get("/account/password")
    since = time.monotonic()
    here.post("/account/password", current_password=PASSWORD, new_password="quickstep-by-the-river")
    closed_within(phones, WITHIN, since)
    assert is_refused(pair, lost, topic)
    assert len(pair.listen(here, topic)) == 2


def test_suspension_closes_everything_of_that_person(pair):
    petra, nina = pair.sign_in("petra"), pair.sign_in("nina")
    topic = notices_of(nina)
    phones = pair.listen(nina, topic)
    account = re.search(
        r'/app/owner/people/(\w+)"[^>]*>(?:(?!/app/owner/people/).)*?Nina', petra.get("/app/owner/people"), re.DOTALL
    )
    assert account
    petra.get(f"/app/owner/people/{account.group(1)}/suspend")
    since = time.monotonic()
    petra.post(f"/app/owner/people/{account.group(1)}/suspend")
    closed_within(phones, WITHIN, since)
    assert is_refused(pair, nina, topic)


def test_killed_before_the_closing_was_told_it_is_told_all_the_same(pair):
    """The commit is there, the word is not: the other process finds out by itself."""
    olive = pair.sign_in("olive")
    phone = pair.listen(olive)[1]
    pair.crash_file.write_text("disconnect")
    since = time.monotonic()
    with pytest.raises(OSError):
        olive.post("/sign-out")
    assert not pair.crash_file.exists(), "it was killed there"
    closed_within([phone], 10.0, since)
    wait_for(pair.first.port, since + 30)
    assert is_refused(pair, olive)


def notices_of(visitor: Visitor) -> str:
    found = re.search(r"(person:\w+:notices)@", visitor.get("/account"))
    assert found
    return found.group(1)


def wait_for(port: int, until: float) -> None:
    """A web process that was killed is started again by its master."""
    while True:
        try:
            Listener(port, f"event:{EVENT}:public").close()
        except (OSError, Closed):
            assert time.monotonic() < until
            time.sleep(0.2)
        else:
            return
