"""A guest's device: the signed cookie behind stars made before sign-up. Read here; made and claimed in actions.

Holding: an action calls app.people.holding.holder, and its route calls `remember`.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from app.config import settings
from app.lib import tokens
from app.people import queries
from app.people.models import Device

LIFETIME_SECONDS = 400 * 24 * 3600  # the longest browsers keep


def cookie_name() -> str:
    return "__Host-pika-device" if settings().is_secure else "pika-device"


def new_token() -> str:
    """The secret of a new device: its digest goes into the Device row, itself into the cookie."""
    return tokens.secret_token()


def token_in(cookies: Mapping[str, str]) -> str | None:
    """The device token in these cookies, if the signature holds."""
    try:
        token = _serializer().loads(cookies.get(cookie_name(), ""))
    except BadSignature:
        return None
    return token if isinstance(token, str) else None


def device_of_request() -> Device | None:
    """The unclaimed device behind this request, or None."""
    token = token_in(request.cookies)
    return queries.device_by_token(token) if token else None


def remember(response: BaseResponse, token: str) -> None:
    """Give the browser its device cookie."""
    response.set_cookie(
        cookie_name(),
        _signed(token),
        max_age=LIFETIME_SECONDS,
        secure=settings().is_secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def forget(response: BaseResponse) -> None:
    """Take the cookie away: after sign-in its stars belong to the account."""
    if cookie_name() in request.cookies:
        response.delete_cookie(cookie_name(), secure=settings().is_secure, httponly=True, samesite="Lax", path="/")


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="pika device")


def _signed(token: str) -> str:
    return str(_serializer().dumps(token))
