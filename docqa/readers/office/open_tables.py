"""Tables while they are read: rows for the document, or parts of a page's layout."""

from dataclasses import dataclass, field

from docqa.core.documents import PassageKind
from docqa.readers.office.building import Blocks
from docqa.readers.office.tables import Cell, Row

_MOST_NESTED = 8
"""Tables in tables; what is nested deeper is read as if it had no cells."""
_ROWS_AT_ONCE = 5_000
_CELL_BLOCKS = 3
_CELL_CHARACTERS = 500
"""A cell with more blocks and text is a part of the page's layout, not of a table."""

Found = tuple[str, PassageKind, int]
"""Text, kind and level, as `Blocks.add` takes them."""


@dataclass(slots=True)
class _Cell:
    across: int
    down: int
    header: bool
    found: list[Found] = field(default_factory=list)
    layout: bool = False
    above: bool = False

    @property
    def is_layout(self) -> bool:
        if self.layout or any(kind == "heading" for _, kind, _ in self.found):
            return True
        characters = sum(len(text) for text, _, _ in self.found)
        return len(self.found) > _CELL_BLOCKS and characters > _CELL_CHARACTERS

    @property
    def told(self) -> Cell:
        text = " ".join(text for text, _, _ in self.found)
        return Cell(text, self.across, self.down, self.above)


@dataclass(slots=True)
class _Table:
    cells: list[_Cell] = field(default_factory=list)
    cell: _Cell | None = None
    rows: list[Row] = field(default_factory=list)
    header: bool = False
    """Whether the row that is open was said to be a header."""
    is_wide: bool = False
    """Whether a row had several columns: then a single cell is a row, too."""


class OpenTables:
    """The tables that are open, the outermost first."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._open: list[_Table] = []
        self._too_deep = 0

    def put(self, found: Found) -> None:
        """Give text to the innermost cell that is open, else to the document."""
        cell = next((table.cell for table in reversed(self._open) if table.cell), None)
        if cell is None:
            self._blocks.add(*found)
        else:
            cell.found.append(found)

    def open(self) -> None:
        """Begin a table."""
        if self._too_deep or len(self._open) >= _MOST_NESTED:
            self._too_deep += 1
            return
        if self._open and (cell := self._open[-1].cell):
            cell.layout = True
        self._open.append(_Table())

    def close(self) -> None:
        """End the innermost table."""
        if self._too_deep:
            self._too_deep -= 1
        elif self._open:
            table = self._open.pop()
            self._end_row(table)
            self._tell(table)

    def row(self, *, header: bool = False) -> None:
        """Begin a row of the innermost table, ending the one before."""
        if self._open and not self._too_deep:
            table = self._open.pop()
            self._end_row(table)
            self._open.append(table)
            table.header = header

    def end_row(self) -> None:
        """End the row that is open."""
        self.row()

    def cell(self, across: int = 1, down: int = 1, *, header: bool = False) -> None:
        """Begin a cell that covers so many columns and rows, ending the one before."""
        if self._open and not self._too_deep:
            table = self._open[-1]
            table.cell = _Cell(across, down, header)
            table.cells.append(table.cell)

    def end_cell(self) -> None:
        """End the cell that is open."""
        if self._open and not self._too_deep:
            self._open[-1].cell = None

    def cover(self, across: int) -> None:
        """Let the cell that is open cover so many columns."""
        if self._open and not self._too_deep and (cell := self._open[-1].cell):
            cell.across = across

    def continue_above(self) -> None:
        """Let the cell that is open be one with the cell above it."""
        if self._open and not self._too_deep and (cell := self._open[-1].cell):
            cell.above = True

    def lay_out(self) -> None:
        """Let the cell that is open be a part of the page's layout."""
        if self._open and not self._too_deep and (cell := self._open[-1].cell):
            cell.layout = True

    def mark_header(self) -> None:
        """Let the row that is open be a header."""
        if self._open and not self._too_deep:
            self._open[-1].header = True

    def close_all(self) -> None:
        """End what is open."""
        self._too_deep = 0
        while self._open:
            self.close()

    def _end_row(self, table: _Table) -> None:
        """End the row of a table; text goes where the table itself stands."""
        cells, table.cells, table.cell = table.cells, [], None
        filled = [cell for cell in cells if cell.found]
        table.is_wide = table.is_wide or sum(cell.across for cell in cells) > 1
        alone = len(cells) == 1 and not table.is_wide
        if alone or any(cell.is_layout for cell in filled):
            self._tell(table)
            for cell in filled:
                for found in cell.found:
                    self.put(found)
        elif filled:
            # A cell is one line: what stands in blocks of its own is told side by side.
            header = table.header or all(cell.header for cell in filled)
            table.rows.append(Row(tuple(cell.told for cell in cells), header))
            if len(table.rows) >= _ROWS_AT_ONCE:
                self._tell(table)

    def _tell(self, table: _Table) -> None:
        """Give on the rows that wait: to the document, or to the cell around the table."""
        rows, table.rows = table.rows, []
        if not rows:
            return
        if not any(outer.cell for outer in self._open):
            self._blocks.table(rows)
            return
        for row in rows:
            self.put((" | ".join(cell.text for cell in row.cells if cell.text), "table", 0))
