"""House rules that a linter cannot hold: where commits are, that names resolve, that partials are neutral."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for top in ("app", "jobs") for path in sorted((ROOT / top).rglob("*.py"))]
MAY_WRITE = re.compile(r"(actions(/\w+)?|outbox|db)\.py$")
WRITES = ("commit", "flush")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> set[str]:
    """Names of everything a module calls, whether as `f()` or `thing.f()`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = node.func
            found.add(called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", ""))
    return found


def test_only_actions_open_a_transaction_or_commit():
    guilty = [name(p) for p in SOURCES if not MAY_WRITE.search(name(p)) and calls(p) & {"commit", "transaction"}]
    assert len(SOURCES) > 40
    assert guilty == []


def test_the_commit_rule_sees_a_commit(tmp_path):
    planted = tmp_path / "routes.py"
    planted.write_text("def view():\n    db.session.commit()\n")
    assert "commit" in calls(planted)


def test_every_module_says_what_it_is():
    silent = [name(p) for p in SOURCES if not ast.get_docstring(ast.parse(p.read_text()))]
    assert silent == []


def test_no_module_is_called_util():
    assert [
        name(p) for p in SOURCES if p.stem in {"util", "utils", "helpers", "common", "views", "services", "misc"}
    ] == []


def test_rules_know_no_web_no_database_and_no_clock():
    banned = {"flask", "app.db", "app.redis", "requests"}
    guilty = []
    for path in (p for p in SOURCES if p.stem == "rules" or p.parent.stem == "rules"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            guilty += [f"{name(path)}: {module}" for module in modules if module in banned]
    assert guilty == []


def test_published_partials_never_ask_who_looks():
    """Files whose first comment says "published as region" are drawn once for everybody."""
    published = [p for p in (ROOT / "templates").rglob("_*.html") if "published as region" in p.read_text()[:400]]
    assert len(published) >= 8
    for path in published:
        body = path.read_text()
        assert not re.search(r"\b(current_user|viewer|session|request|g)\.|csrf", body.partition("-#}")[2]), name(path)
        assert "<form" not in body.partition("-#}")[2], f"{name(path)}: no forms inside live regions"


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=name)
def test_templates_hold_no_inline_script_or_style(path):
    body = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<script(?![^>]*(src|type=\"application/json\"))", body)
    assert "hx-on" not in body


def test_every_post_form_carries_its_token():
    for path in (p for p in (ROOT / "templates").rglob("*.html") if p.name != "patterns.html"):
        body = path.read_text()
        for form in re.finditer(r"<form[^>]*method=\"post\".*?</form>", body, re.DOTALL):
            assert re.search(r"csrf", form.group()), f"{name(path)}: {form.group()[:80]}"


def test_every_promised_job_resolves():
    from importlib import import_module

    from jobs import clock, outbox

    dotted = [*outbox.HANDLERS.values(), *(recurring.name for recurring in clock.TABLE)]
    assert len(dotted) >= 6
    for target in dotted:
        module, _, function = target.rpartition(".")
        assert callable(getattr(import_module(module), function)), target


def test_app_never_imports_jobs():
    assert [
        name(p)
        for p in SOURCES
        if name(p).startswith("app/") and re.search(r"^\s*(from|import) jobs\b", p.read_text(), re.MULTILINE)
    ] == []
