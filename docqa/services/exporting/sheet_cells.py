"""Cells of a spreadsheet that is written row by row: text stays text, whatever it says."""

import re
from collections.abc import Iterable
from typing import Any, Literal

from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter

from docqa.core.formulas import clean, is_formula

MAX_CELL = 32_767
"""Characters that a cell of Excel's may have."""
MAX_COMMENT = 1_500
COMMENT_WIDTH_PX, COMMENT_HEIGHT_PX = 420, 160
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")

StyleName = Literal["wrapped", "plain", "bold", "header", "centred"]
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_STYLES: dict[StyleName, dict[str, Any]] = {
    "plain": {"alignment": Alignment(vertical="top")},
    "wrapped": {"alignment": _WRAPPED},
    "bold": {"alignment": _WRAPPED, "font": Font(bold=True)},
    "header": {
        "alignment": _CENTRED,
        "font": Font(bold=True, color="FFFFFF"),
        "fill": PatternFill("solid", fgColor="1F3A5F"),
    },
    "centred": {"alignment": _CENTRED},
}
_COLOURS = {
    "met": "D5EFDD",
    "partly_met": "FBEFC8",
    "not_met": "F8D7D3",
    "not_found": "E4E7EC",
    "not_applicable": "EEF0F3",
    "needs_person": "DCE6FA",
}

Value = str | int | float | None
Sheet = Any
"""openpyxl's types do not know the members of its write-only sheets."""


def bounded(text: str, limit: int = MAX_CELL) -> str:
    """Text that a cell can have: no control characters, no escapes that Excel would undo."""
    text = _ESCAPED.sub("_x005F_", clean(text))
    return text if len(text) <= limit else text[: limit - 1] + "…"


class CellMaker:
    """Makes the cells of one workbook. A style is made once: hashing it takes long."""

    def __init__(self) -> None:
        self._styles: dict[tuple[str, str, bool], StyleArray] = {}

    def cell(
        self,
        sheet: Sheet,
        value: Value,
        style: StyleName = "wrapped",
        *,
        verdict: str = "",
        note: str = "",
    ) -> Cell | None:
        """A cell in the colour of a verdict; text is never a formula, also once it is edited."""
        if value is None or value == "":
            return None
        text = bounded(value) if isinstance(value, str) else value
        guarded = isinstance(text, str) and (is_formula(text) or text in _ERRORS)
        made = Cell(sheet, row=1, column=1, style_array=self._style(sheet, style, verdict, guarded))
        made.value = text
        if isinstance(text, str):
            made.data_type = "s"
        if note:
            # A note is text alone: no formulas, no links.
            made.comment = Comment(
                bounded(note, MAX_COMMENT), "docqa", COMMENT_HEIGHT_PX, COMMENT_WIDTH_PX
            )
        return made

    def cells(
        self, sheet: Sheet, values: Iterable[Value], style: StyleName = "wrapped"
    ) -> list[Cell | None]:
        """Cells of one style, as a row takes them."""
        return [self.cell(sheet, value, style) for value in values]

    def _style(self, sheet: Sheet, name: StyleName, verdict: str, guarded: bool) -> StyleArray:
        key = (name, verdict, guarded)
        if key not in self._styles:
            model: Any = Cell(sheet, row=1, column=1)
            for member, style in _STYLES[name].items():
                setattr(model, member, style)
            if verdict in _COLOURS:
                model.fill = PatternFill("solid", fgColor=_COLOURS[verdict])
            model.quotePrefix = guarded  # Excel reads it as typed after an apostrophe
            self._styles[key] = model._style
        return self._styles[key]


def widen(sheet: Sheet, column: int, width: int) -> None:
    """Set a column's width, in characters; columns count from 1."""
    sheet.column_dimensions[get_column_letter(column)].width = width
