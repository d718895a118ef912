"""All keys that one script touches lie in one hash slot: the live layer fits a Redis Cluster, shown on a real one."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis as redis_py
from redis.cluster import ClusterNode, RedisCluster
from redis.crc import key_slot

from app import redis_server
from app.live import holding, presence, regions, topics
from tests import servers

PARTS = ("head", "regions", "paid", "phones", "held", "gate", "frames")
TOPICS = [f"event:weekend-{number}:{audience}" for number in range(40) for audience in ("public", "staff")]
LIVE = servers.ROOT / "app" / "live"
CALL = re.compile(r"redis\.call\('(\w+)'(?:,\s*([\w'\[\].:]+))?")


def crc16(data: bytes) -> int:
    """CRC16-XMODEM, as the cluster specification has it: ours, so that the library is not its own judge."""
    value = 0
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021) & 0xFFFF if value & 0x8000 else value << 1 & 0xFFFF
    return value


def slot(key: str) -> int:
    """The part between the first { and the next } decides, if there is any."""
    tag = re.search(r"\{([^}]+)\}", key)
    return crc16((tag.group(1) if tag else key).encode()) % 16384


def test_a_topic_is_one_slot_and_topics_spread():
    assert slot("123456789") == 12739 == key_slot(b"123456789")  # the value of the specification
    by_topic = {topic: {slot(topics.key(topic, part)) for part in PARTS} for topic in TOPICS}
    assert all(len(slots) == 1 for slots in by_topic.values())
    assert len(set.union(*by_topic.values())) > len(TOPICS) * 0.9


def test_scripts_touch_only_the_keys_that_they_are_given():
    """A key that a script makes up itself would not be found on another node."""
    seen = 0
    for path in LIVE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                continue
            for command, first in CALL.findall(node.value):
                seen += 1
                if command not in {"TIME", "PUBLISH"}:
                    assert first.startswith("KEYS["), f"{path.name}: {command} {first}"
    assert seen > 30


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisCluster]:
    """Three nodes, each with a third of the slots, keeping nothing."""
    at, ports = Path(tempfile.mkdtemp(prefix="pika-cluster-")), [servers.free_port() for _ in range(3)]
    nodes = []
    for port in ports:
        (at / str(port)).mkdir()
        options = {
            "port": port, "bind": "127.0.0.1", "cluster-enabled": "yes", "cluster-port": servers.free_port(),
            "dir": at / str(port), "save": "", "appendonly": "no", "loglevel": "warning", "cluster-node-timeout": 5000,
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        with (at / f"{port}.log").open("wb") as log:
            nodes.append((subprocess.Popen([redis_server.binary(), *words], stdout=log, stderr=log), options))
    try:
        _join(ports, [options["cluster-port"] for _, options in nodes])
        with RedisCluster(startup_nodes=[ClusterNode("127.0.0.1", port) for port in ports]) as client:
            yield client
    finally:
        for process, _ in nodes:
            process.terminate()
            process.wait(timeout=10)
        shutil.rmtree(at)


def _join(ports: list[int], buses: list[int]) -> None:
    clients = [redis_py.Redis(port=port) for port in ports]
    _until(lambda: all(client.ping() for client in clients))
    bounds = [0, 5461, 10923, 16384]
    for number, client in enumerate(clients):
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
        if number:
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0], buses[0])
    _until(lambda: all(b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO") for client in clients))
    _until(lambda: all(len(client.execute_command("CLUSTER", "NODES").splitlines()) == 3 for client in clients))
    for client in clients:
        client.close()


def _until(holds) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(redis_py.RedisError):
            if holds():
                return
        time.sleep(0.1)
    raise AssertionError("the cluster did not come up")


def change(client: RedisCluster, topic: str, *pairs: str, token: str = "") -> tuple[bytes, int]:
    common = ["epoch", regions.KEPT_SECONDS, topics.key(topic, "frames"), token, regions.PAID_SECONDS]
    found: tuple[bytes, int] = regions._run(client, regions._PUBLISH, topic, [*common, "1", "", *pairs])
    return found


@pytest.mark.slow
def test_every_script_runs_on_a_real_cluster(cluster):
    for number, topic in enumerate(TOPICS):
        assert change(cluster, topic, "a", "hone", "b", "htwo", token=f"t{number}") == [b"epoch", 1]
        assert regions.load(cluster, topic).regions["b"].html == "two"
        regions._run(cluster, regions._POKE, topic, [*regions._common(topic, ""), "forget"])
        assert regions.load(cluster, topic).poked == 2
        assert cluster.sismember(topics.key(topic, "paid"), f"t{number}")
        presence.put(cluster, topic, "process", 3, 45)
        assert cluster.register_script(presence._COUNT)(keys=[topics.key(topic, "phones")]) == 3
        assert cluster.register_script(holding._PUT)(keys=[topics.key(topic, "held")], args=["p", "x", 45, 60])
    used = [len(node.redis_connection.keys("pika:live:*")) for node in cluster.get_primaries()]
    assert min(used) > 20, f"all three nodes hold topics: {used}"


@pytest.mark.slow
def test_the_control_keys_of_two_topics_do_not_go_together(cluster):
    keys = [topics.key(topic, "head") for topic in TOPICS[:2]]
    assert len({slot(key) for key in keys}) == 2
    node = cluster.get_primaries()[0].redis_connection  # the server itself, not the library, refuses
    with pytest.raises(redis_py.ResponseError, match="slot"):
        node.eval("return redis.call('MGET', KEYS[1], KEYS[2])", 2, *keys)


@pytest.mark.slow
def test_a_change_on_one_node_is_heard_on_every_node(cluster):
    """Plain pub/sub reaches the whole cluster; the channel's name has the topic's slot, so sharded pub/sub fits too."""
    topic = "event:heard:public"
    listeners = []
    for node in cluster.get_primaries():
        listener = redis_py.Redis(host=node.host, port=node.port).pubsub(ignore_subscribe_messages=True)
        listener.subscribe(topics.key(topic, "frames"))
        listener.get_message(timeout=1)
        listeners.append(listener)
    change(cluster, topic, "a", "hnews")
    for listener in listeners:
        said = None
        end = time.monotonic() + 5
        while said is None and time.monotonic() < end:
            said = listener.get_message(timeout=0.5)
        assert said, "not heard"
        assert b'"version":1' in said["data"]
        listener.close()
        listener.connection_pool.disconnect()
    assert slot(topics.key(topic, "frames")) == slot(topics.key(topic, "head"))
