"""Old and binary workbooks (.xls, .xlsb), by calamine; their numbers are shown without formats."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from docqa.errors import BrokenFileError
from docqa.readers.sheets.grid import Cell, Remark, Row, Sheet, folded
from docqa.readers.sheets.shown import date_text, plain

MOST_MEMORY_BYTES = 2_000_000_000
"""Calamine holds a sheet as a full rectangle: two cells in far corners would need all memory."""

Value = int | float | str | bool | time | date | datetime | timedelta


def sheets(path: Path, name: str) -> Iterator[Sheet]:
    """The sheets in the workbook's order.

    Raises:
        BrokenFileError: If it cannot be opened, is protected, or a sheet is damaged.
    """
    with path.open("rb") as file, _bounded_memory(), _translated(name):
        book = CalamineWorkbook.from_filelike(file)
        for number, about in enumerate(book.sheets_metadata):
            remark = _remark(about)
            if remark not in ("", "hidden"):
                yield Sheet(about.name, iter(()), remark)
                continue
            sheet = book.get_sheet_by_index(number)
            column = (sheet.start or (0, 0))[1] + 1
            yield Sheet(about.name, _rows(sheet.iter_rows(), column), remark)


def _rows(rows: Iterator[list[Value]], first: int) -> Iterator[Row]:
    # Rows come from the top of the sheet, cells from the first column that has some.
    for number, values in enumerate(rows, 1):
        cells = [
            Cell(column, text, not isinstance(value, str | bool))
            for column, value in enumerate(values, first)
            if (text := _shown(value))
        ]
        if cells:
            yield Row(number, tuple(cells))


def _shown(value: Value) -> str:
    match value:
        case str():
            return folded(value)
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return plain(value)
        case datetime():
            return date_text(value)
        case timedelta():
            seconds = round(value.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case _:
            return value.isoformat()


def _remark(about: SheetMetadata) -> Remark:
    if about.typ == SheetTypeEnum.ChartSheet:
        return "a chart"
    if about.typ in (SheetTypeEnum.MacroSheet, SheetTypeEnum.Vba):
        return "a sheet of macros"
    return "" if about.visible == SheetVisibleEnum.Visible else "hidden"


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except PasswordError as error:
        reason = "it is protected by a password; save a copy without one"
        raise BrokenFileError(name, reason) from error
    except CalamineError as error:
        raise BrokenFileError(name, f"it cannot be read ({str(error)[:200]})") from error


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """Let this process have no more than it has and `MOST_MEMORY_BYTES`, for as long as it reads.

    A sheet that needs more ends the worker, and the job goes on without the file. Where the system
    does not tell what a process has, there is no bound.
    """
    told = Path("/proc/self/statm")
    if not told.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = int(told.read_text().split()[0]) * resource.getpagesize()
    limit = now + MOST_MEMORY_BYTES
    if soft != resource.RLIM_INFINITY:
        limit = min(limit, soft)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
