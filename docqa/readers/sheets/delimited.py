"""Tables in text files (.csv, .tsv): encoding and separator are found out."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docqa.core.symbols import Secret
from docqa.readers.base import ReaderOptions
from docqa.readers.encoding import decode
from docqa.readers.secrets import masked
from docqa.readers.sheets.grid import MOST_COLUMNS, Cell, Cut, Row, folded
from docqa.readers.sheets.numbers import is_number

MOST_BYTES = 100_000_000
"""What is read of a file; beyond, only its lines are counted."""
_SEPARATORS = ",;\t|"
_SAMPLE_LINES = 200
_FIELD_CHARACTERS = 1_000_000
_MOST_LINES = 500
"""Of a record; one with more begins with a quotation mark that nobody closed."""


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file of rows, and how it was understood."""

    rows: Iterator[Row]
    encoding: str
    separator: str
    secrets: tuple[Secret, ...]
    lines_beyond: int
    """Lines after what is read of it."""
    cut: Cut = field(default_factory=Cut)
    """Known when the rows were read."""


def read_delimited(path: Path, name: str, options: ReaderOptions) -> Delimited:
    """The rows of a file; a line that breaks the rules of CSV is a row all the same."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES)
        if len(data) == MOST_BYTES:
            data = data.rpartition(b"\n")[0] or data
            beyond = 0
            while chunk := file.read(1 << 20):
                beyond += chunk.count(b"\n")
        else:
            beyond = 0
    decoded = decode(data)
    text, secrets = masked(decoded.text, name, options)
    lines = text.split("\n")
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # Excel's own way to say it
        separator, lines[0] = lines[0][4], ""
    else:
        separator = separator_of(lines[:_SAMPLE_LINES])
    cut = Cut()
    rows = _rows(lines, separator, cut)
    return Delimited(rows, decoded.encoding, separator, secrets, beyond, cut)


def separator_of(lines: list[str]) -> str:
    """What stands between the cells: what gives most lines the same number of several cells."""
    best, best_score = ",", (0.0, 0)
    for separator in _SEPARATORS:
        widths = [len(row) for row in _parsed(lines, separator) if any(map(str.strip, row))]
        several = [width for width in widths if width > 1]
        if not several:
            continue
        common = max(set(several), key=several.count)
        score = (several.count(common) / len(widths), common)
        if score > best_score:
            best, best_score = separator, score
    return best


def _rows(lines: list[str], separator: str, cut: Cut) -> Iterator[Row]:
    # A row of a spreadsheet program is a record, which may have line feeds in quotation marks.
    for number, record in enumerate(_parsed(lines, separator), 1):
        cells = tuple(
            Cell(column, text, is_number(text))
            for column, value in enumerate(record[:MOST_COLUMNS], 1)
            if (text := folded(value))
        )
        # What is left of a row that was cut is its last cell.
        if any(map(str.strip, record[MOST_COLUMNS:])):
            cut.add(number)
        if cells:
            yield Row(number, cells)


def _parsed(lines: list[str], separator: str) -> Iterator[list[str]]:
    """The records; lines that a quotation mark without an end would swallow are taken as they are.

    A field that is too long raises, and so do marks at odd places; nothing is left out for that.
    A line of more than `MOST_COLUMNS` fields ends with one that says whether there is more.
    """
    csv.field_size_limit(_FIELD_CHARACTERS)
    first = 0

    def fed() -> Iterator[str]:
        for number, line in enumerate(lines):
            if line.count(separator) < MOST_COLUMNS:
                yield f"{line}\n"  # line feeds are kept, so that those in quotation marks are
            else:
                yield _short(line, separator, is_quoted=number > first)

    reader = csv.reader(fed(), delimiter=separator)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            record = []
        if record and reader.line_num - first <= _MOST_LINES:
            yield record
        else:
            for line in lines[first : reader.line_num]:
                yield _split(line.replace('"', ""), separator)
        first = reader.line_num


def _split(line: str, separator: str) -> list[str]:
    fields = line.split(separator, MOST_COLUMNS)
    fields[MOST_COLUMNS:] = [_more(rest, separator) for rest in fields[MOST_COLUMNS:]]
    return fields


def _more(rest: str, separator: str) -> str:
    """A sign where the rest of a line has text."""
    return "…" if rest.strip(f'{separator}" \t\r\n') else ""


def _short(line: str, separator: str, *, is_quoted: bool) -> str:
    """A line without what stands after its last column; `is_quoted` if it begins within a field."""
    at = 0
    for _ in range(MOST_COLUMNS):
        if is_quoted or line.startswith('"', at):
            at = _closing(line, at if is_quoted else at + 1)
        is_quoted = False
        at = line.find(separator, at) + 1 if at >= 0 else 0
        if at == 0:
            return f"{line}\n"
    return f"{line[:at]}{_more(line[at:], separator)}\n"


def _closing(line: str, at: int) -> int:
    """Where the quotation mark stands that closes a field; -1 if it goes on in the next line."""
    while (at := line.find('"', at)) >= 0 and line.startswith('""', at):
        at += 2
    return at
