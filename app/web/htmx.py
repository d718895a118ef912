"""Helpers for answering htmx and plain browsers alike: one action, one partial; without htmx a redirect."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse


def is_htmx() -> bool:
    """Whether this request was made by htmx (it wants a fragment)."""
    return request.headers.get("HX-Request") == "true"


def see_other(target: str) -> BaseResponse:
    """Answer a write by sending the browser elsewhere: 303, or htmx's own header so that the page really changes."""
    if is_htmx():
        response = Response(status=204)
        response.headers["HX-Redirect"] = target
        return response
    return redirect(target, code=303)


def safe_next(fallback: str) -> str:
    """The `next` parameter, if it stays on this host; else the fallback.

    Only a path that starts with exactly one slash and holds no backslash or control character passes: browsers treat
    two slashes, a slash with a backslash, and tabs in odd ways (RELIABILITY S12).
    """
    target = request.values.get("next", "")
    plain = target.startswith("/") and target[1:2] not in {"/", "\\"} and "\\" not in target
    if not plain or any(ord(ch) <= 32 or ord(ch) == 127 for ch in target) or urlsplit(target).netloc:
        return fallback
    return target


def back_to(endpoint: str, **values: object) -> BaseResponse:
    """303 to one of our own pages."""
    return see_other(url_for(endpoint, **values))  # type: ignore[arg-type]  # url_for's stub wants Any


def say(sentence: str, *, undo: str | None = None, tell: dict[str, Any] | None = None) -> None:
    """Leave a toast for the next page, with the address of a one-button undo form where there is one.

    `tell` is a page where people are told of it: {"url", "people"}.
    """
    flash({"sentence": sentence, "undo": undo, "tell": tell})  # type: ignore[arg-type]  # flash keeps any JSON value


def fragment(html: str, status: int = 200) -> Response:
    """A fragment that no cache keeps."""
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response
