"""Lines of a PDF -> blocks: paragraphs, items of lists, tables, as their distances tell."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docqa.core.documents import PassageKind
from docqa.readers.lines import Line

_ITEM = re.compile(
    r"(?:[•●▪■□◦‣∙·*–—-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)]|\d{1,3}(?:\.\d{1,3})+\.?"
    r"|(?:Section|SECTION|Article|ARTICLE|§)\s*[\dIVX]+(?:\.\d+)*[.:]?)\s"
)
_BULLET = re.compile(r"(?:[•●▪■□◦‣∙·*–—-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)])\s")
_LABEL = 60
"""Characters of a row's label."""
_OVER_FIGURES = 0.35
"""Of the column's width: what begins further right stands over figures, not over labels."""
_CLOSING = "\"'”’»)]"
_CLOSED = frozenset(".!?:;。！？：；")


@dataclass(slots=True)
class Block:
    """Lines that belong together, and how they are joined."""

    kind: PassageKind
    lines: list[Line]
    heading: str = ""
    joined: bool = True
    """Line ends inside are spaces; else line feeds."""
    footnote: bool = False
    """Whether it stands under the text of its page and belongs to a mark in it."""


def body_height(pages: Iterable[Iterable[Line]]) -> float:
    """The height of most of the text, in points."""
    heights: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            heights[round(line.height * 2) / 2] += len(line.text)
    return max(heights, key=lambda h: (heights[h], -h), default=0.0)


def blocks_of(pages: Sequence[Sequence[Line]]) -> Iterator[Block]:
    """The blocks of each column of each page, in reading order."""
    for lines in pages:
        begin = 0
        for index in range(1, len(lines) + 1):
            if index == len(lines) or lines[index].region != lines[begin].region:
                yield from _region_blocks(lines[begin:index])
                begin = index


def _region_blocks(lines: Sequence[Line]) -> Iterator[Block]:
    """The paragraphs, tables and lists of one column."""
    leading = _leading(lines)
    right = max(line.x1 for line in lines)
    left = min(line.x0 for line in lines)
    rows = _table_rows(lines, leading)
    block: Block | None = None
    for index, line in enumerate(lines):
        if rows[index]:
            kind: PassageKind = "table"
        else:
            kind = "list" if _BULLET.match(line.text) else "paragraph"
        if block is not None:
            before = block.lines[-1]
            apart = line.y1 - before.y1
            if block.kind == "table" and kind == "table":
                if apart < 3 * leading:
                    block.lines.append(line)
                    continue
            elif (
                block.kind != "table"
                and kind != "table"
                and not _parts(before, line, apart, leading=leading, left=left, right=right)
            ):
                block.lines.append(line)
                continue
            yield block
        block = Block(kind, [line], joined=kind != "table")
    if block is not None:
        yield block


def _leading(lines: Sequence[Line]) -> float:
    """The usual distance of two lines of this column, in points."""
    usual = [
        apart
        for before, line in pairwise(lines)
        if 0.5 * line.height < (apart := line.y1 - before.y1) < 3.2 * line.height
    ]
    if len(usual) < 3:
        return min(usual, default=1.4 * lines[0].height)
    return sorted(usual)[len(usual) // 4]


def _table_rows(lines: Sequence[Line], leading: float) -> list[bool]:
    """Per line, whether it is a row of a table: it has cells, and so have its neighbours."""
    cells = [line.cells for line in lines]
    rows = [False] * len(lines)
    if max(cells) == 1:
        return rows
    for index, count in enumerate(cells):
        near = max(cells[max(index - 2, 0) : index] + cells[index + 1 : index + 3], default=1)
        rows[index] = count >= 3 or (count == 2 and near >= 2)
    # A row label without figures between two rows belongs to them.
    for index in range(1, len(lines) - 1):
        if not rows[index] and rows[index - 1] and rows[index + 1]:
            rows[index] = len(lines[index].text) < _label_limit(lines[index])
    # So does what stands over the figures' columns alone: `Nine Months Ended`.
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    for index in range(len(lines) - 2, -1, -1):
        line, below = lines[index], lines[index + 1]
        over = line.x0 - left > _OVER_FIGURES * (right - left)
        near = 0 < below.y1 - line.y1 < 1.6 * leading
        if not rows[index] and rows[index + 1] and over and near:
            rows[index] = len(line.text) < _LABEL
    return rows


def _label_limit(line: Line) -> int:
    """Characters that a row without figures may have; more where it is a title of rows."""
    return 2 * _LABEL if line.text[-1] == ":" else _LABEL


def _parts(
    before: Line, line: Line, apart: float, *, leading: float, left: float, right: float
) -> bool:
    """Whether a new paragraph begins with this line."""
    if apart > 1.35 * leading + 0.5 or apart < -line.height or line.text.isdigit():
        return True
    if (
        not 0.85 < line.height / (before.height or 1) < 1.18
        and min(len(line.text), len(before.text)) > 3
    ):
        return True
    closed = _is_closed(before.text)
    short = right - before.x1 > 0.15 * (right - left)
    if _ITEM.match(line.text) and (closed or short or apart > 1.1 * leading):
        return True
    if not line.text[0].isupper():
        return False
    indented = line.x0 - before.x0 > 1.2 * line.height and before.x0 - left < line.height
    return (closed and (short or indented)) or (short and _shouts(before) != _shouts(line))


def _is_closed(text: str) -> bool:
    """Whether a sentence or clause ends here."""
    if text[-1] in _CLOSED:
        return True
    return text[-1] in _CLOSING and text[-4:].rstrip(_CLOSING)[-1:] in _CLOSED


def _shouts(line: Line) -> bool:
    return line.text.isupper() and sum(map(str.isalpha, line.text)) >= 4


def continued(blocks: Iterable[Block]) -> Iterator[Block]:
    """Paragraphs that go on in the next column or on the next page, as one block.

    Footnotes in between come after the paragraph that they would break.
    """
    held: Block | None = None
    aside: list[Block] = []
    for block in blocks:
        if block.footnote and held is not None:
            aside.append(block)
        elif held is not None and _goes_on(held, block):
            held.lines.extend(block.lines)
        else:
            if held is not None:
                yield held
            yield from aside
            aside = []
            held = block
    if held is not None:
        yield held
    yield from aside


def _goes_on(held: Block, block: Block) -> bool:
    """Whether the block is the rest of what is held, in another column or on another page."""
    last, first = held.lines[-1], block.lines[0]
    return (
        held.kind != "table"
        and not held.footnote
        and block.kind == "paragraph"
        and (last.page, last.region) != (first.page, first.region)
        and first.page - last.page <= 1
        and first.text[0].islower()
        and not _is_closed(last.text)
        and last.text[-1] != "."
        and len(last.text) > 20
        and abs(first.height - last.height) < 0.15 * last.height
    )
