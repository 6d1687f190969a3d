"""A review as a PDF report, for people who sign it. Made in a worker process.

Every finding has its text and its quotes; the first quotes also have a picture of their place on
the page, highlighted. Drawing takes longer than all else, so at most `MAX_CROPS` are drawn: first
those of findings that say something is wrong or that wait for a person. In a review of more than
`FULL_UP_TO` cells, so many findings at most stand in full, chosen likewise; the others are a line
each. The report says both.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from docqa.core.formulas import clean
from docqa.errors import StoreError
from docqa.readers.mupdf import pymupdf
from docqa.services.exporting.crops import Crop, Cropper
from docqa.services.exporting.csv_file import time_of
from docqa.services.exporting.flow import WIDTH, Flow, finish
from docqa.services.exporting.packet import Packet, Row
from docqa.services.exporting.report_html import (
    CSS,
    LINE_HEAD,
    decisions,
    finding_body,
    finding_head,
    finding_line,
    folded,
    provenance,
    quote,
)
from docqa.services.exporting.report_overview import (
    Piece,
    coverage_table,
    grid,
    origin_tables,
    summary,
    version_table,
)
from docqa.services.exporting.tally import Tally

MAX_CROPS = 300
CROPS_OF_A_FINDING = 3
FULL_UP_TO = 2_000
"""Findings that stand in full at most; of larger reviews the others are a line each."""
_FIRST = ("not_met", "partly_met", "needs_person", "met", "not_applicable", "not_found")
"""Verdicts in the order in which their quotes are drawn."""
_ONE_CROP = ("not_found", "not_applicable")
"""Verdicts whose quotes are what came nearest: one picture is enough."""
_FEW = 10
_LARGEST = 1.15
"""Times its size on the page that a picture is shown in at most."""

_LARGE = (
    f'<p class="small">This review is large: {FULL_UP_TO:,} findings at most stand in full, first'
    " those that contradict others, changed, or were decided on, then those not met, partly met, or"
    " waiting for a person. Each of the others is a line with its first quote. The JSON packet has"
    " all of them in full.</p>"
)

Progress = Callable[[int, int], None]
Place = tuple[int, int]
"""A quote: its cell, and its position in the finding."""


@dataclass(slots=True)
class _Plan:
    """What is known before the first page is laid out."""

    tally: Tally = field(default_factory=Tally)
    coverages: Counter[tuple[str, str]] = field(default_factory=Counter)
    drawn: frozenset[Place] = frozenset()
    full: frozenset[int] = frozenset()
    """Cells whose findings stand in full; of a large review not all."""
    drawable: int = 0
    """Quotes that stand on a page."""


def write_report(
    packet: Packet,
    path: Path,
    file_of: Callable[[int], Path | None],
    progress: Progress = lambda _done, _total: None,
) -> None:
    """Write the report; `file_of` tells the PDF that a version was read from, if it is one.

    Raises:
        StoreError: If the file cannot be written.
    """
    plan = _planned(packet)
    draft = path.with_name(f"{path.name}.draft")
    cropper = Cropper(file_of)
    title = folded(packet.review.title, 90)
    foot = f'<p class="foot">docqa review · {time_of(packet.exported_at)} · {title}</p>'
    try:
        flow = Flow(draft, CSS, foot)
        _overview(flow, packet, plan)
        _findings(flow, packet, plan, cropper, progress)
        _appendix(flow, packet, plan)
        flow.close()
        metadata = {
            "title": clean(packet.review.title[:200]),
            "author": clean(packet.exported_by[:100]),
            "subject": clean(packet.review.checklist.title[:200]),
            "creator": f"docqa {packet.docqa_version}",
        }
        finish(draft, path, flow.marks, metadata)
    except pymupdf.mupdf.FzErrorBase as error:
        raise StoreError(f"the report cannot be written: {error}") from error
    finally:
        cropper.close()
        draft.unlink(missing_ok=True)


def _planned(packet: Packet) -> _Plan:
    """Go through all cells once, to count them and to choose what is drawn."""
    plan = _Plan()
    places: list[tuple[int, int, Place]] = []
    weighty: list[tuple[int, int]] = []
    large = packet.review.counts.total > FULL_UP_TO
    for row in packet.rows():
        plan.tally.add(row)
        if row.finding and row.finding.found.coverage:
            plan.coverages[row.document, row.finding.found.coverage.sentence()] += 1
        rank = _rank(row)
        if not large or not _needs_little(row):
            weighty.append((rank, row.cell.id))
        for position, citation in enumerate(row.citations):
            if citation.page is None or not citation.rects:
                continue
            plan.drawable += 1
            if position < (1 if row.cell.verdict in _ONE_CROP else CROPS_OF_A_FINDING):
                places.append((position, rank, (row.cell.id, position)))
    # Sorting is stable: of equals, the first in the grid are drawn. First quotes go first.
    places.sort(key=lambda each: each[:2])
    weighty.sort(key=lambda each: each[0])
    plan.full = frozenset(cell for _, cell in weighty[:FULL_UP_TO])
    plan.drawn = frozenset(place for _, _, place in places[:MAX_CROPS])
    return plan


def _rank(row: Row) -> int:
    if row.conflicts or row.cell.changed or row.decisions:
        return 0
    return _FIRST.index(row.cell.verdict) if row.cell.verdict else len(_FIRST)


def _overview(flow: Flow, packet: Packet, plan: _Plan) -> None:
    flow.heading(1, "Summary", "")
    flow.add(summary(packet, plan.tally))
    flow.heading(1, "Table", "<h2>Table</h2>")
    for piece in grid(packet):
        _put(flow, piece)


def _put(flow: Flow, piece: Piece) -> None:
    if isinstance(piece, str):
        flow.add(piece)
    else:
        flow.table(piece.head, piece.rows)


def _findings(
    flow: Flow, packet: Packet, plan: _Plan, cropper: Cropper, progress: Progress
) -> None:
    flow.break_page()
    total = packet.review.counts.total
    large = total > FULL_UP_TO
    flow.heading(1, "Findings", f"<h2>Findings</h2>{_LARGE if large else ''}")
    document: tuple[int | None, str] | None = None
    lines: list[str] = []
    for done, row in enumerate(packet.rows()):
        if (row.cell.document_id, row.document) != document:
            _put_lines(flow, lines)
            document = (row.cell.document_id, row.document)
            flow.heading(2, row.document, _document_head(packet, row))
        if row.cell.id not in plan.full:
            lines.append(finding_line(row))
        else:
            _put_lines(flow, lines)
            if not large:
                flow.heading(3, row.requirement.id, "")
            _finding(flow, row, plan, cropper)
        progress(done, total)
    _put_lines(flow, lines)
    if document is None:
        flow.add("<p>There are no cells.</p>")


def _needs_little(row: Row) -> bool:
    """Whether nothing is wrong with it, and no person said anything."""
    quiet = not (row.conflicts or row.cell.changed or row.decisions or row.cell.error)
    return quiet and row.cell.verdict not in ("not_met", "partly_met", "needs_person")


def _put_lines(flow: Flow, lines: list[str]) -> None:
    if not lines:
        return
    if len(lines) <= _FEW:  # they go to one page: laid out once
        flow.add(f"<table><tr>{LINE_HEAD}</tr>{''.join(lines)}</table>")
    else:
        flow.table(LINE_HEAD, lines)
    lines.clear()


def _finding(flow: Flow, row: Row, plan: _Plan, cropper: Cropper) -> None:
    """A finding: its text in one block with the first quote; each further picture begins one."""
    pictures: dict[str, bytes] = {}
    blocks = [finding_head(row) + finding_body(row)]
    for position, citation in enumerate(row.citations):
        crop = cropper.crop(citation) if (row.cell.id, position) in plan.drawn else None
        text = quote(citation)
        if crop is not None:
            name = f"c{position}.png"
            pictures[name] = crop.picture
            text += f'<p><img src="{name}" style="{_size(crop)}"></p>'
        if position and crop is not None:
            blocks.append(text)
        else:
            blocks[-1] += text
    blocks[-1] += decisions(row) + provenance(row)
    for block in blocks:
        flow.add(block, {name: made for name, made in pictures.items() if name in block})


def _size(crop: Crop) -> str:
    width = min(WIDTH - 2, crop.width * _LARGEST)
    return f"width:{width:.0f}pt;height:{width * crop.height / crop.width:.0f}pt"


def _document_head(packet: Packet, row: Row) -> str:
    said = f"<h3>{folded(row.document, 300)}</h3>"
    version = packet.versions.get(row.cell.version_id)
    if version is None:
        return said
    pages = f", {version.pages:,} pages" if version.pages else ""
    facts = f"version {version.number}{pages}, SHA-256 {version.content_hash}"
    return f'{said}<p class="small">{facts}</p>'


def _appendix(flow: Flow, packet: Packet, plan: _Plan) -> None:
    flow.break_page()
    flow.heading(1, "Coverage", "<h2>Coverage</h2>")
    flow.add("<p>What was read for the findings; pages that could not be read are named.</p>")
    _put(flow, coverage_table(plan.coverages))
    flow.heading(1, "Versions", "<h2>Versions</h2>")
    _put(flow, version_table(packet))
    flow.heading(1, "Record", "<h2>Record</h2>")
    for piece in origin_tables(packet, plan.tally):
        _put(flow, piece)
    left_out = plan.drawable - len(plan.drawn)
    if left_out > 0:
        flow.add(
            f'<p class="small">Pictures of pages: {len(plan.drawn):,} of {plan.drawable:,} quotes,'
            " first those of findings that contradict others, are not met, or wait for a person."
            " Every quote stands here as text.</p>"
        )
