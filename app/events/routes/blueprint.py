"""The blueprint of an event's own pages, shared by the route modules beside it. Imported by them only."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("events", __name__, url_prefix="/app/organizer")
