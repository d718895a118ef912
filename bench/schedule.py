"""The schedule page with 150 slots on one day: queries, median render time and sizes, on SQLite, in this process.

`python -m bench.schedule`. The baseline is an empty answer of the same app (/healthz), so that the ratio says what the
page itself costs. "cold" parses the version and draws every slot; "warm" is what every further visitor costs.
"""

from __future__ import annotations

import gzip
import statistics
import tempfile
import time
from datetime import date, datetime, timedelta

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event as sa_event

from app import config, create_app
from app.db import db
from app.events import actions as events
from app.lib import clock
from app.people.models import Person
from app.people.queries import email_index
from app.schedule import actions, live, queries

SLOTS, ROOMS, RUNS = 150, 10, 200
DAY = date(2026, 6, 13)


def build() -> Flask:
    """An app on a fresh SQLite file with one event of 150 slots, made by the actions that organizers call."""
    var = tempfile.mkdtemp(prefix="pika-bench-")
    settings = config.load(
        {"PIKA_ENV": "test", "PIKA_VAR": var, "PUBLIC_URL": "http://localhost", "REDIS_URL": "unix:///nowhere"}
    )
    app = create_app(settings)
    with app.app_context():
        upgrade(directory="migrations")
        olive = Person(
            handle="olive",
            name="Olive",
            email="o@pika.example",
            email_index=email_index("o"),
            password_hash="!",  # noqa: S106  (opens nothing)
            verified_at=clock.now(),
        )
        db.session.add(olive)
        db.session.commit()
        rooms = [{"id": "", "name": f"Room {n}", "note": "", "capacity": 80, "walk": 2} for n in range(ROOMS)]
        slug = events.create_event(
            {"slug": "bench", "name": "Bench Weekend", "city": "", "venue": "", "address": "", "about": "",
             "zone": "Europe/Budapest", "day_change_hour": 6, "starts_on": DAY, "ends_on": DAY, "rooms": rooms}, olive,
        )  # fmt: skip
        fill(slug, olive)
    return app


def fill(slug: str, olive: Person) -> None:
    """15 slots in each room, with teachers and levels, in one draft; then one version."""
    from app.events.queries import event_by_slug

    event = event_by_slug(slug)
    assert event is not None
    event_id, room_ids = event.id, [room.public_id for room in event.rooms]
    morning = clock.resolve_local(datetime.combine(DAY, datetime.min.time()).replace(hour=7), "Europe/Budapest").instant
    for n in range(SLOTS):
        start = morning + timedelta(minutes=60 * (n // ROOMS))
        values = actions.SlotValues(
            title=f"Workshop number {n} for everybody", kind="workshop", room=room_ids[n % ROOMS], starts_at=start,
            ends_at=start + timedelta(minutes=55), level="Intermediate", description="Bring socks.",
            people=(("teacher", f"Teacher {n % ROOMS}"),),
        )  # fmt: skip
        actions.add_slot(event_id, values, olive)
    events.show(event_id)
    actions.publish(event_id, olive)


def median_ms(app: Flask, path: str, runs: int, before: object = None) -> float:
    """Median time of a request through the whole app, in milliseconds."""
    client, times = app.test_client(), []
    for _ in range(runs):
        if callable(before):
            before()
        began = time.perf_counter()
        assert client.get(path).status_code == 200
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def statements(app: Flask, path: str) -> int:
    """How many statements one request sends."""
    seen: list[str] = []
    with app.app_context():
        sa_event.listen(db.engine, "before_cursor_execute", lambda _c, _u, statement, *_: seen.append(statement))
    app.test_client().get(path)
    return len([statement for statement in seen if not statement.startswith(("BEGIN", "PRAGMA"))])


def forget() -> None:
    """As in a process that has just started."""
    queries._version.cache_clear()  # noqa: SLF001  (the bench makes the cache cold on purpose)
    live._drawn.clear()  # noqa: SLF001  (the same)


def main() -> None:
    import logging

    logging.disable(logging.CRITICAL)  # Redis is away on purpose: this measures the page
    app = build()
    path = f"/e/bench/schedule?day={DAY}"
    baseline = median_ms(app, "/healthz", RUNS)
    warm, cold = median_ms(app, path, RUNS), median_ms(app, path, 20, forget)
    html = app.test_client().get(path).data
    print(f"{'':34}{'median ms':>10}{'ratio':>8}")
    for label, figure in (
        ("an empty answer (baseline)", baseline),
        ("150 slots, warm", warm),
        ("150 slots, cold", cold),
    ):
        print(f"{label:34}{figure:10.2f}{figure / baseline:8.1f}")
    print(f"statements: {statements(app, path)}; html {len(html):,} bytes, {len(gzip.compress(html)):,} compressed")


if __name__ == "__main__":
    main()
