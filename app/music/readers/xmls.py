"""XML without its dangers: no entities, no outside references, a cap on depth and on elements. Raises Unreadable."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from app.music.readers.items import Unreadable
from app.music.readers.texts import CUT_OFF

DEPTH_MAX = 60
ELEMENTS_MAX = 1_500_000
_ENDED = {3, 5, 13}  # expat: no element found, unclosed token, unclosed CDATA


class _Capped(TreeBuilder):
    """Builds a tree, up to a depth and a number of elements."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = self.count = 0

    def start(self, tag: Any, attrs: Any) -> Any:
        self.depth += 1
        self.count += 1
        if self.depth > DEPTH_MAX:
            raise Unreadable("This XML is nested deeper than any music library.")
        if self.count > ELEMENTS_MAX:
            raise Unreadable("There is more in this XML than in any music library. Export a part of it.")
        return super().start(tag, attrs)

    def end(self, tag: Any) -> Any:
        self.depth -= 1
        return super().end(tag)


def parse(raw: bytes) -> Element:
    """The root element."""
    parser = DefusedXMLParser(target=_Capped(), forbid_dtd=False, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(raw)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise Unreadable("This XML defines entities of its own, which no music library does. It is refused.") from error
    except ParseError as error:
        line, column = error.position
        if error.code in _ENDED:
            raise Unreadable(CUT_OFF) from error
        raise Unreadable(
            f"This is not valid XML: line {line}, column {column + 1}. It may be damaged, or written in another "
            "encoding than it says. Export it again."
        ) from error
    except (ValueError, LookupError) as error:  # an encoding that Python does not know
        raise Unreadable("This XML names an encoding that we do not know. Export it as UTF-8.") from error
    return root
