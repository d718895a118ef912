"""Whether Chromium would offer to install the app: by its own criteria, asked for over the debugger.

Needs a browser profile of its own on disk: a private window never offers it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests import servers


def errors(browser: Any, url: str) -> list[str]:
    """What stands in the way, and what the manifest gets wrong; nothing where it can be installed."""
    with _profile(browser.browser_type) as page:
        page.goto(url)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        cdp = page.context.new_cdp_session(page)
        manifest = cdp.send("Page.getAppManifest")
        if not manifest.get("data"):
            return ["no manifest"]
        found = [error["message"] for error in manifest["errors"]]
        return found + [error["errorId"] for error in cdp.send("Page.getInstallabilityErrors")["installabilityErrors"]]


@contextmanager
def _profile(chromium: Any) -> Iterator[Any]:
    arguments = servers.CHROMIUM_ARGUMENTS + (["--no-sandbox"] if os.getuid() == 0 else [])
    with tempfile.TemporaryDirectory(prefix="pika-chromium-") as folder:
        context = chromium.launch_persistent_context(folder, executable_path=servers.chromium(), args=arguments)
        yield context.pages[0]
        context.close()
