"""QR codes: the drawing is the code, module by module, and nothing in it can break out of the page."""

from __future__ import annotations

import re

import segno

from app.lib import qr

ADDRESS = "https://pika.example/e/budapest-swing-weekend/v/31?room=k3v9&day=2026-06-13"


def drawn(svg, side):
    """The dark modules of the drawing."""
    found = [[0] * side for _ in range(side)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        for column in range(int(x), int(x) + int(width)):
            found[int(y)][column] = 1
    return found


def test_the_drawing_is_the_code_with_its_quiet_zone():
    code = segno.make(ADDRESS, error="m", boost_error=False, micro=False)
    side = len(code.matrix)
    svg = qr.svg(ADDRESS, "The schedule")
    assert f'viewBox="-4 -4 {side + 8} {side + 8}"' in svg
    assert drawn(svg, side) == [list(row) for row in code.matrix]


def test_a_label_cannot_break_out():
    assert 'aria-label="&quot;&gt;&lt;script&gt;"' in qr.svg(ADDRESS, '"><script>')
