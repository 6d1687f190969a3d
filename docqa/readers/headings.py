"""Which blocks of a PDF are headings, and what stands under them."""

import re
from collections.abc import Iterable, Iterator

from docqa.readers.pdf_blocks import Block
from docqa.readers.running import Running

_NAMED = re.compile(
    r"(?:(?:Part|Chapter|Article|Section|Appendix|Annex|Schedule|Exhibit|Item|Note)\s+"
    r"(?:\d+[A-Z]?|[IVXLC]+|[A-Z])(?:\.\d+)*\b)",
    re.IGNORECASE,
)
MAX_TITLE = 120
"""Characters of a title in a heading path."""
_BOXES = re.compile("[☐☑☒□■]")
"""Boxes to tick stand on forms, not in titles."""
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)\.?\s+[^\W\d_]")


def with_headings(blocks: Iterable[Block], body: float, running: Running) -> Iterator[Block]:
    """The blocks, headings marked and their path given to what stands under them."""
    path: list[tuple[float, int, str]] = []
    before: Block | None = None
    for block in blocks:
        first = id(block.lines[0])
        running_line = ("top", first) in running or ("end", first) in running
        stands_alone = block.kind != "table" and not block.footnote and not running_line
        if stands_alone and _is_heading(block, body):
            text = _joined(block)
            height = round(block.lines[0].height * 2) / 2
            numbered = _NUMBERED.match(text)
            depth = numbered[1].count(".") + 1 if numbered else 0
            while path and path[-1][0] <= height and path[-1][1] >= depth:
                path.pop()
            block.heading = " > ".join(title for _, _, title in path[-3:])
            block.kind = "heading"
            path.append((height, depth, text[:MAX_TITLE]))
        else:
            titles = [title for _, _, title in path[-3:]]
            if block.kind == "table" and before is not None and _is_title(before, block):
                titles = [*titles[-2:], _joined(before)[:MAX_TITLE]]
            block.heading = " > ".join(titles)
        before = block
        yield block


def _joined(block: Block) -> str:
    return " ".join(line.text.replace("\t", " ") for line in block.lines)


def _is_title(before: Block, table: Block) -> bool:
    """Whether the block says what the table right under it is: `Net sales by region (in $)`."""
    first = before.lines[0]
    same = (first.page, first.region) == (table.lines[0].page, table.lines[0].region)
    text = _joined(before)
    if not same or before.kind != "paragraph" or len(text) > 2 * MAX_TITLE:
        return False
    return text[0] != "(" and text[-1] not in ".;,。；，" and any(map(str.isalpha, text))


def _is_heading(block: Block, body: float) -> bool:
    if len(block.lines) > 3 or sum([len(line.text) for line in block.lines]) > 160:
        return False
    text = " ".join(line.text for line in block.lines)
    letters = sum(map(str.isalpha, text))
    if len(text) > 160 or letters < 3 or letters < 0.5 * len(text):
        return False
    if _BOXES.search(text) or text[-1] in ",;:，；：。" or (text[-1] == "." and len(text) > 60):
        return False
    if block.lines[0].height > 1.15 * body:
        return True
    if text.isupper() and letters >= 4 and len(text) <= 100:
        return True
    numbered = _NUMBERED.match(text)
    if len(text) > 80 or text[-1] == ":" or (text[-1] == "." and not numbered):
        return False
    if _NAMED.match(text):
        return True
    return numbered is not None and text[numbered.end() - 1].isupper() and _titled(text)


def _titled(text: str) -> bool:
    """Whether most longer words begin with a capital, as in a title."""
    words = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.6 * len(words)
