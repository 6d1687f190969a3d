"""A review as XLSX: the grid, findings, evidence, coverage, and what all of it rests on.

Written row by row, so that memory stays flat; only the notes of the grid's cells are kept until
the end, which is why they are bounded.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from docqa.core.answers import Citation
from docqa.core.findings import FINDING_STATUSES
from docqa.core.verdict_words import cell_word, state_word, verdict_word
from docqa.services.exporting.csv_file import COLUMNS, texts_of, time_of
from docqa.services.exporting.packet import Packet, Row, quote_line
from docqa.services.exporting.sheet_cells import (
    BOLD,
    CENTRED,
    FILLS,
    CellLike,
    Value,
    header,
    sheet_cell,
)
from docqa.services.exporting.tally import Tally

MAX_NOTE_QUOTES = 3
MAX_COLUMNS = 16_000
EVIDENCE = (
    "document",
    "requirement",
    "verdict",
    "quote",
    "page",
    "lines",
    "support",
    "missing",
    "found by",
    "label",
    "quoted document",
    "version id",
    "original's SHA-256",
    "first character",
    "last character",
)
COVERAGE = (
    "document",
    "requirement",
    "documents",
    "documents read",
    "pages",
    "pages read",
    "passages",
    "passages read",
    "tokens",
    "tokens read",
    "unreadable pages",
    "statement",
)
_WIDTHS = {"quote": 80, "text": 50, "rationale": 50, "quotes": 60, "statement": 80, "reasons": 40}


class _Book:
    """The sheets while rows come in."""

    def __init__(self, packet: Packet) -> None:
        self.packet = packet
        self.tally = Tally()
        self.book = Workbook(write_only=True)
        self.grid = self._sheet("Grid")
        self.findings = self._sheet("Findings", COLUMNS)
        self.evidence = self._sheet("Evidence", EVIDENCE)
        self.coverage = self._sheet("Coverage", COVERAGE)
        self._start_grid()

    def _sheet(self, title: str, columns: Sequence[str] = ()) -> WriteOnlyWorksheet:
        sheet: WriteOnlyWorksheet = self.book.create_sheet(title)
        for number, name in enumerate(columns, 1):
            _widen(sheet, number, _WIDTHS.get(name, 18))
        sheet.freeze_panes = "B2" if columns else "B3"
        if columns:
            header(sheet, *columns)
        return sheet

    def _start_grid(self) -> None:
        """Two header rows, the ids and the texts; verdicts begin in cell B3."""
        requirements = self.packet.review.checklist.requirements[:MAX_COLUMNS]
        _widen(self.grid, 1, 36)
        for number in range(len(requirements)):
            _widen(self.grid, number + 2, 16)
        header(self.grid, "document", *(each.id for each in requirements))
        texts = (each.text[:200] for each in requirements)
        self.grid.append([sheet_cell(self.grid, text) for text in ("", *texts)])

    def add_document(self, name: str, rows: Iterator[Row]) -> None:
        """One row of the grid, and its cells' rows in the other sheets."""
        places: dict[int, Row] = {}
        for row in rows:
            self.tally.add(row)
            self.findings.append([sheet_cell(self.findings, text) for text in texts_of(row)])
            for citation in row.citations:
                self.evidence.append(self._evidence(row, citation))
            self.coverage.append(_cells(self.coverage, _coverage_of(row)))
            places[row.cell.row] = row
        line = [sheet_cell(self.grid, name, font=BOLD)]
        for number in range(min(max(places, default=-1) + 1, MAX_COLUMNS)):
            line.append(self._grid_cell(places[number]) if number in places else None)
        self.grid.append(line)

    def _grid_cell(self, row: Row) -> CellLike:
        quotes = [quote_line(each) for each in row.citations[:MAX_NOTE_QUOTES]]
        note = "\n".join((*quotes, *(() if quotes else row.reasons)))
        word = cell_word(row.cell, row.requirement.kind)
        marks = [word, state_word(row.cell)] if row.cell.review_state != "draft" else [word]
        if row.conflicts:
            marks.append("conflict")
        text = " · ".join(mark for mark in marks if mark)
        fill = FILLS.get(row.cell.verdict)
        return sheet_cell(self.grid, text, fill=fill, alignment=CENTRED, note=note)

    def _evidence(self, row: Row, citation: Citation) -> list[CellLike]:
        version = self.packet.versions.get(citation.version_id)
        values: tuple[Value, ...] = (
            row.document,
            row.requirement.id,
            cell_word(row.cell, row.requirement.kind),
            citation.quote,
            citation.page,
            "-".join(str(line) for line in citation.lines) if citation.lines else "",
            citation.support,
            ", ".join(citation.missing),
            citation.origin,
            citation.label,
            citation.document,
            citation.version_id,
            version.content_hash if version else "",
            citation.quote_start,
            citation.quote_end,
        )
        return _cells(self.evidence, values)

    def finish(self, path: Path) -> None:
        """Add the sheet about the review, and write the file."""
        sheet = self._sheet("About")
        sheet.freeze_panes = None
        _widen(sheet, 1, 28)
        _widen(sheet, 2, 90)
        for name, value in about(self.packet, self.tally):
            sheet.append([sheet_cell(sheet, name, font=BOLD), sheet_cell(sheet, value)])
        self.book.save(path)


