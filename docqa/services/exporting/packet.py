"""What every export is made of: a review with its rows, streamed, and what they rest on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from docqa.core.answers import Citation
from docqa.core.checklists import Requirement
from docqa.core.citations import ocr_note
from docqa.core.findings import Cell, Decision, Finding, Review
from docqa.services.conversations import place_of

Parts = tuple[Cell, Finding | None, tuple[Decision, ...]]
"""A cell, its current finding and the decisions on it, newest first."""


@dataclass(frozen=True, slots=True)
class SourceVersion:
    """A document's version as an auditor finds it again."""

    id: int
    document_id: int
    document: str
    number: int
    content_hash: str
    """SHA-256 of the original file, 64 hexadecimal digits."""
    reader: str
    pages: int
    read_at: float


@dataclass(frozen=True, slots=True)
class Row:
    """One cell with all that is exported about it."""

    cell: Cell
    requirement: Requirement
    finding: Finding | None
    decisions: tuple[Decision, ...]
    """Newest first."""
    conflicts: tuple[Cell, ...]
    earlier: tuple[Finding, ...] = ()
    """Findings before the current one, newest first."""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The quotes of the current finding."""
        return self.finding.found.citations if self.finding else ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why a person is needed, and remarks; where the cell failed, why."""
        failure = (f"{self.cell.error} {self.cell.error_hint}".strip(),) if self.cell.error else ()
        return (*failure, *(self.finding.found.reasons if self.finding else ()))

    @property
    def decision(self) -> Decision | None:
        """The decision that stands: on the current finding, comments aside."""
        if self.cell.review_state == "draft":
            return None
        acts = (each for each in self.decisions if each.action not in ("comment", "keep"))
        return next(acts, None)

    @property
    def document(self) -> str:
        """The document's name, or that the whole workspace is meant."""
        return self.cell.document or "(whole workspace)"


@dataclass(frozen=True, slots=True)
class Packet:
    """A review as it is exported. `rows()` may be gone through several times."""

    review: Review
    parts: Callable[[], Iterator[Parts]]
    """In the grid's order: document by document, then requirement by requirement."""
    workspace: str = ""
    cells: tuple[Cell, ...] = ()
    """The grid, without findings; in the same order."""
    conflicts: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Of cells that contradict others: the ids of those others."""
    versions: Mapping[int, SourceVersion] = field(default_factory=dict)
    """By version id."""
    audit_head: str = ""
    """Hash of the newest audit entry before the export."""
    audit_entries: int = 0
    history: Callable[[int], tuple[Finding, ...]] = lambda _cell_id: ()
    """All findings of a cell, newest first."""
    exported_at: float = 0.0
    exported_by: str = ""
    docqa_version: str = ""

    @property
    def in_progress(self) -> bool:
        """Whether cells still wait or run."""
        return not self.review.counts.finished

    def rows(self) -> Iterator[Row]:
        """The cells, one after the other; memory stays flat."""
        requirements = {each.id: each for each in self.review.checklist.requirements}
        contradicted = {cell.id: cell for cell in self.cells} if self.conflicts else {}
        for cell, finding, decisions in self.parts():
            others = (contradicted.get(other) for other in self.conflicts.get(cell.id, ()))
            yield Row(
                cell,
                requirements[cell.requirement_id],
                finding,
                decisions,
                tuple(other for other in others if other is not None),
                self._earlier(cell),
            )

    def _earlier(self, cell: Cell) -> tuple[Finding, ...]:
        if not cell.previous_finding_id:
            return ()
        return tuple(each for each in self.history(cell.id) if each.id != cell.finding_id)


def source_of(citation: Citation) -> str:
    """`contract.pdf p. 3`."""
    return f"{citation.document} {place_of(citation)}".rstrip()


def quote_line(citation: Citation) -> str:
    """`“...” (contract.pdf p. 3)`, the quote's white space folded; little sure OCR is said."""
    where = ", ".join(filter(None, (source_of(citation), ocr_note(citation.confidence))))
    return f"“{' '.join(citation.quote.split())}” ({where})"
