"""What notify does, one function per intention. Jobs tell; routes read, choose, subscribe."""

from app.notify.actions.notices import mark_all_read, mark_read
from app.notify.actions.preferences import choose
from app.notify.actions.sending import give_up, mark, put_off
from app.notify.actions.subscriptions import subscribe, unsubscribe
from app.notify.actions.telling import tell

__all__ = ["choose", "give_up", "mark", "mark_all_read", "mark_read", "put_off", "subscribe", "tell", "unsubscribe"]
