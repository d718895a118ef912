"""A small app around the live layer, served by gunicorn in these tests: the hub without the rest of the product.

The person is whoever the cookie `person` names, the device likewise; events called `hidden-…` are not published; 7 is
everybody's organizer.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import SimpleNamespace

from flask import Flask, Response, render_template_string, request
from werkzeug.http import parse_cookie

from app import config, redis
from app.live import holding, regions, routes, topics
from app.live.phones import Limits
from app.web import access, assets

ROOT = Path(__file__).resolve().parent.parent.parent

PAGE = """<!doctype html><html lang="en"><head><title>Live</title>
<meta name="htmx-config" content="includeIndicatorCSS:false">
<script src="{{ asset('vendor/htmx-4.0.1.min.js') }}" defer></script>
<script src="{{ asset('js/live.js') }}" type="module"></script></head>
<body data-live="{{ live_attr(live) }}">
<span class="conn" data-state="late" role="status"><span data-conn-word>Catching up</span></span>
<main id="main">{% for name, text in state.items() %}<p id="{{ name }}" data-region>{{ text }}</p>{% endfor %}</main>
</body></html>"""


@topics.guard("event", "public")
def _public(viewer, ident):
    return not ident.startswith("hidden-")


@topics.guard("event", "staff")
def _staff(viewer, ident):
    if ident.startswith("slow-"):
        time.sleep(1.0)  # the answer is as old as that when the socket joins
    return viewer.person is not None and viewer.person.id == 7


@topics.when_held("event", "public")
def _held(ident):
    redis.client().incr(f"pika:test:told:{ident}")


long_ways: list[str] = []  # sockets that were asked who they are: those that did not go the short way


def viewer():
    long_ways.append(request.path)
    person, device = request.cookies.get("person"), request.cookies.get("device")
    return SimpleNamespace(
        person=SimpleNamespace(id=int(person)) if person else None, device_id=int(device) if device else None
    )


def who_of(cookies):
    found = parse_cookie(cookies)
    person, device = (int(found[name]) if name in found else None for name in ("person", "device"))
    return person, holding.key_of(person, device)


def create(environ=None):
    """The app. LIVE_LIMITS is JSON; STATE_FILE holds what the page shows, for the tests with a browser."""
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config["PIKA"] = config.load(environ)
    environ = os.environ if environ is None else environ
    if limits := environ.get("LIVE_LIMITS"):
        app.config["LIVE_LIMITS"] = Limits(**json.loads(limits))
    assets.init_app(app)
    nobody = SimpleNamespace(person=None, device_id=None)
    routes.init_app(app, viewer, routes.ShortWay(lambda: nobody, who_of))

    @app.get("/page/<topic>")
    @access.public
    def page(topic):
        live = {topic: regions.position(topic)}
        state = json.loads(Path(environ["STATE_FILE"]).read_text())
        response = Response(render_template_string(PAGE, live=live, state=state))
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/long-ways")
    @access.public
    def count():
        return str(len(long_ways))

    @app.get("/healthz")
    @access.public
    def healthz():
        return "ok"

    return app
