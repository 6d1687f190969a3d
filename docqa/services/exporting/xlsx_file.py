"""A review as XLSX: the grid, findings, evidence, coverage, and what all of it rests on.

Written row by row, so that memory stays flat; only the notes of the grid's cells are kept until
the end, which is why they are bounded.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import IO

from openpyxl import Workbook

from docqa.core.answers import Citation, Coverage
from docqa.core.findings import FINDING_STATUSES
from docqa.core.verdict_words import cell_word, state_word, verdict_word
from docqa.services.exporting.csv_file import COLUMNS, texts_of, time_of
from docqa.services.exporting.packet import Packet, Row, quote_line
from docqa.services.exporting.sheet_cells import CellMaker, Sheet, Value, widen
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
    "place",
    "support",
    "missing",
    "found by",
    "quoted document",
    "version id",
    "OCR confidence",
)
COVERAGE = (
    "document",
    "findings",
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
        self._make = CellMaker()
        self.grid = self._sheet("Grid")
        self.findings = self._sheet("Findings", COLUMNS)
        self.evidence = self._sheet("Evidence", EVIDENCE)
        self.coverage = self._sheet("Coverage", COVERAGE)
        self._start_grid()

    def _sheet(self, title: str, columns: Sequence[str] = ()) -> Sheet:
        sheet: Sheet = self.book.create_sheet(title)
        for number, name in enumerate(columns, 1):
            widen(sheet, number, _WIDTHS.get(name, 18))
        if columns:
            sheet.freeze_panes = "B2"
            sheet.append(self._make.cells(sheet, columns, "header"))
        return sheet

    def _start_grid(self) -> None:
        """Two header rows, the ids and the texts; verdicts begin in cell B3."""
        requirements = self.packet.review.checklist.requirements[:MAX_COLUMNS]
        widen(self.grid, 1, 36)
        for number in range(len(requirements)):
            widen(self.grid, number + 2, 16)
        self.grid.freeze_panes = "B3"
        ids = ("document", *(each.id for each in requirements))
        self.grid.append(self._make.cells(self.grid, ids, "header"))
        texts = ("", *(each.text[:200] for each in requirements))
        self.grid.append(self._make.cells(self.grid, texts))

    def add_document(self, name: str, rows: Iterator[Row]) -> None:
        """One row of the grid, and its cells' rows in the other sheets."""
        places: dict[int, Row] = {}
        coverages: Counter[Coverage] = Counter()
        for row in rows:
            self.tally.add(row)
            self.findings.append(self._make.cells(self.findings, texts_of(row)))
            for citation in row.citations:
                values = self._evidence(row, citation)
                self.evidence.append(self._make.cells(self.evidence, values))
            if row.finding and row.finding.found.coverage:
                coverages[row.finding.found.coverage] += 1
            places[row.cell.row] = row
        for coverage, count in coverages.items():
            values = _coverage(name, count, coverage)
            self.coverage.append(self._make.cells(self.coverage, values))
        self._add_line(name, places)

    def _add_line(self, name: str, places: dict[int, Row]) -> None:
        """A document's verdicts in the grid."""
        line = [self._make.cell(self.grid, name, "bold")]
        for number in range(min(max(places, default=-1) + 1, MAX_COLUMNS)):
            if (row := places.get(number)) is None:
                line.append(None)
                continue
            said, note = _grid_text(row), _note(row)
            line.append(
                self._make.cell(self.grid, said, "centred", verdict=row.cell.verdict, note=note)
            )
        self.grid.append(line)

    @staticmethod
    def _evidence(row: Row, citation: Citation) -> tuple[Value, ...]:
        return (
            row.document,
            row.requirement.id,
            cell_word(row.cell, row.requirement.kind),
            citation.quote,
            citation.page,
            "-".join(str(line) for line in citation.lines) if citation.lines else "",
            citation.place,
            citation.support,
            ", ".join(citation.missing),
            citation.origin,
            citation.document if citation.document != row.document else "",
            citation.version_id,
            citation.confidence,
        )

    def finish(self, file: IO[bytes]) -> None:
        """Add the sheet about the review, and write the file."""
        sheet = self._sheet("About")
        widen(sheet, 1, 28)
        widen(sheet, 2, 90)
        for name, value in about(self.packet, self.tally):
            sheet.append([self._make.cell(sheet, name, "bold"), self._make.cell(sheet, value)])
        self.book.save(file)

    def close(self) -> None:
        """End the sheets of a workbook that was not finished."""
        for sheet in self.book.worksheets:
            unfinished: Sheet = sheet
            if not unfinished.closed:
                unfinished.close()


def write_xlsx(packet: Packet, path: Path) -> None:
    """Write the review as a workbook."""
    with path.open("wb") as file:  # before anything is made: where it cannot be, nothing is
        book = _Book(packet)
        try:
            lines = itertools.groupby(
                packet.rows(), key=lambda row: (row.cell.document_id, row.document)
            )
            for (_, name), rows in lines:
                book.add_document(name, rows)
            book.finish(file)
        finally:
            book.close()


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


def _grid_text(row: Row) -> str:
    """The verdict, what a person made of it, and whether others contradict."""
    decided = state_word(row.cell) if row.cell.review_state != "draft" or row.cell.changed else ""
    marks = (cell_word(row.cell, row.requirement.kind), decided, "conflict" * bool(row.conflicts))
    return " · ".join(mark for mark in marks if mark)


def _note(row: Row) -> str:
    """The first quotes with their pages, else why there are none."""
    quotes = [quote_line(each) for each in row.citations[:MAX_NOTE_QUOTES]]
    return "\n".join(quotes or row.reasons)


def _coverage(document: str, findings: int, coverage: Coverage) -> tuple[Value, ...]:
    return (
        document,
        findings,
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
