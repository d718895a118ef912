"""Published partials: the same bytes everywhere, and no way to the request."""

from __future__ import annotations

import contextvars

import pytest
from flask import Flask
from jinja2 import DictLoader, UndefinedError

from app.live import render

TEMPLATES = {
    "_slot.html": '<li id="{{ slot.id }}"><a href="{{ url_for("slot", ident=slot.id) }}">{{ slot.title }}</a></li>',
    "_macro.html": '{% from "_icon.html" import icon %}<b>{{ icon("bell") }}</b>',
    "_icon.html": '{% macro icon(name) %}<use href="{{ asset("sprite.svg") }}#{{ name }}"/>{% endmacro %}',
    "page.html": '<body>{{ region("_slot.html", slot=slot) }}</body>',
} | {
    f"_{name}.html": "{{ " + name + " }}"
    for name in ("request", "session", "g", "viewer", "config", "csp_nonce", "csrf_token", "current_user", "anything")
}


@pytest.fixture
def small_flask():
    app = Flask(__name__)
    app.secret_key = "x" * 32
    app.jinja_env.loader = DictLoader(TEMPLATES)
    app.jinja_env.globals |= {
        "asset": lambda path: f"/static/{path}?v=1",
        "csp_nonce": lambda: "n",
        "csrf_token": lambda: "t",
    }
    app.context_processor(lambda: {"viewer": "Dana", "anything": 1})
    app.add_url_rule("/slots/<ident>", "slot", lambda ident: ident)
    render.init_app(app)
    return app


SLOT = {"id": "abc", "title": "Lindy <1>"}
EXPECTED = '<li id="abc"><a href="/slots/abc">Lindy &lt;1&gt;</a></li>'


def test_bytes_are_the_same_in_and_out_of_a_request_and_on_a_page(small_flask):
    with small_flask.app_context():
        outside = render.render_region("_slot.html", slot=SLOT)
    with small_flask.test_request_context("/deep/page?x=1", base_url="https://elsewhere.example:444/"):
        inside = render.render_region("_slot.html", slot=SLOT)
        page = small_flask.jinja_env.get_template("page.html").render(slot=SLOT)
    assert outside == inside == EXPECTED
    assert page == f"<body>{EXPECTED}</body>"


def test_macros_and_static_addresses_work(small_flask):
    with small_flask.app_context():
        assert render.render_region("_macro.html") == '<b><use href="/static/sprite.svg?v=1#bell"/></b>'


@pytest.mark.parametrize("name", [name[1:-5] for name in list(TEMPLATES)[4:]])
def test_what_knows_a_request_is_undefined(small_flask, name):
    with small_flask.test_request_context("/"), pytest.raises(UndefinedError, match=name):
        render.render_region(f"_{name}.html")


def test_pages_still_have_all_of_it(small_flask):
    with small_flask.test_request_context("/"):
        assert "Request" in small_flask.jinja_env.get_template("_request.html").render()


def test_an_undeclared_input_raises(small_flask):
    with small_flask.app_context(), pytest.raises(UndefinedError):
        render.render_region("_slot.html")


def test_a_fresh_context_renders_too(small_flask):
    """As in a job: nothing but an app context."""

    def job():
        with small_flask.app_context():
            return render.render_region("_slot.html", slot=SLOT)

    assert contextvars.Context().run(job) == EXPECTED
