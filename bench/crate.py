"""The crate with 20,000 tracks: importing them, and the first page of a search as one types, on SQLite and PostgreSQL.

`python -m bench.crate` (PostgreSQL where it is installed: a throw-away server, as the tests start it). The baseline is
an empty answer of the same app (/healthz). Median and 95th percentile are of the whole request: route, queries,
template. The gate is 50 ms at the median.
"""

from __future__ import annotations

import logging
import random
import shutil
import statistics
import tempfile
import time

from flask import Flask
from flask_migrate import upgrade

from app import config, create_app
from app.db import db
from app.lib import clock
from app.music import queries, readers
from app.music.actions import imports
from app.people.models import Person
from app.people.queries import email_index
from tests import factories, servers

TRACKS, RUNS = 20_000, 25
SEARCHES = {
    "no search, first page": {},
    "one letter": {"q": "a"},
    "a word": {"q": "velvet"},
    "two words, the rest of one": {"q": "river moon"},
    "accents": {"q": "ágætis"},
    "a slip of the finger": {"q": "velvte"},
    "nothing": {"q": "zzzzzz"},
    "a word in a tempo band": {"q": "light", "band": "Medium"},
    "tempo band alone": {"band": "Medium"},
    "by tempo": {"sort": "bpm"},
}
WORDS = (
    "velvet", "hour", "slow", "current", "copper", "wire", "tall", "grass", "kinder", "light", "second", "balcony",
    "sunday", "coat", "glasshouse", "river", "mouth", "paper", "lanterns", "northbound", "honey", "smoke", "midnight",
    "train", "golden", "thread", "silver", "lining", "broken", "clock", "summer", "rain", "winter", "moon", "heart",
    "city", "street", "blue", "dream", "fire", "water", "stone", "glass", "shadow", "echo", "signal", "satellite",
    "mirror", "ocean", "desert", "garden", "window",
)  # fmt: skip
NAMES = (
    "Nora", "Castell", "Wren", "Avery", "Dell", "Marsh", "Odile", "Brun", "Marlow", "Reed", "Ivy", "Lane", "Samuel",
    "Ode", "Jun", "Olga", "Ágætis", "Ström", "Élan", "Kovács",
)  # fmt: skip


def build(database_url: str) -> Flask:
    settings = config.load({
        "PIKA_ENV": "test", "PIKA_VAR": tempfile.mkdtemp(prefix="pika-bench-"), "PUBLIC_URL": "http://localhost",
        "DATABASE_URL": database_url, "REDIS_URL": "unix:///nowhere",
    })  # fmt: skip
    app = create_app(settings)
    with app.app_context():
        upgrade(directory="migrations")
    return app


def table() -> bytes:
    chance = random.Random(5)
    rows = ["Title,Artist,Album,Genre,BPM,Key,Time"]
    for number in range(TRACKS):
        title = " ".join(chance.sample(WORDS, chance.randint(1, 3))).capitalize()
        artist = " ".join(chance.sample(NAMES, 2))
        genre = chance.choice(("Pop", "Blues", "R&B", "Soul", "Country", "Hip Hop"))
        key = f"{chance.randint(1, 12)}{chance.choice('AB')}"
        facts = f"Album {number % 900},{genre},{chance.randint(70, 180)},{key},3:{number % 60:02d}"
        rows.append(f"{title} {number},{artist},{facts}")
    return "\n".join(rows).encode() + b"\n"


def bring() -> tuple[Person, float, float]:
    """(the DJ, seconds to read, seconds to import)."""
    jo = Person(
        handle="jo", name="Jo", email="jo@pika.example", email_index=email_index("jo"), verified_at=clock.now(),
        password_hash="!",  # noqa: S106  (opens nothing)
    )  # fmt: skip
    db.session.add(jo)
    db.session.commit()
    factories.grant(jo, "dj")
    raw = table()
    began = time.perf_counter()
    library = readers.read(raw, "bench.csv")
    read = time.perf_counter() - began
    person_id = jo.id
    run = queries.import_run(person_id, imports.keep(person_id, "bench.csv", raw, library))
    run_id, began = run.id, time.perf_counter()
    imports.carry_out(run_id, library, lambda _: None)
    return db.session.get(Person, person_id), read, time.perf_counter() - began


def milliseconds(client, path: str, query: dict[str, str]) -> list[float]:
    found = []
    for _ in range(RUNS):
        began = time.perf_counter()
        assert client.get(path, query_string=query).status_code == 200
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def measure(name: str, database_url: str) -> bool:
    app = build(database_url)
    with app.app_context():
        jo, read, wrote = bring()
        client = factories.signed_in(app.test_client(), jo)
        db.session.remove()
    base = statistics.median(milliseconds(client, "/healthz", {}))
    print(f"\n{name}: {TRACKS:,} tracks read in {read:.1f} s, imported in {wrote:.1f} s; /healthz {base:.1f} ms")
    print(f"{'search':28} {'median ms':>10} {'p95 ms':>8}")
    good = True
    for words, query in SEARCHES.items():
        found = milliseconds(client, "/app/dj/crate", query)
        median, high = statistics.median(found), found[int(len(found) * 0.95)]
        print(f"{words:28} {median:10.1f} {high:8.1f}")
        good = good and median <= 50
    return good


def main() -> int:
    logging.disable(logging.WARNING)  # there is no Redis here, and none is needed
    good = measure("SQLite", f"sqlite:///{tempfile.mkdtemp(prefix='pika-bench-')}/crate.sqlite3")
    if shutil.which("pg_ctlcluster") or shutil.which("initdb"):
        with servers.postgres() as url:
            good = measure("PostgreSQL", url) and good
    print("\nEvery first page within 50 ms." if good else "\nA first page took more than 50 ms.")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
