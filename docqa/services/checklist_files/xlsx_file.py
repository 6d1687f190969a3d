"""A checklist as an Excel workbook: a sheet about the checklist, a sheet of requirements."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from docqa.core.checklists import Checklist
from docqa.core.formulas import is_formula
from docqa.errors import ChecklistError
from docqa.services.checklist_files import tables

MAX_UNPACKED_BYTES = 64_000_000
MAX_PARTS = 500
ABOUT, REQUIREMENTS = "Checklist", "Requirements"
WIDTHS = {"A": 16, "B": 24, "C": 60, "D": 60, "E": 10, "F": 20, "G": 40, "H": 14}
BOLD = Font(bold=True)
WRAPPED = Alignment(wrap_text=True, vertical="top")
# Excel takes _x0041_ in a text for an A.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# What openpyxl raises over workbooks that are damaged or made up.
_BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
)


def checklist_of(data: bytes, name: str) -> Checklist:
    """The checklist in this workbook: in its sheet "Requirements", else in its first.

    Raises:
        ChecklistError: If it is no workbook, or no checklist.
    """
    _check_size(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            about, rows = _contents(book)
        finally:
            book.close()
    except _BROKEN as error:
        raise ChecklistError(["this is no Excel workbook (.xlsx), or it is damaged"]) from error
    return tables.checklist_of(rows, name, about)


def xlsx_of(checklist: Checklist) -> bytes:
    """The checklist as a workbook; nothing in it is a formula."""
    book = Workbook(write_only=True)
    about = book.create_sheet(ABOUT)
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 16, 100
    for name, value in tables.whole_rows_of(checklist):
        about.append([_cell(about, name.removeprefix("#"), BOLD), _cell(about, value)])
    sheet = book.create_sheet(REQUIREMENTS)
    for letter, width in WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "B2"
    names, *rows = tables.rows_of(checklist)
    sheet.append([_cell(sheet, name, BOLD) for name in names])
    for row in rows:
        sheet.append([_cell(sheet, text) for text in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(sheet: Any, text: str, font: Font | None = None) -> Any:  # noqa: ANN401 - no types
    """A cell of text, whatever it says; also after somebody edits it."""
    cell: Any = WriteOnlyCell(sheet, value=_ESCAPE.sub("_x005F_", text))
    cell.data_type = "s"
    cell.quotePrefix = is_formula(text)
    cell.alignment = WRAPPED
    if font:
        cell.font = font
    return cell


def _check_size(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise ChecklistError(["this is no Excel workbook (.xlsx), or it is damaged"]) from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise ChecklistError([f"it unpacks to more than {MAX_UNPACKED_BYTES / 1e6:,.0f} MB"])


def _contents(book: Any) -> tuple[dict[str, str], list[list[str]]]:  # noqa: ANN401 - no types
    sheets = {sheet.title.casefold(): sheet for sheet in book.worksheets}
    if not sheets:
        raise ChecklistError(["the workbook has no sheet"])
    chosen = sheets.get(REQUIREMENTS.casefold(), book.worksheets[0])
    about = sheets.get(ABOUT.casefold())
    told = {} if about in (None, chosen) else dict(_about(about))
    return told, list(_rows(chosen, tables.MAX_ROWS + 1))


def _about(sheet: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    for row in _rows(sheet, 50):
        name = row[0].strip().removeprefix("#").casefold()
        if name in tables.WHOLE_FIELDS and len(row) > 1:
            yield name, row[1]


def _rows(sheet: Any, count: int) -> Iterator[list[str]]:  # noqa: ANN401
    # What a sheet says of its size is not believed: it may say a million rows.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_row=count, max_col=tables.MAX_COLUMNS, values_only=True):
        yield [_text(value) for value in row] or [""]


def _text(value: object) -> str:
    """A cell as a person would write it: 3 and not 3.0, dates by ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == value.min.time():
        return value.date().isoformat()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unescape(str(value))
