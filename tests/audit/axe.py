"""axe-core on a page: its own choice of rules (WCAG 2 A and AA, best practices) and the size of touch targets.

The script goes in by the debugger, so the page keeps its strict content security policy. Used by `make audit` on every
stop of the tour and by tests/browser/test_audit.py on a few.
"""

from __future__ import annotations

from typing import Any

from tests import servers

SCRIPT = servers.ROOT / "tests" / "vendor" / "axe-4.14.0.min.js"
RUN = """async () => {
  await document.fonts.ready;
  const found = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "target-size": { enabled: true } },
  });
  const where = (nodes) => nodes.map(({ target }) => target.join(" "));
  return found.violations.map(({ id, help, nodes }) => ({ id, help, nodes: where(nodes) }));
}"""


def violations(page: Any) -> list[str]:
    """What is wrong on the page, one line a rule: its name, what it asks for, the elements.

    The window grows to the page's height, so that no bar at its edge lies over a target one would scroll to.
    """
    size = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    try:
        return _violations(page)
    finally:
        page.set_viewport_size(size)


def _violations(page: Any) -> list[str]:
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SCRIPT.read_text())
    return [f"{found['id']}: {found['help']}: {', '.join(found['nodes'])}" for found in page.evaluate(RUN)]
