"""Reviews: a copy of a checklist held against documents, cell by cell."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select

from docqa.core.checklists import Checklist
from docqa.core.escaping import encodable
from docqa.core.findings import Action, Decision, Review, ReviewCounts, ReviewStatus, Target
from docqa.errors import UnknownItemError
from docqa.store.audit import append_in
from docqa.store.queries import add_row, among, set_columns
from docqa.store.review_decisions import decide
from docqa.store.review_findings import FindingStore
from docqa.store.review_models import CellRow, DecisionRow, ReviewRow
from docqa.store.review_rows import (
    DECISION_COLUMNS,
    FRESH_CELL,
    checklist_json,
    sha256,
    to_checklist,
    to_decision,
)
from docqa.store.values import DocumentInfo

_COLUMNS = (
    ReviewRow.id,
    ReviewRow.workspace_id,
    ReviewRow.title,
    ReviewRow.checklist,
    ReviewRow.target,
    ReviewRow.scope,
    ReviewRow.status,
    ReviewRow.job_id,
    ReviewRow.created_at,
    ReviewRow.created_by,
)
_ACTS: dict[str, str] = {
    "running": "review.resumed",
    "paused": "review.paused",
    "cancelled": "review.cancelled",
    "done": "review.done",
}
_BATCH = 5_000


class ReviewStore(FindingStore):
    """Reviews of workspaces, with their cells, findings and decisions."""

    def create(
        self,
        workspace_id: int,
        *,
        checklist: Checklist,
        title: str,
        target: Target,
        scope: Sequence[int],
        documents: Sequence[DocumentInfo],
        user: str,
        pack: str,
    ) -> int:
        """A review with all its cells queued; its id.

        There is a cell per document and requirement, in this order, or per requirement where the
        target is the workspace.
        """
        copy = checklist_json(checklist)
        with self._database.write() as connection:
            review_id = add_row(
                connection,
                ReviewRow,
                workspace_id=workspace_id,
                title=encodable(title),
                checklist=copy,
                target=target,
                scope=list(scope),
                status="running",
                job_id=0,
                created_at=time.time(),
                created_by=encodable(user),
            )
            cells = 0
            for rows in _batches(_cells(review_id, checklist, target, documents)):
                connection.execute(insert(CellRow), rows)
                cells += len(rows)
            told = {
                "review": review_id,
                "workspace": workspace_id,
                "checklist_sha256": sha256(copy),
                "requirements": len(checklist.requirements),
                "target": target,
                "documents": len(documents),
                "cells": cells,
                "pack": pack,
            }
            append_in(connection, user, "review.created", told)
        return review_id

    def get(self, review_id: int) -> Review:
        """The review with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        found = self._reviews(select(*_COLUMNS).where(ReviewRow.id == review_id))
        if not found:
            raise UnknownItemError("review", review_id)
        return found[0]

    def all(self, workspace_id: int) -> tuple[Review, ...]:
        """The workspace's reviews, newest first."""
        query = select(*_COLUMNS).where(ReviewRow.workspace_id == workspace_id)
        return self._reviews(query.order_by(ReviewRow.id.desc()))

    def set_status(
        self,
        review_id: int,
        status: ReviewStatus,
        *,
        user: str | None = None,
        job_id: int | None = None,
    ) -> None:
        """Say how the review stands; with a user it is a person's act, and on record.

        Raises:
            UnknownItemError: If there is no such review.
        """
        job = {} if job_id is None else {"job_id": job_id}
        with self._database.write() as connection:
            if not set_columns(connection, ReviewRow, review_id, status=status, **job):
                raise UnknownItemError("review", review_id)
            if user is not None:
                append_in(connection, user, _ACTS[status], {"review": review_id})

    def delete(self, review_id: int, *, user: str) -> None:
        """Delete the review with all that was found and decided; the audit log stays.

        Raises:
            UnknownItemError: If there is no such review.
        """
        with self._database.write() as connection:
            if not connection.execute(delete(ReviewRow).where(ReviewRow.id == review_id)).rowcount:
                raise UnknownItemError("review", review_id)
            append_in(connection, user, "review.deleted", {"review": review_id})

    def decide(
        self,
        cell_id: int,
        action: Action,
        *,
        verdict: str = "",
        comment: str = "",
        user: str,
        revision: int,
    ) -> Decision:
        """Keep what a person decided on the cell as it was at this revision.

        Raises:
            StaleError: If the cell has changed since; it says who did what.
            InputError: If there is nothing to decide on, or the verdict is none.
            UnknownItemError: If there is no such cell.
        """
        told = {"verdict": verdict, "comment": comment, "user": user}
        with self._database.write() as connection:
            return decide(connection, cell_id, action, revision=revision, **told)

    def decisions(self, cell_id: int) -> tuple[Decision, ...]:
        """What was decided on the cell's findings, newest first."""
        query = select(*DECISION_COLUMNS).where(DecisionRow.cell_id == cell_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(DecisionRow.id.desc())).all()
        return tuple(map(to_decision, rows))

    def _reviews(self, query: Select[*tuple[Any, ...]]) -> tuple[Review, ...]:
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            counts = _counts(connection, [row[0] for row in rows])
        return tuple(_to_review(row, counts.get(row[0], ReviewCounts())) for row in rows)


def _cells(
    review_id: int, checklist: Checklist, target: Target, documents: Sequence[DocumentInfo]
) -> Iterator[dict[str, Any]]:
    about: Sequence[tuple[int | None, str]] = [(None, "")]
    if target == "documents":
        about = [(document.id, encodable(document.name)) for document in documents]
    for document_id, name in about:
        for row, requirement in enumerate(checklist.requirements):
            yield FRESH_CELL | {
                "review_id": review_id,
                "requirement_id": encodable(requirement.id),
                "row": row,
                "document_id": document_id,
                "document": name,
            }


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _counts(connection: Connection, review_ids: Sequence[int]) -> Mapping[int, ReviewCounts]:
    query = (
        select(CellRow.review_id, CellRow.state, CellRow.review_state, func.count())
        .where(among(CellRow.review_id, review_ids))
        .group_by(CellRow.review_id, CellRow.state, CellRow.review_state)
    )
    counted: dict[int, dict[str, int]] = {}
    for review_id, state, review_state, count in connection.execute(query):
        counts = counted.setdefault(review_id, {"total": 0})
        counts["total"] += count
        counts[state] = counts.get(state, 0) + count
        if state == "done" and review_state == "draft":
            counts["unreviewed"] = count
    return {review_id: ReviewCounts(**counts) for review_id, counts in counted.items()}


def _to_review(row: Sequence[Any], counts: ReviewCounts) -> Review:
    review_id, workspace_id, title, copy, target, scope, status, job_id, created_at, user = row
    return Review(
        id=review_id,
        workspace_id=workspace_id,
        title=title,
        checklist=to_checklist(copy),
        target=target,
        scope=tuple(scope),
        status=status,
        job_id=job_id,
        created_at=created_at,
        created_by=user,
        counts=counts,
    )
