"""Fixtures for all tests: the app on each engine, clean tables, a client, a live server, a browser.

`app`, `client` and `session` run a test once on SQLite and once on PostgreSQL; `@pytest.mark.one_engine` keeps it on
SQLite where the database does not matter. Each test starts with empty tables and an empty Redis.
"""

from __future__ import annotations

import contextvars
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import config, create_app, redis_server
from app.db import db
from tests import network, servers

ENGINES = ("sqlite", "postgresql")
WITHOUT = frozenset(filter(None, os.environ.get("PIKA_TEST_WITHOUT", "").split(",")))
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


def pytest_configure(config: pytest.Config) -> None:
    network.switch_off()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that reach the app's database run on both engines."""
    if "engine" in metafunc.fixturenames:
        one = metafunc.definition.get_closest_marker("one_engine")
        metafunc.parametrize("engine", ENGINES[:1] if one else ENGINES, indirect=True, scope="session")


# Servers that live for the whole run.


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """One throw-away Redis on a unix socket."""
    directory = Path(tempfile.mkdtemp(prefix="pika-redis-"))
    server = redis_server.start(directory)
    yield redis_server.url(directory)
    redis_server.stop(directory, server)
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One throw-away PostgreSQL. Where it is not installed, tests fail: a silent skip would look like a pass."""
    if "postgres" in WITHOUT:
        pytest.skip("PIKA_TEST_WITHOUT names postgres")
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def engine_url(engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database of this engine: one for the whole run."""
    if engine == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/pika.sqlite3"


# The app, in this process.


@pytest.fixture(scope="session")
def migrated_app(engine_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app on one engine, with its tables made by the migrations. Use `app`, which cleans up."""
    from flask_migrate import upgrade

    made = create_app(settings_for_tests(engine_url, redis_url, tmp_path_factory.mktemp("var")))
    made.test_client_class = Client
    with made.app_context():
        upgrade(directory=str(servers.ROOT / "migrations"))
    yield made
    with made.app_context():
        db.engine.dispose()


def settings_for_tests(database_url: str, redis_url: str, var: Path, **more: str) -> config.Settings:
    """Settings of environment `test`: cheap passwords and no rate limits, unless `more` says otherwise."""
    environ = {
        "PIKA_ENV": "test",
        "PIKA_VAR": str(var),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PUBLIC_URL": "http://localhost",
        "PASSWORD_TIME_COST": "1",
        "RATE_LIMITS": "off",
    }
    return config.load(environ | more)


@pytest.fixture
def app(migrated_app: Flask, redis_url: str) -> Iterator[Flask]:
    """The app with empty tables and an empty Redis."""
    import redis

    yield migrated_app
    with migrated_app.app_context():
        _empty_tables()
    with redis.from_url(redis_url) as client:
        client.flushdb()


def _empty_tables() -> None:
    """Delete all rows, in any order, as foreign keys look away meanwhile. Faster than TRUNCATE on small tables."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    deletes = [f"DELETE FROM {name}" for name in db.metadata.tables]  # noqa: S608  (our own table names)
    if is_sqlite:  # our connections to SQLite are in autocommit, see app/db.py
        statements = ["PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE", *deletes, "COMMIT", "PRAGMA foreign_keys=ON"]
    else:
        statements = ["SET LOCAL session_replication_role = replica", *deletes, "COMMIT"]
    with closing(db.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)


class Client(FlaskClient):
    """A test client whose requests see nothing of the test's own app context, as in real life.

    Otherwise `g`, the signed-in person and the database session of one request would leak into the next.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        session = db.session()
        pending = [*session.new, *session.dirty, *session.deleted]
        assert pending == [], "commit what you arranged before you send a request"
        session.rollback()  # lets go of the snapshot, so that what the test reads afterwards is fresh
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def session(app: Flask) -> Iterator[Any]:
    """The database session, inside an app context."""
    with app.app_context():
        yield db.session
        db.session.rollback()


@pytest.fixture
def client(app: Flask, session: Any) -> Client:
    """A browser without JavaScript and without cookies yet. `app.test_client()` gives another one."""
    made = app.test_client()
    assert isinstance(made, Client)
    return made


Race = Callable[..., list[Any]]


@pytest.fixture
def race(app: Flask) -> Race:
    """`race(f, times=8)`: calls f(number) in that many threads at the same moment, each in an app context of its own.

    Gives what each returned, or the exception that it raised, in the order of the numbers.
    """

    def run(function: Callable[[int], Any], times: int = 8) -> list[Any]:
        barrier = threading.Barrier(times)
        results: list[Any] = [None] * times

        def one(number: int) -> None:
            with app.app_context():
                barrier.wait(timeout=10)
                try:
                    results[number] = function(number)
                except Exception as error:  # noqa: BLE001  (the test judges it)
                    results[number] = error

        threads = [threading.Thread(target=one, args=(number,)) for number in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads), "a racer hangs"
        return results

    return run


# Real processes and a real browser.


@pytest.fixture(scope="session")
def demo_data() -> Iterator[Path]:
    """A data directory with the demo, made once; servers copy it."""
    with servers.serve(processes=()) as server:
        yield server.var


@pytest.fixture
def live_server(demo_data: Path) -> Iterator[servers.Server]:
    """Pika! as real processes with the demo, for one test. `servers.serve(…)` makes other ones."""
    with servers.serve(template=demo_data) as server:
        yield server


@pytest.fixture(scope="module")
def demo_server(demo_data: Path) -> Iterator[servers.Server]:
    """The same, shared by the tests of one module: for those that look, or that change what nobody else looks at."""
    with servers.serve(template=demo_data) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One headless Chromium, the system's own."""
    if "chromium" in WITHOUT:
        pytest.skip("PIKA_TEST_WITHOUT names chromium")
    from playwright.sync_api import sync_playwright

    arguments = servers.CHROMIUM_ARGUMENTS + (["--no-sandbox"] if os.getuid() == 0 else [])
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=servers.chromium(), args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def new_context(browser: Any) -> Iterator[Callable[..., Any]]:
    """`new_context(**PHONE, java_script_enabled=False)`: a browser profile of its own, closed after the test.

    A script error or a breach of the content security policy on any of its pages fails the test.
    """
    contexts, troubles = [], []

    def make(**options: Any) -> Any:
        context = browser.new_context(**options)
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        context.on("console", lambda message: troubles.append(message.text) if _is_breach(message) else None)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert troubles == []


def _is_breach(message: Any) -> bool:
    return message.type == "error" and "Content Security Policy" in message.text


@pytest.fixture
def phone(new_context: Callable[..., Any]) -> Any:
    """A page on a phone: 390 × 844, touch."""
    return new_context(**PHONE).new_page()


@pytest.fixture
def desktop(new_context: Callable[..., Any]) -> Any:
    """A page on a desktop: 1280 × 800."""
    return new_context(**DESKTOP).new_page()
