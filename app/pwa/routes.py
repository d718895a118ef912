"""The manifest, the service worker with the list of files it keeps, the page without network, the steps to install.

All are the same for everybody. What a phone keeps offline decides static/js/sw.js together with static/js/pwa.js.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from app.web import access

bp = Blueprint("pwa", __name__)

# What a saved schedule needs to stand on its own. Everything else a page asks for is kept when it is asked for.
SHELL = (
    "css/app.css", "js/ui.js", "js/live.js", "js/timeline.js", "js/pwa.js", "js/push.js", "js/waiting.js",
    "js/waiting-store.js", "vendor/htmx-4.0.1.min.js",
    "icons/sprite.svg", "icons/pika.svg", "icons/pika-192.png", "icons/badge-96.png",
    "fonts/inter-latin-wght.woff2", "fonts/inter-latin-ext-wght.woff2",
)  # fmt: skip


@bp.get("/manifest.webmanifest")
@access.public
def manifest() -> ResponseReturnValue:
    response = jsonify(
        id="/",
        name="Pika!",
        short_name="Pika!",
        description="Live schedules for dance weekends, on every phone.",
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#f8f9fa",
        theme_color="#1a1a2e",
        categories=["events", "lifestyle"],
        icons=[_icon(192, "any"), _icon(512, "any"), _icon(192, "maskable"), _icon(512, "maskable")],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _icon(size: int, purpose: str) -> dict[str, str]:
    name = f"icons/pika-{'maskable-' if purpose == 'maskable' else ''}{size}.png"
    return {"src": _assets().url(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


@bp.get("/sw.js")
@access.public
def service_worker() -> ResponseReturnValue:
    """The worker, with the hashed addresses of its files in front: another file makes it another worker."""
    assets = _assets()
    shell = {
        "files": [assets.url(path) for path in SHELL],
        "offline": url_for("pwa.offline"),
        "icon": assets.url("icons/pika-192.png"),
        "badge": assets.url("icons/badge-96.png"),
    }
    body = f"const SHELL = {json.dumps(shell)};\n" + assets.get("js/sw.js").body.decode()
    response = Response(body, mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:16])
    return response


@bp.get("/offline")
@access.public
def offline() -> ResponseReturnValue:
    """What the service worker shows where there is neither network nor a saved page."""
    return render_template("pwa/offline.html")


@bp.get("/install")
@access.public
def install() -> ResponseReturnValue:
    return render_template("pwa/install.html")


def _assets() -> Any:
    return current_app.extensions["assets"]
