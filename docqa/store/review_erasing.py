"""Erasing a document from reviews: findings that rest on it are blanked, and comments on them.

That they were found and decided, with their hashes, stays on record; an audit entry names them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from docqa.core.answers import Citation
from docqa.core.findings import NewFinding
from docqa.store.audit import append_in
from docqa.store.queries import set_columns
from docqa.store.review_models import CellRow, DecisionRow, FindingRow, ReviewRow
from docqa.store.review_rows import (
    ERASED,
    ERASED_FINDING,
    ERASED_NAME,
    FINDING_COLUMNS,
    NAMES_ERASED,
    WORDS_ERASED,
    content_of,
    to_finding,
)
from docqa.store.traces import Traces

_BATCH = 200
_FINDINGS = (
    select(*FINDING_COLUMNS, CellRow.document_id, CellRow.finding_id)
    .join(CellRow, CellRow.id == FindingRow.cell_id)
    .join(ReviewRow, ReviewRow.id == CellRow.review_id)
    .where(ReviewRow.workspace_id == bindparam("workspace"), FindingRow.id > bindparam("last"))
    .order_by(FindingRow.id)
    .limit(_BATCH)
)
_DECISIONS = (
    select(
        DecisionRow.id,
        DecisionRow.finding_id,
        DecisionRow.comment,
        DecisionRow.erased,
        CellRow.document_id,
    )
    .join(CellRow, CellRow.id == DecisionRow.cell_id)
    .join(ReviewRow, ReviewRow.id == CellRow.review_id)
    .where(ReviewRow.workspace_id == bindparam("workspace"), DecisionRow.id > bindparam("last"))
    .order_by(DecisionRow.id)
    .limit(_BATCH)
)
_BLANK_CELL = (
    update(CellRow)
    .where(CellRow.id == bindparam("cell"))
    .values(value="", quotes=bindparam("left"), revision=CellRow.revision + 1)
)


@dataclass(slots=True)
class _Blanked:
    """Ids of what lost its words."""

    findings: list[int] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    """Findings that lost only a name in their coverage."""
    decisions: list[int] = field(default_factory=list)


def blank_reviews(connection: Connection, workspace_id: int, traces: Traces, *, user: str) -> None:
    """Remove what reviews keep of the document, within the caller's transaction."""
    blanked = _Blanked()
    for rows in _batches(connection, _FINDINGS, workspace_id):
        for row in rows:
            _blank_finding(connection, row, traces, blanked)
    _blank_decisions(connection, workspace_id, traces, blanked)
    _blank_cells(connection, workspace_id, traces)
    _blank_titles(connection, workspace_id, traces)
    findings = sorted((*blanked.findings, *blanked.names))
    if findings or blanked.decisions:
        told = {
            "document": traces.document_id,
            "findings": findings,
            "decisions": blanked.decisions,
        }
        append_in(connection, user, "review.erased", told)


def _blank_finding(
    connection: Connection, row: Sequence[Any], traces: Traces, blanked: _Blanked
) -> None:
    *columns, document_id, current = row
    finding = to_finding(columns)
    own = document_id == traces.document_id
    named = _without_names(finding.found, traces, all_of_them=own)
    left, erased = named, WORDS_ERASED if finding.erased else NAMES_ERASED
    if not finding.erased and (own or _rests_on(finding.found, traces)):
        left, erased = _blank(named, traces), WORDS_ERASED
        blanked.findings.append(finding.id)
        if current == finding.id:
            told = {"cell": finding.cell_id, "left": len(left.citations)}
            connection.execute(_BLANK_CELL, told)
    elif named == finding.found:
        return
    else:
        blanked.names.append(finding.id)
    set_columns(connection, FindingRow, finding.id, content=content_of(left), erased=erased)


def _rests_on(found: NewFinding, traces: Traces) -> bool:
    if any(citation.document_id == traces.document_id for citation in found.citations):
        return True
    texts = (found.rationale, found.value, found.raw, *found.reasons)
    return any(map(traces.told_by, texts))


def _blank(found: NewFinding, traces: Traces) -> NewFinding:
    """Without what it said, and without its quotes of the document."""
    left = tuple(
        _without_claim(citation)
        for citation in found.citations
        if citation.document_id != traces.document_id
    )
    return replace(found, rationale="", value="", raw="", reasons=(ERASED_FINDING,), citations=left)


def _without_claim(citation: Citation) -> Citation:
    return replace(citation, start=0, end=0, missing=())


def _without_names(found: NewFinding, traces: Traces, *, all_of_them: bool) -> NewFinding:
    """Without the document among the pages that could not be read."""
    if found.coverage is None:
        return found
    pages = found.coverage.unreadable_pages
    kept = tuple(page for page in pages if not all_of_them and not traces.named_in(page[0]))
    if kept == pages:
        return found
    return replace(found, coverage=replace(found.coverage, unreadable_pages=kept))


def _blank_decisions(
    connection: Connection, workspace_id: int, traces: Traces, blanked: _Blanked
) -> None:
    gone = frozenset(blanked.findings)
    for rows in _batches(connection, _DECISIONS, workspace_id):
        for decision_id, finding_id, comment, erased, document_id in rows:
            about = document_id == traces.document_id or finding_id in gone
            if comment and not erased and (about or traces.told_by(comment)):
                set_columns(connection, DecisionRow, decision_id, comment=ERASED, erased=True)
                blanked.decisions.append(decision_id)


def _blank_cells(connection: Connection, workspace_id: int, traces: Traces) -> None:
    reviews = select(ReviewRow.id).where(ReviewRow.workspace_id == workspace_id)
    here = update(CellRow).where(CellRow.review_id.in_(reviews))
    # What runs may be about to tell of the document: it is asked again, and not taken then.
    connection.execute(here.where(CellRow.state == "running").values(state="queued", token=""))
    own = here.where(CellRow.document_id == traces.document_id)
    connection.execute(own.where(CellRow.state == "queued").values(state="cancelled"))
    connection.execute(own.values(document=ERASED_NAME, document_id=None))
    errors = select(CellRow.id, CellRow.error, CellRow.error_hint, CellRow.document).where(
        CellRow.review_id.in_(reviews), CellRow.error != ""
    )
    for cell_id, error, hint, document in connection.execute(errors).all():
        if document == ERASED_NAME or traces.told_by(error) or traces.told_by(hint):
            set_columns(connection, CellRow, cell_id, error=ERASED, error_hint="")


def _blank_titles(connection: Connection, workspace_id: int, traces: Traces) -> None:
    titles = select(ReviewRow.id, ReviewRow.title).where(ReviewRow.workspace_id == workspace_id)
    for review_id, title in connection.execute(titles).all():
        if traces.told_by(title):
            set_columns(connection, ReviewRow, review_id, title=ERASED)


def _batches(
    connection: Connection, query: Select[*tuple[Any, ...]], workspace_id: int
) -> Iterator[Iterable[Sequence[Any]]]:
    """The rows of the query by batches; each begins with its id."""
    last = 0
    while True:
        rows = connection.execute(query, {"workspace": workspace_id, "last": last}).all()
        if not rows:
            return
        yield rows
        last = rows[-1][0]
