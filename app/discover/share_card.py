"""The picture that a link to a DJ's page shows in a chat: 1200 × 630 pixels, PNG. Drawn with our own font.

Called by the profile's route with plain values; draws in gevent's thread pool, because Pillow is slow. No database.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.lib.heavy import in_thread

SIZE = (1200, 630)
INK, WHITE, MUTED, CORAL = "#1a1a2e", "#ffffff", "#b9b9cc", "#ff6b6b"
PHOTO_SIDE = 300
MARGIN = 80
KEPT_MAX = 64
FONTS = Path(__file__).resolve().parent.parent.parent / "static" / "fonts"
WEIGHTS = {"heavy": 850, "strong": 650, "plain": 450}


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on the picture. `photo`: a WebP or None; then the initials stand in its place."""

    name: str
    initials: str
    headline: str
    figures: tuple[str, ...]
    photo: bytes | None


def draw(card: Card) -> bytes:
    """The picture as PNG."""
    return in_thread(_draw, card)


_kept: dict[Card, bytes] = {}


def kept(card: Card) -> bytes:
    """The picture, drawn once per process for what stands on it."""
    if card not in _kept:
        if len(_kept) >= KEPT_MAX:
            _kept.clear()
        _kept[card] = draw(card)
    return _kept[card]


def _draw(card: Card) -> bytes:
    image = Image.new("RGB", SIZE, INK)
    pen = ImageDraw.Draw(image)
    _round_photo(image, pen, card)
    left, room = MARGIN + PHOTO_SIDE + 60, SIZE[0] - MARGIN * 2 - PHOTO_SIDE - 60
    y = float(MARGIN + 20)
    for words, size, weight, color, most in (
        (card.name, 76, "heavy", WHITE, 2),
        (card.headline, 36, "plain", MUTED, 3),
    ):
        for line in wrapped(words, weight, size, room, most):
            _write(pen, left, y, line, weight, size, color)
            y += size * 1.25
        y += 12
    foot = SIZE[1] - MARGIN - 44
    end = _write(pen, MARGIN, foot, "Pika", "heavy", 48, WHITE)
    _write(pen, end, foot, "!", "heavy", 48, CORAL)
    words = "   ·   ".join(card.figures)
    _write(pen, SIZE[0] - MARGIN - length(words, "strong", 32), foot + 12, words, "strong", 32, WHITE)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _round_photo(image: Image.Image, pen: ImageDraw.ImageDraw, card: Card) -> None:
    box = (MARGIN, MARGIN, MARGIN + PHOTO_SIDE, MARGIN + PHOTO_SIDE)
    if card.photo is None:
        pen.ellipse(box, fill="#3a3a5c")
        width = length(card.initials, "heavy", 120)
        _write(pen, MARGIN + (PHOTO_SIDE - width) / 2, MARGIN + 76, card.initials, "heavy", 120, WHITE)
        return
    with Image.open(BytesIO(card.photo), formats=("WEBP",)) as photo:
        face = photo.convert("RGB").resize((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.LANCZOS)
    mask = Image.new("L", (PHOTO_SIDE * 2, PHOTO_SIDE * 2), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, PHOTO_SIDE * 2, PHOTO_SIDE * 2), fill=255)
    image.paste(face, box[:2], mask.resize((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.LANCZOS))


# ---- words: our font comes in two files, plain Latin and its extension ----


def can_write(words: str) -> bool:
    """Whether our font has all these letters: Latin with its accents, and the usual signs."""
    return all(_file_for(letter) for letter in words)


def _file_for(letter: str) -> str:
    code = ord(letter)
    if 0x20 <= code < 0x7F or 0xA0 <= code < 0x100 or letter in "–—‘’“”…•€™":
        return "inter-latin-wght.woff2"
    return "inter-latin-ext-wght.woff2" if 0x100 <= code < 0x180 or 0x1E00 <= code < 0x1F00 else ""


@lru_cache(maxsize=16)
def _font(file: str, weight: str, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(FONTS / file), size)
    font.set_variation_by_axes([WEIGHTS[weight]])
    return font


def _runs(words: str, weight: str, size: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    drawable = "".join(letter for letter in words if _file_for(letter))
    return [("".join(run), _font(file, weight, size)) for file, run in groupby(drawable, _file_for)]


def length(words: str, weight: str, size: int) -> float:
    """How wide the words are, in pixels."""
    return sum(font.getlength(run) for run, font in _runs(words, weight, size))


def _write(pen: ImageDraw.ImageDraw, x: float, y: float, words: str, weight: str, size: int, color: str) -> float:
    """Write one line with its top at y; returns where it ends."""
    for run, font in _runs(words, weight, size):
        pen.text((x, y + size), run, font=font, fill=color, anchor="ls")
        x += font.getlength(run)
    return x


def wrapped(words: str, weight: str, size: int, room: float, lines_max: int) -> list[str]:
    """Lines that fit the room; what is too much ends in an ellipsis."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and length(longer, weight, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > lines_max:
        lines = [*lines[: lines_max - 1], f"{lines[lines_max - 1]} …"]
    return [_cut(line, weight, size, room) for line in lines]


def _cut(line: str, weight: str, size: int, room: float) -> str:
    while len(line) > 2 and length(line, weight, size) > room:
        line = line[:-2].rstrip(" …") + "…"
    return line
