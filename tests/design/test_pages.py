"""Pages that stand whatever else is away: landing without a weekend, errors, a form from yesterday's tab."""

from __future__ import annotations

import pytest
from flask import render_template

pytestmark = pytest.mark.one_engine


def test_landing_page_stands_without_any_weekend(client):
    page = client.get("/").text

    assert "You’ll know." in page
    assert 'href="#how">See how it works' in page
    assert page.count('class="slot-row') == 4  # made-up rows in the phone
    assert "data-live" not in page  # nothing is under way


def test_lost_page_says_what_to_do_and_carries_its_code(client):
    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert "Nothing here" in answer.text
    assert 'href="/">To the start page' in answer.text
    assert f"Code {answer.headers['X-Request-Id']}" in answer.text


def test_error_reaches_htmx_as_a_toast_that_leaves_the_page_alone(client):
    answer = client.get("/nowhere", headers={"HX-Request": "true"})

    assert answer.text.startswith('<hx-partial hx-target="#toasts"')
    assert answer.text.rstrip().endswith("</hx-partial>")


def test_form_of_an_old_tab_keeps_what_was_typed_and_writes_it_as_text(app):
    fields = [("title", "<b>Tea</b>"), ("title", "two"), ("note", "")]

    with app.test_request_context("/sign-up"):
        page = render_template("errors/stale.html", action="/x", code="c0de", fields=fields)

    assert page.count('type="hidden" name="title"') == 2
    assert '<input type="hidden" name="note" value="">' in page
    assert "&lt;b&gt;Tea&lt;/b&gt;" in page
    assert "<b>Tea</b>" not in page
    assert "Send it again" in page
