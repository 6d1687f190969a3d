"""The tables of a web page while it is read: rows for the document, or parts of a layout."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from docqa.core.documents import PassageKind
from docqa.readers.office.building import Blocks
from docqa.readers.office.tables import Cell, Row

TABLE_PARTS = frozenset(("tr", "td", "th", "thead", "tbody", "tfoot"))

_MOST_NESTED = 8
"""Tables in tables; what is nested deeper is read as if it had no cells."""
_ROWS_AT_ONCE = 5_000
_CELL_BLOCKS = 3
"""A cell with more blocks is a part of the page's layout, not of a table."""

Found = tuple[str, PassageKind, int]
"""Text, kind and level, as `Blocks.add` takes them."""


@dataclass(slots=True)
class _Cell:
    across: int
    down: int
    header: bool
    found: list[Found] = field(default_factory=list)
    layout: bool = False

    @property
    def is_layout(self) -> bool:
        headed = any(kind == "heading" for _, kind, _ in self.found)
        return self.layout or headed or len(self.found) > _CELL_BLOCKS


@dataclass(slots=True)
class _Table:
    head: bool = False
    cells: list[_Cell] = field(default_factory=list)
    cell: _Cell | None = None
    rows: list[Row] = field(default_factory=list)


class HtmlTables:
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

    def open_part(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin a row, a cell or a group of rows."""
        if not self._open or self._too_deep:
            return
        table = self._open[-1]
        if tag == "tr":
            self._end_row_within(table)
        elif tag in ("td", "th"):
            spans = (number(attributes, "colspan", 1), number(attributes, "rowspan", 1))
            table.cell = _Cell(*spans, header=tag == "th" or table.head)
            table.cells.append(table.cell)
        else:
            table.head = tag == "thead"

    def close_part(self, tag: str) -> None:
        """End a row, a cell or a group of rows."""
        if not self._open or self._too_deep:
            return
        table = self._open[-1]
        if tag in ("td", "th"):
            table.cell = None
        elif tag == "tr":
            self._end_row_within(table)
        else:
            table.head = False

    def close_all(self) -> None:
        """End what is open."""
        self._too_deep = 0
        while self._open:
            self.close()

    def _end_row_within(self, table: _Table) -> None:
        """End the row of the innermost table, which stays open."""
        self._open.pop()
        self._end_row(table)
        self._open.append(table)

    def _end_row(self, table: _Table) -> None:
        """End the row of a table; text goes where the table itself stands."""
        cells, table.cells, table.cell = table.cells, [], None
        filled = [cell for cell in cells if cell.found]
        alone = len(cells) == 1 and cells[0].across == 1
        if alone or any(cell.is_layout for cell in filled):
            self._tell(table)
            for cell in filled:
                for found in cell.found:
                    self.put(found)
        elif filled:
            # A cell is one line: what stands in blocks of its own is told side by side.
            row = tuple(
                Cell(" ".join(text for text, _, _ in cell.found), cell.across, cell.down)
                for cell in cells
            )
            table.rows.append(Row(row, all(cell.header for cell in filled)))
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


def number(attributes: Mapping[str, str], name: str, default: int) -> int:
    """The number in an attribute, the default where there is none."""
    said = attributes.get(name, "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 6 else default
