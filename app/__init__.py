"""Pika!: the wiring diagram. `create_app` is read top to bottom; only wsgi, jobs and tests import it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from app import config, db
from app.config import Settings

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings (by default: from the environment). Raises UnsafeSettings in production."""
    settings = settings or config.load()
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config["PIKA"] = settings
    app.config["TESTING"] = settings.environment == "test"
    app.url_map.strict_slashes = False

    _ground_floor(app, settings)
    _features(app)
    _doors(app)
    return app


def _ground_floor(app: Flask, settings: Settings) -> None:
    """Database, security, errors, limits, live hub: what every feature stands on."""
    from app.live import routes as live_routes
    from app.people import access as people_access
    from app.people.viewer import Viewer, viewer
    from app.waiting import routes as waiting
    from app.web import assets, errors, filters, limits, request_log, security

    db.init_app(app, settings)
    request_log.init_app(app, settings)
    security.init_app(app, settings)
    errors.init_app(app)
    limits.init_app(app, settings)
    filters.init_app(app)
    assets.init_app(app)
    waiting.init_app(app)  # before the door
    people_access.init_app(app)
    live_routes.init_app(app, viewer, live_routes.ShortWay(Viewer, people_access.who_of))


def _features(app: Flask) -> None:
    """Each feature's routes, live guards and commands."""
    from app import cli
    from app.booth import after_routes as after
    from app.booth import builder_routes as builder
    from app.booth import feed
    from app.booth import prep_routes as prep
    from app.booth import routes as booth
    from app.demo import routes as demo
    from app.discover import profile_routes as profiles
    from app.discover import routes as discover
    from app.discover import signposts
    from app.events import routes as events
    from app.floor import live as floor_live
    from app.floor import routes as floor
    from app.gigs.routes import bookings, enquiries, gigs
    from app.gigs.routes import calendars as gig_calendar
    from app.interchange import routes as interchange
    from app.music import live as music_live
    from app.music.routes import imports, playlists, tracks
    from app.notify import live as notify_live
    from app.notify import routes as notify
    from app.owner import routes as owner
    from app.people import routes as people
    from app.pwa import routes as pwa
    from app.schedule import live as schedule_live
    from app.schedule.routes import calendars, changes, dashboard, hall, late, maker, paper, tell, timeline
    from app.studios import routes as studios
    from app.web import health

    for module in (health, pwa, people, notify, events, timeline, calendars, changes, hall, paper):
        app.register_blueprint(module.bp)
    for module in (maker, late, tell, dashboard):
        app.register_blueprint(module.bp)
    for module in (events.announcements, events.follows, events.checkins):
        app.register_blueprint(module.bp)
    for module in (studios, discover, signposts, profiles, owner, interchange):
        app.register_blueprint(module.bp)
    for module in (floor, booth, feed, builder, after, prep):
        app.register_blueprint(module.bp)
    for module in (bookings, gigs, enquiries, gig_calendar, imports, tracks, playlists):
        app.register_blueprint(module.bp)
    if not app.config["PIKA"].is_production:
        app.register_blueprint(demo.bp)
    notify_live.init_app()
    schedule_live.init_app()
    floor_live.init_app()
    music_live.init_app()
    cli.init_app(app)


def _doors(app: Flask) -> None:
    """Deny by default: no route without a word on who may enter."""
    from app.web import access

    access.public(app.view_functions["static"])
    access.require_everywhere(app)
