"""Crash points: places where a test may have the process killed, to see what a power cut there would cost.

Named in the code where it matters; dead unless the environment is `test` and says so (settings.crash_file).
"""

from __future__ import annotations

import os
import signal
from pathlib import Path


def point(name: str, armed: Path | None) -> None:
    """Kill this process now if the file names this point. The file is taken away first: one kill for each."""
    if armed is None or not armed.exists() or armed.read_text().strip() != name:
        return
    armed.unlink()
    os.kill(os.getpid(), signal.SIGKILL)
