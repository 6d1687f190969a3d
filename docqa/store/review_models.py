"""The tables of reviews: what documents are held against, what was found, what was decided.

Findings and decisions are only ever added; erasing a document is the one thing that blanks them.
"""

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from docqa.store.models import Row

_OWN_IDS = {"sqlite_autoincrement": True}


class ChecklistRow(Row):
    """A checklist of the user's; `content` is its JSON."""

    __tablename__ = "checklists"
    id: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    revision: Mapped[int]
    updated_at: Mapped[float]
    updated_by: Mapped[str]


class ReviewRow(Row):
    """A copy of a checklist, held against documents."""

    __tablename__ = "reviews"
    __table_args__ = _OWN_IDS
    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str]
    checklist: Mapped[str]
    target: Mapped[str]
    scope: Mapped[list[Any]]
    status: Mapped[str]
    job_id: Mapped[int]
    created_at: Mapped[float]
    created_by: Mapped[str]


class CellRow(Row):
    """A requirement held against a document; its ids are in the order of the grid."""

    __tablename__ = "review_cells"
    __table_args__ = (
        Index(None, "review_id", "state"),  # the next that waits, in order
        Index(None, "review_id", "state", "review_state"),  # counts, without reading the rows
        _OWN_IDS,
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    requirement_id: Mapped[str]
    row: Mapped[int]
    document_id: Mapped[int | None] = mapped_column(
        ForeignKey("documents.id", ondelete="SET NULL"), index=True
    )
    document: Mapped[str]
    state: Mapped[str]
    token: Mapped[str]
    status: Mapped[str]
    verdict: Mapped[str]
    review_state: Mapped[str]
    value: Mapped[str]
    quotes: Mapped[int]
    finding_id: Mapped[int]
    previous_finding_id: Mapped[int]
    changed: Mapped[bool]
    version_id: Mapped[int]
    revision: Mapped[int]
    error: Mapped[str]
    error_hint: Mapped[str]
    error_type: Mapped[str]


class FindingRow(Row):
    """What one run of a cell found. `content` is the canonical JSON that `hash` is of.

    `erased` is 0, 1 (its words are gone), or 2 (only the erased document's name in its coverage).
    """

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("cell_id", "number"), _OWN_IDS)
    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("review_cells.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[str]
    hash: Mapped[str]
    erased: Mapped[int]
    created_at: Mapped[float]


class DecisionRow(Row):
    """What a person decided. `hash` covers the comment's hash, so it survives the comment."""

    __tablename__ = "decisions"
    __table_args__ = _OWN_IDS
    id: Mapped[int] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(
        ForeignKey("review_cells.id", ondelete="CASCADE"), index=True
    )
    finding_id: Mapped[int]
    action: Mapped[str]
    verdict: Mapped[str]
    comment: Mapped[str]
    comment_hash: Mapped[str]
    user: Mapped[str]
    hash: Mapped[str]
    erased: Mapped[bool]
    created_at: Mapped[float]
