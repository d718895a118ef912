"""Routes of notify: the notice center, the settings, and the subscriptions of browsers."""

from app.notify.routes import notices, preferences, subscriptions
from app.notify.routes.blueprint import bp

__all__ = ["bp", "notices", "preferences", "subscriptions"]
