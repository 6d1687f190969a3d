"""A checklist as CSV, in any dialect and encoding that spreadsheet programs write."""

import csv
import io
import re
from collections.abc import Iterator

from docqa.core.checklists import Checklist
from docqa.core.formulas import neutral, restored
from docqa.errors import ChecklistError
from docqa.readers.encoding import decode
from docqa.services.checklist_files import tables

DELIMITERS = ",;\t|"
_HEAD_ROWS = 20
_HEAD_CHARACTERS = 100_000
# What a few odd letters are easily taken for, and no spreadsheet program writes any more.
_OF_DOS = re.compile(r"cp(437|7\d\d|85\d|86\d)")
_SEPARATOR_LINE = re.compile(r"sep=(.)\n", re.IGNORECASE)


def checklist_of(data: bytes, name: str) -> Checklist:
    """The checklist in this file.

    Raises:
        ChecklistError: If it is no table, or no checklist.
    """
    text = _text(data)
    if told := _SEPARATOR_LINE.match(text):
        # Excel's own first line; an empty one in its place keeps the count of rows.
        text = "\n" + text[told.end() :]
    delimiter = told[1] if told and told[1] in DELIMITERS else _delimiter(text)
    return tables.checklist_of(_rows(text, delimiter), name)


def csv_of(checklist: Checklist) -> bytes:
    """The checklist as a file that spreadsheet programs open as it is, and run nothing of."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    for row in (*tables.whole_rows_of(checklist), *tables.rows_of(checklist)):
        writer.writerow([neutral(cell) for cell in row])
    return written.getvalue().encode("utf-8-sig")


def _text(data: bytes) -> str:
    decoded = decode(data)
    if _OF_DOS.fullmatch(decoded.encoding):
        decoded = decode(data.decode("cp1252", errors="replace").encode())
    return decoded.text.removeprefix("\ufeff")


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield [restored(cell) for cell in row] or [""]
    except csv.Error as error:
        raise ChecklistError([f"line {reader.line_num:,}: {error}"]) from error


def _delimiter(text: str) -> str:
    """What parts the cells: under which most columns have a name that docqa knows."""
    return max(DELIMITERS, key=lambda delimiter: _known_columns(text, delimiter))


def _known_columns(text: str, delimiter: str) -> int:
    head = csv.reader(io.StringIO(text[:_HEAD_CHARACTERS], newline=""), delimiter=delimiter)
    try:
        rows = tables.first(head, _HEAD_ROWS)
    except csv.Error:
        return 0
    return max((sum(bool(tables.column_of(cell)) for cell in row) for row in rows), default=0)
