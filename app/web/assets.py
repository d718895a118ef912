"""Static files: one stylesheet out of many, addresses that carry a content hash, compression, caching.

There is no build step. On first use (and again in development when a source changed) a stylesheet's imports are put in
their place and a module's relative imports get their hashes; the result and its gzip are kept in memory.
Called by create_app; templates use `asset(path)`. Must not serve anything outside static/.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request
from werkzeug.utils import safe_join

from app.web import access

YEAR = "public, max-age=31536000, immutable"
REVALIDATE = "public, no-cache"
COMPRESSIBLE = frozenset({".css", ".js", ".svg", ".json", ".txt", ".webmanifest"})
SERVED = COMPRESSIBLE | {".woff2", ".png", ".webp", ".ico"}
DYNAMIC_COMPRESSIBLE = frozenset({"text/html", "text/calendar", "application/json", "application/xml"})
WORTH_COMPRESSING_BYTES = 1024

_IMPORT = re.compile(r'@import\s+"([^"]+)"(?:\s+layer\(([\w.-]+)\))?\s*;')
_URL = re.compile(r'url\("(\.\.?/[^"?#]+)"\)')
_MODULE = re.compile(r'((?:\bfrom|\bimport)\s*\(?\s*")(\.\.?/[^"]+\.js)(")')
_STRING_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|/\*.*?\*/', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served, with what it was made of (path, modification time) to notice a change."""

    body: bytes
    gzipped: bytes | None
    version: str
    mimetype: str
    sources: tuple[tuple[Path, int], ...]

    @property
    def is_stale(self) -> bool:
        return any(not path.exists() or path.stat().st_mtime_ns != then for path, then in self.sources)


class Assets:
    """The files under one folder, by path ("css/app.css"). Raises FileNotFoundError for what is not served."""

    def __init__(self, root: Path, *, watch: bool) -> None:
        self._root = root
        self._watch = watch
        self._kept: dict[str, Asset] = {}

    def url(self, path: str) -> str:
        """The address that may be cached for ever: another content has another address."""
        return f"/static/{path}?v={self.get(path).version}"

    def get(self, path: str) -> Asset:
        found = self._kept.get(path)
        if found is None or (self._watch and found.is_stale):
            found = self._kept[path] = self._make(path)
        return found

    def _make(self, path: str, within: tuple[str, ...] = ()) -> Asset:
        file = self._file(path)
        sources = {file}
        if file.suffix == ".css":
            body = squeezed(self._css(path, sources)).encode()
        elif file.suffix == ".js" and not path.startswith("vendor/"):
            body = self._js(path, sources, (*within, path)).encode()
        else:
            body = file.read_bytes()
        return Asset(
            body=body,
            gzipped=gzip.compress(body, 9, mtime=0) if file.suffix in COMPRESSIBLE else None,
            version=hashlib.sha256(body).hexdigest()[:12],
            mimetype=mimetypes.types_map.get(file.suffix) or {".woff2": "font/woff2"}.get(file.suffix, "text/plain"),
            sources=tuple((source, source.stat().st_mtime_ns) for source in sorted(sources)),
        )

    def _file(self, path: str) -> Path:
        joined = safe_join(str(self._root), path)
        file = Path(joined) if joined else None
        if file is None or file.suffix not in SERVED or file.name.startswith(".") or not file.is_file():
            raise FileNotFoundError(path)
        return file

    def _css(self, path: str, sources: set[Path]) -> str:
        """The stylesheet with its imports in their place and its relative addresses made absolute and hashed."""
        file = self._file(path)
        sources.add(file)

        def imported(match: re.Match[str]) -> str:
            inner = self._css(_beside(path, match[1]), sources)
            return f"@layer {match[2]} {{\n{inner}\n}}" if match[2] else inner

        def address(match: re.Match[str]) -> str:
            return f'url("{self.url(_beside(path, match[1]))}")'

        return _IMPORT.sub(imported, _URL.sub(address, file.read_text()))

    def _js(self, path: str, sources: set[Path], within: tuple[str, ...]) -> str:
        """The module, importing its neighbors by the same hashed address that a page uses: one instance of each."""

        def neighbor(match: re.Match[str]) -> str:
            other = _beside(path, match[2])
            if other in within:
                message = f"modules import each other: {' > '.join((*within, other))}"
                raise ValueError(message)
            made = self._make(other, within)
            sources.update(source for source, _ in made.sources)
            return f"{match[1]}/static/{other}?v={made.version}{match[3]}"

        return _MODULE.sub(neighbor, self._file(path).read_text())


def _beside(path: str, relative: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))


def squeezed(css: str) -> str:
    """CSS without comments and idle white space. Strings stay as they are; spaces that mean something stay too."""
    strings: list[str] = []

    def set_aside(match: re.Match[str]) -> str:
        if match[1] is None:
            return " "
        strings.append(match[1])
        return "\0"

    text = re.sub(r"\s+", " ", _STRING_OR_COMMENT.sub(set_aside, css))
    text = re.sub(r" ?([{};,]) ?", r"\1", text).replace(": ", ":").replace(";}", "}")
    return re.sub("\0", lambda _: strings.pop(0), text).strip()


def compress(response: Response) -> Response:
    """Gzip for pages and data worth it.

    Secret and typed text share compressed pages (BREACH). That is acceptable here: the session cookie is SameSite=Lax,
    so a stranger's page cannot make a browser fetch ours with it thousands of times, and the signature in the CSRF
    token changes every second. No other secret stands in a page.
    """
    if response.mimetype not in DYNAMIC_COMPRESSIBLE or response.is_streamed or response.direct_passthrough:
        return response
    if "Content-Encoding" in response.headers or response.status_code in {204, 304}:
        return response
    body = response.get_data()
    if len(body) < WORTH_COMPRESSING_BYTES:
        return response
    response.vary.add("Accept-Encoding")
    if "gzip" in request.accept_encodings:
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def init_app(app: Flask) -> None:
    """`asset(path)` for templates, compression, and Flask's static route served from here."""
    assets = Assets(Path(app.static_folder or "static"), watch=not app.config["PIKA"].is_production)
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = assets.url
    app.after_request(compress)

    @access.public
    def static(filename: str) -> Response:
        try:
            return serve(assets.get(filename))
        except FileNotFoundError:
            abort(404)

    app.view_functions["static"] = static


def serve(found: Asset) -> Response:
    """One asset: for ever under its hashed address, revalidated under any other, 304 where nothing changed."""
    gzipped = found.gzipped if "gzip" in request.accept_encodings else None
    response = Response(gzipped or found.body, mimetype=found.mimetype)
    if found.gzipped:
        response.vary.add("Accept-Encoding")
    if gzipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = YEAR if request.args.get("v") == found.version else REVALIDATE
    response.set_etag(found.version, weak=True)
    response.make_conditional(request)
    return response
