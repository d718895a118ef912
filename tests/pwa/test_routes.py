"""Manifest, service worker, offline page: what a browser needs to take Pika! for an app."""

from __future__ import annotations

import json
import re

import pytest

pytestmark = pytest.mark.one_engine


def test_manifest_names_icons_that_are_there(client):
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.text)
    assert (manifest["display"], manifest["scope"], manifest["start_url"]) == ("standalone", "/", "/")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"), ("512x512", "any"), ("192x192", "maskable"), ("512x512", "maskable"),
    }  # fmt: skip
    for icon in manifest["icons"]:
        assert client.get(icon["src"]).mimetype == "image/png"


def test_worker_comes_with_the_files_that_pages_ask_for(client):
    answer = client.get("/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"
    shell = json.loads(re.match(r"const SHELL = (\{.*\});\n", answer.text)[1])
    for path in [*shell["files"], shell["offline"], shell["icon"], shell["badge"]]:
        assert client.get(path).status_code == 200, path
    page = client.get("/offline").text
    for path in re.findall(r'(?:src|href)="(/static/[^"#]+)', page):
        assert path in shell["files"] or "pika-180" in path, f"{path} would be missing without network"


def test_every_page_names_manifest_and_worker(client):
    page = client.get("/").text
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert re.search(
        r'<script nonce="[\w-]+" src="/static/js/pwa\.js\?v=\w+" type="module" data-push-key="[\w-]{87}"', page
    )


def test_offline_page_is_kept_without_knowing_anybody(client):
    """It stays on the phone beyond a sign-out: the worker asks for it without cookies."""
    assert 'new Request(SHELL.offline, { credentials: "omit" })' in client.get("/sw.js").text
    page = client.get("/offline").text
    assert "You are offline" in page
    assert 'data-who=""' in page


def test_install_page_has_the_steps_of_an_iphone(client):
    page = client.get("/install").text
    for word in ("Safari", "share button", "Add to Home Screen"):
        assert word in page
