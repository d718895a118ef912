"""Profile photos: any JPEG, PNG or WebP in, one small square WebP out, without metadata. Called by people's actions.

Decides on the bytes, never on the file's name; decodes off the event loop, one picture at a time per process, because a
decoded picture is large. Must not touch the database.
"""

from __future__ import annotations

import threading
import warnings
from io import BytesIO

from PIL import Image, ImageOps

from app.lib.heavy import in_thread
from app.lib.refusal import Refusal

FORMATS = ("JPEG", "PNG", "WEBP")
SIDE = 512
LEAST_SIDE = 64
MOST_PIXELS = 50_000_000  # what large phones make; decoded, that is 150 MB
BACKDROP = (248, 249, 250)  # behind what was transparent

# A picture that claims more pixels is an attack or a mistake: Pillow's warning becomes an error.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
BOMBS = (Image.DecompressionBombWarning, Image.DecompressionBombError)

_one_at_a_time = threading.Lock()


class PhotoRefused(Refusal):
    """A file that does not become a photo; the sentence says which would."""

    field = "photo"
    status = 422


NOT_A_PHOTO = "This is not a photo we can read. Choose a JPEG, PNG or WebP file."
BROKEN = "This photo is damaged or was cut off on its way. Choose it again, or take another."
TOO_MANY_PIXELS = f"This photo has too many pixels. {MOST_PIXELS // 1_000_000} megapixels are the most."
TOO_SMALL = f"This photo is too small. It needs at least {LEAST_SIDE} × {LEAST_SIDE} pixels."


def square_webp(raw: bytes, most_bytes: int) -> bytes:
    """The photo as we keep it: a square of at most 512 pixels, no EXIF, no profile. Raises PhotoRefused."""
    if not raw:
        raise PhotoRefused("Choose a photo first.")
    if len(raw) > most_bytes:
        raise PhotoRefused(f"This photo is larger than {most_bytes // 1024**2} MB. Choose a smaller one.")
    return in_thread(_make, raw)


def _make(raw: bytes) -> bytes:
    with _one_at_a_time:
        with _opened(raw) as image:
            square = _square(image)
        out = BytesIO()
        square.save(out, "WEBP", quality=82, method=4)
        return out.getvalue()


def _opened(raw: bytes) -> Image.Image:
    """The picture with only its header read. Anything but our formats (SVG, GIF, PDF …) is not even tried."""
    try:
        image = Image.open(BytesIO(raw), formats=FORMATS)
    except BOMBS as error:
        raise PhotoRefused(TOO_MANY_PIXELS) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise PhotoRefused(NOT_A_PHOTO) from error
    if min(image.size) < LEAST_SIDE:
        raise PhotoRefused(TOO_SMALL)
    return image


def _square(image: Image.Image) -> Image.Image:
    """Upright, cropped, small, and drawn onto a new canvas: what the old one carried along stays behind."""
    try:
        image.draft("RGB", (SIDE * 2, SIDE * 2))  # JPEG decodes at an eighth where that is enough
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, *BOMBS) as error:
        raise PhotoRefused(BROKEN) from error
    side = min(SIDE, *upright.size)
    fitted = ImageOps.fit(
        upright, (side, side), Image.Resampling.LANCZOS, centering=(0.5, 0.4)
    )  # faces are above the middle
    canvas = Image.new("RGB", (side, side), BACKDROP)
    canvas.paste(fitted, mask=fitted.getchannel("A"))
    return canvas
