"""Excel workbooks (.xlsx, .xlsm), streamed: a sheet of a million rows is never held whole.

Formulas are never run: a cell has the value that the program which saved it had worked out.
Read by name alone, whatever the prefixes: programs differ in them (ECMA-376, part 1, chapter 18).
"""

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from docqa.errors import BrokenFileError
from docqa.readers.office.zipped import ZippedFile
from docqa.readers.sheets.events import Handler, events
from docqa.readers.sheets.grid import MOST_COLUMNS, Cell, Cut, Remark, Row, Sheet, folded
from docqa.readers.sheets.shown import shown
from docqa.readers.sheets.xlsx_parts import (
    Comments,
    Relations,
    Strings,
    Styles,
    Workbook,
    cell_text,
    column_of,
    number_of,
)

_KINDS: dict[str, Remark] = {"chartsheet": "a chart", "macrosheet": "a sheet of macros"}


def sheets(file: ZippedFile, name: str) -> Iterator[Sheet]:
    """The sheets in the workbook's order; each has to be read before the next is asked for.

    Raises:
        BrokenFileError: If it is no workbook, or damaged; also while rows are read.
    """
    workbook = _workbook_path(file, name)
    book = Workbook()
    _run(file, workbook, book, name)
    related = _relations(file, workbook, name)
    strings = Strings()
    styles = Styles()
    for kind, target in related.values():
        if kind == "sharedStrings" and target in file:
            _run(file, target, strings, name)
        elif kind == "styles" and target in file:
            _run(file, target, styles, name)
    for title, state, relation in book.sheets:
        kind, target = related.get(relation, ("", ""))
        remark: Remark = _KINDS.get(kind.lower(), "hidden" if state else "")
        if target not in file or kind.lower() in _KINDS:
            yield Sheet(title, iter(()), remark if target in file else "damaged")
            continue
        cells = _SheetCells(strings, styles, from_1904=book.from_1904)
        comments = _comments(file, target, name)
        yield Sheet(title, _rows(file, target, cells, name), remark, comments, cells.cut)


def _workbook_path(file: ZippedFile, name: str) -> str:
    for kind, target in _relations(file, "", name).values():
        if kind == "officeDocument" and target in file:
            return target
    if "xl/workbook.xml" in file:
        return "xl/workbook.xml"
    raise BrokenFileError(name, "it is no Excel workbook: it has no list of sheets")


def _relations(file: ZippedFile, part: str, name: str) -> dict[str, tuple[str, str]]:
    """Kind and path of what a part refers to, by its ids."""
    folder, base = dirname(part), part.rpartition("/")[2]
    path = join(folder, "_rels", f"{base}.rels")
    found = Relations()
    if path in file:
        _run(file, path, found, name)
    return {
        key: (
            kind,
            target.lstrip("/") if target.startswith("/") else normpath(join(folder, target)),
        )
        for key, kind, target in found.found
    }


def _run(file: ZippedFile, part: str, handler: Handler, name: str) -> None:
    for _ in events(file, part, handler, name):
        pass


def _rows(file: ZippedFile, part: str, cells: "_SheetCells", name: str) -> Iterator[Row]:
    for _ in events(file, part, cells, name):
        yield from cells.taken()
    yield from cells.taken()


def _comments(file: ZippedFile, sheet: str, name: str) -> tuple[Row, ...]:
    found = Comments()
    for kind, target in _relations(file, sheet, name).values():
        if kind == "comments" and target in file:
            _run(file, target, found, name)
    return tuple(sorted(found.rows))


class _SheetCells(Handler):
    """Makes rows of a sheet's events."""

    def __init__(self, strings: Strings, styles: Styles, *, from_1904: bool) -> None:
        self.cut = Cut()
        self._strings = strings
        self._codes: dict[str, str] = {}
        self._styles = styles
        self._from_1904 = from_1904
        self._rows: list[Row] = []
        self._row = self._column = 0
        self._cells: list[Cell] = []
        self._kind = self._style = self._inside = ""
        self._spoken = self._has_value = False
        self._value: list[str] = []
        self._formula: list[str] = []

    def taken(self) -> list[Row]:
        """The rows that are whole, once."""
        taken, self._rows = self._rows, []
        return taken

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._column = column_of(attributes.get("r", "")) or self._column + 1
            self._value, self._formula, self._inside = [], [], ""
            self._has_value = False
        elif name == "row":
            self._row = number_of(attributes.get("r")) or self._row + 1
            self._column, self._cells = 0, []
        elif name == "rPh":
            self._spoken = True
        elif name in ("v", "t", "f") and not self._spoken:
            self._inside = name
            self._has_value = self._has_value or name == "v"

    def end(self, name: str) -> None:
        if name == "c":
            self._end_cell()
        elif name == "row":
            if self._cells:
                self._rows.append(Row(self._row, tuple(sorted(self._cells))))
        elif name == "rPh":
            self._spoken = False
        elif name == self._inside:
            self._inside = ""

    def data(self, text: str) -> None:
        if self._inside in ("v", "t"):
            self._value.append(text)
        elif self._inside == "f":
            self._formula.append(text)

    def _end_cell(self) -> None:
        cell = self._cell()
        if cell is None:
            return
        # Cells that all claim the same place are without end, too.
        if self._column > MOST_COLUMNS or len(self._cells) >= MOST_COLUMNS:
            self.cut.add(self._row)
        else:
            self._cells.append(cell)

    def _cell(self) -> Cell | None:
        value = "".join(self._value)
        if not value:
            # Programs that do not calculate write an empty value, too, but no type.
            is_empty = self._has_value and self._kind == "str"
            if is_empty or not self._formula:
                return None
            # Saved by a program that does not calculate: what it would be is not known.
            return Cell(self._column, folded("=" + "".join(self._formula)))
        match self._kind:
            case "s":
                text = self._strings[number_of(value)]
            case "b":
                text = "TRUE" if value.strip() == "1" else "FALSE"
            case "inlineStr" | "str":
                text = cell_text(value)
            case "n":
                return self._numeric(value)
            case _:
                text = folded(value)
        return Cell(self._column, text) if text else None

    def _numeric(self, value: str) -> Cell | None:
        code = self._codes.get(self._style)
        if code is None:
            code = self._codes[self._style] = self._styles.code(self._style)
        try:
            if not code and value.isdecimal():
                return Cell(self._column, value, True)
            return Cell(self._column, shown(float(value), code, from_1904=self._from_1904), True)
        except (ValueError, OverflowError):
            text = folded(value)
            return Cell(self._column, text) if text else None
