"""Tables of a PDF that are too long for a passage: cut between rows, each part with the headings.

A row without the headings of its columns says little: neither a model nor a person can tell which
year `78,129` belongs to.
"""

import re
from collections.abc import Iterator, Sequence

from docqa.readers.lines import Line

MAX_HEADING_LINES = 5
MAX_HEADING_BYTES = 300

_FIGURE = re.compile(r"[$€£¥(+-]*\d[\d,.]*\)?%?|[-—–]")
_YEAR = re.compile(r"(?:19|20)\d\d")


def column_headings(rows: Sequence[Line]) -> Sequence[Line]:
    """The rows above the first one with figures, where they are few and short; else none."""
    heading = 0
    for row in rows[: MAX_HEADING_LINES + 1]:
        if _has_figures(row.text):
            break
        heading += 1
    found = rows[:heading]
    size = sum(_size(row) for row in found)
    if not found or heading > MAX_HEADING_LINES or size > MAX_HEADING_BYTES:
        return rows[:1] if rows[0].cells > 1 and _size(rows[0]) <= MAX_HEADING_BYTES else ()
    return found if any(row.cells > 1 for row in found) else ()


def table_parts(rows: Sequence[Line], most_bytes: int) -> Iterator[list[Line]]:
    """The rows in parts of at most so many bytes, the column headings first in each of them."""
    headings = list(column_headings(rows))
    part: list[Line] = []
    size = 0
    for row in rows:
        if part and size + _size(row) > most_bytes and len(part) > len(headings):
            yield part
            part = list(headings)
            size = sum(_size(line) for line in part)
        part.append(row)
        size += _size(row)
    if part:
        yield part


def _has_figures(text: str) -> bool:
    """Whether a cell other than the first is a figure, and not merely a year."""
    cells = text.split("\t")[1:]
    return any(_FIGURE.fullmatch(cell) and not _YEAR.fullmatch(cell) for cell in cells)


def _size(row: Line) -> int:
    return len(row.text.encode(errors="replace")) + 1
