"""The styles of a Word document: which are headings, and which are numbered."""

from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from docqa.readers.office.xml import local, number, value

MOST_LEVELS = 9
_MOST_BASES = 20
_HEADING_NAMES = {f"heading {level}": level for level in range(1, MOST_LEVELS + 1)} | {"title": 1}


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph style says of its paragraphs; -1 where it says nothing."""

    level: int = 0
    """Of a heading, 1 being the outermost; 0 of body text."""
    number_id: int = -1
    number_level: int = -1
    is_title: bool = False


class Styles:
    """The paragraph styles of a document, by their ids."""

    def __init__(self, root: etree._Element | None = None) -> None:
        elements = [] if root is None else [each for each in root if local_tag(each) == "style"]
        self._elements = {value(each.attrib, "styleId"): each for each in elements}
        self.of = lru_cache(maxsize=None)(self._of)

    def _of(self, style_id: str) -> Style:
        level = number_id = number_level = -1
        is_title = False
        seen = 0
        while style_id in self._elements and seen < _MOST_BASES:
            base = ""
            for each in self._elements[style_id].iter():
                match local_tag(each):
                    case "name" if level < 0:
                        said = value(each.attrib, "val").lower()
                        level = _HEADING_NAMES.get(said, -1)
                        is_title = is_title or (said == "title" and not seen)
                    case "outlineLvl" if level < 0:
                        outline = number(each.attrib, "val", MOST_LEVELS)
                        level = outline + 1 if outline < MOST_LEVELS else 0
                    case "numId" if number_id < 0:
                        number_id = number(each.attrib, "val", -1)
                    case "ilvl" if number_level < 0:
                        number_level = number(each.attrib, "val", -1)
                    case "basedOn":
                        base = value(each.attrib, "val")
            style_id, seen = base, seen + 1
        return Style(max(level, 0), number_id, number_level, is_title)


def local_tag(element: etree._Element) -> str:
    """The element's name without its namespace; empty of comments and the like."""
    return local(element.tag) if isinstance(element.tag, str) else ""
