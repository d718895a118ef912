"""Text: slugs, folding for search, lists in sentences. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_SPECIAL = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "œ": "oe"}
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def fold(text: str) -> str:
    """Lower case without diacritics, for search and comparison: "Lánchíd" -> "lanchid"."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPECIAL))
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch)).casefold()


def slugify(text: str, limit: int = 60) -> str:
    """A URL part: "Budapest Swing Weekend!" -> "budapest-swing-weekend"; empty when nothing usable is left."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:limit].strip("-")


def clean_line(text: str) -> str:
    """One line of user text: control and direction-override characters out, white space folded, NFC.

    Lone surrogates go too: JSON may hold them, and no database or answer can be written with them.
    """
    return " ".join(_CONTROL.sub(" ", unicodedata.normalize("NFC", text)).split())


def clean_block(text: str) -> str:
    """Several lines of user text: as clean_line, with line breaks kept and never more than one empty line."""
    lines = [clean_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def initials(name: str) -> str:
    """Two letters for an avatar: first and last word, "DJ" and the like left out."""
    words = [w for w in name.split() if w.lower() not in {"dj", "mc", "dr"}] or name.split() or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def in_words(parts: Sequence[str]) -> str:
    """One name; "Tess and Mikael"; "Tess, Mikael and Noa"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
