"""Findings: what a review found for a requirement in a document, and what a person decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from docqa.core.answers import Citation, Coverage, Usage
from docqa.core.checklists import Checklist, Verdict

CellState = Literal["queued", "running", "done", "failed", "cancelled"]
FindingStatus = Literal[
    "met", "partly_met", "not_met", "not_found", "not_applicable", "needs_person"
]
"""A verdict, or `needs_person` where docqa could not stand for one."""
FINDING_STATUSES: tuple[FindingStatus, ...] = get_args(FindingStatus)
ReviewState = Literal["draft", "edited", "approved", "rejected"]
Action = Literal["approve", "change", "reject", "comment", "reopen", "keep"]
"""What a person did; `keep` is docqa's: an earlier decision stands, for nothing changed."""
Target = Literal["documents", "workspace"]
"""A cell per document, or one for the workspace ("does anything here ...")."""
ReviewStatus = Literal["running", "paused", "done", "cancelled"]


@dataclass(frozen=True, slots=True)
class NewFinding:
    """What one run of a cell found, before it is stored."""

    status: FindingStatus
    proposed: Verdict | Literal[""] = ""
    """What the model said; empty where no model judged."""
    rationale: str = ""
    value: str = ""
    """What was extracted, as the model wrote it; lists are joined by line feeds."""
    citations: tuple[Citation, ...] = ()
    """Verified quotes of the model's labels first, then (origin `docqa`) what docqa ranked."""
    reasons: tuple[str, ...] = ()
    """Why a person is needed, in words; also remarks such as "no evidence found"."""
    unresolved: int = 0
    """Labels that the model gave and that are not in the pack or not in scope."""
    coverage: Coverage | None = None
    version_id: int = 0
    """The document's version that was read; 0 for the whole workspace."""
    pack: str = ""
    engine: str = ""
    model: str = ""
    prompt_version: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    total_s: float | None = None
    raw: str = ""
    """The model's answer as it came."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A stored finding; it never changes, a later run of its cell makes another one."""

    id: int
    cell_id: int
    number: int
    """Counts the runs of the cell, from 1."""
    found: NewFinding
    hash: str
    """Of its content, as the audit log has it; 64 hexadecimal digits."""
    erased: bool
    """Its words were erased with the document they came from."""
    created_at: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a finding; it never changes."""

    id: int
    cell_id: int
    finding_id: int
    action: Action
    verdict: FindingStatus | Literal[""]
    """The verdict that the cell has after it; empty for comments and rejections."""
    comment: str
    user: str
    created_at: float
    hash: str = ""
    """Of its content, as the audit log has it; it covers the comment by the comment's hash."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A requirement held against a document (or the workspace): a cell of the grid."""

    id: int
    review_id: int
    requirement_id: str
    row: int
    """Position of the requirement in the checklist, from 0."""
    document_id: int | None
    """None for the whole workspace; also where the document was erased."""
    document: str
    """The document's name when the review was made; empty for the workspace."""
    state: CellState
    status: FindingStatus | Literal[""]
    """Of the current finding; empty before the first."""
    verdict: FindingStatus | Literal[""]
    """What counts: the person's decision, else the finding's status."""
    review_state: ReviewState
    value: str
    """The current finding's value, cut to 200 characters."""
    quotes: int
    """Citations of the current finding."""
    finding_id: int
    """0 before the first."""
    previous_finding_id: int
    """What the current finding is compared with; 0 if it is the first."""
    changed: bool
    """A new run differs from the finding before it, and no person has looked since."""
    version_id: int
    """Of the document, as the current finding read it."""
    revision: int
    """Grows with every finding and decision; a decision names the one it was made on."""
    error: str
    error_hint: str
    error_type: str

    @property
    def unreviewed(self) -> bool:
        """Whether a person still has to look at it."""
        return self.state == "done" and self.review_state == "draft"


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How far a review is, in cells."""

    total: int = 0
    queued: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    unreviewed: int = 0

    @property
    def finished(self) -> bool:
        """Whether no cell waits or runs."""
        return not self.queued and not self.running


@dataclass(frozen=True, slots=True)
class Review:
    """A checklist held against documents. The checklist is a copy: later edits do not reach it."""

    id: int
    workspace_id: int
    title: str
    checklist: Checklist
    target: Target
    scope: tuple[int, ...]
    """Documents it was made for; empty means all that the workspace had then."""
    status: ReviewStatus
    job_id: int
    """The job that works, or last worked, on it; 0 before the first."""
    created_at: float
    created_by: str
    counts: ReviewCounts
