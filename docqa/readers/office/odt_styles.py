"""The styles of an OpenDocument text: titles, raised text, and how lists and headings count."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from docqa.readers.office.numerals import BULLET, formatted
from docqa.readers.office.xml import Attributes, local, number, value

MOST_LEVELS = 10
OUTLINE = "{outline}"
"""The name that the numbering of headings has here; no list has it."""

_SPACE = re.compile(r"\{[^}]*?xmlns:([\w-]+):1\.\d+\}|\{[^}]*?purl\.org/(dc)/[^}]*\}")
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman"}
_FORMS["I"] = "upperRoman"
_LEVEL_TAGS = (
    "text:list-level-style-number",
    "text:list-level-style-bullet",
    "text:list-level-style-image",
    "text:outline-level-style",
)


@lru_cache(maxsize=4_096)
def named(tag: str) -> str:
    """The tag with the last word of its namespace, as the standard writes it: `text:p`."""
    space = _SPACE.match(tag)
    return f"{space[1] or space[2]}:{local(tag)}" if space else local(tag)


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    before: str = ""
    after: str = ""
    shown: int = 1
    """How many levels the number shows, its own and those above."""
    start: int = 1


@dataclass(slots=True)
class _Style:
    parent: str = ""
    raised: bool = False
    hidden: bool = False


@dataclass(slots=True)
class OdtStyles:
    """A handler for `xml.feed` by `named` tags, and what it found; counts as a text goes on."""

    _styles: dict[str, _Style] = field(default_factory=dict)
    _lists: dict[str, dict[int, _Level]] = field(default_factory=dict)
    _counts: dict[str, list[int]] = field(default_factory=dict)
    _style: _Style = field(default_factory=_Style)
    _levels: dict[int, _Level] = field(default_factory=dict)

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take an element's beginning."""
        if tag == "style:style":
            self._style = _Style(value(attributes, "parent-style-name"))
            self._styles[value(attributes, "name")] = self._style
        elif tag == "style:text-properties":
            self._style.raised |= value(attributes, "text-position").startswith("super")
            self._style.hidden |= value(attributes, "display") == "none"
        elif tag in ("text:list-style", "text:outline-style"):
            name = OUTLINE if tag == "text:outline-style" else value(attributes, "name")
            self._levels = self._lists.setdefault(name, {})
        elif tag in _LEVEL_TAGS:
            is_number = tag in ("text:list-level-style-number", "text:outline-level-style")
            self._levels[number(attributes, "level", 1)] = _Level(
                form=_FORMS.get(value(attributes, "num-format"), "") if is_number else "bullet",
                before=value(attributes, "num-prefix")[:20],
                after=value(attributes, "num-suffix")[:20],
                shown=number(attributes, "display-levels", 1),
                start=number(attributes, "start-value", 1),
            )

    def end(self, tag: str) -> None:
        """Take an element's end."""

    def data(self, text: str) -> None:
        """Take text: styles have none."""

    def is_title(self, style: str) -> bool:
        """Whether paragraphs of this style are the document's title."""
        return style == "Title" or self._of(style).parent == "Title"

    def is_raised(self, style: str) -> bool:
        """Whether text of this style stands higher."""
        return self._of(style).raised

    def is_hidden(self, style: str) -> bool:
        """Whether text of this style is not shown."""
        return self._of(style).hidden

    def _of(self, style: str) -> _Style:
        return self._styles.get(style, _Style())

    def restart(self, numbering: str) -> None:
        """Let a list count from its beginning."""
        self._counts.pop(numbering, None)

    def label(self, numbering: str, level: int, start: int | None = None) -> str:
        """What stands before the next item of a list, or heading, of this level (from 1).

        `start` is a number that the item itself gives; `BULLET` is any bullet, empty no label.
        """
        levels = self._lists.get(numbering, {})
        own = levels.get(level)
        if not 1 <= level <= MOST_LEVELS or (own is None and numbering == OUTLINE):
            return ""
        if own is None or own.form == "bullet":
            return BULLET
        counts = self._counts.setdefault(numbering, [])
        while len(counts) < level:
            counts.append(levels.get(len(counts) + 1, own).start - 1)
        del counts[level:]
        counts[level - 1] = counts[level - 1] + 1 if start is None else start
        if not own.form:
            return ""
        first = max(level - max(own.shown, 1), 0)
        # A level above that has not been counted yet counts as its first.
        told = [
            formatted(max(counts[at], 1), levels.get(at + 1, own).form or "decimal")
            for at in range(first, level)
        ]
        return f"{own.before}{'.'.join(told)}{own.after}".strip()
