"""Under which heading, colon line or parent item each sentence of an answer stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from docqa.core.claims import Sentence

ITEM = re.compile(r"\A(?P<mark>[-*+•–—·]|\(?[0-9]{1,3}[.)])\s+")
"""What a list's item begins with."""
_HASHES = re.compile(r"(#{1,6})\s")
_ALL_BOLD = re.compile(r"(\*\*|__)[^*_\n]+\1:?")
_LABELLED = re.compile(
    r"(?:\*\*|__)(?P<bold>[^*\n]{1,60}?):?(?:\*\*|__)|(?P<plain>[^:\n]{1,60}):(?=\s)"
)
_CHIPS = re.compile(r"\[[0-9]+\]")
_ENDS = (".", "!", "?", "。", "！", "？")
_FEW_WORDS = 3
_BOLD_LEVEL = 7
_LEAD_LEVEL = 8
_ITEM_LEVEL = 9


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence stands in its answer."""

    over: tuple[int, ...] = ()
    """Indices of the sentences that stand over it, the widest first."""
    label: str = ""
    """What its item begins with, where others of the item's sentences stand before it: `Acme:`."""
    titles: bool = False
    """Whether it only says what follows is about."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence's own line."""

    begins: bool
    """Whether the sentence is the first on it."""
    indent: int
    gap: bool
    """Whether an empty line stands before it."""
    mark: str
    """Of its item: a bullet, `1` for numbers, or nothing."""
    text: str
    """The sentence without the mark."""
    cited: bool

    @property
    def level(self) -> int:
        """Of a heading 1 to 7, of other lines more."""
        if match := _HASHES.match(self.text):
            return len(match[1])
        if self.mark:
            return _ITEM_LEVEL
        return _BOLD_LEVEL if _ALL_BOLD.fullmatch(self.text) else _LEAD_LEVEL

    @property
    def leads(self) -> bool:
        """Whether it ends with a colon, or is a heading."""
        return self.level <= _BOLD_LEVEL or self.text.rstrip("*_ ").endswith((":", "："))


@dataclass(frozen=True, slots=True)
class _Open:
    """A line that others may stand under."""

    index: int
    line: _Line
    titles: bool


@dataclass(slots=True)
class _Outline:
    open: list[_Open] = field(default_factory=list)
    follows: bool = False
    """Whether the line before is a title, or a paragraph that goes on under one."""

    def place(self, index: int, line: _Line, following: _Line | None) -> Place:
        titles = _titles(line, following)
        under = line.level == _LEAD_LEVEL and self.follows
        self._close(line, stays=under)
        over = tuple(each.index for each in self.open)
        self.follows = titles or (
            line.level == _LEAD_LEVEL and under and (following is None or not following.gap)
        )
        if titles or line.mark or line.leads:
            self.open.append(_Open(index, line, titles))
        return Place(over, titles=titles)

    def _close(self, line: _Line, *, stays: bool) -> None:
        """End what the line does not stand under."""
        if line.level <= _BOLD_LEVEL:
            self.open = [each for each in self.open if each.line.level < line.level]
            return
        for at, each in enumerate(self.open):
            same = each.line.indent == line.indent
            if each.line.level <= _BOLD_LEVEL or each.line.indent < line.indent:
                continue
            if line.mark:
                # `1. Acme` goes on with `- Fee` of the same indent, and ends with `2. Beta`.
                ends = not same or each.line.mark == line.mark or not each.titles
            else:
                ends = not (stays and same)
            if ends:
                del self.open[at:]
                return


def outline(text: str, sentences: Sequence[Sentence]) -> tuple[Place, ...]:
    """The place of each of these sentences of a displayed text."""
    lines = [_line(text, sentences, index) for index in range(len(sentences))]
    state = _Outline()
    places: list[Place] = []
    first = Place()
    label = ""
    for index, line in enumerate(lines):
        if line.begins or not index:
            following = lines[index + 1] if index + 1 < len(lines) else None
            first = state.place(index, line, following)
            match = _LABELLED.match(line.text)
            label = (match["bold"] or (match["plain"] if line.mark else "")) if match else ""
            places.append(first)
        else:
            places.append(Place(first.over, label))
    return tuple(places)


def _titles(line: _Line, following: _Line | None) -> bool:
    if line.cited or line.text.endswith(("?", "？")):
        return False
    if line.leads:
        return True
    if following is None or not following.begins or not following.mark:
        return False
    if line.mark:
        deeper = following.indent > line.indent
        return deeper or (following.indent == line.indent and following.mark != line.mark)
    short = len(line.text.split()) <= _FEW_WORDS  # `Acme Inc.`
    return short or not line.text.rstrip("*_ ").endswith(_ENDS)


def _line(text: str, sentences: Sequence[Sentence], index: int) -> _Line:
    sentence = sentences[index]
    begin = text.rfind("\n", 0, sentence.start) + 1
    before = _CHIPS.sub("", text[begin : sentence.start])
    previous = text[sentences[index - 1].end : sentence.start] if index else ""
    match = ITEM.match(sentence.text)
    mark = match["mark"] if match else ""
    return _Line(
        begins=not before.strip(),
        indent=len(before.expandtabs(4)) if not before.strip() else 0,
        gap=previous.count("\n") > 1,
        mark="1" if mark.strip("(.)").isdigit() else mark,
        text=ITEM.sub("", sentence.text, count=1).strip(),
        cited=any(claim.marks for claim in sentence.claims),
    )
