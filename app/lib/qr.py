"""QR codes as inline SVG: the way from a wall, a sheet or a screen to an address. Pure; no class, no style, no script.

The quiet zone of four modules that readers need is part of the picture. Colors come from the page: what is dark takes
`currentColor`, and the place it stands in must be light.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape

import segno
from markupsafe import Markup

QUIET_MODULES = 4


@lru_cache(maxsize=256)
def svg(text: str, label: str) -> Markup:
    """The code of this text, readable although up to 15 % of it are dirty (error correction M). `label` is its name."""
    code = segno.make(text, error="m", boost_error=False, micro=False)
    side = code.symbol_size(border=0)[0]
    rows = ("".join(_runs(row, y)) for y, row in enumerate(code.matrix))
    box = f"{-QUIET_MODULES} {-QUIET_MODULES} {side + 2 * QUIET_MODULES} {side + 2 * QUIET_MODULES}"
    return Markup(  # noqa: S704  (numbers of ours and one escaped label)
        f'<svg class="qr" viewBox="{box}" role="img" aria-label="{escape(label)}" shape-rendering="crispEdges">'
        f'<path fill="currentColor" d="{"".join(rows)}"/></svg>'
    )


def _runs(row: bytearray | bytes, y: int) -> list[str]:
    """One path command per run of dark modules."""
    found, start = [], None
    for x, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            found.append(f"M{start} {y}h{x - start}v1h{start - x}z")
            start = None
    return found
