"""What crawlers ask for: robots.txt, and a sitemap of everything that is public. The pages themselves carry their
address and a picture to share (templates/shared/_site.html, `signpost`). Reads only.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from app.config import settings
from app.events import queries as events
from app.studios import queries as studios
from app.web import access

bp = Blueprint("signposts", __name__)
HOUR = "public, max-age=3600"
LINES_MAX = 10_000  # of each kind; a sitemap may have 50,000 in all
PRIVATE = ("/app", "/account", "/calendar/", "/dev/", "/ws", "/welcome", "/reset")


@bp.get("/robots.txt")
@access.public
def robots() -> ResponseReturnValue:
    """Public pages may be read by everybody; what needs an account or a secret leads nowhere."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    lines += ["", f"Sitemap: {settings().public_url}{url_for('signposts.sitemap')}", ""]
    return _kept(Response("\n".join(lines), mimetype="text/plain"))


@bp.get("/sitemap.xml")
@access.public
def sitemap() -> ResponseReturnValue:
    """The front pages, published events with their schedules (newest first), and studios."""
    paths = [url_for("discover.landing"), url_for("discover.weekends"), url_for("pwa.install")]
    for slug in events.published_slugs(LINES_MAX):
        paths += [url_for("discover.event_page", slug=slug), url_for("timeline.schedule", slug=slug)]
    paths += [url_for("studios.page", studio_slug=slug) for slug in studios.slugs(LINES_MAX)]
    page = render_template("discover/sitemap.xml", addresses=[settings().public_url + path for path in paths])
    return _kept(Response(page, mimetype="application/xml"))


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = HOUR
    return response
