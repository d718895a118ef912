"""The addresses of events: the organizers' list, form and team, announcements, and following."""

from app.events.routes import announcements, details, follows, team
from app.events.routes.blueprint import bp

__all__ = ["announcements", "bp", "details", "follows", "team"]
