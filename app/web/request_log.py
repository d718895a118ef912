"""Structured logs: one line per request with an id that the person sees too; JSON in production."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from typing import Any

from flask import Flask, Response, g, request

from app.config import Settings
from app.lib import tokens

log = logging.getLogger("pika.request")
SECRET_PATHS = re.compile(
    r"(/(?:calendar|enquiries)/)[^/?#]+"
)  # these addresses are keys: whoever reads the log must not get one
TOLD_HEADERS = frozenset({"host", "user-agent", "content-type", "accept", "hx-request"})  # all that Sentry is told
QUIET = ("/static/", "/healthz", "/readyz", "/photos/")
_PLAIN = frozenset(vars(logging.makeLogRecord({})))


class JsonLines(logging.Formatter):
    """One JSON object per line; line breaks in values cannot forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name}
        line["message"] = record.getMessage()
        line |= {
            k: v for k, v in vars(record).items() if k not in _PLAIN and k not in {"message", "asctime", "taskName"}
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def init_app(app: Flask, settings: Settings) -> None:
    """Logging, request ids, and Sentry where a DSN is given."""
    _configure_logging(settings)
    if settings.sentry_dsn:
        import sentry_sdk

        # Each socket ends its request by StopIteration (app.live.handover): that is no error.
        quiet = [StopIteration]
        sentry_sdk.init(
            dsn=settings.sentry_dsn, environment=settings.environment, send_default_pii=False, ignore_errors=quiet,
            before_send=_masked_event, max_request_body_size="never", include_local_variables=False,
        )  # fmt: skip
    app.before_request(_begin)
    app.after_request(_end)


def masked(path: str) -> str:
    """A path or address with what is secret in it taken out."""
    return SECRET_PATHS.sub(r"\1…", path)


def _masked_event(event: Any, _hint: Any) -> Any:
    """What goes to Sentry names no secret address either: no path or query that is a key, no page that led here."""
    asked = event.get("request")
    if asked:
        asked["url"] = masked(asked.get("url") or "")
        asked.pop("query_string", None)
        headers = asked.get("headers") or {}
        asked["headers"] = {name: value for name, value in headers.items() if name.lower() in TOLD_HEADERS}
    return event


def _configure_logging(settings: Settings) -> None:
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if settings.is_production else plain)
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not getattr(h, "is_pika", False)]
    handler.is_pika = True  # type: ignore[attr-defined]  # our mark, so that a second app does not log twice
    root.addHandler(handler)
    root.setLevel(logging.INFO if settings.is_production else logging.WARNING)


def _begin() -> None:
    g.request_id = tokens.public_id(8)
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    if not request.path.startswith(QUIET):
        log.info(
            "%s %s %s",
            request.method,
            masked(request.path),
            response.status_code,
            extra={"request_id": g.request_id, "ms": round((time.monotonic() - g.began) * 1000, 1)},
        )
    return response
