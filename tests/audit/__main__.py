"""`make audit`: every page in a real Chromium, against marks. Prints the tables; exit 1 where one is missed.

Starts servers of its own with the demo. Lighthouse sees the product as visitors do (no one-click sign-in); axe-core
walks the whole tour, every role's pages, on a phone and on a desk, light and dark. A part alone: `--only axe`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

from tests import servers, tour
from tests.audit import axe, installable, lighthouse, weight

PARTS = ("lighthouse", "weight", "install", "axe")
VISITORS = {"PIKA_ENV": "test"}  # the environment that has no /dev pages and needs no TLS
KILO = 1000


def main() -> int:
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="a part of it; may be given several times")
    parser.add_argument("--runs", type=int, default=3, help="Lighthouse runs per page (3)")
    parser.add_argument("--page", action="append", help="only these stops of the tour, for axe")
    given = parser.parse_args()
    parts = given.only or PARTS
    missed = 0
    if "lighthouse" in parts:
        missed += _lighthouse(given.runs)
    if {"weight", "install"} & set(parts):
        missed += _visits(parts)
    if "axe" in parts:
        missed += _axe(given.page)
    print("\nAll marks are reached." if not missed else f"\n{missed} marks are missed.")
    return 1 if missed else 0


def _lighthouse(runs: int) -> int:
    lighthouse.install()
    with servers.serve(processes=("web",), **VISITORS) as server:
        reports = [lighthouse.measure(server, name, runs) for name in lighthouse.PAGES]
    rows = [[report.page, *report.scores.values()] for report in reports]
    _table(["Lighthouse, mobile", *lighthouse.MARKS], [*rows, ["asked for", *lighthouse.MARKS.values()]])
    _list(f"{report.page}: {remark}" for report in reports for remark in report.remarks)
    return sum(not report.passes for report in reports)


def _visits(parts: Sequence[str]) -> int:
    with servers.serve(processes=("web",), **VISITORS) as server:
        missed = _weight(server) if "weight" in parts else 0
        return missed + (_install(server) if "install" in parts else 0)


def _weight(server: servers.Server) -> int:
    rows = []
    with tour.chromium() as browser:
        for name, path in lighthouse.PAGES.items():
            context = browser.new_context(**tour.SIZES["phone"])
            rows.append([name, weight.first_visit(context.new_page(), server.url + path)])
            context.close()
    shown = [[name, *(_kilo(n) for n in found.values()), _kilo(found.total())] for name, found in rows]
    limit = ["at most", *[""] * len(weight.KINDS), _kilo(weight.FIRST_VISIT_BYTES)]
    _table(["First visit, kB", *weight.KINDS, "all"], [*shown, limit])
    return sum(found.total() > weight.FIRST_VISIT_BYTES for _, found in rows)


def _kilo(number: int) -> str:
    return f"{number / KILO:.1f}" if number else ""


def _install(server: servers.Server) -> int:
    with tour.chromium() as browser:
        found = installable.errors(browser, f"{server.url}/")
    _table(["Installable", "errors"], [["by Chromium's criteria", len(found)]])
    _list(found)
    return len(found)


def _axe(names: Sequence[str] | None) -> int:
    """Violations and script errors of each stop: a row of numbers, and below what they are."""
    looks = [(size, theme) for size in tour.SIZES for theme in tour.THEMES]
    stops = [stop for stop in tour.STOPS if not names or stop.name in names]
    found: dict[tuple[str, str, str], list[str]] = {}
    with servers.serve(processes=("web", "worker", "clock")) as server, tour.chromium() as browser:
        for size, options in tour.SIZES.items():
            walker = tour.Walker(browser, server, **options, reduced_motion="reduce")
            for stop in stops:
                page = walker.visit(stop)
                for theme in tour.THEMES:
                    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                    found[stop.name, size, theme] = axe.violations(page) + walker.troubles
                    walker.troubles.clear()
            walker.close()
    rows = [[stop.name, *(len(found[stop.name, *look]) for look in looks)] for stop in stops]
    total = sum(len(violations) for violations in found.values())
    _table([f"axe-core, {len(stops)} pages", *(" ".join(look) for look in looks)], rows)
    _list(f"{' '.join(where)}: {what}" for where, violations in found.items() for what in violations)
    return total


def _table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    """Markdown, as docs/figures.md takes it."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    print()
    for number, line in enumerate(lines):
        cells = (
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print(f"| {' | '.join(cells)} |")
        if not number:
            print(f"|{'|'.join('-' * (width + 1) + (':' if n else '-') for n, width in enumerate(widths))}|")
    sys.stdout.flush()


def _list(lines: Iterable[str]) -> None:
    for line in lines:
        print(f"  - {line}")


if __name__ == "__main__":
    sys.exit(main())
