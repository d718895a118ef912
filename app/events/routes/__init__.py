"""The addresses of events: the organizers' list, form and team, announcements, following, being here."""

from app.events.routes import announcements, checkins, details, follows, team
from app.events.routes.blueprint import bp

__all__ = ["announcements", "bp", "checkins", "details", "follows", "team"]
