"""Lighthouse on the public pages, with its mobile profile (a slow phone on a slow network), in the system's Chromium.

Installed on demand from npm into var/audit; needs Node.js 18.16 or newer. A machine's own load spoils one figure only,
the performance, so each page's is the median of several runs.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import servers, tour

VERSION = "12.8.2"  # the newest that runs on the Node.js of Debian 12
TOOLS = servers.ROOT / "var" / "audit"
PROGRAM = TOOLS / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = {
    "landing": "/",
    "event": f"/e/{tour.EVENT}",
    "schedule": f"/e/{tour.EVENT}/schedule",
    "sign-in": "/sign-in",
}
MARKS = {"performance": 95, "accessibility": 100, "best-practices": 95, "seo": 95}
RUN_SECONDS = 180


@dataclass
class Report:
    """One page: its score in each category, of 100, and what lowered one of them."""

    page: str
    scores: dict[str, int]
    remarks: list[str] = field(default_factory=list)

    @property
    def passes(self) -> bool:
        return all(self.scores[name] >= mark for name, mark in MARKS.items())


def install() -> None:
    """Bring the pinned version from npm, once. Raises servers.Missing where there is no Node.js."""
    if not (shutil.which("node") and shutil.which("npm")):
        message = "Lighthouse needs Node.js 18.16 or newer and npm: sudo apt-get install nodejs npm"
        raise servers.Missing(message)
    package = PROGRAM.parents[1] / "package.json"
    if package.exists() and json.loads(package.read_text())["version"] == VERSION:
        return
    TOOLS.mkdir(parents=True, exist_ok=True)
    words = ["npm", "install", "--prefix", TOOLS, "--no-save", "--no-package-lock", "--no-audit", "--no-fund"]
    subprocess.run([*words, "--ignore-scripts", "--silent", f"lighthouse@{VERSION}"], check=True, cwd=TOOLS)


def measure(server: servers.Server, name: str, runs: int) -> Report:
    """Scores of one page: the median of the performances, the worst of everything else."""
    found = [_run(server.url + PAGES[name]) for _ in range(runs)]
    scores = {}
    for category in MARKS:
        each = [round(100 * one["categories"][category]["score"]) for one in found]
        scores[category] = round(statistics.median(each)) if category == "performance" else min(each)
    report = Report(name, scores)
    for category, mark in MARKS.items():
        if scores[category] < mark:
            report.remarks += _remarks(found[-1], category)
    return report


def _run(url: str) -> Any:
    file = TOOLS / "report.json"
    file.unlink(missing_ok=True)
    flags = [*servers.CHROMIUM_ARGUMENTS, "--headless=new", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    words = [
        "node", PROGRAM, url, "--quiet", "--output=json", f"--output-path={file}",
        f"--only-categories={','.join(MARKS)}", f"--chrome-flags={_quoted(flags)}",
    ]  # fmt: skip
    environment = {"PATH": os.environ["PATH"], "HOME": str(TOOLS), "CHROME_PATH": str(servers.chromium())}
    subprocess.run(words, check=True, cwd=TOOLS, env=environment, timeout=RUN_SECONDS)
    return json.loads(Path(file).read_text())


def _quoted(flags: list[str]) -> str:
    """One string of flags, as Lighthouse takes them; those with spaces in them need quotes."""
    return " ".join(f"'{flag}'" if " " in flag else flag for flag in flags)


def _remarks(found: Any, category: str) -> list[str]:
    """What cost points, by name."""
    lowered = []
    for part in found["categories"][category]["auditRefs"]:
        one = found["audits"][part["id"]]
        if part["weight"] and one["score"] is not None and one["score"] < 1:
            lowered.append(f"{category}: {one['id']} {one.get('displayValue', '')}: {one['title']}")
    return lowered
