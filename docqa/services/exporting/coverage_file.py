"""Coverage as a file: CSV with a row per page, XLSX with sums too, JSON for other programs.

Names of files and reasons are text of others: nothing of them is run as a formula.
"""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from docqa.core.citations import percent
from docqa.core.coverage import CLASS_MEANINGS, CLASS_WORDS, CLASSES, Reach, Tally
from docqa.services.exporting.csv_file import field_of
from docqa.services.exporting.sheet_cells import CellMaker, Value, widen
from docqa.services.ledgers import Ledger, ledger_json, tally_json
from docqa.store.coverage import DocumentTally, PageLine

PAGE_COLUMNS = (
    "source",
    "document",
    "version",
    "page",
    "class",
    "in window",
    "reason",
    "OCR confidence",
)
MAX_ROWS = 1_000_000
"""Of a sheet; Excel takes 1,048,576. What is beyond goes on a further sheet."""
_WIDTHS = {"source": 24, "document": 60, "class": 22, "reason": 60}


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """What an export is made of; `pages` may be gone through once."""

    ledger: Ledger
    documents: Sequence[DocumentTally]
    pages: Iterable[PageLine]


def write_csv(report: CoverageReport, path: Path) -> None:
    """One row per page: UTF-8 with a byte order mark, every field in quotation marks."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(PAGE_COLUMNS)
        for line in report.pages:
            values = _values(line, report.ledger.reach)
            writer.writerow("" if each is None else field_of(str(each)) for each in values)


def write_json(report: CoverageReport, path: Path) -> None:
    """One object: the sums, and each document and page on a line of its own."""
    reach = report.ledger.reach
    with path.open("w", encoding="utf-8", errors="replace") as file:
        file.write("{\n")
        for key, value in ledger_json(report.ledger).items():
            file.write(f"{_dump(key)}: {_dump(value)},\n")
        file.write('"document_list": [')
        for number, document in enumerate(report.documents):
            said = {
                "document": document.path,
                "kind": document.kind,
                **tally_json(document.tally, reach),
            }
            file.write((",\n" if number else "\n") + _dump(said))
        file.write('\n],\n"page_list": [')
        for number, line in enumerate(report.pages):
            row = dict(zip(PAGE_COLUMNS, _raw(line, reach), strict=True))
            said = {name.lower().replace(" ", "_"): value for name, value in row.items()}
            file.write((",\n" if number else "\n") + _dump(said))
        file.write("\n]\n}\n")


def write_xlsx(report: CoverageReport, path: Path) -> None:
    """A workbook: the sums by source, the documents, every page, and what the classes mean."""
    from openpyxl import Workbook  # takes long to import

    make = CellMaker()
    reach = report.ledger.reach
    book = Workbook(write_only=True)

    def sheet_of(title: str, columns: Sequence[str]) -> Callable[[Sequence[Value], bool], None]:
        sheet = book.create_sheet(title)
        for number, name in enumerate(columns, 1):
            widen(sheet, number, _WIDTHS.get(name, 14))
        sheet.freeze_panes = "B2"
        sheet.append(make.cells(sheet, columns, "header"))

        def add(values: Sequence[Value], bold: bool = False) -> None:
            sheet.append(make.cells(sheet, values, "bold" if bold else "plain"))

        return add

    classes = tuple(CLASS_WORDS[name] for name in CLASSES)
    add = sheet_of("Sources", ("source", "documents", "pages", "in window", *classes))
    for source in report.ledger.sources:
        add((source.name, source.documents, *_sums(source.tally, reach)), False)
    total = report.ledger.total
    add(("All sources", report.ledger.documents, *_sums(total, reach)), True)
    add = sheet_of("Documents", ("document", "pages", "in window", *classes))
    for document in report.documents[:MAX_ROWS]:
        add((document.path, *_sums(document.tally, reach)), False)
    for number, line in enumerate(report.pages):
        if number % MAX_ROWS == 0:
            title = f"Pages {number // MAX_ROWS + 1}" if number else "Pages"
            add = sheet_of(title, PAGE_COLUMNS)
        add(_values(line, reach), False)
    add = sheet_of("About", ("class", "reason"))
    add(("Coverage", report.ledger.statement()), False)
    for name in CLASSES:
        add((CLASS_WORDS[name], CLASS_MEANINGS[name]), False)
    book.save(path)


WRITERS: dict[str, Callable[[CoverageReport, Path], None]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "json": write_json,
}


def _sums(tally: Tally, reach: Reach) -> tuple[Value, ...]:
    return tally.total, tally.in_window(reach), *tally.counts


def _raw(line: PageLine, reach: Reach) -> tuple[object, ...]:
    in_window = line.packed if reach == "whole" else None
    return (
        *(line.source, line.path, line.version, line.page, line.page_class),
        *(in_window, line.reason, line.confidence),
    )


def _values(line: PageLine, reach: Reach) -> tuple[Value, ...]:
    in_window = ("yes" if line.packed else "no") if reach == "whole" else None
    sure = None if line.confidence is None else percent(line.confidence)
    return (
        *(line.source, line.path, line.version, line.page, CLASS_WORDS[line.page_class]),
        *(in_window, line.reason, sure),
    )


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
