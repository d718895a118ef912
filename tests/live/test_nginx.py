"""Two web processes behind nginx, with the very configuration that deploy/ brings: what one does shows on the other."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
import redis as redis_py
from flask import Flask

from app import config
from app.live import frames, presence, topics
from tests import servers
from tests.conftest import WITHOUT
from tests.live.listener import Closed, Listener, Refused
from tests.live.test_debts import STAGE, public_slot
from tests.visitor import Visitor

pytestmark = pytest.mark.slow
EVENT = "budapest-swing-weekend"
PUBLIC, STAFF = f"event:{EVENT}:public", f"event:{EVENT}:staff"
LEASE = 6  # seconds instead of 45, so that a lost process is seen to be forgotten within the test

AROUND = """
daemon off; worker_processes 1; {user} pid {at}/nginx.pid; error_log {at}/error.log warn;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {at}/1; proxy_temp_path {at}/2; fastcgi_temp_path {at}/3; uwsgi_temp_path {at}/4;
    scgi_temp_path {at}/5;
    include {at}/pika.conf;
}}
"""


class Hall(NamedTuple):
    """nginx and the web processes behind it."""

    port: int
    first: servers.Server
    second: servers.Server

    def count(self, topic: str = PUBLIC) -> int:
        app = Flask("count")
        app.config["PIKA"] = config.load(self.first.env)
        with app.app_context():
            return presence.count(topic)

    def per_process(self, topic: str = PUBLIC) -> list[int]:
        """How many phones each web process holds, as its lease says."""
        with redis_py.from_url(self.first.env["REDIS_URL"]) as client:
            return sorted(int(lease.split()[0]) for lease in client.hvals(topics.key(topic, "phones")))


@contextmanager
def nginx(ports: tuple[int, int]) -> Iterator[int]:
    """nginx with our file, its addresses and paths replaced; the port it listens on."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    assert program, "nginx is missing: sudo apt-get install nginx (or PIKA_TEST_WITHOUT=nginx)"
    at, port = Path(tempfile.mkdtemp(prefix="pika-nginx-")), servers.free_port()
    text = (servers.ROOT / "deploy" / "nginx.conf").read_text()
    changes = {
        "127.0.0.1:8001": f"127.0.0.1:{ports[0]}",
        "127.0.0.1:8002": f"127.0.0.1:{ports[1]}",
        "listen 80;": f"listen 127.0.0.1:{servers.free_port()};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "/var/cache/nginx/pika": f"{at}/cache",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (at / "pika.conf").write_text(re.sub(r"^\s*ssl_.*$", "", text, flags=re.MULTILINE))
    (at / "nginx.conf").write_text(AROUND.format(at=at, user="user root;" if os.getuid() == 0 else ""))
    command = [program, "-p", str(at), "-c", str(at / "nginx.conf"), "-e", str(at / "error.log")]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        end = time.monotonic() + 10
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, (at / "error.log").read_text()
            assert time.monotonic() < end, (at / "error.log").read_text()
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)
        shutil.rmtree(at)


@pytest.fixture(scope="module")
def hall(demo_data: Path) -> Iterator[Hall]:
    if "nginx" in WITHOUT:
        pytest.skip("PIKA_TEST_WITHOUT names nginx")
    settings = {"PIKA_ENV": "test", "TRUSTED_PROXIES": "1", "PRESENCE_LEASE_SECONDS": str(LEASE)}
    with (
        servers.serve(template=demo_data, processes=("web",), **settings) as first,
        servers.beside(first) as second,
        nginx((first.port, second.port)) as port,
    ):
        yield Hall(port, first, second)


