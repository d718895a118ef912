"""Slow calls beside gevent: in its pool the other greenlets go on; without gevent they are plain calls."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.lib.heavy import in_thread
from tests import servers


def test_plain_call_without_gevent():
    assert in_thread(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        in_thread(divmod, 1, 0)


SCRIPT = """
from gevent import monkey; monkey.patch_all()
import threading, time
import gevent
from argon2 import PasswordHasher
from app.lib.heavy import in_thread

beats = []
def heart():
    while True:
        beats.append(time.perf_counter())
        gevent.sleep(0.005)

heart = gevent.spawn(heart)
gevent.sleep(0.05)
began = time.perf_counter()
in_thread(PasswordHasher(time_cost=8, memory_cost=65536, parallelism=1).hash, "three odd words")
took = time.perf_counter() - began
gaps = [b - a for a, b in zip(beats, beats[1:])]
print(f"{took:.3f} {max(gaps):.3f}")

class OnPurpose(Exception): pass
def fail(): raise OnPurpose("here")
try:
    in_thread(fail)
except OnPurpose as error:
    print("raised", error)
heart.kill()
"""


@pytest.mark.slow
def test_hashing_does_not_stop_the_other_greenlets():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=servers.ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    figures, raised = done.stdout.splitlines()
    took, longest_gap = map(float, figures.split())
    assert longest_gap < took / 2
    assert raised == "raised here"
    assert done.stderr == ""  # gevent's hub prints exceptions that leave a pool thread
