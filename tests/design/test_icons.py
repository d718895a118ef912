"""The sprite holds the icons in use: none is missing, none is idle."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPRITE = (ROOT / "static" / "icons" / "sprite.svg").read_text()
HELD = set(re.findall(r'<symbol id="([^"]+)"', SPRITE)) - {"bang"}
SOURCES = [
    file.read_text()
    for pattern in ("templates/**/*.html", "app/**/*.py", "static/js/*.js")
    for file in ROOT.glob(pattern)
]
NAMED = [
    r'\bicon\(\s*"([a-z0-9-]+)"',
    r'\bempty\(\s*"([a-z0-9-]+)"',
    r'\bstrip\(\s*"[a-z]*",\s*"([a-z0-9-]+)"',
    r'\bbadge\(\s*"[a-z]*",\s*"[^"]*",\s*"([a-z0-9-]+)"',
    r'\b(?:Place|Area)\([^"]*"[^"]*",(?: "[^"]*",)? "([a-z0-9-]+)"',
]


def test_every_icon_named_is_in_the_sprite():
    named = {name for source in SOURCES for pattern in NAMED for name in re.findall(pattern, source)}

    assert named - HELD == set()


def test_every_icon_in_the_sprite_is_named_somewhere():
    text = "\n".join(SOURCES)

    assert {name for name in HELD if f'"{name}"' not in text} == set()
