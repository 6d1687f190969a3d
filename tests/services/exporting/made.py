"""Reviews made by hand: no store, no engine."""

from dataclasses import replace

from docqa.core.answers import Citation, Coverage, Usage
from docqa.core.checklists import Checklist, Requirement
from docqa.core.documents import Rect
from docqa.core.findings import Cell, Decision, Finding, NewFinding, Review, ReviewCounts
from docqa.services.exporting.packet import Packet, SourceVersion

QUOTE = "The Supplier must notify the Customer of a personal data breach within 72 hours"
REQUIREMENTS = (
    Requirement("28-3-a", "The processor acts only on documented instructions.", section="Duties"),
    Requirement("28-3-f", "The processor notifies breaches without undue delay."),
    Requirement("end", "When does the agreement end?", kind="date"),
)
COVERAGE = Coverage(1, 1, 24, 23, 120, 120, 9_000, 9_000, (("a.pdf", 7, "image only"),), 1)


def citation(**changed) -> Citation:
    made = Citation(
        marker=1,
        label=41,
        document_id=3,
        version_id=5,
        document="agreement.pdf",
        page=3,
        lines=None,
        quote=QUOTE,
        quote_start=10,
        quote_end=10 + len(QUOTE),
        rects=(Rect(3, 0.1, 0.2, 0.9, 0.22),),
        support="exact",
    )
    return replace(made, **changed)


def found(**changed) -> NewFinding:
    made = NewFinding(
        status="met",
        proposed="met",
        rationale="It sets a limit of 72 hours.",
        citations=(citation(),),
        coverage=COVERAGE,
        version_id=5,
        pack="a" * 64,
        engine="sglang",
        model="scout",
        prompt_version="review/1",
        params={"temperature": 0.0, "json_schema": {"type": "object"}},
        usage=Usage(9_000, 8_900, 60),
        total_s=0.8,
        raw='{"verdict": "met"}',
    )
    return replace(made, **changed)


def cell(number: int, **changed) -> Cell:
    made = Cell(
        id=number,
        review_id=1,
        requirement_id=REQUIREMENTS[(number - 1) % 3].id,
        row=(number - 1) % 3,
        document_id=3 + (number - 1) // 3,
        document="agreement.pdf" if number <= 3 else "annex.pdf",
        state="done",
        status="met",
        verdict="met",
        review_state="draft",
        value="",
        quotes=1,
        finding_id=number,
        previous_finding_id=0,
        changed=False,
        version_id=5,
        revision=1,
        error="",
        error_hint="",
        error_type="",
    )
    return replace(made, **changed)


def finding(cell_id: int, **changed) -> Finding:
    return Finding(cell_id, cell_id, 1, found(**changed), "f" * 64, False, 1_700_000_100.0)


def decision(cell_id: int, **changed) -> Decision:
    made = Decision(
        cell_id, cell_id, cell_id, "approve", "met", "Read and agreed.", "Ana", 1_700_000_200.0
    )
    return replace(made, **changed)


def packet(*parts, **changed) -> Packet:
    """A packet of these (cell, finding, decisions); without any, of six plain ones."""
    rows = parts or tuple((cell(number), finding(number), ()) for number in range(1, 7))
    counts = ReviewCounts(total=len(rows), done=len(rows), unreviewed=len(rows))
    checklist = Checklist("dpa", "Processor agreements", "1", "GDPR, Article 28", REQUIREMENTS)
    review = Review(
        id=1,
        workspace_id=1,
        title="Agreements of 2026",
        checklist=checklist,
        target="documents",
        scope=(),
        status="done",
        job_id=1,
        created_at=1_700_000_000.0,
        created_by="Ana",
        counts=counts,
    )
    version = SourceVersion(
        5, 3, "agreement.pdf", 1, "c" * 64, "pdf/1", pages=24, read_at=1_700_000_000.0
    )
    made = Packet(
        review=review,
        parts=lambda: iter(rows),
        workspace="default",
        cells=tuple(row[0] for row in rows),
        versions={5: version},
        audit_head="b" * 64,
        audit_entries=12,
        exported_at=1_700_000_300.0,
        exported_by="Ana",
        docqa_version="0.1.0",
    )
    return replace(made, **changed)