def until(holds, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_an_edit_through_one_shows_on_the_sockets_of_the_other_and_behind_nginx(hall):
    at = re.search(rf"{PUBLIC}@(\w+\.\d+)", Visitor(hall.port).get(f"/e/{EVENT}/schedule"))
    assert at
    phones = [Listener(port, (PUBLIC, at[1])) for port in (hall.port, hall.port, hall.first.port, hall.second.port)]
    for phone in phones:
        phone.message(beats=True)
    olive = Visitor(hall.first.port).sign_in("olive")
    slot_id, version = public_slot(olive)
    began = time.monotonic()
    olive.post(f"{STAGE}/slots/{slot_id}/cancel", version=version)
    for phone in phones:
        said = phone.message()
        assert said.get("reget") or f"slot-{slot_id}" in said["content"]
    assert time.monotonic() - began < 5


def test_sockets_are_spread_and_presence_adds_up(hall):
    until(lambda: hall.count() == 0, LEASE + 4)
    phones = [Listener(hall.port, PUBLIC) for _ in range(12)]
    until(lambda: hall.count() == 12, 5)
    assert min(hall.per_process()) >= 4, "one process holds nearly all of them"
    phones.pop().close()
    until(lambda: hall.count() == 11, 5)


def test_signing_out_on_one_closes_the_sockets_on_both(hall):
    olive = Visitor(hall.port).sign_in("olive")
    phones = [Listener(hall.port, STAFF, headers=olive.headers) for _ in range(4)]
    until(lambda: hall.per_process(STAFF) == [2, 2], 5)
    began = time.monotonic()
    olive.port = hall.second.port
    olive.post("/sign-out")
    assert {phone.closing_code() for phone in phones} == {frames.GUARD_ANEW}
    assert time.monotonic() - began < 5
    olive.port = hall.port
    with pytest.raises(Refused) as found:
        Listener(hall.port, STAFF, headers=olive.headers)
    assert found.value.status == 404


def test_a_foreign_page_is_refused_behind_the_proxy_too(hall):
    with pytest.raises(Refused) as found:
        Listener(hall.port, PUBLIC, headers={"Origin": "https://evil.example"})
    assert found.value.status == 403


def test_static_files_are_kept_for_a_year_and_by_nginx(hall):
    address = re.search(r'href="(/static/[^"]+\.css\?v=[^"]+)"', Visitor(hall.port).get("/"))
    assert address
    seen = []
    for _ in range(2):
        request = urllib.request.Request(
            f"http://localhost:{hall.port}{address[1]}", headers={"Accept-Encoding": "gzip"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            seen.append(answer.headers)
    assert [headers["X-Cache"] for headers in seen] == ["MISS", "HIT"]
    assert {headers["Content-Encoding"] for headers in seen} == {"gzip"}
    assert "max-age=31536000" in seen[1]["Cache-Control"]


def test_whatever_watches_the_processes_asks_them_directly(hall):
    with pytest.raises(urllib.error.HTTPError) as found:
        Visitor(hall.port).get("/readyz")
    assert found.value.code == 404
    found.value.close()


def test_a_process_that_dies_is_forgotten_and_its_phones_come_back(hall):
    """W11 with a lease of 6 s instead of 45: right again within lease + 15 s (60 s as shipped), and never negative."""
    phones = [Listener(hall.port, PUBLIC) for _ in range(10)]
    until(lambda: hall.count() == 10, LEASE + 4)
    for phone in phones:
        phone.messages(0.1)
    master = hall.second.processes.pop("web")
    counts = []
    os.killpg(master.pid, signal.SIGKILL)
    master.wait()
    began, back = time.monotonic(), []
    for phone in phones:
        try:
            phone.messages(0.2)
        except Closed:
            back.append(Listener(hall.port, PUBLIC))
    assert 3 <= len(back) <= 7
    while hall.count() != 10:
        counts.append(hall.count())
        assert time.monotonic() - began < LEASE + 15
        time.sleep(0.2)
    assert min([0, *counts]) >= 0
    assert hall.per_process() == [10]
    assert "Budapest" in Visitor(hall.port).get(f"/e/{EVENT}")
    hall.second.start("web")
