"""Findings: stored with their cell and their audit entry, or not at all; never changed."""

import time
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from docqa.core.findings import Cell, Decision, Finding, NewFinding
from docqa.errors import UnknownItemError
from docqa.store.audit import append_in
from docqa.store.queries import add_row, among
from docqa.store.review_cells import CellStore
from docqa.store.review_decisions import add_decision
from docqa.store.review_models import CellRow, DecisionRow, FindingRow
from docqa.store.review_rows import (
    CELL_COLUMNS,
    DECISION_COLUMNS,
    FINDING_COLUMNS,
    MAX_VALUE,
    canonical,
    content_of,
    sha256,
    to_cell,
    to_decision,
    to_finding,
)

_MAX_PARAMS = 2_000
_CLAIMED = select(*CELL_COLUMNS).where(
    CellRow.id == bindparam("cell"),
    CellRow.state == "running",
    CellRow.token == bindparam("claimant"),
)
_RUNS = select(func.coalesce(func.max(FindingRow.number), 0)).where(
    FindingRow.cell_id == bindparam("cell")
)
_CHANGED = (
    "status",
    "verdict",
    "review_state",
    "value",
    "quotes",
    "version_id",
    "finding_id",
    "previous_finding_id",
    "changed",
    "revision",
)
_DONE = (
    update(CellRow)
    .where(CellRow.id == bindparam("cell"))
    .values(state="done", token="", error="", error_hint="", error_type="")
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_FINDING = select(*FINDING_COLUMNS).where(FindingRow.id == bindparam("finding"))


class FindingStore(CellStore):
    """Findings of the cells of reviews."""

    def record(
        self, cell_id: int, token: str, found: NewFinding, *, user: str, keep: bool
    ) -> Finding | None:
        """Keep what a run found; None, and nothing kept, if the cell is not this token's.

        With `keep` (nothing changed), what a person decided stands on the new finding. Without,
        the cell is a draft again, and changed if there was a finding before.
        """
        content = content_of(found)
        with self._database.write() as connection:
            row = connection.execute(_CLAIMED, {"cell": cell_id, "claimant": token}).first()
            if row is None:
                return None
            cell = to_cell(row)
            keep = keep and cell.finding_id > 0
            finding = _insert(connection, cell_id, content)
            after = _after(cell, finding, keep=keep)
            new = {f"new_{name}": after[name] for name in _CHANGED}
            connection.execute(_DONE, {"cell": cell_id, **new})
            told = _told(cell, finding) | {"verdict": after["verdict"], "kept": keep}
            append_in(connection, user, "review.finding", told)
            if keep and cell.review_state != "draft":
                add_decision(
                    connection, cell, "keep", cell.verdict, finding_id=finding.id, user=user
                )
        return finding

    def finding(self, finding_id: int) -> Finding:
        """The finding with this id.

        Raises:
            UnknownItemError: If there is none.
        """
        with self._database.read() as connection:
            row = connection.execute(_FINDING, {"finding": finding_id}).first()
        if row is None:
            raise UnknownItemError("finding", finding_id)
        return to_finding(row)

    def findings(self, cell_id: int) -> tuple[Finding, ...]:
        """All findings of the cell, newest first."""
        query = select(*FINDING_COLUMNS).where(FindingRow.cell_id == cell_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(FindingRow.number.desc())).all()
        return tuple(map(to_finding, rows))

    def export_rows(
        self, review_id: int, *, batch: int = 200
    ) -> Iterator[tuple[Cell, Finding | None, tuple[Decision, ...]]]:
        """Each cell in the grid's order with its current finding and its decisions, newest first.

        Read by batches: no transaction is open while the caller works, and memory stays flat.
        """
        query = select(*CELL_COLUMNS).where(CellRow.review_id == review_id)
        query = query.order_by(CellRow.id).limit(batch)
        last = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(query.where(CellRow.id > last)).all()
                cells = tuple(map(to_cell, rows))
                findings = _current(connection, cells)
                decisions = _decisions(connection, cells)
            for cell in cells:
                yield cell, findings.get(cell.finding_id), decisions.get(cell.id, ())
            if len(cells) < batch:
                return
            last = cells[-1].id


def _insert(connection: Connection, cell_id: int, content: str) -> Finding:
    now = time.time()
    digest = sha256(content)
    number = (connection.scalar(_RUNS, {"cell": cell_id}) or 0) + 1
    columns = {"cell_id": cell_id, "number": number, "content": content, "hash": digest}
    finding_id = add_row(connection, FindingRow, **columns, erased=0, created_at=now)
    return to_finding((finding_id, cell_id, number, content, digest, 0, now))


def _after(cell: Cell, finding: Finding, *, keep: bool) -> dict[str, Any]:
    """The cell's columns once it has this finding."""
    found = finding.found
    after: dict[str, Any] = {
        "status": found.status,
        "verdict": found.status,
        "value": found.value[:MAX_VALUE],
        "quotes": len(found.citations),
        "version_id": found.version_id,
        "finding_id": finding.id,
        "revision": cell.revision + 1,
    }
    if keep:
        # What a changed cell is compared with stays, until a person has looked.
        before = cell.previous_finding_id if cell.changed else cell.finding_id
        decided = cell.verdict if cell.review_state != "draft" else found.status
        return after | {
            "previous_finding_id": before,
            "verdict": decided,
            "review_state": cell.review_state,
            "changed": cell.changed,
        }
    return after | {
        "previous_finding_id": cell.finding_id,
        "review_state": "draft",
        "changed": cell.finding_id > 0,
    }


def _told(cell: Cell, finding: Finding) -> dict[str, Any]:
    """What the audit log tells of a finding: ids, hashes and what it was made with."""
    found = finding.found
    params = dict(found.params)
    told = canonical(params)
    return {
        "review": cell.review_id,
        "cell": cell.id,
        "row": cell.row,
        "document": cell.document_id,
        "version": found.version_id,
        "finding": finding.id,
        "number": finding.number,
        "at": finding.created_at,
        "status": found.status,
        "before": {"finding": cell.finding_id, "verdict": cell.verdict},
        "hash": finding.hash,
        "pack": found.pack,
        "engine": found.engine,
        "model": found.model,
        "prompt_version": found.prompt_version,
        "params": params if len(told) <= _MAX_PARAMS else {"sha256": sha256(told)},
    }


def _current(connection: Connection, cells: Iterable[Cell]) -> dict[int, Finding]:
    query = select(*FINDING_COLUMNS).where(
        among(FindingRow.id, [cell.finding_id for cell in cells])
    )
    return {row[0]: to_finding(row) for row in connection.execute(query)}


def _decisions(connection: Connection, cells: Iterable[Cell]) -> dict[int, tuple[Decision, ...]]:
    query = (
        select(*DECISION_COLUMNS)
        .where(among(DecisionRow.cell_id, [cell.id for cell in cells]))
        .order_by(DecisionRow.cell_id, DecisionRow.id.desc())
    )
    found = map(to_decision, connection.execute(query))
    return {cell_id: tuple(decisions) for cell_id, decisions in groupby(found, lambda d: d.cell_id)}
