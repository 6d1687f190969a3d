"""Cells of a spreadsheet that is written row by row: text stays text, whatever it says."""

import re
from typing import Any, cast

from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from docqa.core.formulas import clean, is_formula

MAX_CELL = 32_767
"""Characters that a cell of Excel's may have."""
MAX_COMMENT = 1_500
COMMENT_WIDTH_PX, COMMENT_HEIGHT_PX = 420, 160
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")

HEADER_FONT = Font(bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="1F3A5F")
BOLD = Font(bold=True)
WRAPPED = Alignment(wrap_text=True, vertical="top")
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
FILLS = {
    verdict: PatternFill("solid", fgColor=colour)
    for verdict, colour in (
        ("met", "D5EFDD"),
        ("partly_met", "FBEFC8"),
        ("not_met", "F8D7D3"),
        ("not_found", "E4E7EC"),
        ("not_applicable", "EEF0F3"),
        ("needs_person", "DCE6FA"),
    )
}

Value = str | int | float | None
CellLike = Any
"""openpyxl's write-only cells have no type of their own."""


def bounded(text: str, limit: int = MAX_CELL) -> str:
    """Text that a cell can have: no control characters, no escapes that Excel would undo."""
    text = _ESCAPED.sub("_x005F_", clean(text))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def sheet_cell(
    sheet: WriteOnlyWorksheet,
    value: Value,
    *,
    font: Font | None = None,
    fill: PatternFill | None = None,
    alignment: Alignment | None = WRAPPED,
    note: str = "",
) -> CellLike:
    """A cell; text in it is never a formula, also after somebody edits it."""
    text = bounded(value) if isinstance(value, str) else value
    cell = cast("Any", WriteOnlyCell(sheet, value=text))
    if isinstance(text, str):
        cell.data_type = "s"
        if is_formula(text) or text in _ERRORS:
            cell.quotePrefix = True
    for name, style in (("font", font), ("fill", fill), ("alignment", alignment)):
        if style is not None:
            setattr(cell, name, style)
    if note:
        # A note is text alone: no formulas, no links.
        cell.comment = Comment(
            bounded(note, MAX_COMMENT), "docqa", height=COMMENT_HEIGHT_PX, width=COMMENT_WIDTH_PX
        )
    return cell


def header(sheet: WriteOnlyWorksheet, *names: str) -> None:
    """Write the first row."""
    sheet.append(
        [
            sheet_cell(sheet, name, font=HEADER_FONT, fill=HEADER_FILL, alignment=CENTRED)
            for name in names
        ]
    )
