"""What a page weighs on its first visit, in bytes on the wire: compressed, with headers, nothing cached.

What the service worker fetches afterwards for the time without a network is the same files from the browser's cache.
Used by `make audit` and by tests/browser/test_audit.py.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

FIRST_VISIT_BYTES = 150_000
FRAGMENT_BYTES = 10_000
KINDS = ("Document", "Stylesheet", "Script", "Font", "Image", "Other")


def first_visit(page: Any, url: str) -> Counter[str]:
    """Bytes by kind of file, on a page of a context that was nowhere yet."""
    cdp = page.context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    found: Counter[str] = Counter(dict.fromkeys(KINDS, 0))

    def answered(event: Any) -> None:
        kinds[event["requestId"]] = event["type"] if event["type"] in KINDS else "Other"

    def finished(event: Any) -> None:
        found[kinds.get(event["requestId"], "Other")] += int(event["encodedDataLength"])

    cdp.on("Network.responseReceived", answered)
    cdp.on("Network.loadingFinished", finished)
    cdp.send("Network.enable")
    page.goto(url, wait_until="networkidle")
    cdp.detach()
    return found
