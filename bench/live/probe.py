"""`python -m bench.live.probe PORT PATH`: asks for a page every 20 ms until stdin ends, prints milliseconds."""

from __future__ import annotations

import http.client
import json
import select
import sys
import time

EVERY_SECONDS = 0.02
WARM_UP = 5


def main() -> int:
    port, path = int(sys.argv[1]), sys.argv[2]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    found: list[float] = []
    while not select.select([sys.stdin], [], [], 0)[0] or len(found) < WARM_UP + 20:
        before = time.monotonic()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        found.append((time.monotonic() - before) * 1000)
        time.sleep(max(0.0, before + EVERY_SECONDS - time.monotonic()))
    print(json.dumps(found[WARM_UP:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
