"""`make bench`: every benchmark, one after the other, each printing its figures beside a baseline of the same run."""

from __future__ import annotations

import subprocess
import sys

PARTS = ("bench.schedule", "bench.setbuilder", "bench.booth", "bench.live")


def main() -> int:
    for part in PARTS:
        print(f"\n== {part}", flush=True)
        code = subprocess.call(
            [sys.executable, "-m", part, *sys.argv[1:]] if part == "bench.live" else [sys.executable, "-m", part]
        )
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
