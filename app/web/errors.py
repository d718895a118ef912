"""Errors as people meet them: one calm page (or fragment) per status, always with the request's code.

Routes raise; nothing here decides anything. A form that a day-old tab sends comes back to be sent again, not lost.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, NotFound

from app.lib.refusal import Refusal
from app.web.htmx import is_htmx

log = logging.getLogger(__name__)

WORDS: dict[int, tuple[str, str]] = {
    400: (
        "That did not make sense to us",
        "Something in the address or the form is broken. Go back and try once more.",
    ),
    403: (
        "This one is closed",
        "It came from another site, or it is not yours to change. Open the page again and try there.",
    ),
    404: ("Nothing here", "It may have moved, or it belongs to somebody else. The schedule is one step back."),
    405: ("Not like this", "This address works differently. Go back and use the button there."),
    409: ("Somebody was faster", "It changed while you were looking. Open it again to see how it is now."),
    413: ("That is too big", "Choose a smaller file, or a shorter text."),
    415: ("Not this kind of file", "Send it as a plain form or one of the kinds that the page names."),
    429: ("A little slower", "That was too often in a short time."),
    500: ("We could not load this", "It is us, not you. The code below helps us find it."),
    503: ("Back in a moment", "A part of Pika! is away. Your data is safe; try again in a minute."),
}
NEVER_KEPT = ("csrf_token", "password", "new_password", "current_password")


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(Exception, _unexpected)


def _page(status: int, sentence: str | None = None, headers: Any = None) -> Response:
    title, fallback = WORDS.get(status, WORDS[400 if status < 500 else 500])
    if _is_script():
        return _told(status, sentence or fallback, headers)
    template = "errors/_error_fragment.html" if is_htmx() else "errors/error.html"
    html = render_template(
        template, status=status, title=title, sentence=sentence or fallback, code=g.get("request_id", "")
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers.extend(headers or {})
    return response


def _told(status: int, sentence: str, headers: Any = None) -> Response:
    """The same for a script: only the sentence; to a phone's tap (app.waiting) with what it is to make of it."""
    response = jsonify(error=sentence)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers.extend(headers or {})
    response.headers.setdefault("X-Tap", _outcome(status))
    return response


def _outcome(status: int) -> str:
    return "later" if status in {429, 503} else "failed" if status >= 500 else "refused"


def _is_script() -> bool:
    return request.is_json or "X-Client-Id" in request.headers


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    kept = {k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After", "WWW-Authenticate"}}
    sentence = error.description if error.code == 404 and error.description != NotFound.description else None
    if error.code == 429 and "Retry-After" in kept:
        sentence = f"That was too often in a short time. Try again in {kept['Retry-After']} seconds."
    return _page(error.code, sentence, kept)


def _refusal(refusal: Refusal) -> Response:
    return _page(refusal.status, refusal.sentence)


def _stale(_error: CSRFError) -> Response:
    """The form's token is not of this session: offer to send the same again, unless another site is behind it."""
    from_here = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    if from_here and "X-Client-Id" in request.headers:
        return _told(400, "This page was open for a long time.", {"X-Tap": "stale"})
    if not from_here or is_htmx() or request.is_json or request.files:
        return _page(400, "This page was open for a long time. Load it again, then try once more.")
    kept = [(k, v) for k, v in request.form.items(multi=True) if k not in NEVER_KEPT]
    html = render_template(
        "errors/stale.html", fields=kept, action=request.full_path.rstrip("?"), code=g.get("request_id", "")
    )
    return make_response(html, 400)


def _unexpected(error: Exception) -> Response:
    log.error("unhandled", exc_info=error, extra={"request_id": g.get("request_id", "")})
    return _page(500)
