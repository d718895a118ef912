"""The Origin rule for sockets: browsers let any page open one to us and send our cookies along (RELIABILITY S6).

Allowed: exactly the origin of PUBLIC_URL, or exactly the origin that this request was addressed to. No Origin at all is
for programs, which must then bring no cookie. Everything else ("null", look-alikes, other ports) is refused.
"""

from __future__ import annotations

from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """The origin of a URL as browsers write it: lower case, no default port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_allowed(origin: str | None, *, public_url: str, request_url: str, has_cookies: bool) -> bool:
    """Whether a socket may be opened from there."""
    if origin is None:
        return not has_cookies
    return origin in {origin_of(public_url), origin_of(request_url)}
