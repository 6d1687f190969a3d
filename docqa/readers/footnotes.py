"""Footnotes of a PDF: told from text by size, place and mark, and moved behind what they break."""

import re
from collections.abc import Iterable, Iterator, Sequence

from docqa.readers.pdf_blocks import Block

_SMALLER = 0.93
"""Height of a footnote's lines as a share of the body's."""
_LOW = 0.5
"""A footnote stands in the lower half of what its page has."""
_MARK = re.compile(r"(?:\(?\d{1,3}[).]?|[*†‡§¶]{1,3}|\([a-z]\)|[a-z][).]?)\s*(?=[\w\"“‘(§])")


def with_footnotes(blocks: Iterable[Block], body: float) -> Iterator[Block]:
    """The blocks in the same order, those at the end of a page that are footnotes marked so."""
    page: list[Block] = []
    for block in blocks:
        if page and block.lines[0].page != page[0].lines[0].page:
            yield from _marked(page, body)
            page = []
        page.append(block)
    yield from _marked(page, body)


def _marked(page: Sequence[Block], body: float) -> Sequence[Block]:
    """The blocks of one page; the last ones that are small, low and begin with a mark."""
    if not page:
        return page
    tops = [line.y0 for block in page for line in block.lines]
    middle = min(tops) + _LOW * (max(tops) - min(tops))
    first = len(page)
    for index in range(len(page) - 1, -1, -1):
        block = page[index]
        small = all(line.height < _SMALLER * body for line in block.lines)
        if block.kind == "table" or not small or block.lines[0].y0 < middle:
            break
        if _MARK.match(block.lines[0].text):
            first = index
    for block in page[first:]:
        block.footnote = True
    return page
