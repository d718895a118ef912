"""The hub behind the smallest app that can have one: what gunicorn serves for the row "hub"."""

from __future__ import annotations

from types import SimpleNamespace

from flask import Flask

from app import config
from app.live import routes, topics
from app.web import access

TOPIC = "bench:live:public"


def create() -> Flask:
    app = Flask(__name__)
    app.config["PIKA"] = config.load()
    topics.guard("bench", "public")(lambda _viewer, _ident: True)
    nobody = SimpleNamespace(person=None)
    routes.init_app(app, lambda: nobody, routes.ShortWay(lambda: nobody, lambda _cookies: (None, "")))

    @app.get("/healthz")
    @access.public
    def healthz() -> str:
        return "ok"

    return app
