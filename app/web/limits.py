"""Rate limits, shared by all processes through Redis. Over the limit is 429 with Retry-After (RELIABILITY S13)."""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter

from app.config import Settings

limiter = Limiter(key_func=lambda: request.remote_addr or "nowhere", default_limits=[])


def init_app(app: Flask, settings: Settings) -> None:
    """Connect the limiter; when Redis is away it counts in memory rather than refusing everybody."""
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.redis_url.replace("unix://", "redis+unix://", 1),  # the limiter's own spelling
        RATELIMIT_KEY_PREFIX="pika:limit",
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_STRATEGY="moving-window",
    )
    limiter.init_app(app)
