"""The small behaviors of static/js/ui.js in a real browser, on a page of our own: no server, no database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.web.assets import Assets

pytestmark = pytest.mark.browser
STATIC = Assets(Path(__file__).parents[2] / "static", watch=False)
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>UI</title>
<link rel="stylesheet" href="/static/css/app.css"><script type="module" src="/static/js/ui.js"></script></head><body>
<div id="toasts" class="toasts" aria-live="polite"></div>
<main id="main">
<details class="roles" data-menu><summary>Roles</summary><div class="menu"><a href="#x">Dancer</a></div></details>
<button id="opener" data-dialog-open="sheet">Open</button>
<dialog id="sheet" class="sheet"><a id="leave" href="/elsewhere" data-dialog-close>Close</a><input id="name"></dialog>
<form id="post" method="post" action="/sent"><button id="send">Send</button></form>
<form action="/filtered" data-autosend><label><input type="checkbox" name="mine" value="1">Mine</label></form>
</main></body></html>"""
TOAST = '<div class="toast" data-toast><span>{}</span><button data-toast-close>Close</button></div>'


@pytest.fixture
def page(new_context: Any) -> Any:
    """The page above at http://pika.test/, with the posts it sent in `page.posts`."""
    page = new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce").new_page()
    page.posts = []

    def answer(route: Any) -> None:
        address = route.request.url.removeprefix("http://pika.test")
        if address.startswith("/static/"):
            found = STATIC.get(address.removeprefix("/static/").partition("?")[0])
            route.fulfill(body=found.body, content_type=found.mimetype)
        elif route.request.method == "POST":
            page.posts.append(address)
            route.fulfill(status=204)  # the page stays, as while an answer is on its way
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    page.route("**/*", answer)
    page.goto("http://pika.test/")
    return page


def show_toast(page: Any, text: str) -> None:
    page.evaluate("html => document.getElementById('toasts').insertAdjacentHTML('beforeend', html)", TOAST.format(text))


@pytest.mark.parametrize("way", ["escape", "beside"])
def test_menu_closes(page, way):
    page.click("summary")
    assert page.is_visible(".menu")

    page.keyboard.press("Escape") if way == "escape" else page.mouse.click(20, 800)

    assert page.is_hidden(".menu")
    if way == "escape":
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_dialog_opens_and_a_closing_link_does_not_leave_the_page(page):
    page.click("#opener")
    assert page.is_visible("#name")

    page.click("#leave")

    assert page.is_hidden("#name")
    assert page.url == "http://pika.test/"
    assert page.evaluate("document.activeElement.id") == "opener"


def test_tap_beside_a_sheet_closes_it(page):
    page.click("#opener")

    page.mouse.click(200, 20)

    assert page.is_hidden("#name")


def test_newest_toast_replaces_the_last(page):
    show_toast(page, "Moved.")
    page.wait_for_selector("[data-toast][data-seen]")
    show_toast(page, "Saved.")
    page.wait_for_function("document.querySelectorAll('[data-toast]').length === 1")

    assert "Saved." in page.inner_text("#toasts")
    page.click("[data-toast-close]")
    page.wait_for_selector("[data-toast]", state="detached")


def test_form_is_sent_once_and_its_button_says_so(page):
    page.evaluate("() => { const b = document.getElementById('send'); b.click(); b.click(); }")
    page.wait_for_timeout(100)
    page.evaluate("() => document.getElementById('send').click()")
    page.wait_for_timeout(100)

    assert page.posts == ["/sent"]
    assert page.get_attribute("#send", "aria-busy") == "true"


def test_filter_sends_itself(page):
    page.check("[name=mine]")
    page.wait_for_url("http://pika.test/filtered?mine=1")
