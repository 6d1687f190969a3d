"""Rows of a sheet -> its tables, each row with the header above it; while they are read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from docqa.readers.sheets.grid import Cell, Row

LOOK_AHEAD = 12
"""Rows of a table that are looked at before its header is told."""
_HEADER_CHARACTERS = 80
"""Of a cell of a header; longer ones are words of their own."""
_LEAST_TABLE = 2


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row with what it belongs to."""

    row: Row
    header: tuple[Row, ...] = ()
    """The rows that name its columns; empty for those rows, and where there are none."""
    heading: str = ""
    """The line above the table; empty for that line."""
    is_heading: bool = False
    begins: bool = False
    """Whether it does not go on with what the row before it began."""


def placed_rows(rows: Iterable[Row]) -> Iterator[PlacedRow]:
    """The rows with their headers and headings, none left out, in their order.

    Rows without an empty row between them belong together. A line alone above a table is its
    heading. A table that goes on after an empty row keeps its header if it has the same columns.
    """
    heading, columns = "", frozenset[int]()
    header: tuple[Row, ...] = ()
    for block in _blocks(rows):
        above, body = _parted(block.first)
        for row in above:
            heading = row.cells[0].text
            header = ()
            yield PlacedRow(row, is_heading=True, begins=True)
        if not body:
            continue
        found = header_of(body)
        span = frozenset(cell.column for row in body for cell in row.cells)
        if found:
            header = found
        elif not span <= columns or len(span) < _LEAST_TABLE:
            header = ()
        columns = span if found or not header else columns
        for number, row in enumerate(body):
            own = number < len(found)
            yield PlacedRow(row, () if own else header, heading, begins=number == 0)
        for row in block.rest:
            yield PlacedRow(row, header, heading)


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows without an empty one between them: the first of them, then the rest."""

    first: tuple[Row, ...]
    rest: Iterator[Row]


def _blocks(rows: Iterable[Row]) -> Iterator[_Block]:
    """The blocks; the rest of each has to be taken before the next."""
    source = _Peekable(iter(rows))
    while source.ahead is not None:
        first = [source.take()]
        while len(first) < LOOK_AHEAD and source.goes_on(first[-1].number):
            first.append(source.take())
        yield _Block(tuple(first), _rest(source, first[-1].number))


def _rest(source: "_Peekable", last: int) -> Iterator[Row]:
    while source.goes_on(last):
        row = source.take()
        last = row.number
        yield row


class _Peekable:
    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.ahead = next(rows, None)

    def goes_on(self, last: int) -> bool:
        """Whether the next row stands right below row `last`."""
        return self.ahead is not None and self.ahead.number <= last + 1

    def take(self) -> Row:
        """The next row."""
        assert self.ahead is not None
        taken, self.ahead = self.ahead, next(self._rows, None)
        return taken


def _parted(block: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """Headings at the top of a block, and the rows of its table.

    Only what stands above a wider table, or all alone, is a heading: a list has one column too.
    """
    count = 0
    while count < len(block) and _is_line(block[count]):
        count += 1
    if count == 0 or count > 3:
        return (), block
    if count < len(block) or count == 1:
        return block[:count], block[count:]
    return (), block


def _is_line(row: Row) -> bool:
    cell = row.cells[0]
    return len(row.cells) == 1 and not cell.is_number and len(cell.text) <= 200


def header_of(body: Sequence[Row]) -> tuple[Row, ...]:
    """The first rows of a table that name its columns: one, two of them, or none.

    A header has short words or years, no other numbers, in most of the columns of the rows below
    it. Where its cells span several columns each, the row below tells those apart.
    """
    if len(body) < _LEAST_TABLE:
        return ()
    first, second = body[0], body[1]
    width = max(len(row.cells) for row in body[1:])
    if width < 2:
        return ()
    has_numbers = any(cell.is_number for row in body[2:] for cell in row.cells)
    grouped = len(first.cells) < len(second.cells) and has_numbers and _is_worded(first)
    if grouped and _is_worded(second) and 2 * len(second.cells) > width:
        return (first, second)
    texts = {cell.text.casefold() for cell in first.cells}
    is_distinct = len(texts) >= 0.8 * len(first.cells) and len(texts) >= 0.6 * width
    return (first,) if is_distinct and _is_worded(first) else ()


def _is_worded(row: Row) -> bool:
    """Whether the cells of a row can be names of columns."""
    return all(
        len(cell.text) <= _HEADER_CHARACTERS and (not cell.is_number or _is_year(cell))
        for cell in row.cells
    )


def _is_year(cell: Cell) -> bool:
    return len(cell.text) == 4 and cell.text.isdecimal() and "1900" <= cell.text <= "2100"
