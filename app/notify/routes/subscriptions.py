"""A browser says where it may be pushed to, again at each visit, and when no more. JSON, from static/js/push.js.

For persons and guests' devices. The address was chosen by whoever sends it: app.notify.dial looks at it first.
"""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from app.config import settings
from app.db import db
from app.lib.refusal import Refusal
from app.notify import actions, dial
from app.notify.forms import Subscription
from app.notify.routes.blueprint import bp
from app.notify.rules import NoSuchPushService
from app.people.viewer import viewer
from app.web import access
from app.web.limits import limiter


@bp.post("/push/subscriptions")
@access.public
@limiter.limit("60 per hour")
def subscribe() -> ResponseReturnValue:
    try:
        sent = Subscription.of(request.get_json(silent=True))
        who = viewer()
        _check(sent.endpoint)
        actions.subscribe(who, sent.endpoint, sent.p256dh, sent.auth)
    except Refusal as refusal:
        return jsonify(kept=False, sentence=refusal.sentence), refusal.status
    return jsonify(kept=True)


@bp.post("/push/subscriptions/end")
@access.public
@limiter.limit("60 per hour")
def unsubscribe() -> ResponseReturnValue:
    try:
        sent = Subscription.of(request.get_json(silent=True))
    except NoSuchPushService as refusal:
        return jsonify(kept=False, sentence=refusal.sentence), 422
    actions.unsubscribe(viewer(), sent.endpoint, sent.auth)
    return jsonify(kept=False)


def _check(endpoint: str) -> None:
    db.session.rollback()  # looking a name up may take seconds: hold no snapshot meanwhile
    try:
        dial.check(endpoint, settings().push_allow_hosts)
    except (dial.BadEndpoint, dial.CallFailed):
        raise NoSuchPushService("This is not the address of a push service.") from None
