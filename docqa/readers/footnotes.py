"""Footnotes of a PDF: told from text by size, place and mark, and moved behind what they break."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from docqa.readers.pdf_blocks import Block

_SMALLER = 0.93
"""Height of a footnote's lines as a share of the body's."""
_LOW = 0.5
"""A footnote stands in the lower half of what its column has."""
_MARK = re.compile(r"(?:\(?\d{1,3}[).]?|[*†‡§¶]{1,3}|\([a-z]\)|[a-z][).]?)\s*(?=[\w\"“‘(§])")


def with_footnotes(blocks: Iterable[Block], body: float) -> Iterator[Block]:
    """The blocks in the same order, those at the end of a column that are footnotes marked so."""
    for _, column in groupby(blocks, key=_column):
        yield from _marked(list(column), body)


def _column(block: Block) -> tuple[int, int]:
    return block.lines[0].page, block.lines[0].region


def _marked(column: Sequence[Block], body: float) -> Sequence[Block]:
    """The blocks of one column; the last ones that are small, low and begin with a mark."""
    tops = [line.y0 for block in column for line in block.lines]
    middle = min(tops) + _LOW * (max(tops) - min(tops))
    first = len(column)
    for index in range(len(column) - 1, -1, -1):
        block = column[index]
        if block.lines[0].text.isdigit() and len(block.lines) == 1:
            continue  # a page number
        small = all(line.height < _SMALLER * body for line in block.lines)
        if block.kind == "table" or not small or block.lines[0].y0 < middle:
            break
        if _MARK.match(block.lines[0].text):
            first = index
    for block in column[first:]:
        block.footnote = True
    return column
