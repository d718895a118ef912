"""`make bench`: every benchmark, one after the other, each printing its figures beside a baseline of the same run."""

from __future__ import annotations

import subprocess
import sys

EVERY_HALL = ("--sockets", "500", "1000", "5000", "10000")  # of bench.live, unless it is told otherwise
PARTS = ("bench.schedule", "bench.crate", "bench.setbuilder", "bench.booth", "bench.live")


def main() -> int:
    """The worst exit code; one part that misses its mark keeps none of the others from being measured."""
    worst = 0
    for part in PARTS:
        print(f"\n== {part}", flush=True)
        words = (sys.argv[1:] or EVERY_HALL) if part == "bench.live" else ()
        worst = max(worst, subprocess.call([sys.executable, "-m", part, *words]))
    return worst


if __name__ == "__main__":
    sys.exit(main())
