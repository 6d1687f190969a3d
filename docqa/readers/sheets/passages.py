"""Rows with their headers -> passages of a good size, with the header and a map of their cells."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from docqa.core.cells import CellMap, CellSpan, column_letters
from docqa.core.documents import Passage, PassageKind, PlaceLocator
from docqa.readers.blocks import PASSAGE_BYTES, SMALL_BYTES, slices
from docqa.readers.sheets.grid import Cell, Row
from docqa.readers.sheets.tables import PlacedRow

BETWEEN = " | "
_MOST_GAP = 6
"""Empty cells that are written between two others; more say nothing."""
_USUAL_CELL = 12
_WIDEST_CELL = 200
_KEY_BYTES = 80
_HEADING_CHARACTERS = 120


def passages_of(rows: Iterable[PlacedRow], sheet: str, ordinal: int = 0) -> Iterator[Passage]:
    """The rows as passages, numbered from `ordinal`: a row a line, its cells joined by ` | `.

    A passage begins with the header of its table, also where the table goes on from another. A
    table that is too wide is cut by columns; then each line begins with the first cell of its row.
    The cells of the header have their own places, so a quote from below never lies in it.
    """
    packer = _Packer(sheet)
    for row in rows:
        for found in packer.add(row):
            yield found.passage(ordinal, sheet)
            ordinal += 1
    for found in packer.flushed():
        yield found.passage(ordinal, sheet)
        ordinal += 1


@dataclass(slots=True)
class _Open:
    """A passage that is being filled."""

    heading: str
    kind: PassageKind = "paragraph"
    lines: list[str] = field(default_factory=list)
    spans: list[tuple[int, int, int, int]] = field(default_factory=list)
    size: int = 0
    """UTF-8 bytes."""
    length: int = 0
    """Characters, a line feed after each line counted."""
    first: int = 0
    """The first row that is not a repeated header; 0 if there is none yet."""
    last: int = 0
    columns: tuple[int, int] = (0, 0)

    def put(self, row: int, line: "_Line", *, repeated: bool = False) -> None:
        """Append a row, or a part of it, as a line."""
        at = self.length
        for start, cell in zip(line.starts, line.cells, strict=True):
            begin = at + start
            self.spans.append((begin, begin + len(cell.text), row, cell.column))
        self.lines.append(line.text)
        self.size += line.size
        self.length += len(line.text) + 1
        if not repeated:
            self._reach(row, line.cells)

    def _reach(self, row: int, cells: Sequence[Cell]) -> None:
        # The key of a row that is cut by columns stands before the first one.
        left, right = self.columns
        self.columns = (min(left or cells[0].column, cells[0].column), max(right, cells[-1].column))
        self.first = self.first or row
        self.last = row
        if len(cells) > 1:
            self.kind = "table"

    def passage(self, ordinal: int, sheet: str) -> Passage:
        """What it is now."""
        left, right = map(column_letters, self.columns)
        columns = left if left == right else f"{left}:{right}"
        at = PlaceLocator("rows", self.first, self.last, sheet, columns)
        cells = CellMap(tuple(CellSpan(*span) for span in self.spans)).to_bytes()
        return Passage(ordinal, "\n".join(self.lines), at, self.kind, self.heading, cells)


class _Line(NamedTuple):
    """Cells of one row as a line of a passage."""

    cells: Sequence[Cell]
    text: str
    starts: Sequence[int]
    """Where each cell begins in the text."""
    size: int
    """UTF-8 bytes with a line feed."""

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> "_Line":
        text, starts, column = "", [], cells[0].column
        for cell in cells:
            gap = cell.column - column
            if gap == 1:
                text += BETWEEN
            elif gap:
                text += BETWEEN * min(max(gap, 1), _MOST_GAP)
            starts.append(len(text))
            text += cell.text
            column = cell.column
        return cls(cells, text, starts, _bytes(text) + 1)


class _Packer:
    """Fills passages, one for each group of columns at a time."""

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        self._groups: list[int] = []
        """The last column of each group but the last one."""
        self._open: dict[int, _Open] = {}

    def add(self, placed: PlacedRow) -> Iterator[_Open]:
        """Take a row; yields the passages that are full."""
        if placed.begins and not self._joins(placed):
            yield from self.flushed()
            self._groups = _groups(placed)
        if placed.is_heading:
            yield from self._heading(placed.row)
            return
        key = placed.row.cells[0]
        for group, cells in self._parts(placed.row.cells):
            is_keyed = cells[0] is not key and _bytes(key.text) <= _KEY_BYTES
            for line in _lines([key, *cells] if is_keyed else cells):
                yield from self._put(group, placed, line)

    def _heading(self, row: Row) -> Iterator[_Open]:
        for text in slices(row.cells[0].text):
            heading = _Open("", "heading")
            heading.put(row.number, _Line.of([row.cells[0]._replace(text=text)]))
            yield heading

    def flushed(self) -> Iterator[_Open]:
        """The passages that were not full, in the order of their columns."""
        yield from (self._open[group] for group in sorted(self._open))
        self._open = {}

    def _joins(self, placed: PlacedRow) -> bool:
        """Whether a few rows after an empty one are put to those before: forms have many such."""
        before = self._open.get(0)
        return (
            before is not None
            and not placed.is_heading
            and not placed.header
            and not self._groups
            and before.heading == placed.heading[:_HEADING_CHARACTERS]
            and before.size < SMALL_BYTES
        )

    def _parts(self, cells: Sequence[Cell]) -> Iterator[tuple[int, list[Cell]]]:
        """The cells of each group of columns that has some."""
        if not self._groups:
            yield 0, list(cells)
            return
        group, held = 0, list[Cell]()
        for cell in cells:
            while group < len(self._groups) and cell.column > self._groups[group]:
                if held:
                    yield group, held
                group, held = group + 1, []
            held.append(cell)
        if held:
            yield group, held

    def _put(self, group: int, placed: PlacedRow, line: _Line) -> Iterator[_Open]:
        open_ = self._open.get(group)
        if open_ is not None and open_.first and open_.size + line.size > PASSAGE_BYTES:
            yield self._open.pop(group)
            open_ = None
        if open_ is None:
            open_ = self._open[group] = _Open(placed.heading[:_HEADING_CHARACTERS])
            for row in placed.header:
                self._repeat(open_, row, group, line)
        open_.put(placed.row.number, line)

    def _repeat(self, open_: _Open, header: Row, group: int, line: _Line) -> None:
        """Begin a passage with the header of these columns, as far as there is room for it."""
        # Of a long row only the columns that are in this line; of others also those it leaves out.
        wanted = {cell.column for cell in line.cells} if line.size > PASSAGE_BYTES // 2 else None
        cells = [
            cell
            for at, part in self._parts(header.cells)
            if at in (group, 0)
            for cell in part
            if (at == group or cell is header.cells[0]) and (not wanted or cell.column in wanted)
        ]
        if not cells:
            return
        repeated = _Line.of(cells)
        if open_.size + repeated.size + line.size <= PASSAGE_BYTES:
            open_.put(header.number, repeated, repeated=True)


def _groups(placed: PlacedRow) -> list[int]:
    """Where a wide table is cut: so that header and row of each group fit into half a passage."""
    widths: dict[int, int] = {}
    for row in (*placed.header, placed.row):
        for cell in row.cells:
            size = min(_bytes(cell.text), _WIDEST_CELL)
            widths[cell.column] = max(widths.get(cell.column, _USUAL_CELL), size)
    cuts, held = list[int](), 0
    columns = sorted(widths)
    for before, column in pairwise(columns):
        held += widths[before] + len(BETWEEN)
        if 2 * (held + widths[column]) > PASSAGE_BYTES:
            cuts.append(before)
            held = 0
    return cuts


def _lines(cells: Sequence[Cell]) -> Iterator[_Line]:
    """The cells in lines that are no longer than a passage may be; a long cell is cut."""
    line = _Line.of(cells)
    if line.size <= PASSAGE_BYTES:
        yield line
        return
    held: list[Cell] = []
    for cell in cells:
        for text in slices(cell.text):
            part = cell._replace(text=text)
            if held and _Line.of([*held, part]).size > PASSAGE_BYTES:
                yield _Line.of(held)
                held = []
            held.append(part)
    yield _Line.of(held)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="replace"))
