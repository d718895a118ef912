"""The addresses of people: the door (sign up, in, out), the account, photos and the role switcher."""

from app.people.routes import account, confirm, door, passkeys
from app.people.routes.blueprint import bp

__all__ = ["account", "bp", "confirm", "door", "passkeys"]
