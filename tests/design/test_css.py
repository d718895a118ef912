"""The stylesheets hold what templates ask for, their colors can be read, and a first visit stays light."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from app.web.assets import Assets

ROOT = Path(__file__).parents[2]
STATIC = Assets(ROOT / "static", watch=False)
SHEETS = (
    "css/app.css", "css/landing.css", "css/maker.css", "css/patterns.css", "css/screen.css", "css/floor.css",
    "css/booth.css", "css/paper.css", "css/crate.css",
)  # fmt: skip
BUDGET_BYTES = 125_000  # of the 150 kB that a first visit may weigh; the page itself has the rest


def css() -> str:
    return "".join(STATIC.get(sheet).body.decode() for sheet in SHEETS)


def test_every_class_in_a_template_is_styled():
    styled = set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", css()))
    asked: dict[str, str] = {}
    for file in (ROOT / "templates").glob("**/*.html"):
        text = re.sub(r"\{#.*?#\}", "", file.read_text(), flags=re.DOTALL)
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "\0", text, flags=re.DOTALL)  # what Jinja decides is not literal
        for value in re.findall(r'\bclass="([^"]*)"', text):
            asked |= {name: str(file.relative_to(ROOT)) for name in value.split() if "\0" not in name}

    assert {name: where for name, where in asked.items() if name not in styled} == {}


def test_stylesheets_ask_for_no_token_that_is_not_there():
    text = css()
    defined = set(re.findall(r"(--[\w-]+)\s*:", text))
    asked = set(re.findall(r"var\((--[\w-]+)\)", text))

    assert {name for name in asked - defined if not name.startswith("--ec-")} == set()


def test_first_visit_of_the_timeline_leaves_room_for_the_page():
    files = ["css/app.css", "vendor/htmx-4.0.1.min.js", "js/ui.js", "js/live.js", "js/timeline.js", "icons/sprite.svg"]
    weight = sum(len(STATIC.get(name).gzipped or b"") for name in files)
    weight += sum(
        len(STATIC.get(f"fonts/{name}").body) for name in ("inter-latin-wght.woff2", "inter-latin-ext-wght.woff2")
    )

    assert weight < BUDGET_BYTES


# ---- contrast: WCAG 2.2 AA for every pair that carries words ----

TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text().partition("@supports")[0]
VALUES = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", TOKENS))
PAPER = ("--bg", "--surface", "--raised", "--sunken", "--hover")
TONES = ("accent", "ok", "warn", "bad", "info", "social")
TINTS = ("workshop", "competition", "social", "break", "bad", "warn")
PAIRS = [
    *((text, ground) for text in ("--text", "--text-muted") for ground in PAPER),
    *(("--text-faint", ground) for ground in ("--bg", "--surface", "--sunken")),
    *((f"--{tone}-text", ground) for tone in TONES for ground in ("--bg", "--surface", f"--{tone}-tint")),
    *(("--text", f"--{tint}-tint") for tint in TINTS),
    *(("--on-solid", ground) for ground in ("--solid", "--solid-hover")),
    *(("--on-accent", ground) for ground in ("--accent", "--accent-hover")),
    *((text, "--stage") for text in ("--on-stage", "--on-stage-muted")),
    ("--on-bad", "--bad"),
]


def color(name: str, *, dark: bool) -> tuple[float, float, float]:
    value = VALUES[name].strip()
    if found := re.fullmatch(r"light-dark\((.+?),\s*(.+)\)", value):
        value = found[2 if dark else 1].strip()
    if found := re.fullmatch(r"var\((--[\w-]+)\)", value):
        return color(found[1], dark=dark)
    digits = value.removeprefix("#")
    return tuple(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))  # type: ignore[return-value]  # three of them


def luminance(rgb: tuple[float, float, float]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_can_be_read(dark):
    poor = {}
    for text, ground in PAIRS:
        low, high = sorted((luminance(color(text, dark=dark)), luminance(color(ground, dark=dark))))
        ratio = (high + 0.05) / (low + 0.05)
        if ratio < 4.5:
            poor[text, ground] = round(ratio, 2)

    assert poor == {}


def test_compressed_stylesheet_is_small():
    assert len(gzip.compress(STATIC.get("css/app.css").body, 9)) < 14_000
