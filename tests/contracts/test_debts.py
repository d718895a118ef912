"""Whoever publishes after a commit owes it inside the transaction: a process may die between the two (docs/live.md)."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TELLS = {"disconnect", "poke", "publish", "schedule_changed", "announcements_changed", "badges_changed", "turn_banner"}
OWES = {"owe", "owe_closing", "owe_banner", "after_edit", "unname"}  # the last two do so for whoever calls them
# Written by a program for everybody at once, and loaded anew by every page: the demo.
EXEMPT = {"app/demo/actions.py"}


def tells_without_owing(path: Path) -> list[str]:
    """Functions that open a transaction and tell phones, in a module where nothing owes."""
    tree = ast.parse(path.read_text())
    called = {name for node in ast.walk(tree) if (name := _called(node))}
    guilty = []
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        inside = {name for node in ast.walk(function) if (name := _live_call(node))}
        if inside & TELLS and not called & OWES:
            guilty.append(function.name)
    return guilty


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _live_call(node: ast.AST) -> str:
    """The function's name where it is called on `regions` or on a module named live."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return ""
    owner = getattr(node.func.value, "id", "")
    return node.func.attr if owner in {"regions", "live", "events_live"} or owner.endswith("_live") else ""


def actions() -> list[Path]:
    return [p for p in sorted((ROOT / "app").rglob("*.py")) if p.stem == "actions" or p.parent.stem == "actions"]


def test_whoever_publishes_owes():
    found = {p.relative_to(ROOT).as_posix(): guilty for p in actions() if (guilty := tells_without_owing(p))}
    assert len(actions()) > 20
    assert {path: names for path, names in found.items() if path not in EXEMPT} == {}, (
        "call debts.owe(topic) inside the transaction, see app/live/debts.py"
    )


def test_the_rule_sees_one_who_does_not(tmp_path):
    planted = tmp_path / "actions.py"
    planted.write_text("def close():\n    with transaction():\n        pass\n    regions.disconnect(7)\n")
    assert tells_without_owing(planted) == ["close"]
