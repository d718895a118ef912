"""Static files: one stylesheet, hashed addresses, compression and caching (app/web/assets.py)."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, Response

from app.web import assets
from app.web.assets import Assets, squeezed

CHROME = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    for name, text in {
        "css/app.css": '@layer base, parts;\n@import "base.css" layer(base);\n@import "button.css" layer(parts);\n',
        "css/base.css": '/* fonts */ @font-face { src: url("../fonts/f.woff2") format("woff2"); }\n',
        "css/button.css": '.btn::before { content: "a  /* b */  ;  c"; color: red; }\n',
        "js/a.js": 'import { b } from "./b.js";\nb();\n',
        "js/b.js": "export function b() {}\n",
        "fonts/f.woff2": "font",
        "notes.md": "not served",
        ".env": "SECRET",
    }.items():
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text(text)
    return static


@pytest.fixture
def web(root: Path) -> Flask:
    app = Flask("web", root_path=str(root.parent), static_folder="static")
    app.config["PIKA"] = SimpleNamespace(is_production=True)
    assets.init_app(app)
    app.add_url_rule("/page", "page", lambda: "<p>word</p>" * 300)
    app.add_url_rule("/small", "small", lambda: "<p>word</p>")
    app.add_url_rule("/stream", "stream", lambda: Response((b"x" * 999 for _ in range(9)), mimetype="text/html"))
    return app


def touch(file: Path, text: str) -> None:
    then = file.stat().st_mtime_ns + 10_000_000
    file.write_text(text)
    os.utime(file, ns=(then, then))


def test_stylesheet_is_one_file_in_its_layers(root):
    css = Assets(root, watch=False).get("css/app.css").body.decode()

    font = Assets(root, watch=False).get("fonts/f.woff2").version
    assert css == (
        f'@layer base,parts;@layer base{{@font-face{{src:url("/static/fonts/f.woff2?v={font}") format("woff2")}}}}'
        '@layer parts{.btn::before{content:"a  /* b */  ;  c";color:red}}'
    )


def test_squeezing_keeps_spaces_that_mean_something():
    assert (
        squeezed("a :hover > b { margin : 0 calc(1px + 2px) ; inset: 0 }")
        == "a :hover > b{margin :0 calc(1px + 2px);inset:0}"
    )


def test_address_changes_with_the_content_of_an_import(root):
    watching = Assets(root, watch=True)
    before = watching.url("css/app.css")
    touch(root / "css/button.css", ".btn { color: blue; }")

    assert watching.url("css/app.css") != before
    assert watching.url("css/app.css") == Assets(root, watch=False).url("css/app.css")


def test_production_reads_a_file_once(root):
    kept = Assets(root, watch=False)
    before = kept.url("js/b.js")
    touch(root / "js/b.js", "export const b = 1;\n")

    assert kept.url("js/b.js") == before


def test_module_imports_its_neighbor_by_the_page_s_address(root):
    kept = Assets(root, watch=True)
    before = kept.url("js/a.js")

    assert f'from "{kept.url("js/b.js")}"' in kept.get("js/a.js").body.decode()
    touch(root / "js/b.js", "export function b() { return 2; }\n")
    assert kept.url("js/a.js") != before


def test_modules_that_import_each_other_are_refused(root):
    (root / "js/b.js").write_text('import "./a.js";\n')

    with pytest.raises(ValueError, match=r"js/a\.js > js/b\.js > js/a\.js"):
        Assets(root, watch=False).get("js/a.js")


@pytest.mark.parametrize(
    "path", ["notes.md", ".env", "css", "css/none.css", "../secret.css", "css/../../secret.css", "/etc/hosts"]
)
def test_nothing_else_is_served(web, root, path):
    (root.parent / "secret.css").write_text("secret")

    assert web.test_client().get(f"/static/{path}").status_code in {301, 308, 404}
    with pytest.raises(FileNotFoundError):
        Assets(root, watch=False).get(path)


def test_hashed_address_is_kept_for_a_year_and_any_other_is_revalidated(web):
    client = web.test_client()
    address = web.jinja_env.globals["asset"]("css/app.css")

    hashed, plain, old = client.get(address), client.get("/static/css/app.css"), client.get("/static/css/app.css?v=old")

    assert hashed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Cache-Control"] == old.headers["Cache-Control"] == "public, no-cache"
    assert client.get("/static/css/app.css", headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304


def test_text_is_compressed_for_those_who_take_it(web):
    client = web.test_client()
    plain, small = client.get("/static/js/b.js"), client.get("/static/js/b.js", headers=CHROME)

    assert plain.headers.get("Content-Encoding") is None
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert client.get("/static/fonts/f.woff2", headers=CHROME).headers.get("Content-Encoding") is None


def test_pages_are_compressed_and_streams_and_scraps_are_not(web):
    client = web.test_client()
    page = client.get("/page", headers=CHROME)

    assert gzip.decompress(page.data) == b"<p>word</p>" * 300
    assert int(page.headers["Content-Length"]) == len(page.data) < 200
    assert client.get("/page").headers.get("Content-Encoding") is None
    assert client.get("/small", headers=CHROME).headers.get("Content-Encoding") is None
    assert client.get("/stream", headers=CHROME).headers.get("Content-Encoding") is None
