"""The numbers that Word puts before paragraphs: `4.2`, `(a)`, a bullet; the file has no such text.

ECMA-376 part 1, 17.9: a paragraph refers to an instance, which refers to an abstract numbering with
nine levels; all instances of one abstract numbering count on.
"""

import re
from dataclasses import dataclass, field

from lxml import etree

from docqa.readers.office.docx_styles import MOST_LEVELS, local_tag
from docqa.readers.office.numerals import BULLET, formatted
from docqa.readers.office.xml import is_on, number, value

_PLACE = re.compile(r"%([1-9])")


@dataclass(slots=True)
class _Level:
    form: str = "decimal"
    text: str = ""
    start: int = 1
    style: str = ""
    legal: bool = False


@dataclass(slots=True)
class _Instance:
    abstract: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, _Level] = field(default_factory=dict)
    begun: bool = False


class Numbering:
    """Counts the numbered paragraphs of one document as they come."""

    def __init__(self, root: etree._Element | None = None) -> None:
        self._abstracts: dict[str, dict[int, _Level]] = {}
        self._linked: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._instances: dict[int, _Instance] = {}
        self._counts: dict[str, list[int | None]] = {}
        for each in () if root is None else root:
            if local_tag(each) == "abstractNum":
                self._add_abstract(each)
            elif local_tag(each) == "num":
                self._instances[number(each.attrib, "numId", -1)] = _instance(each)

    def level_of(self, number_id: int, style_id: str) -> int:
        """The level of a numbering that belongs to a style, 0 where none says so."""
        instance = self._instances.get(number_id)
        levels = self._levels(instance) if instance else {}
        return next((at for at, level in levels.items() if level.style == style_id), 0)

    def label(self, number_id: int, level: int) -> str:
        """What stands before the next paragraph of this numbering; `BULLET` for any bullet."""
        instance = self._instances.get(number_id)
        if instance is None or not 0 <= level < MOST_LEVELS:
            return ""
        levels = self._levels(instance)
        counts = self._counts.setdefault(self._name(instance), [None] * MOST_LEVELS)
        if not instance.begun:
            instance.begun = True
            for at in instance.starts:
                counts[at] = None
        for at in range(level + 1):
            count = counts[at]
            if count is None:
                counts[at] = instance.starts.get(at, levels.get(at, _Level()).start)
            elif at == level:
                counts[at] = count + 1
        counts[level + 1 :] = [None] * (MOST_LEVELS - level - 1)
        return _label(levels, level, counts)

    def _name(self, instance: _Instance) -> str:
        """The abstract numbering of an instance, or the one it borrows from a style."""
        linked = self._linked.get(instance.abstract, "")
        return self._links.get(linked, instance.abstract)

    def _levels(self, instance: _Instance) -> dict[int, _Level]:
        return {**self._abstracts.get(self._name(instance), {}), **instance.levels}

    def _add_abstract(self, element: etree._Element) -> None:
        name = value(element.attrib, "abstractNumId")
        levels = [each for each in element if local_tag(each) == "lvl"]
        self._abstracts[name] = {number(each.attrib, "ilvl"): _level(each) for each in levels}
        for each in element:
            if local_tag(each) == "styleLink":
                self._links[value(each.attrib, "val")] = name
            elif local_tag(each) == "numStyleLink":
                self._linked[name] = value(each.attrib, "val")


def _instance(element: etree._Element) -> _Instance:
    made = _Instance("")
    for each in element:
        if local_tag(each) == "abstractNumId":
            made.abstract = value(each.attrib, "val")
        if local_tag(each) != "lvlOverride":
            continue
        at = number(each.attrib, "ilvl")
        for inner in each:
            if local_tag(inner) == "startOverride" and 0 <= at < MOST_LEVELS:
                made.starts[at] = number(inner.attrib, "val", 1)
            elif local_tag(inner) == "lvl":
                made.levels[at] = _level(inner)
    return made


def _level(element: etree._Element) -> _Level:
    level = _Level()
    for each in element:
        match local_tag(each):
            case "numFmt":
                level.form = value(each.attrib, "val")
            case "lvlText":
                level.text = value(each.attrib, "val")[:100]
            case "start":
                level.start = number(each.attrib, "val", 1)
            case "pStyle":
                level.style = value(each.attrib, "val")
            case "isLgl":
                level.legal = is_on(each.attrib)
    return level


def _label(levels: dict[int, _Level], level: int, counts: list[int | None]) -> str:
    own = levels.get(level, _Level())
    if own.form == "bullet":
        return BULLET
    if own.form == "none" and "%" not in own.text:
        return own.text

    def told(place: re.Match[str]) -> str:
        at = int(place[1]) - 1
        form = "decimal" if own.legal else levels.get(at, _Level()).form
        return formatted(counts[at] or 0, form)

    return _PLACE.sub(told, own.text)
