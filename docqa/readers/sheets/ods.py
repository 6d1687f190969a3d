"""OpenDocument spreadsheets (.ods), streamed; a cell's text is what the program last showed.

What is repeated (`number-rows-repeated`) is repeated only where it has text, and within bounds.
"""

from collections.abc import Iterator

from docqa.errors import BrokenFileError
from docqa.readers.office.zipped import ZippedFile
from docqa.readers.sheets.events import Handler, events, without_prefixes
from docqa.readers.sheets.grid import MOST_COLUMNS, Cell, Cut, Remark, Row, Sheet, folded

MOST_ROWS = 1_000
"""Copies of a row with text that are made; the rest of them says nothing new."""
MOST_CELLS = 50
"""The same of a cell."""
_CONTENT = "content.xml"
_NUMBERS = frozenset(("float", "percentage", "currency", "date", "time"))


def sheets(file: ZippedFile, name: str) -> Iterator[Sheet]:
    """The sheets in the workbook's order; each has to be read before the next is asked for.

    Raises:
        BrokenFileError: If it is encrypted or damaged; also while rows are read.
    """
    if _CONTENT not in file:
        raise BrokenFileError(name, "it has no content: it is damaged or protected")
    handler = _Tables()
    source = _Source(events(file, _CONTENT, handler, name), handler)
    for number in range(1_000_000):
        if not source.reaches(number):
            return
        title, remark = handler.tables[number]
        yield Sheet(title, source.rows(number), remark, cut=handler.cuts[number])


class _Source:
    """Hands the rows of one table after the other out, as they are parsed."""

    def __init__(self, parsing: Iterator[None], handler: "_Tables") -> None:
        self._parsing = parsing
        self._handler = handler

    def reaches(self, number: int) -> bool:
        """Go on until a table begins; False if there are no more."""
        while len(self._handler.tables) <= number:
            if not self._more():
                return False
        return True

    def rows(self, number: int) -> Iterator[Row]:
        """The rows of a table."""
        while True:
            yield from self._handler.taken(number)
            if len(self._handler.tables) > number + 1 or not self._more():
                yield from self._handler.taken(number)
                return

    def _more(self) -> bool:
        return next(self._parsing, self) is not self


class _Tables(Handler):
    """Makes rows of the document's events; tables in cells of tables are part of the cell."""

    def __init__(self) -> None:
        self.tables: list[tuple[str, Remark]] = []
        self.cuts: list[Cut] = []
        self._hidden: set[str] = set()
        self._style = ""
        self._rows: list[tuple[int, Row]] = []
        self._depth = self._row = self._column = 0
        self._row_times = self._cell_times = 1
        self._cells: list[Cell] = []
        self._text: list[str] = []
        self._type = ""
        self._silent = 0
        self._in_cell = False

    def taken(self, number: int) -> list[Row]:
        """The rows of a table that are whole, once."""
        taken = [row for table, row in self._rows if table == number]
        self._rows = [each for each in self._rows if each[0] != number]
        return taken

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("p", "h", "span", "a"):
            if self._text and name in ("p", "h"):
                self._text.append(" ")
            return
        local = without_prefixes(attributes)
        match name:
            case "style":
                self._style = local.get("name", "")
            case "table-properties":
                if local.get("display") == "false":
                    self._hidden.add(self._style)
            case "table":
                self._depth += 1
                if self._depth == 1:
                    hidden = local.get("style-name", "") in self._hidden
                    self.tables.append((folded(local.get("name", "")), "hidden" if hidden else ""))
                    self.cuts.append(Cut())
                    self._row = 0
            case "table-row" if self._depth == 1:
                self._row_times = _times(local.get("number-rows-repeated"))
                self._column, self._cells = 0, []
            case "table-cell" | "covered-table-cell" if self._depth == 1:
                self._cell_times = _times(local.get("number-columns-repeated"))
                self._type = local.get("value-type", "")
                self._text, self._in_cell = [], True
            case "annotation" | "shapes" | "forms" | "tracked-changes":
                self._silent += 1
            case "s" | "tab" | "line-break" if self._in_cell:
                self._text.append(" ")

    def end(self, name: str) -> None:
        match name:
            case "table":
                self._depth -= 1
            case "table-row" if self._depth == 1:
                self._end_row()
            case "table-cell" | "covered-table-cell" if self._depth == 1:
                self._end_cell()
            case "annotation" | "shapes" | "forms" | "tracked-changes":
                self._silent -= 1

    def data(self, text: str) -> None:
        if self._in_cell and not self._silent:
            self._text.append(text)

    def _end_cell(self) -> None:
        text = folded("".join(self._text))
        first = self._column + 1
        self._column += self._cell_times
        self._in_cell = False
        if text:
            if self._column > MOST_COLUMNS:
                self.cuts[-1].add(self._row + 1)
            times = max(0, min(self._cell_times, MOST_CELLS, MOST_COLUMNS - first + 1))
            is_number = self._type in _NUMBERS
            self._cells += [Cell(first + n, text, is_number) for n in range(times)]

    def _end_row(self) -> None:
        first = self._row + 1
        self._row += self._row_times
        if self._cells:
            cells, table = tuple(self._cells), len(self.tables) - 1
            times = min(self._row_times, MOST_ROWS)
            self._rows += [(table, Row(first + n, cells)) for n in range(times)]


def _times(text: str | None) -> int:
    return max(1, min(int(text), 10_000_000)) if text and text.isdecimal() else 1
