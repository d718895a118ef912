"""Words of other programs in ours: kinds by what they are called, HTML as plain text, names without tricks. Pure."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from app.lib.text import clean_block, clean_line, fold
from app.schedule.models import KINDS

# Whole words, plural or not; a star stands for any ending.
_KIND_WORDS = (
    ("break", ("break", "coffee break", "lunch*", "dinner", "breakfast", "brunch", "coffee", "meal", "food", "pause",
               "mittag*", "catering")),
    ("competition", ("compet*", "contest", "prelim*", "semi", "semifinal", "semi-final", "final", "finale",
                     "jack and jill", "jack & jill", "jnj", "j&j", "strictly", "battle", "championship",
                     "invitational")),
    ("social", ("social", "party", "parties", "dance night", "milonga", "ball", "concert", "disco", "meetup",
                "meet-up", "mixer", "after hours", "afterhours", "jam", "afterparty", "pre-party")),
    ("workshop", ("workshop", "class", "classes", "lesson", "course", "intensive", "bootcamp", "hands-on", "tutorial",
                  "training", "masterclass*", "kurs*", "atelier")),
    ("other", ("talk", "lecture", "lightning*", "vortrag*", "keynote", "panel", "meeting", "discussion", "registration",
               "desk", "private", "show", "ceremony", "opening", "closing", "audition", "other")),
)  # fmt: skip
_KINDS = tuple(
    (kind, re.compile("(?<![a-z])(" + "|".join(
        re.escape(sign[:-1]) if sign.endswith("*") else re.escape(sign) + "s?(?![a-z])" for sign in signs) + ")"))
    for kind, signs in _KIND_WORDS
)  # fmt: skip
_TAG = re.compile(  # up to the next "<": else each of many open tags would look through all that follows
    r"</?(p|br|b|i|u|em|strong|a|ul|ol|li|div|span|h[1-6]|blockquote|code|pre|img|table|tr|td|hr|small|sup|script|style)\b[^<>]*>",
    re.IGNORECASE,
)
_NO_TAG = re.compile(r"<(?!/?[a-z][^<>]*>|!--[^<>]*-->)", re.IGNORECASE)
_ENTITY = re.compile(r"&(#\d{1,6}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_BLOCKS = {"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "tr", "hr"}


def kind_of(*texts: str) -> str:
    """Our kind for what others call it. Of several texts (type, track, title) the first one that says something."""
    for text in texts:
        words = fold(text)
        if words in KINDS:
            return words
        found = next((kind for kind, pattern in _KINDS if pattern.search(words)), None)
        if found:
            return found
    return "other"


def plain(text: str) -> str:
    """Text as one reads it: HTML becomes lines; what only looks like it ("a < b") stays."""
    if _TAG.search(text):
        reader = _Reader()
        reader.feed(_NO_TAG.sub("&lt;", text))  # for each open tag the parser, too, looks through all that follows
        reader.close()
        text = "".join(reader.parts)
    elif _ENTITY.search(text):
        text = html.unescape(text)
    return clean_block(text)


class _Reader(HTMLParser):
    """Collects text; block elements begin new lines; scripts and styles are nobody's text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  (the library's signature)
        self._silent += tag in {"script", "style"}
        if tag in _BLOCKS:
            self.parts.append("\n* " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"} and self._silent > 0
        if tag in {"p", "div", "ul", "ol"} | {f"h{n}" for n in range(1, 7)}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def clipped(text: str, limit: int) -> str:
    """At most so many characters, cut at a word and marked."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head = cut.rsplit(None, 1)[0] if " " in cut[limit // 2 :] else cut
    return head.rstrip() + "…"


def person_name(text: str) -> str:
    """A name for a slot. Commas part names in our form, and a leading @ would name an account."""
    return clipped(clean_line(clean_line(text).replace(",", " ").lstrip("@ ")), 80)
