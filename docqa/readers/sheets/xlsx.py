"""Excel workbooks (.xlsx, .xlsm), streamed: a sheet of a million rows is never held whole.

Formulas are never run: a cell has the value that the program which saved it had worked out.
Read by name alone, whatever the prefixes: programs differ in them (ECMA-376, part 1, chapter 18).
"""

import re
from array import array
from collections.abc import Iterator
from functools import lru_cache
from posixpath import dirname, join, normpath

from docqa.errors import BrokenFileError
from docqa.readers.office.zipped import ZippedFile
from docqa.readers.sheets.events import Handler, events, without_prefixes
from docqa.readers.sheets.grid import Cell, Remark, Row, Sheet, folded
from docqa.readers.sheets.shown import code_of, shown

MOST_STRINGS = 2_000_000
MOST_STRING_CHARACTERS = 200_000_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_KINDS: dict[str, Remark] = {"chartsheet": "a chart", "macrosheet": "a sheet of macros"}


def sheets(file: ZippedFile, name: str) -> Iterator[Sheet]:
    """The sheets in the workbook's order; each has to be read before the next is asked for.

    Raises:
        BrokenFileError: If it is no workbook, or damaged; also while rows are read.
    """
    workbook = _workbook_path(file, name)
    book = _Workbook()
    _run(file, workbook, book, name)
    related = _relations(file, workbook, name)
    strings = _Strings()
    styles = _Styles()
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
        yield Sheet(title, _rows(file, target, cells, name), remark)


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
    found = _Relations()
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


class _Relations(Handler):
    def __init__(self) -> None:
        self.found: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append((attributes.get("Id", ""), kind, attributes.get("Target", "")))


class _Workbook(Handler):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        """Name, state (empty if visible) and relation."""
        self.from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            attributes = without_prefixes(attributes)
            state = attributes.get("state", "visible")
            self.sheets.append(
                (
                    folded(attributes.get("name", "")),
                    "" if state == "visible" else state,
                    attributes.get("id", ""),
                )
            )
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in ("1", "true")


class _Strings(Handler):
    """The texts that cells refer to by number; what is spoken (phonetic) is left out."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._held: list[str] = []
        self._in_text = self._spoken = False
        self._characters = 0

    def __getitem__(self, number: int) -> str:
        return self._texts[number] if 0 <= number < len(self._texts) else ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._held = []
        elif name == "rPh":
            self._spoken = True
        elif name == "t":
            self._in_text = not self._spoken

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._spoken = False
        elif name == "si":
            text = _text("".join(self._held))
            self._characters += len(text)
            if len(self._texts) >= MOST_STRINGS or self._characters > MOST_STRING_CHARACTERS:
                raise OverflowError("it has more text than docqa reads of one workbook")
            self._texts.append(text)

    def data(self, text: str) -> None:
        if self._in_text:
            self._held.append(text)


class _Styles(Handler):
    """The format codes of the cells' styles."""

    def __init__(self) -> None:
        self._custom: dict[int, str] = {}
        self._formats = array("L")
        self._in_cells = False

    def code(self, style: str) -> str:
        """The format code of a style; empty for General."""
        number = int(style) if style.isdecimal() else 0
        if number >= len(self._formats):
            return ""
        return code_of(self._formats[number], self._custom)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._custom[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[
                :500
            ]
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self._formats.append(_number(attributes.get("numFmtId")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


class _SheetCells(Handler):
    """Makes rows of a sheet's events."""

    def __init__(self, strings: _Strings, styles: _Styles, *, from_1904: bool) -> None:
        self._strings = strings
        self._codes: dict[str, str] = {}
        self._styles = styles
        self._from_1904 = from_1904
        self._rows: list[Row] = []
        self._row = self._column = 0
        self._cells: list[Cell] = []
        self._kind = self._style = self._inside = ""
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
        elif name == "row":
            self._row = _number(attributes.get("r")) or self._row + 1
            self._column, self._cells = 0, []
        elif name in ("v", "t", "f"):
            self._inside = name
        elif name == "rPh":
            self._inside = "rPh"

    def end(self, name: str) -> None:
        if name == "c":
            cell = self._cell()
            if cell is not None:
                self._cells.append(cell)
        elif name == "row":
            if self._cells:
                self._rows.append(Row(self._row, tuple(sorted(self._cells))))
        elif name == self._inside or name == "rPh":
            self._inside = ""

    def data(self, text: str) -> None:
        if self._inside in ("v", "t"):
            self._value.append(text)
        elif self._inside == "f":
            self._formula.append(text)

    def _cell(self) -> Cell | None:
        value = "".join(self._value)
        if not value:
            if not self._formula:
                return None
            # Saved by a program that does not calculate: what it would be is not known.
            return Cell(self._column, folded("=" + "".join(self._formula)))
        match self._kind:
            case "s":
                text = self._strings[_number(value)]
            case "b":
                text = "TRUE" if value.strip() == "1" else "FALSE"
            case "inlineStr" | "str":
                text = _text(value)
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


def column_of(reference: str) -> int:
    """1 for `A7`, 27 for `AA7`; 0 if it is no reference."""
    return column_number(reference.rstrip("0123456789"))


@lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """1 for `A`, 27 for `AA`; 0 for what is no column."""
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        return 0
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def _text(text: str) -> str:
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return folded(text)