def write_xlsx(packet: Packet, path: Path) -> None:
    """Write the review as a workbook."""
    book = _Book(packet)
    for (_, name), rows in itertools.groupby(
        packet.rows(), key=lambda row: (row.cell.document_id, row.document)
    ):
        book.add_document(name, rows)
    book.finish(path)


def about(packet: Packet, tally: Tally) -> Iterator[tuple[str, Value]]:
    """What the review was made of, in lines of a name and a value."""
    review, checklist = packet.review, packet.review.checklist
    yield "Review", review.title
    if packet.in_progress:
        yield "In progress", "cells still wait or run: this is not the final state"
    yield "Workspace", packet.workspace
    yield "Checklist", f"{checklist.title} ({checklist.id}), version {checklist.version}"
    yield "Source of the checklist", checklist.source
    yield "Made", f"{time_of(review.created_at)} by {review.created_by}"
    yield "Exported", f"{time_of(packet.exported_at)} by {packet.exported_by}"
    yield "docqa", packet.docqa_version
    yield "Cells", review.counts.total
    for status in FINDING_STATUSES:
        yield f"  {verdict_word(status)}", tally.verdicts[status]
    yield (
        "  Without a verdict",
        review.counts.total - sum(tally.verdicts[status] for status in FINDING_STATUSES),
    )
    yield "Left to review", review.counts.unreviewed
    yield "In conflict with others", tally.conflicts
    for origin, count in tally.origins.most_common():
        engine, model, prompt, pack, params = astuple(origin)
        yield "Engine", f"{engine}, model {model or '(none)'}: {count:,} findings"
        yield "  Prompt version", prompt
        yield "  Pack", pack
        yield "  Sampling", params
    yield "Audit log", f"{packet.audit_entries:,} entries, newest hash:"
    yield "Audit head", packet.audit_head
    yield "Verified means", "the quoted words stand in the document; judging them is for a person"
    for version in packet.versions.values():
        yield version.document, f"version {version.number}, SHA-256 {version.content_hash}"


def _coverage_of(row: Row) -> tuple[Value, ...]:
    coverage = row.finding.found.coverage if row.finding else None
    if coverage is None:
        return (row.document, row.requirement.id)
    return (
        row.document,
        row.requirement.id,
        coverage.documents,
        coverage.documents_in_window,
        coverage.pages,
        coverage.pages_in_window,
        coverage.passages,
        coverage.passages_in_window,
        coverage.tokens,
        coverage.tokens_in_window,
        coverage.unreadable_page_count,
        coverage.sentence(),
    )


def _widen(sheet: Any, column: int, width: int) -> None:
    """Set a column's width, in characters; openpyxl's types do not know this member."""
    sheet.column_dimensions[get_column_letter(column)].width = width


def _cells(sheet: WriteOnlyWorksheet, values: Sequence[Value]) -> list[CellLike]:
    return [sheet_cell(sheet, value) for value in values]
