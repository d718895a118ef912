"""Security headers, the CSP nonce, cookies, and CSRF with the Sec-Fetch-Site check beside the token.

Applied to every response, errors and static files included (RELIABILITY S4, S10).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()
BYTES_MARK = "__pika_bytes__"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask, settings: Settings) -> None:
    """Cookies, headers and CSRF for the whole app."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-pika" if settings.is_secure else "pika",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(days=60),
        SESSION_REFRESH_EACH_REQUEST=False,  # else every photo and stylesheet would carry the cookie into caches
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a tab left open for a day still works
        WTF_CSRF_SSL_STRICT=settings.is_secure,
        MAX_CONTENT_LENGTH=settings.photo_bytes_max + 64 * 1024,
        MAX_FORM_MEMORY_SIZE=settings.form_bytes_max,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(_refuse_cross_site)
    app.before_request(_make_room)
    app.before_request(_refuse_nul)
    csrf.init_app(app)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(lambda response: _headers(response, settings))


def csp_nonce() -> str:
    """The nonce of this response: fresh for each, 128 bits."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def _refuse_cross_site() -> None:
    """Browsers say where a request comes from; a write from another site is refused whatever token it carries."""
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        abort(403, "cross-site")


def takes_at_most(bytes_most: int) -> Callable[[View], View]:
    """Under a route line: how large a body this view takes, where it is not MAX_CONTENT_LENGTH."""

    def mark(view: View) -> View:
        setattr(view, BYTES_MARK, bytes_most)
        return view

    return mark


def _make_room() -> None:
    """Before anything reads the body."""
    most = getattr(current_app.view_functions.get(request.endpoint or ""), BYTES_MARK, None)
    if most is not None:
        request.max_content_length = most


def _refuse_nul() -> None:
    """No person types a NUL, and PostgreSQL answers one with an error wherever it is looked for."""
    said = (*request.args.items(multi=True), *request.form.items(multi=True))
    if any("\0" in text for text in (request.path, *(text for pair in said for text in pair))):
        abort(400)


def _headers(response: Response, settings: Settings) -> Response:
    nonce = csp_nonce()
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if settings.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response
